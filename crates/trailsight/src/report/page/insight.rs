//! One insight in full: what happened, its timeline, what was different, who, why, and its records.

use std::fmt::Write as _;

use record::facts::facts;
use record::insight::{Attribute, Attribution, Direction, Insight};
use record::insight_record::{Options, State, insight_record, shared_event_id};
use record::names::EventCategory;
use record::time::Minutes;

use super::chart::Chart;
use super::html::{escape, indented};
use super::{arrow, direction, level, short_frequency};
use crate::report::sentences;
use crate::report::words::{capital, clock, count, duration, figure, label, percent, range, short_value, times};

/// Differences told in sentences; the table has more.
const SENTENCES: usize = 3;
/// Insights whose tables are open from the beginning.
const OPEN: usize = 10;
/// Differences in the table.
const DIFFERENCES: usize = 12;

pub(super) fn section(html: &mut String, insight: &Insight, number: usize) {
    put!(html, "<article class=\"card insight {}\" id=\"i{number}\">", direction(insight));
    header(html, insight);
    numbers(html, insight);
    let name = sentences::title(&insight.subject);
    if !insight.timeline.calls.is_empty() {
        html.push_str(&Chart::of(insight, number, &name).figure());
    }
    if insight.differences.is_empty() {
        html.push_str("<section class=\"one\">");
        why(html, insight, "why wide");
        html.push_str("</section>");
    } else {
        html.push_str("<div class=\"two\">");
        differences(html, insight);
        html.push_str("<section>");
        why(html, insight, "why");
        html.push_str("</section></div>");
    }
    attributions(html, insight, number < OPEN);
    records(html, insight);
    html.push_str("</article>\n");
}

fn header(html: &mut String, insight: &Insight) {
    let subject = &insight.subject;
    let why = &insight.explanation;
    let state = match (insight.end, insight.new_usual) {
        (None, _) => format!("<span class=\"state {}\">still going on</span>", direction(insight)),
        (Some(_), true) => "<span class=\"state ended\">ended as the new usual</span>".to_owned(),
        (Some(_), false) => "<span class=\"state ended\">ended</span>".to_owned(),
    };
    put!(
        html,
        "<header><div class=\"line\"><h2>{} {}</h2>{state}<span class=\"rare {} right\">{} in this account</span></div>\
         <span class=\"sub\">{} · {}</span><p class=\"what\">{}.</p>",
        arrow(insight),
        escape(&sentences::title(subject)),
        level(why.account_rarity),
        escape(&capital(&short_frequency(why.account_rarity))),
        sentences::kind(subject),
        escape(&sentences::place(subject)),
        escape(&capital(&sentences::what(insight))),
    );
    put!(html, "<p>{}.</p>", escape(&capital(&sentences::how_rare(why))));
    let told = sentences::different(insight, SENTENCES);
    if !told.is_empty() {
        html.push_str("<ul>");
        for sentence in told {
            put!(html, "<li>{}</li>", escape(&sentence));
        }
        html.push_str("</ul>");
    }
    html.push_str("</header>");
}

fn numbers(html: &mut String, insight: &Insight) {
    let (why, statistics) = (&insight.explanation, &insight.statistics);
    html.push_str("<dl class=\"facts\">");
    let facts = [
        ("Start (UTC)", clock(insight.start), format!("called {} later", duration(insight.called - insight.start))),
        ("End (UTC)", insight.end.map_or("–".to_owned(), clock), sentences::lasted(insight)),
        ("Change", sentences::change(insight), format!("{} expected", figure(why.expected))),
        ("Usual", range(why.expected_low, why.expected_high), format!("in {}", duration(why.window))),
        (
            "Insight average",
            format!("{} / min", figure(statistics.insight_average())),
            format!("{} calls in {}", count(statistics.insight_calls), duration(statistics.insight_minutes)),
        ),
        (
            "Baseline average",
            format!("{} / min", figure(statistics.baseline_average())),
            format!("{} calls in {}", count(statistics.baseline_calls), duration(statistics.baseline_minutes)),
        ),
    ];
    for (name, value, more) in facts {
        put!(html, "<div><dt>{name}</dt><dd>{}<small>{}</small></dd></div>", escape(&value), escape(&more));
    }
    html.push_str("</dl>");
}

