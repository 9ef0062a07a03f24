//! `GET series/preview`: what one series would have been told for, had another number of false alarms been promised.
//!
//! Its kept counts are replayed (`detect::engine::replay`) for each promise. What is asked for follows from the account's number of
//! series and from its own record of alarms, which are taken as they are today, for all of the time.

use detect::budget::Asked;
use detect::engine::replay;
use detect::said::Said;
use record::insight::Direction;
use record::names::EventCategory;
use serde::Serialize;

use super::query::Query;
use super::timeline::{Counted, subject_of};
use crate::Failure;
use crate::http::FrontDoor;
use crate::pipeline::{heeded, settings_of};
use crate::progress::Threshold;
use record::time::Minute;

/// B: false alarms an account and month.
const PROMISES: [f64; 7] = [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0];
/// Insights that are told of each, the newest ones.
const TOLD: usize = 200;

/// What would have been.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Preview {
    /// Whether this series is watched; reads are counted, and their calls are not.
    is_watched: bool,
    /// Why there is nothing to be told, in words.
    why_not: Option<String>,
    /// What is promised now: false alarms an account and month.
    promised: f64,
    /// The series that share the promise.
    series: u32,
    /// The first and the last minute that were looked at.
    from: Option<i64>,
    until: Option<i64>,
    steps: Vec<Step>,
}

/// Of one promise.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    false_alarms_per_month: f64,
    /// A minute makes an insight if the like of it comes once in 10^this months on this series.
    rarity: f64,
    total: usize,
    insights: Vec<Would>,
}

/// An insight that would have been.
#[derive(Debug, Serialize)]
struct Would {
    start: i64,
    end: Option<i64>,
    direction: &'static str,
}

pub(super) fn preview(door: &FrontDoor, query: &Query) -> Result<Preview, Failure> {
    query.only(&["account", "region", "source", "name", "error", "category"])?;
    let subject = subject_of(door, query)?;
    let now = Minute::of_seconds(door.world.clock.now().as_second());
    let (counted, settings, is_write, said) = door.store.read(|r| {
        let (counted, settings) = (Counted::read(r, &subject, now)?, settings_of(r, &subject.account)?);
        Ok((counted, settings, r.is_write(&subject)?, heeded(r, &door.place.account)?))
    })?;
    let is_watched = match subject.category {
        EventCategory::Management => subject.error.is_some() || settings.reads || is_write == Some(true),
        EventCategory::Data => settings.data_events,
        EventCategory::NetworkActivity | EventCategory::Insight => false,
    };
    let come = door.progress.now();
    let asked = come.accounts.iter().find(|come| come.account == subject.account);
    let why_not = match (is_write, &asked) {
        (None, _) => Some("Nothing was counted of it within 90 days."),
        (_, None) => Some(
            "Nothing of this account was evaluated yet: it shares its promise among its series, which are not known.",
        ),
        _ => None,
    };
    let span = counted.span();
    let mut preview = Preview {
        is_watched,
        why_not: why_not.map(str::to_owned),
        promised: settings.false_alarms_per_month,
        series: asked.map_or(0, |come| come.increase.series),
        from: span.map(|span| span.0.seconds()),
        until: span.map(|span| span.1.seconds()),
        steps: Vec::new(),
    };
    let Some(account) = asked.filter(|_| is_write.is_some()) else { return Ok(preview) };
    let mut promises = PROMISES.to_vec();
    if !promises.contains(&preview.promised) {
        promises.push(preview.promised);
        promises.sort_by(f64::total_cmp);
    }
    preview.steps = promises
        .into_iter()
        .map(|promise| step(&counted, promise, account.increase, account.decrease, &said))
        .collect();
    Ok(preview)
}

fn step(counted: &Counted, promise: f64, increase: Threshold, decrease: Threshold, said: &Said) -> Step {
    let asked = [(Direction::Increase, increase), (Direction::Decrease, decrease)]
        .map(|(direction, now)| Asked::new(direction, now.series, promise, now.correction));
    let mut found = replay(&counted.tally, counted.series, asked, counted.end, said);
    found.retain(|episode| !episode.is_expected);
    let total = found.len();
    let insights = found.into_iter().skip(total.saturating_sub(TOLD)).map(|episode| Would {
        start: episode.start.seconds(),
        end: episode.end.map(Minute::seconds),
        direction: episode.direction.as_str(),
    });
    Step { false_alarms_per_month: promise, rarity: asked[0].rarity, total, insights: insights.collect() }
}
