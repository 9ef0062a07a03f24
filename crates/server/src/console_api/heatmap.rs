//! `GET heatmap`: APIs by hours: how much was called, and where it was unusual. The most unusual APIs first, then the busiest.

use std::collections::{BTreeMap, BTreeSet};

use record::insight::Subject;
use record::sentences;
use record::time::{DAY, Minute};
use serde::Serialize;
use store::insights::Origin;

use super::current::until as end_of;
use super::query::Query;
use super::row::{level_word, score};
use crate::Failure;
use crate::http::FrontDoor;

/// Insights that are looked at.
const MOST: usize = 10_000;
/// Minutes of a cell.
const STEPS: [&str; 3] = ["3600", "21600", "86400"];

/// Rows of one length each.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Heatmap {
    from: i64,
    step_seconds: i32,
    rows: Vec<Row>,
    /// Series that had a call in this time; what is shown is a part of them.
    series: usize,
}

/// An API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    account: String,
    region: String,
    source: String,
    name: String,
    error_code: Option<String>,
    title: String,
    counts: Vec<u64>,
    /// Where it was unusual.
    marks: Vec<Mark>,
}

/// An insight, in the cells that it touches.
#[derive(Debug, Serialize)]
struct Mark {
    id: String,
    first: usize,
    last: usize,
    level: &'static str,
    score: u8,
    direction: &'static str,
}

pub(super) fn heatmap(door: &FrontDoor, query: &Query) -> Result<Heatmap, Failure> {
    query.only(&["from", "until", "step", "kind", "account", "region", "limit"])?;
    let now = Minute::of_seconds(door.world.clock.now().as_second());
    let end = Minute(now.hour_start().0 + 60);
    let (from, until) = query.span((Minute(end.0 - 7 * DAY.0), end), 31)?;
    let step = query.word("step", &STEPS)?.map_or(60, |said| said.parse::<i32>().unwrap_or(3600) / 60);
    let kind = query.word("kind", &["all", "calls", "errors"])?.unwrap_or("all");
    let limit = query.number("limit", 25, 1, 100)?;
    let from = Minute(from.0.div_euclid(step) * step);
    let cells = ((until - from).0 + step - 1) as usize / step as usize;
    let is_wanted = |subject: &Subject| {
        (kind == "all" || (kind == "errors") == subject.error.is_some())
            && query.text("account").is_none_or(|account| account == subject.account.as_str())
            && query.text("region").is_none_or(|region| region == subject.region.as_str())
    };
    let cell = |minute: Minute| ((minute - from).0.max(0) / step) as usize;
    let (found, called) = door.store.read(|r| {
        // What began before may go on.
        let mut found = r.insights(Minute(from.0 - 31 * DAY.0), until, None, MOST)?;
        found.retain(|one| one.origin != Origin::Test && is_wanted(&one.insight.subject));
        Ok((found, r.called(from, until, is_wanted)?))
    })?;
    let mut marks: BTreeMap<&Subject, Vec<Mark>> = BTreeMap::new();
    for stored in &found {
        let insight = &stored.insight;
        let end = if insight.end.is_none() { now.next() } else { end_of(insight) };
        if end <= from || insight.start >= until {
            continue;
        }
        marks.entry(&insight.subject).or_default().push(Mark {
            id: stored.id.clone(),
            first: cell(insight.start),
            last: cell(Minute(end.min(until).0 - 1)).max(cell(insight.start)),
            level: level_word(insight.explanation.account_rarity),
            score: score(insight.explanation.account_rarity),
            direction: insight.direction.as_str(),
        });
    }
    let most = |subject: &Subject| marks.get(subject).into_iter().flatten().map(|mark| mark.score).max();
    let series = called.len();
    let mut all: Vec<(u8, u64, &Subject)> =
        called.iter().map(|(subject, calls)| (most(subject).unwrap_or(0), *calls, subject)).collect();
    // What stopped before this time has no counts in it, and yet a mark.
    let counted: BTreeSet<&Subject> = called.iter().map(|(subject, _)| subject).collect();
    let silent = marks.keys().filter(|subject| !counted.contains(*subject));
    all.extend(silent.map(|subject| (most(subject).unwrap_or(0), 0, *subject)));
    all.sort_by(|a, b| (b.0, b.1, a.2).cmp(&(a.0, a.1, b.2)));
    all.truncate(limit);
    let rows = door.store.read(|r| {
        let row = |(_, _, subject): &(u8, u64, &Subject)| {
            let mut counts = vec![0; cells];
            for (minute, calls) in r.counts(subject, from, until)? {
                counts[cell(minute)] += u64::from(calls);
            }
            Ok(Row {
                account: subject.account.to_string(),
                region: subject.region.to_string(),
                source: subject.source.to_string(),
                name: subject.name.to_string(),
                error_code: subject.error.as_ref().map(ToString::to_string),
                title: sentences::title(subject),
                counts,
                marks: marks.get(*subject).map(|marks| marks.iter().map(Mark::copy).collect()).unwrap_or_default(),
            })
        };
        all.iter().map(row).collect()
    })?;
    Ok(Heatmap { from: from.seconds(), step_seconds: step * 60, rows, series })
}

impl Mark {
    fn copy(&self) -> Mark {
        Mark { id: self.id.clone(), ..*self }
    }
}
