//! The report as one page that opens offline: `--report FILE.html`.
//!
//! It asks nobody for anything: no address is named in it, and its Content-Security-Policy lets nothing run or load but
//! the one script and the one style within it. Charts are drawn here, as SVG; the script only adds readings, tables,
//! filter and order, and without it the page is whole. Light or dark as the reader's system is; it prints.

use std::fmt::Write as _;
use std::io;

use record::insight::{Attribute, Direction, Finding, Insight, NoData, StandsOut, Timeline};
use record::insight_record::{Figure, json_line};
use record::together::together;
use serde::Serialize;

use super::words::{self, Level, capital, clock, count, duration, figure, service, short_value, who};
use super::{Summary, Told, sentences};

/// Writes into a `String`, which takes everything.
macro_rules! put {
    ($html:expr, $($arguments:tt)*) => {
        write!($html, $($arguments)*).expect("a String takes everything")
    };
}

mod chart;
mod html;
mod insight;
mod lanes;
mod overview;

use chart::Chart;
use html::{csp_hash, escape, json_in_script};
use overview::overview;

const CSS: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// Writes the page.
pub fn write(out: &mut dyn io::Write, summary: &Summary, findings: &[Finding]) -> io::Result<()> {
    let told = Told::of(findings);
    let mut html = String::new();
    let title = sentences::headline(summary, findings);
    put!(
        html,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; script-src {}; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{} · Trailsight</title>\n<style>{CSS}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">To the findings</a>\n",
        csp_hash(CSS),
        csp_hash(SCRIPT),
        escape(&title),
    );
    top(&mut html, &told);
    html.push_str("<main id=\"main\" class=\"wrap\">\n");
    verdict(&mut html, summary, findings, &told);
    overview(&mut html, summary, &told);
    for (number, insight) in told.insights.iter().enumerate() {
        insight::section(&mut html, insight, number);
    }
    no_data(&mut html, &told.no_data);
    stands_out(&mut html, &told.stands_out, told.insights.len());
    watched(&mut html, summary);
    html.push_str("</main>\n");
    footer(&mut html, summary);
    put!(
        html,
        "<script type=\"application/json\" id=\"charts\">{}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        charts(&told)
    );
    out.write_all(html.as_bytes())
}

fn top(html: &mut String, told: &Told) {
    html.push_str(
        "<header class=\"top\"><div class=\"wrap\"><span class=\"brand\">\
         <svg viewBox=\"0 0 26 16\" aria-hidden=\"true\"><path d=\"M1 14h5l2-3 2 3h3l3-12 3 12h6\"/></svg>Trailsight</span>\
         <span class=\"muted\">report of unusual API activity</span><nav aria-label=\"Parts of this page\">",
    );
    for (target, name, is_there) in [
        ("overview", "Overview", !told.is_empty()),
        ("no-data", "No data", !told.no_data.is_empty()),
        ("stands-out", "Stands out so far", !told.stands_out.is_empty()),
        ("reading", "How to read this", true),
    ] {
        if is_there {
            put!(html, "<a href=\"#{target}\">{name}</a>");
        }
    }
    html.push_str("</nav></div></header>\n");
}

fn verdict(html: &mut String, summary: &Summary, findings: &[Finding], told: &Told) {
    put!(html, "<section class=\"verdict\"><h1>{}</h1>", escape(&sentences::headline(summary, findings)));
    if let Some(rarest) = sentences::rarest(findings) {
        put!(html, "<p class=\"rarest\">{}.</p>", escape(&rarest));
    }
    for sentence in together(&told.insights) {
        put!(html, "<p class=\"rarest\">{}.</p>", escape(&sentence));
    }
    put!(html, "<p class=\"muted\">{}</p>", escape(&sentences::learned_in_all(summary)));
    html.push_str("<dl class=\"tiles\">");
    let mut tile = |name: &str, fact: String, more: String| {
        put!(html, "<div><dt>{name}</dt><dd>{} <span>{}</span></dd></div>", escape(&fact), escape(&more));
    };
    let most = told.insights.iter().map(|insight| insight.start).max();
    tile(
        "Unusual",
        count(told.insights.len() as u64),
        most.map(|at| format!("last {}", &clock(at)[5..])).unwrap_or_default(),
    );
    tile("Still going on", count(told.open_count() as u64), String::new());
    if let (Some(first), Some(end)) = (summary.first, summary.end) {
        tile("Watched", duration(end - first), format!("{} to {} UTC", &clock(first)[..10], &clock(end)[..10]));
    }
    let left_out = summary.duplicates + summary.filtered + summary.rejected;
    let left_out = if left_out > 0 { format!("{} of them not counted", count(left_out)) } else { String::new() };
    tile("Records", count(summary.records), left_out);
    let rejected = if summary.rejected_files > 0 {
        format!("{} not readable", count(summary.rejected_files))
    } else {
        String::new()
    };
    tile("Files", count(summary.files), rejected);
    html.push_str("</dl></section>\n");
}

