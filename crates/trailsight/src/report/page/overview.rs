//! The overview: what happened when, and the list of all insights.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;

use record::insight::{Attribute, Insight, Subject};
use record::time::{Minute, Minutes};

use super::chart::Chart;
use super::html::escape;
use super::lanes::{Lane, Mark, lanes};
use super::{arrow, direction, level, short_frequency};
use crate::report::words::{capital, clock, count, day, short_value, who};
use crate::report::{Summary, Told, sentences};

/// Lanes shown in the overview.
const LANES: usize = 20;

pub(super) fn overview(html: &mut String, summary: &Summary, told: &Told) {
    if told.is_empty() {
        return;
    }
    html.push_str("<section class=\"card\" id=\"overview\"><h2>What happened when</h2>");
    let (rows, hidden) = lanes_of(told);
    if let Some((from, until)) = axis(summary, told) {
        html.push_str(&lanes(&rows, from, until));
        if let (Some(first), Some(end)) = (summary.first, summary.end)
            && (from > first || until < end)
        {
            put!(
                html,
                "<p class=\"muted\">{} to {} is shown; nothing unusual in the rest of what was watched.</p>",
                day(from),
                day(until)
            );
        }
        if hidden > 0 {
            put!(html, "<p class=\"muted\">and {} more, in the list below</p>", count(hidden as u64));
        }
    }
    if !told.insights.is_empty() {
        html.push_str(
            "<div class=\"tools\" hidden><label for=\"filter\">Filter</label>\
             <input id=\"filter\" type=\"search\" placeholder=\"API, service, account, who, address …   ( / )\" autocomplete=\"off\">\
             <span id=\"shown\" class=\"muted\" role=\"status\"></span></div>\
             <table class=\"list\" id=\"list\"><caption class=\"hidden-label\">Unusual things, the rarest for the account first</caption><thead><tr>\
             <th data-sort=\"rarity\" aria-sort=\"descending\" scope=\"col\">In this account</th><th data-sort=\"name\" scope=\"col\">API</th>\
             <th data-sort=\"start\" scope=\"col\">Start (UTC)</th><th data-sort=\"ratio\" scope=\"col\">Change</th>\
             <th scope=\"col\">Who</th><th scope=\"col\">Calls around it</th></tr></thead><tbody>",
        );
        for (number, insight) in told.insights.iter().enumerate() {
            row(html, insight, number);
        }
        html.push_str("</tbody></table>");
    }
    html.push_str("</section>\n");
}

fn row(html: &mut String, insight: &Insight, number: usize) {
    let subject = &insight.subject;
    let why = &insight.explanation;
    let class = direction(insight);
    let of = |attribute| who(&insight.differences, &insight.attributions, attribute);
    let who =
        of(Attribute::UserIdentityArn).map(|(arn, _)| short_value(Attribute::UserIdentityArn, &arn, &subject.account));
    let from = of(Attribute::SourceIpAddress).map(|(ip, _)| ip);
    let values = insight.differences.iter().map(|difference| difference.value.as_str()).collect::<Vec<_>>().join(" ");
    let words = [
        subject.name.as_str(),
        subject.error.as_ref().map_or("", |code| code.as_str()),
        subject.source.as_str(),
        subject.region.as_str(),
        subject.account.as_str(),
        who.as_deref().unwrap_or(""),
        from.as_deref().unwrap_or(""),
        &values,
        insight.direction.as_str(),
        if insight.end.is_none() { "still going on" } else { "" },
    ]
    .join(" ")
    .to_lowercase();
    let state = if insight.end.is_none() { " <span class=\"state\">goes on</span>" } else { "" };
    put!(
        html,
        "<tr data-of=\"i{number}\" data-words=\"{}\" data-rarity=\"{:.4}\" data-name=\"{}\" data-start=\"{}\" data-ratio=\"{:.4}\">\
         <td class=\"rare-cell\"><span class=\"rare {}\">{}</span></td>\
         <td class=\"api\"><a href=\"#i{number}\">{}</a>{state}<small>{}</small></td>\
         <td class=\"when\"><span class=\"nowrap\">{}</span><small>{}</small></td>\
         <td class=\"change {class}\">{} {}</td><td class=\"who\">{}<small>{}</small></td><td class=\"spark {class}\">{}</td></tr>",
        escape(&words),
        why.account_rarity,
        escape(&sentences::title(subject)),
        insight.start.0,
        why.ratio.min(1e12),
        level(why.account_rarity),
        escape(&short_frequency(why.account_rarity)),
        escape(&sentences::title(subject)),
        escape(&sentences::place(subject)),
        &clock(insight.start)[5..],
        escape(&sentences::lasted(insight)),
        arrow(insight),
        escape(&sentences::change(insight)),
        escape(who.as_deref().unwrap_or("–")),
        escape(from.as_deref().unwrap_or("")),
        Chart::of(insight, number, "").spark(),
    );
}

/// One lane an API (the rarest first), then one an account-Region without data.
fn lanes_of(told: &Told) -> (Vec<Lane>, usize) {
    let (mut rows, mut row_of) = (Vec::<Lane>::new(), BTreeMap::<&Subject, usize>::new());
    for (number, insight) in told.insights.iter().enumerate() {
        let mark = Mark {
            start: insight.start,
            end: insight.end.unwrap_or(insight.start + insight.statistics.insight_minutes),
            class: format!("{} {}", direction(insight), level(insight.explanation.account_rarity)),
            title: format!("{}, {}", sentences::title(&insight.subject), sentences::span(insight.start, insight.end)),
            target: format!("i{number}"),
        };
        match row_of.entry(&insight.subject) {
            Entry::Occupied(row) => rows[*row.get()].marks.push(mark),
            Entry::Vacant(row) => {
                row.insert(rows.len());
                rows.push(Lane {
                    name: sentences::title(&insight.subject),
                    title: sentences::place(&insight.subject),
                    target: mark.target.clone(),
                    marks: vec![mark],
                });
            }
        }
    }
    let hidden = rows.len().saturating_sub(LANES);
    rows.truncate(LANES);
    rows.extend(told.no_data.iter().enumerate().map(|(number, gap)| {
        let target = format!("gap{number}");
        Lane {
            name: format!("no data, {} {}", gap.region, gap.account),
            title: "No events from this account and Region".to_owned(),
            target: target.clone(),
            marks: vec![Mark {
                start: gap.start,
                end: gap.end.unwrap_or(gap.start + Minutes(60)),
                class: "gap".to_owned(),
                title: capital(&sentences::no_data(gap)),
                target,
            }],
        }
    }));
    (rows, hidden)
}

/// The reported time, or the part of it in which anything happened if that is small.
fn axis(summary: &Summary, told: &Told) -> Option<(Minute, Minute)> {
    let ends =
        told.insights.iter().map(|insight| insight.end.unwrap_or(insight.start + insight.statistics.insight_minutes));
    let starts = told.insights.iter().map(|insight| insight.start).chain(told.no_data.iter().map(|gap| gap.start));
    let gap_ends = told.no_data.iter().map(|gap| gap.end.or(summary.end).unwrap_or(gap.start.next()));
    let (first, last) = (starts.min()?, ends.chain(gap_ends).max()?);
    let from = summary.reported_from.or(summary.first).unwrap_or(first).min(first);
    let until = summary.reported_until.or(summary.end).unwrap_or(last).max(last);
    if (last - first).0 * 3 >= (until - from).0 {
        return Some((from, until));
    }
    let margin = Minutes((last - first).0 / 10 + 60);
    Some(((first - margin).hour_start().max(from), (last + margin).min(until)))
}