fn why(html: &mut String, insight: &Insight, class: &str) {
    put!(html, "<h3>Why it is told</h3><dl class=\"{class}\">");
    for (name, fact) in facts(insight) {
        put!(html, "<div><dt>{name}</dt><dd>{}</dd></div>", escape(&fact));
    }
    html.push_str("</dl>");
}

fn differences(html: &mut String, insight: &Insight) {
    html.push_str("<section><h3>What is different</h3>");
    html.push_str(
        "<table><thead><tr><th>Value</th><th class=\"num\">Now</th><th class=\"num\">Before</th><th>Lift</th></tr></thead><tbody>",
    );
    for different in insight.differences.iter().take(DIFFERENCES) {
        let note =
            if different.is_new { "<span class=\"new\">new</span>".to_owned() } else { escape(&times(different.lift)) };
        put!(
            html,
            "<tr><td class=\"value\"><small class=\"sub\">{}</small>{}{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td><td>{note}</td></tr>",
            label(different.attribute),
            escape(&short_value(different.attribute, &different.value, &insight.subject.account)),
            share_bar(different.share, different.baseline_share),
            percent(different.share),
            percent(different.baseline_share),
        );
    }
    html.push_str("</tbody></table>");
    if insight.differences.len() > DIFFERENCES {
        put!(html, "<p class=\"muted\">and {} more</p>", insight.differences.len() - DIFFERENCES);
    }
    html.push_str("</section>");
}

fn attributions(html: &mut String, insight: &Insight, is_open: bool) {
    let told: Vec<&Attribution> = insight.attributions.iter().filter(|told| says_something(told)).collect();
    if told.is_empty() {
        return;
    }
    let open = if is_open { " open" } else { "" };
    put!(html, "<details{open}><summary class=\"heading\">Who, from where, with what</summary><div class=\"tables\">");
    for told in told {
        attribution(html, insight, told);
    }
    html.push_str("</div></details>");
}

fn says_something(told: &Attribution) -> bool {
    told.insight
        .iter()
        .chain(&told.baseline)
        .any(|share| share.value != "null" || told.attribute == Attribute::ErrorCode)
}

fn attribution(html: &mut String, insight: &Insight, told: &Attribution) {
    let (now, before) = (insight.statistics.insight_minutes, insight.statistics.baseline_minutes);
    let sum =
        |shares: &[record::insight::Share], other: u64| shares.iter().map(|share| share.calls).sum::<u64>() + other;
    let (all_now, all_before) = (sum(&told.insight, told.insight_other), sum(&told.baseline, told.baseline_other));
    put!(
        html,
        "<section><h4>{}</h4><table><thead><tr><th>Value</th><th class=\"num\">Insight / min</th><th class=\"num\">Baseline / min</th></tr></thead><tbody>",
        label(told.attribute)
    );
    let mut values: Vec<&str> = told.insight.iter().map(|share| share.value.as_str()).collect();
    let more = told
        .baseline
        .iter()
        .map(|share| share.value.as_str())
        .filter(|value| !values.contains(value))
        .collect::<Vec<_>>();
    values.extend(more);
    let calls = |shares: &[record::insight::Share], value: &str| {
        shares.iter().find(|share| share.value == value).map(|share| share.calls)
    };
    for value in values {
        let is_new = insight.differences.iter().any(|d| d.attribute == told.attribute && d.value == value && d.is_new);
        let (calls_now, calls_before) = (calls(&told.insight, value), calls(&told.baseline, value));
        let shown = short_value(told.attribute, value, &insight.subject.account);
        let tag = if is_new { "<span class=\"new\">new</span> " } else { "" };
        put!(
            html,
            "<tr><td class=\"value\">{tag}{}{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td></tr>",
            escape(&shown),
            share_bar(part(calls_now.unwrap_or(0), all_now), part(calls_before.unwrap_or(0), all_before)),
            average(calls_now, all_now, now, told.insight_other),
            if is_new { "–".to_owned() } else { average(calls_before, all_before, before, told.baseline_other) },
        );
    }
    if told.insight_other + told.baseline_other > 0 {
        put!(
            html,
            "<tr><td class=\"value muted\">Other{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td></tr>",
            share_bar(part(told.insight_other, all_now), part(told.baseline_other, all_before)),
            average(Some(told.insight_other), all_now, now, 0),
            average(Some(told.baseline_other), all_before, before, 0),
        );
    }
    html.push_str("</tbody></table></section>");
}