impl<'a> Chart<'a> {
    fn of(insight: &'a Insight, number: usize, name: &'a str) -> Chart<'a> {
        let Insight { timeline, start, end, .. } = insight;
        Chart { timeline, number, name, start: *start, end: *end, has_usual: true }
    }
}

fn no_data(html: &mut String, gaps: &[&NoData]) {
    if gaps.is_empty() {
        return;
    }
    html.push_str(
        "<section class=\"card\" id=\"no-data\"><h2>No data</h2><p class=\"muted\">Nothing at all came from these though \
         something was expected: a trail that was stopped, a delivery that failed, or files that are missing here.</p>\
         <div class=\"sideways\" tabindex=\"0\"><table><thead><tr><th>Account and Region</th><th>From (UTC)</th><th>To (UTC)</th><th>Length</th><th class=\"num\">Calls expected</th></tr></thead><tbody>",
    );
    for (number, gap) in gaps.iter().enumerate() {
        put!(
            html,
            "<tr id=\"gap{number}\"><td>{} {}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"num\">{}</td></tr>",
            escape(gap.account.as_str()),
            escape(gap.region.as_str()),
            clock(gap.start),
            gap.end.map_or("goes on".to_owned(), clock),
            gap.end.map_or("–".to_owned(), |end| duration(end - gap.start)),
            figure(gap.expected),
        );
    }
    html.push_str("</tbody></table></div></section>\n");
}

fn stands_out(html: &mut String, peaks: &[&StandsOut], first_number: usize) {
    if peaks.is_empty() {
        return;
    }
    html.push_str("<section class=\"card\" id=\"stands-out\"><h2>Stands out so far</h2>");
    let mut number = first_number;
    for peaks in
        peaks.chunk_by(|a, b| (&a.subject.account, &a.subject.region) == (&b.subject.account, &b.subject.region))
    {
        let subject = &peaks[0].subject;
        put!(
            html,
            "<h3>{} {}</h3><p class=\"muted\">Learned from {} only. Before 36 hours nothing is called unusual; these are its largest \
             peaks within five minutes.</p><table class=\"list\"><thead><tr><th class=\"num\">Calls</th><th>API</th><th>Start (UTC)</th>\
             <th>Who</th><th>The whole run</th></tr></thead><tbody>",
            escape(subject.account.as_str()),
            escape(subject.region.as_str()),
            escape(&sentences::learned(peaks[0].minutes_learned)),
        );
        for peak in peaks {
            let of = |attribute| {
                who(&[], &peak.attributions, attribute)
                    .map(|(value, _)| short_value(attribute, &value, &peak.subject.account))
            };
            let chart = Chart {
                timeline: &peak.timeline,
                number,
                name: "",
                start: peak.start,
                end: Some(peak.end),
                has_usual: false,
            };
            put!(
                html,
                "<tr><td class=\"num\"><b>{}</b><small>{} in all</small></td><td class=\"api\"><b>{}</b><small>{}</small></td>\
                 <td class=\"when nowrap\">{}<small>{}</small></td><td class=\"who\">{}<small>{}</small></td><td class=\"spark up\">{}</td></tr>",
                count(peak.calls),
                count(peak.calls_in_all),
                escape(&sentences::title(&peak.subject)),
                escape(&service(&peak.subject.source)),
                &clock(peak.start)[5..],
                duration(peak.end - peak.start),
                escape(of(Attribute::UserIdentityArn).as_deref().unwrap_or("–")),
                escape(of(Attribute::SourceIpAddress).as_deref().unwrap_or("")),
                chart.spark(),
            );
            number += 1;
        }
        html.push_str("</tbody></table>");
    }
    html.push_str("</section>\n");
}

