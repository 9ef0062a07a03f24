//! Charts as SVG, whole without any script: the timeline, and the small one of the list.
//!
//! Shapes are drawn in steps and thousandths of the height and stretched to whatever room there is; words and lines stand
//! at percentages and keep their size. So one drawing serves a phone, a screen and paper.

use std::fmt::Write;

use record::insight::Timeline;
use record::time::{Minute, Minutes};

use super::html::escape;
use crate::report::words::{clock, count, day, duration};

/// Heights in the timeline: words above the plot, and the plot.
const TOP: f64 = 18.0;
const PLOT: f64 = 160.0;

/// A finding's timeline, and the interval that is marked in it.
pub(super) struct Chart<'a> {
    pub(super) timeline: &'a Timeline,
    /// Its place among the data that the script reads.
    pub(super) number: usize,
    /// What is counted, for who cannot see it.
    pub(super) name: &'a str,
    pub(super) start: Minute,
    pub(super) end: Option<Minute>,
    /// Nothing is expected before enough was learned.
    pub(super) has_usual: bool,
}

impl Chart<'_> {
    fn steps(&self) -> f64 {
        self.timeline.calls.len().max(1) as f64
    }

    fn minutes(&self) -> i32 {
        self.timeline.calls.len() as i32 * self.timeline.step.0
    }

    /// Where a moment stands, in per cent of the width.
    fn x(&self, minute: Minute) -> f64 {
        (f64::from((minute - self.timeline.from).0) / f64::from(self.minutes().max(1)) * 100.0).clamp(0.0, 100.0)
    }

    /// Few calls are bars, many a line: a line between single calls would tell of calls that never were.
    fn is_sparse(&self) -> bool {
        let calls = &self.timeline.calls;
        let zeros = calls.iter().filter(|calls| **calls == 0).count();
        calls.iter().all(|calls| *calls <= 8) || zeros * 4 > calls.len()
    }

    fn highest(&self) -> f64 {
        let calls = self.timeline.calls.iter().map(|calls| *calls as f64);
        let usual = self.timeline.high.iter().chain(&self.timeline.expected).copied();
        calls.chain(usual.filter(|_| self.has_usual)).filter(|number| number.is_finite()).fold(1.0, f64::max)
    }

    /// The figure, with its key, its readings and its table.
    pub(super) fn figure(&self) -> String {
        let mut html = String::new();
        let step = if self.timeline.step.0 == 1 {
            "a minute".to_owned()
        } else {
            format!("in {}", duration(self.timeline.step))
        };
        let calls = if self.is_sparse() { "key" } else { "key line" };
        html.push_str("<figure><figcaption>");
        put!(html, "<span class=\"{calls}\">calls {step}</span>");
        if self.has_usual {
            html.push_str(
                "<span class=\"key expected\">expected</span><span class=\"key band\">usual, up to 95%</span>",
            );
            html.push_str("<span class=\"key span\">insight</span>");
        }
        html.push_str(
            "<output aria-hidden=\"true\">point, or use the arrow keys, to read values</output></figcaption>",
        );

        let (top, ticks) = ticks_of(self.highest());
        html.push_str("<div class=\"chart\"><svg aria-hidden=\"true\">");
        for tick in &ticks {
            put!(
                html,
                "<text x=\"100%\" dx=\"-6\" y=\"{:.0}\" text-anchor=\"end\" dy=\".35em\">{}</text>",
                y(*tick, top),
                count(*tick as u64)
            );
        }
        html.push_str("</svg>");

        let at = (self.start - self.timeline.from).0.max(0) / self.timeline.step.0.max(1);
        put!(
            html,
            "<div class=\"plot\" data-chart=\"{}\" tabindex=\"0\" role=\"slider\" aria-label=\"Timeline of {}, {} to {} UTC\" \
             aria-valuemin=\"0\" aria-valuemax=\"{}\" aria-valuenow=\"{at}\" aria-valuetext=\"{} UTC\"><svg aria-hidden=\"true\">",
            self.number,
            escape(self.name),
            clock(self.timeline.from),
            clock(self.timeline.from + Minutes(self.minutes())),
            self.timeline.calls.len().saturating_sub(1),
            clock(self.start),
        );
        for tick in &ticks {
            let (y, class) = (y(*tick, top), if *tick == 0.0 { "axis" } else { "grid" });
            put!(html, "<line class=\"{class}\" x1=\"0\" x2=\"100%\" y1=\"{y:.0}\" y2=\"{y:.0}\"/>");
        }
        self.times(&mut html);
        self.span(&mut html);
        self.shapes(&mut html, top);
        put!(html, "<line class=\"cursor\" x1=\"0\" x2=\"0\" y1=\"{TOP}\" y2=\"{}\"/></svg></div></div>", TOP + PLOT);
        put!(
            html,
            "<details data-table=\"{}\"><summary>Show as table</summary><div class=\"scroll\" tabindex=\"0\"></div></details></figure>",
            self.number
        );
        html
    }

    /// The interval, and the names of its ends outside of it where there is room.
    fn span(&self, html: &mut String) {
        let (from, to) = (self.x(self.start), self.end.map_or(100.0, |end| self.x(end)));
        let bottom = TOP + PLOT;
        put!(
            html,
            "<rect class=\"span\" x=\"{from:.3}%\" width=\"{:.3}%\" y=\"{TOP}\" height=\"{PLOT}\"/>\
             <line class=\"edge\" x1=\"{from:.3}%\" x2=\"{from:.3}%\" y1=\"{TOP}\" y2=\"{bottom}\"/>",
            (to - from).max(0.15),
        );
        let name = |html: &mut String, x: f64, leftwards: bool, text: &str| {
            let (anchor, dx) = if leftwards { ("end", -3) } else { ("start", 3) };
            put!(
                html,
                "<text class=\"edge-name\" x=\"{x:.3}%\" y=\"12\" dx=\"{dx}\" text-anchor=\"{anchor}\">{text}</text>"
            );
        };
        name(html, from, from > 12.0, &format!("start {}", &clock(self.start)[11..]));
        match self.end {
            Some(end) => {
                put!(html, "<line class=\"edge\" x1=\"{to:.3}%\" x2=\"{to:.3}%\" y1=\"{TOP}\" y2=\"{bottom}\"/>");
                if from > 12.0 || to > 30.0 {
                    name(html, to, to > 88.0 && to - from > 25.0, &format!("end {}", &clock(end)[11..]));
                }
            }
            None if to - from > 25.0 || from > 12.0 => name(html, to, true, "goes on"),
            None => {}
        }
    }

    fn shapes(&self, html: &mut String, top: f64) {
        put!(
            html,
            "<svg y=\"{TOP}\" width=\"100%\" height=\"{PLOT}\" viewBox=\"0 0 {} 1000\" preserveAspectRatio=\"none\">",
            self.steps()
        );
        let y = |number: f64| (1000.0 - height(number, top) * 1000.0).round();
        if self.has_usual {
            put!(html, "<path class=\"band-area\" d=\"M0 1000{}V1000Z\"/>", stairs(&self.timeline.high, y));
        }
        let calls: Vec<f64> = self.timeline.calls.iter().map(|calls| *calls as f64).collect();
        if self.is_sparse() {
            put!(
                html,
                "<path class=\"calls filled\" d=\"{}\"/>",
                bars(&self.timeline.calls, 0, |calls| y(calls as f64))
            );
        } else {
            let mut path = String::new();
            for (at, calls) in calls.iter().enumerate() {
                put!(path, "{}{}.5 {}", if at == 0 { 'M' } else { 'L' }, at, y(*calls));
            }
            put!(html, "<path class=\"calls\" d=\"{path}\"/>");
        }
        if self.has_usual {
            let first = self.timeline.expected.first().map_or(1000.0, |expected| y(*expected));
            put!(html, "<path class=\"expected-line\" d=\"M0 {first}{}\"/>", stairs(&self.timeline.expected, y));
        }
        html.push_str("</svg>");
    }

    /// Times below the axis: every so many minutes, and the day where it is the first or a new one.
    fn times(&self, html: &mut String) {
        const APART: [i32; 13] = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 40_320];
        let apart = APART.into_iter().find(|apart| self.minutes() / apart <= 7).unwrap_or(40_320);
        let from = self.timeline.from;
        let mut at = Minute(from.0 + (-from.0).rem_euclid(apart));
        let mut named_day = None;
        while at <= from + Minutes(self.minutes()) {
            let x = self.x(at);
            let anchor = if x < 3.0 {
                "start"
            } else if x > 97.0 {
                "end"
            } else {
                "middle"
            };
            put!(html, "<line class=\"grid\" x1=\"{x:.3}%\" x2=\"{x:.3}%\" y1=\"{TOP}\" y2=\"{}\"/>", TOP + PLOT + 4.0);
            put!(
                html,
                "<text x=\"{x:.3}%\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
                TOP + PLOT + 17.0,
                &clock(at)[11..]
            );
            if named_day != Some(at.day_start()) {
                named_day = Some(at.day_start());
                put!(
                    html,
                    "<text x=\"{x:.3}%\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
                    TOP + PLOT + 31.0,
                    day(at)
                );
            }
            at += Minutes(apart);
        }
    }

    /// The small drawing of the list: the calls, those of the interval in its colour.
    pub(super) fn spark(&self) -> String {
        let most = self.timeline.calls.iter().copied().max().unwrap_or(0).max(1);
        let step = self.timeline.step.0.max(1);
        let place =
            |minute: Minute| (((minute - self.timeline.from).0.max(0) / step) as usize).min(self.timeline.calls.len());
        let first = place(self.start);
        let last = self
            .end
            .map_or(self.timeline.calls.len(), |end| place(Minute(end.0 - 1)).saturating_add(1))
            .clamp(first, self.timeline.calls.len());
        let y = |calls: u64| (1000.0 - calls as f64 / most as f64 * 1000.0).round();
        let (calls, steps) = (&self.timeline.calls, self.steps());
        format!(
            "<svg viewBox=\"0 0 {steps} 1000\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
             <rect class=\"span\" x=\"{first}\" width=\"{}\" height=\"1000\"/><path class=\"bars\" d=\"{}{}\"/>\
             <path class=\"bars hot\" d=\"{}\"/></svg>",
            last - first,
            bars(&calls[..first], 0, y),
            bars(&calls[last..], last, y),
            bars(&calls[first..last], first, y),
        )
    }
}