/// A value's calls a minute and its share; what is not among the five may be among the others.
fn average(calls: Option<u64>, all: u64, minutes: Minutes, other: u64) -> String {
    match calls {
        Some(0) | None if other == 0 => "–".to_owned(),
        None => "<span class=\"muted\">in Other</span>".to_owned(),
        Some(calls) => {
            let average = calls as f64 / f64::from(minutes.0.max(1));
            format!("{} <span class=\"muted\">{}</span>", escape(&figure(average)), escape(&percent(part(calls, all))))
        }
    }
}

fn part(calls: u64, all: u64) -> f64 {
    calls as f64 / all.max(1) as f64
}

/// Two bars, now over before.
fn share_bar(now: f64, before: f64) -> String {
    format!(
        "<svg class=\"share\" aria-hidden=\"true\"><rect class=\"now\" width=\"{:.1}%\" height=\"4\" rx=\"1\"/>\
         <rect class=\"before\" y=\"5\" width=\"{:.1}%\" height=\"4\" rx=\"1\"/></svg>",
        now.clamp(0.0, 1.0) * 100.0,
        before.clamp(0.0, 1.0) * 100.0
    )
}

fn records(html: &mut String, insight: &Insight) {
    if let Some(command) = lookup(insight) {
        put!(
            html,
            "<details><summary>Look up its calls with the AWS CLI</summary><pre class=\"command\">{}</pre></details>",
            escape(&command)
        );
    }
    let states = if insight.end.is_some() { vec![State::Start, State::End] } else { vec![State::Start] };
    put!(
        html,
        "<details><summary>Insight event {} <span class=\"muted mono\">{}</span></summary>",
        if states.len() == 2 { "records, Start and End" } else { "record, Start" },
        shared_event_id(insight)
    );
    for state in states {
        put!(html, "<pre tabindex=\"0\">");
        for line in indented(&insight_record(insight, state, &Options::default())).lines() {
            html.push_str(&escape(line));
            html.push('\n');
        }
        html.push_str("</pre>");
    }
    html.push_str("</details>");
}

/// As AWS's console looks for them: a minute before to a minute after. Only names that a shell takes as they are.
fn lookup(insight: &Insight) -> Option<String> {
    let subject = &insight.subject;
    let is_word = |text: &str| {
        !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
    };
    let is_silent = insight.direction == Direction::Decrease && insight.statistics.insight_calls == 0;
    if subject.category != EventCategory::Management
        || !is_word(subject.name.as_str())
        || !is_word(subject.region.as_str())
        || is_silent
    {
        return None;
    }
    let end = insight.end.unwrap_or(insight.start + insight.statistics.insight_minutes);
    Some(format!(
        "aws cloudtrail lookup-events --region {} --lookup-attributes AttributeKey=EventName,AttributeValue={} \
         --start-time {} --end-time {}",
        subject.region,
        subject.name,
        insight.start - Minutes(1),
        end.next()
    ))
}