/// What stood behind all of it: an account-Region that is not named here was not watched.
fn watched(html: &mut String, summary: &Summary) {
    if summary.watched.is_empty() {
        return;
    }
    let open = if summary.watched.len() <= 10 { " open" } else { "" };
    put!(
        html,
        "<section class=\"card\" id=\"watched\"><details{open}><summary class=\"heading\">What was watched: {}</summary>\
         <table><thead><tr><th>Account</th><th>Region</th><th>Learned from</th><th class=\"num\">Series</th></tr></thead><tbody>",
        escape(&sentences::places(summary)),
    );
    for place in &summary.watched {
        let young = if place.is_young() { ", too little to call anything unusual yet" } else { "" };
        put!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{}{young}</td><td class=\"num\">{}</td></tr>",
            escape(place.account.as_str()),
            escape(place.region.as_str()),
            sentences::learned(place.minutes_learned),
            count(place.series),
        );
    }
    html.push_str("</tbody></table></details></section>\n");
}

fn footer(html: &mut String, summary: &Summary) {
    put!(
        html,
        "<footer class=\"wrap\" id=\"reading\"><h2>How to read this</h2>\
         <p>Every API of every account and Region is measured against its own past, by hour of the week, and against its own record of \
         surprises. <b>On this API</b> says how often something like it comes there; <b>in the account</b> how often it comes on any of \
         its APIs: with hundreds of them, something that is rare on each is not rare on all. {}: so often something usual may be told \
         here. <b>Usual</b> is where 9 of 10 windows of that length lie. <b>Change</b> is calls over expected calls in the most telling \
         window; baseline and insight averages are AWS’s own arithmetic and only describe.</p>\
         <p>All times are UTC. Read: {}. Reads are {}looked at, data events are {}looked at.</p></footer>\n",
        escape(&capital(&sentences::promise(summary.false_alarms_per_month))),
        escape(&if summary.inputs.is_empty() { "nothing".to_owned() } else { summary.inputs.join(", ") }),
        if summary.reads { "" } else { "not " },
        if summary.data_events { "" } else { "not " },
    );
}

/// The numbers of all charts, for the script.
fn charts(told: &Told) -> String {
    #[derive(Serialize)]
    struct Data<'a> {
        from: i32,
        step: i32,
        calls: &'a [u64],
        expected: Vec<Figure>,
        high: Vec<Figure>,
    }
    let data = |timeline: &'_ Timeline| {
        let rounded = |numbers: &[f64]| -> Vec<Figure> {
            numbers.iter().map(|number| Figure(format!("{number:.2e}").parse().unwrap_or(0.0))).collect()
        };
        json_line(&Data {
            from: timeline.from.0,
            step: timeline.step.0,
            calls: &timeline.calls,
            expected: rounded(&timeline.expected),
            high: rounded(&timeline.high),
        })
    };
    let all: Vec<String> = told.insights.iter().map(|insight| data(&insight.timeline)).collect();
    json_in_script(&format!("[{}]", all.join(",")))
}

fn direction(insight: &Insight) -> &'static str {
    match insight.direction {
        Direction::Increase => "up",
        Direction::Decrease => "down",
    }
}

fn arrow(insight: &Insight) -> &'static str {
    match insight.direction {
        Direction::Increase => "<span aria-hidden=\"true\">▲</span>",
        Direction::Decrease => "<span aria-hidden=\"true\">▼</span>",
    }
}

/// How loud it is shown.
fn level(account_rarity: f64) -> &'static str {
    match words::level(account_rarity) {
        Level::High => "high",
        Level::Medium => "mid",
        Level::Low => "low",
    }
}

/// Without "about": columns are narrow.
fn short_frequency(rarity: f64) -> String {
    sentences::frequency(rarity).replacen("about ", "", 1)
}

#[cfg(test)]
mod tests;
