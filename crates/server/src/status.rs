//! Status: how the service is getting on, on one screen: what it reads, how far it has come, what it told, what it cannot
//! deliver.

use record::insight_record::State;
use record::time::Minute;
use serde::Serialize;
use store::deliveries::{DeliveryCount, DeliveryList, DeliveryState};
use store::insight_events::Lookup;
use store::insights::Origin;
use store::{Store, StoreError};

use crate::cloudtrail::TrailStatus;
use crate::context::Place;
use crate::progress::{Come, Progress};
use crate::watchers::Watchers;

/// Insight events and failed deliveries that are shown.
const SHOWN: usize = 5;

/// How the service is getting on. Moments are seconds since 1970.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    now: i64,
    trails: Vec<TrailShown>,
    progress: Come,
    log_files: LogFiles,
    insights: Vec<InsightShown>,
    deliveries: Deliveries,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TrailShown {
    name: String,
    arn: String,
    bucket: String,
    prefix: Option<String>,
    is_logging: bool,
    looks_for_insights: bool,
    latest_delivery: Option<i64>,
    latest_delivery_error: Option<String>,
}

#[derive(Debug, Serialize)]
struct LogFiles {
    counted: u64,
    refused: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct InsightShown {
    at: i64,
    state: &'static str,
    account: String,
    region: String,
    source: String,
    name: String,
    origin: &'static str,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Deliveries {
    waiting: u64,
    failing: Vec<Failing>,
    dead: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failing {
    target: String,
    attempts: u32,
    error: String,
    is_dead: bool,
}

/// Where an insight comes from, in a word.
pub(crate) fn origin_word(origin: Origin) -> &'static str {
    match origin {
        Origin::Live => "live",
        Origin::History => "history",
        Origin::Test => "test",
    }
}

impl Status {
    /// As it is now.
    pub fn read(store: &Store, place: &Place, progress: &Progress, now: jiff::Timestamp) -> Result<Status, StoreError> {
        store.read(|r| {
            let mut trails = Vec::new();
            for watcher in Watchers::read(r, place, Default::default())?.all {
                let status = TrailStatus::of(r, &watcher.trail)?;
                let trail = watcher.trail;
                trails.push(TrailShown {
                    is_logging: trail.is_logging,
                    looks_for_insights: !trail.insight_selectors.is_empty(),
                    latest_delivery: status.delivery.succeeded_at.map(|at| at.0.as_second()),
                    latest_delivery_error: status.delivery.error,
                    name: trail.name,
                    arn: trail.arn,
                    bucket: trail.bucket,
                    prefix: trail.prefix,
                });
            }
            let ledger = r.ledger_counts()?;
            let (events, _) = r.insight_events(&Lookup::default(), None, SHOWN)?;
            let insights = events.into_iter().map(|event| InsightShown {
                at: Minute::seconds(event.at),
                state: State::as_str(event.state),
                account: event.insight.subject.account.to_string(),
                region: event.insight.subject.region.to_string(),
                source: event.insight.subject.source.to_string(),
                name: event.insight.subject.name.to_string(),
                origin: origin_word(event.origin),
            });
            let insights = insights.collect();
            let mut deliveries = Deliveries::default();
            for DeliveryCount { state, count, .. } in r.delivery_counts()? {
                match state {
                    DeliveryState::Waiting => deliveries.waiting += count,
                    DeliveryState::Dead => deliveries.dead += count,
                    DeliveryState::Done => {}
                }
            }
            for state in [DeliveryState::Waiting, DeliveryState::Dead] {
                let list = DeliveryList { state: Some(state), ..DeliveryList::default() };
                for delivery in r.deliveries(&list, 10 * SHOWN)? {
                    let Some(error) = delivery.last_error else { continue };
                    let is_dead = state == DeliveryState::Dead;
                    deliveries.failing.push(Failing {
                        target: delivery.target,
                        attempts: delivery.attempts,
                        error,
                        is_dead,
                    });
                }
            }
            deliveries.failing.truncate(SHOWN);
            Ok(Status {
                now: now.as_second(),
                trails,
                progress: progress.now(),
                log_files: LogFiles { counted: ledger.counted, refused: ledger.refused },
                insights,
                deliveries,
            })
        })
    }
}
