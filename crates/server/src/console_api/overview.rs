//! `GET overview`: is anything odd, right now and lately; and is all well with the service itself.

use std::collections::{BTreeMap, BTreeSet};

use record::insight::Insight;
use record::time::{DAY, Minute};
use record::together::together;
use record::words::{count, plural};
use serde::Serialize;
use store::deliveries::BacklogTotals;
use store::insights::{Origin, StoredInsight};

use super::current::up_to_now;
use super::expected::Calls;
use super::row::Row;
use crate::Failure;
use crate::http::FrontDoor;
use crate::watchers::Watchers;

/// Days of the bar chart.
const DAYS: i32 = 30;
/// Insights that are looked at for it.
const MOST: usize = 10_000;
/// The newest ones that are shown.
const SHOWN: usize = 8;

/// The first page.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Overview {
    now: i64,
    /// What is in the way of being ready, a sentence each.
    in_the_way: Vec<String>,
    trails: usize,
    trails_looking: usize,
    ongoing: Vec<Row>,
    /// One hand behind several increases of the last day, a sentence each.
    together: Vec<String>,
    recent: Vec<Row>,
    last_day: LastDay,
    per_day: Vec<DayCount>,
    log_files: LogFiles,
    learning: Learning,
    deliveries: Deliveries,
}

#[derive(Debug, Serialize)]
struct LastDay {
    insights: usize,
    apis: usize,
    accounts: usize,
}

/// Insights that began on a day.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DayCount {
    day: i64,
    call_rate: usize,
    error_rate: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogFiles {
    counted: u64,
    refused: u64,
    waiting: u64,
    is_reading_history: bool,
    /// When the newest log file was delivered.
    newest_delivered: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Learning {
    /// Account-Regions that are watched.
    regions: usize,
    /// Those of them that were watched for 36 hours.
    ready: usize,
}

#[derive(Debug, Serialize)]
struct Deliveries {
    waiting: u64,
    dead: u64,
}

pub(super) fn overview(door: &FrontDoor) -> Result<Overview, Failure> {
    let now = Minute::of_seconds(door.world.clock.now().as_second());
    let in_the_way = door.readiness().in_the_way().to_vec();
    let come = door.progress.now();
    let overview = door.store.read(|r| {
        let calls = Calls::read(r, &door.place.account)?;
        let watchers = Watchers::read(r, &door.place, BTreeSet::default())?;
        let mut open: Vec<StoredInsight> = r.open_insights()?;
        open.retain(|stored| stored.origin != Origin::Test && stored.held_by.is_none());
        for stored in &mut open {
            up_to_now(r, stored, now)?;
        }
        open.sort_by(|a, b| b.insight.explanation.account_rarity.total_cmp(&a.insight.explanation.account_rarity));
        let from = Minute(now.day_start().0 - (DAYS - 1) * DAY.0);
        let mut all = r.insights(from, Minute(now.0 + DAY.0), None, MOST)?;
        all.retain(|stored| stored.origin != Origin::Test);
        let mut recent: Vec<StoredInsight> = all.iter().take(SHOWN).cloned().collect();
        for stored in &mut recent {
            up_to_now(r, stored, now)?;
        }
        // What was held back is shown, and asks for no look.
        all.retain(|stored| stored.held_by.is_none());
        let day: Vec<_> = all.iter().filter(|stored| stored.insight.start > Minute(now.0 - DAY.0)).collect();
        let ledger = r.ledger_counts()?;
        let newest = r.newest_delivered()?.into_iter().map(|(_, _, at)| at.seconds()).max();
        let BacklogTotals { waiting, dead, .. } = r.backlog_totals()?;
        Ok(Overview {
            now: now.seconds(),
            trails: watchers.all.len(),
            trails_looking: watchers.all.iter().filter(|one| !one.trail.insight_selectors.is_empty()).count(),
            together: stories(&day),
            ongoing: open.iter().map(|stored| Row::of(stored, &calls)).collect(),
            recent: recent.iter().map(|stored| Row::of(stored, &calls)).collect(),
            last_day: LastDay::of(&day),
            per_day: DayCount::of_each(from, &all),
            log_files: LogFiles {
                counted: ledger.counted,
                refused: ledger.refused,
                waiting: come.listed_files.saturating_sub(come.read_files),
                is_reading_history: come.is_reading_history,
                newest_delivered: newest,
            },
            learning: Learning {
                regions: come.regions.len(),
                ready: come
                    .regions
                    .iter()
                    .filter(|region| region.minutes_learned.0 >= super::learning::ENOUGH.0)
                    .count(),
            },
            deliveries: Deliveries { waiting, dead },
            in_the_way,
        })
    })?;
    Ok(overview)
}

impl LastDay {
    fn of(day: &[&StoredInsight]) -> LastDay {
        let distinct =
            |of: &dyn Fn(&StoredInsight) -> String| day.iter().map(|one| of(one)).collect::<BTreeSet<_>>().len();
        LastDay {
            insights: day.len(),
            apis: distinct(&|one| format!("{} {}", one.insight.subject.source, one.insight.subject.name)),
            accounts: distinct(&|one| one.insight.subject.account.to_string()),
        }
    }
}

/// What is behind several insights of a day, account by account.
fn stories(day: &[&StoredInsight]) -> Vec<String> {
    let mut of_accounts: BTreeMap<_, Vec<&Insight>> = BTreeMap::new();
    for stored in day {
        of_accounts.entry(&stored.insight.subject.account).or_default().push(&stored.insight);
    }
    let mut stories = Vec::new();
    for (account, insights) in of_accounts {
        let all = plural(&count(insights.len() as u64), "insight");
        let told = together(&insights).into_iter();
        stories.extend(told.map(|story| format!("{all} of account {account} in the last day. {story}.")));
    }
    stories
}

impl DayCount {
    /// Those of the days since `from`.
    fn of_each(from: Minute, all: &[StoredInsight]) -> Vec<DayCount> {
        let days = (0..DAYS).map(|number| {
            let day = Minute(from.0 + number * DAY.0);
            let of_day = all.iter().filter(|stored| stored.insight.start.day_start() == day);
            let (error_rate, call_rate) = of_day.fold((0, 0), |(errors, calls), stored| {
                if stored.insight.subject.error.is_some() { (errors + 1, calls) } else { (errors, calls + 1) }
            });
            DayCount { day: day.seconds(), call_rate, error_rate }
        });
        days.collect()
    }
}
