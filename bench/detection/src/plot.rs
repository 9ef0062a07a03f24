//! The trade-off as a picture: false alarms a month against what is found, one line a method.

use std::fmt::Write;

/// One line of the plot, and its points: (false alarms a month, share found), from left to right.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 440.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 230.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 56.0;
/// Decades of false alarms that are shown, and the highest share.
const DECADES: (f64, f64) = (-1.0, 2.0);
const HIGHEST: f64 = 0.8;
/// Told apart by those who do not see all colours, too (Okabe and Ito); ours first.
const COLOURS: [&str; 7] = ["#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#555555"];

/// The lines as an SVG image.
pub(crate) fn svg(title: &str, lines: &[Line]) -> String {
    let x = |rate: f64| LEFT + (rate.log10() - DECADES.0) / (DECADES.1 - DECADES.0) * (WIDTH - LEFT - RIGHT);
    let y = |share: f64| HEIGHT - BOTTOM - share / HIGHEST * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"#222\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"15\" font-weight=\"bold\">{title}</text>\n"
    );
    let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    let mut draw = |text: String| writeln!(svg, "{text}").expect("a text can always be written to");
    for rate in [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0] {
        let at = x(rate);
        draw(format!("<path d=\"M{at:.1} {TOP}V{bottom}\" stroke=\"#e4e4e4\"/>"));
        draw(format!("<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{rate}</text>", bottom + 18.0));
    }
    for step in 0..=8 {
        let share = f64::from(step) / 10.0;
        draw(format!("<path d=\"M{LEFT} {0:.1}H{right}\" stroke=\"#e4e4e4\"/>", y(share)));
        draw(format!("<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{share:.1}</text>", LEFT - 8.0, y(share) + 4.0));
    }
    let middle = f64::midpoint(LEFT, right);
    draw(format!(
        "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">false alarms an account and month</text>",
        HEIGHT - 14.0
    ));
    draw(format!(
        "<text transform=\"translate(18 {:.1}) rotate(-90)\" text-anchor=\"middle\">macro recall</text>",
        f64::midpoint(TOP, bottom)
    ));
    for (number, line) in lines.iter().enumerate() {
        let (colour, width) = (COLOURS[number % COLOURS.len()], if number == 0 { 3.0 } else { 1.6 });
        let shown = line.points.iter().filter(|point| (0.1..=100.0).contains(&point.0));
        let points: Vec<String> =
            shown.map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1.min(HIGHEST)))).collect();
        let all = points.join(" ");
        draw(format!("<polyline points=\"{all}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"));
        for point in &points {
            let (x, y) = point.split_once(',').expect("a point has two sides");
            draw(format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{}\" fill=\"{colour}\"/>", width + 1.0));
        }
        let (at, weight) = (TOP + 14.0 + 20.0 * number as f64, if number == 0 { "bold" } else { "normal" });
        draw(format!("<path d=\"M{} {at}h18\" stroke=\"{colour}\" stroke-width=\"{width}\"/>", right + 14.0));
        draw(format!("<text x=\"{}\" y=\"{}\" font-weight=\"{weight}\">{}</text>", right + 38.0, at + 4.0, line.name));
    }
    svg.push_str("</svg>\n");
    svg
}
