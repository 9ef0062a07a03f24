//! `GET heatmap`: APIs by hours: how much was called, and where it was unusual. The most unusual APIs first, then the busiest.

use std::collections::BTreeMap;

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
    let (found, tally) = door.store.read(|r| {
        // What began before may go on.
        let mut found = r.insights(Minute(from.0 - 31 * DAY.0), until, None, MOST)?;
        found.retain(|one| one.origin != Origin::Test && is_wanted(&one.insight.subject));
        Ok((found, r.load_tally(from)?))
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
    let mut all = Vec::new();
    let mut series = 0;
    for (_, counted) in tally.all_series().filter(|(_, counted)| is_wanted(&counted.subject)) {
        let within = counted.counts.within(from, until);
        let calls: u64 = within.iter().map(|pair| u64::from(pair.1)).sum();
        series += usize::from(calls > 0);
        let most = marks.get(&counted.subject).and_then(|marks| marks.iter().map(|mark| mark.score).max());
        if calls > 0 || most.is_some() {
            all.push((most.unwrap_or(0), calls, &counted.subject, within));
        }
    }
    // What stopped before this time has no counts in it, and yet a mark.
    for (subject, of_subject) in &marks {
        if tally.find(subject).is_none() {
            all.push((of_subject.iter().map(|mark| mark.score).max().unwrap_or(0), 0, *subject, Vec::new()));
        }
    }
    all.sort_by(|a, b| (b.0, b.1, a.2).cmp(&(a.0, a.1, b.2)));
    let rows = all.into_iter().take(limit).map(|(_, _, subject, within)| {
        let mut counts = vec![0; cells];
        for (minute, calls) in within {
            if let Some(sum) = counts.get_mut(cell(minute)) {
                *sum += u64::from(calls);
            }
        }
        Row {
            account: subject.account.to_string(),
            region: subject.region.to_string(),
            source: subject.source.to_string(),
            name: subject.name.to_string(),
            error_code: subject.error.as_ref().map(ToString::to_string),
            title: sentences::title(subject),
            counts,
            marks: marks.get(subject).map(|marks| marks.iter().map(Mark::copy).collect()).unwrap_or_default(),
        }
    });
    Ok(Heatmap { from: from.seconds(), step_seconds: step * 60, rows: rows.collect(), series })
}

impl Mark {
    fn copy(&self) -> Mark {
        Mark { id: self.id.clone(), ..*self }
    }
}