fn y(number: f64, top: f64) -> f64 {
    TOP + PLOT - height(number, top) * PLOT
}

/// A number's part of the plot's height; what is not a number lies at the bottom.
fn height(number: f64, top: f64) -> f64 {
    if number.is_nan() { 0.0 } else { (number / top).clamp(0.0, 1.0) }
}

/// A path along the tops of steps, without its beginning; equal steps in a row are one line.
fn stairs(numbers: &[f64], y: impl Fn(f64) -> f64) -> String {
    let mut path = String::new();
    for (at, run) in runs(numbers.iter().map(|number| y(*number))) {
        put!(path, "V{run}H{at}");
    }
    path
}

fn bars(calls: &[u64], from: usize, y: impl Fn(u64) -> f64) -> String {
    let mut path = String::new();
    for (at, calls) in calls.iter().enumerate().filter(|(_, calls)| **calls > 0) {
        put!(path, "M{} 1000V{}h.86V1000Z", from + at, y(*calls));
    }
    path
}

/// Equal neighbours as one: the place behind the last of each run, and its value.
fn runs(numbers: impl Iterator<Item = f64>) -> Vec<(usize, f64)> {
    let mut runs: Vec<(usize, f64)> = Vec::new();
    for (at, number) in numbers.enumerate() {
        match runs.last_mut() {
            Some((end, last)) if *last == number => *end = at + 1,
            _ => runs.push((at + 1, number)),
        }
    }
    runs
}

/// The height of the plot in calls, and where its lines are: whole calls, five steps at most.
fn ticks_of(highest: f64) -> (f64, Vec<f64>) {
    let mut step = 1.0;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
        if highest / step <= 5.0 {
            break;
        }
        step *= factor;
    }
    let steps = (highest / step).ceil().max(1.0);
    (steps * step, (0..=steps as u32).map(|at| f64::from(at) * step).collect())
}
