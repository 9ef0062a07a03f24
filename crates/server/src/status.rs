//! Status: how the service is getting on, on one screen: what it reads, how far it has come, what it told, what it cannot
//! deliver.

use jiff::Timestamp;
use record::insight_record::State;
use record::sentences;
use record::time::Minute;
use serde::Serialize;
use store::deliveries::{DeliveryState, FailingTarget};
use store::insight_events::{InsightEvent, Lookup};
use store::insights::Origin;
use store::{List, Reader, Store, StoreError};

use crate::cloudtrail::{Trail, TrailStatus};
use crate::context::Place;
use crate::http::FrontDoor;
use crate::progress::{Breakdowns, Come, Delivering, LakeCome};
use crate::sns::Subscription;
use crate::watchers::Watchers;

/// Insight events, and targets of failed deliveries, that are shown.
const SHOWN: usize = 5;

/// How the service is getting on. Moments are seconds since 1970.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    now: i64,
    version: &'static str,
    /// What is in the way of being ready, a sentence each.
    in_the_way: Vec<String>,
    breakdowns: Breakdowns,
    trails: Vec<TrailShown>,
    progress: Come,
    delivering: Delivering,
    lake: LakeShown,
    /// When the newest log file of each account-Region was delivered.
    delivered: Vec<Delivered>,
    log_files: LogFiles,
    insights_open: usize,
    insights: Vec<InsightShown>,
    deliveries: Deliveries,
    disk: Disk,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LakeShown {
    /// The last batch of log files that is in it; `None` if there is no lake.
    kept_batch: Option<u64>,
    batches_waiting: u64,
    /// When the oldest of them was counted.
    oldest_waiting: Option<i64>,
    /// Why nothing can be kept.
    error: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Delivered {
    account: String,
    region: String,
    at: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Disk {
    database_bytes: u64,
    wal_bytes: u64,
    /// Where that is known.
    free_bytes: Option<u64>,
    size_bytes: Option<u64>,
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
    /// Why its bucket cannot be listed.
    unlisted: Option<UnlistedShown>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UnlistedShown {
    /// S3's word for it.
    code: String,
    text: String,
    since: i64,
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
    /// Of an error rate: which error.
    error_code: Option<String>,
    direction: &'static str,
    /// `290×`, `to none`.
    change: String,
    origin: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Deliveries {
    waiting: u64,
    /// When the oldest of them was added.
    oldest_waiting: Option<i64>,
    /// Targets that something could not be delivered to: how many, and the newest of them.
    failing_targets: u64,
    failing: Vec<Failing>,
    dead: u64,
    unconfirmed: Unconfirmed,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failing {
    target: String,
    /// Deliveries to it that wait, whether or not they were tried.
    waiting: u64,
    /// Those that were given up.
    dead: u64,
    /// Of the newest that failed.
    attempts: u32,
    error: String,
    is_dead: bool,
}

/// Subscriptions that were asked and have not said yes: they are told nothing.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Unconfirmed {
    count: u64,
    /// One of them.
    endpoint: Option<String>,
    topic_arn: Option<String>,
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
    pub fn read(door: &FrontDoor) -> Result<Status, StoreError> {
        let FrontDoor { store, place, progress, .. } = door;
        let now = door.world.clock.now();
        let disk = Disk::of(door)?;
        let lake = LakeShown::of(progress.lake(), store)?;
        let in_the_way = door.readiness().in_the_way().to_vec();
        store.read(|r| {
            let watchers = Watchers::read(r, place, Default::default())?.all.into_iter();
            let trails = watchers.map(|watcher| TrailShown::of(r, watcher.trail));
            let trails = trails.collect::<Result<_, StoreError>>()?;
            let ledger = r.ledger_counts()?;
            let delivered = r.newest_delivered()?.into_iter().map(|(account, region, at)| Delivered {
                account: account.to_string(),
                region: region.to_string(),
                at: at.seconds(),
            });
            let delivered = delivered.collect();
            let open = r.open_insights()?.iter().filter(|insight| insight.origin == Origin::Live).count();
            let (events, _) = r.insight_events(&Lookup::default(), None, SHOWN)?;
            Ok(Status {
                now: now.as_second(),
                version: env!("CARGO_PKG_VERSION"),
                in_the_way,
                breakdowns: progress.breakdowns(),
                trails,
                progress: progress.now(),
                delivering: progress.delivering(),
                lake,
                delivered,
                log_files: LogFiles { counted: ledger.counted, refused: ledger.refused },
                insights_open: open,
                insights: events.into_iter().map(InsightShown::of).collect(),
                deliveries: Deliveries::read(r, place, now)?,
                disk,
            })
        })
    }
}

impl Disk {
    fn of(door: &FrontDoor) -> Result<Disk, StoreError> {
        let (sizes, room) = (door.store.sizes()?, door.metrics.room());
        Ok(Disk {
            database_bytes: sizes.database_bytes,
            wal_bytes: sizes.wal_bytes,
            free_bytes: room.map(|room| room.free_bytes),
            size_bytes: room.map(|room| room.size_bytes),
        })
    }
}

impl LakeShown {
    fn of(lake: LakeCome, store: &Store) -> Result<LakeShown, StoreError> {
        let behind = lake.behind(store)?;
        Ok(LakeShown {
            kept_batch: lake.kept.map(|kept| kept.batch),
            batches_waiting: behind.batches,
            oldest_waiting: behind.oldest_at.map(|at| at.as_second()),
            error: lake.error,
        })
    }
}

impl TrailShown {
    fn of(r: &Reader<'_>, trail: Trail) -> Result<TrailShown, StoreError> {
        let status = TrailStatus::of(r, &trail)?;
        let unlisted = status.unlisted(&trail).map(|unlisted| UnlistedShown {
            code: unlisted.code.clone(),
            text: unlisted.text.clone(),
            since: unlisted.since.0.as_second(),
        });
        let delivery = status.delivery;
        Ok(TrailShown {
            is_logging: trail.is_logging,
            looks_for_insights: !trail.insight_selectors.is_empty(),
            latest_delivery: delivery.succeeded_at.map(|at| at.0.as_second()),
            latest_delivery_error: delivery.error,
            unlisted,
            name: trail.name,
            arn: trail.arn,
            bucket: trail.bucket,
            prefix: trail.prefix,
        })
    }
}

impl InsightShown {
    fn of(event: InsightEvent) -> InsightShown {
        let (direction, change) = (event.insight.direction.as_str(), sentences::change(&event.insight));
        let subject = event.insight.subject;
        InsightShown {
            at: Minute::seconds(event.at),
            state: State::as_str(event.state),
            account: subject.account.to_string(),
            region: subject.region.to_string(),
            source: subject.source.to_string(),
            name: subject.name.to_string(),
            direction,
            change,
            error_code: subject.error.map(|code| code.to_string()),
            origin: origin_word(event.origin),
        }
    }
}

impl Deliveries {
    fn read(r: &Reader<'_>, place: &Place, now: Timestamp) -> Result<Deliveries, StoreError> {
        let backlog = r.backlog_totals()?;
        let failing = r.failing_targets(SHOWN)?;
        Ok(Deliveries {
            waiting: backlog.waiting,
            oldest_waiting: backlog.oldest_waiting.map(|at| at.as_second()),
            failing_targets: failing.targets,
            failing: failing.newest.into_iter().map(Failing::of).collect(),
            dead: backlog.dead,
            unconfirmed: Unconfirmed::read(r, place, now)?,
        })
    }
}

impl Failing {
    fn of(FailingTarget { waiting, dead, newest }: FailingTarget) -> Failing {
        Failing {
            waiting,
            dead,
            attempts: newest.attempts,
            error: newest.last_error.unwrap_or_default(),
            is_dead: newest.state == DeliveryState::Dead,
            target: newest.target,
        }
    }
}

impl Unconfirmed {
    fn read(r: &Reader<'_>, place: &Place, now: Timestamp) -> Result<Unconfirmed, StoreError> {
        let list = List { account: Some(place.account.clone()), ..List::default() };
        let mut unconfirmed = Unconfirmed::default();
        for subscription in r.list::<Subscription>(&list)?.into_iter().map(|stored| stored.value) {
            if subscription.is_confirmed() || subscription.is_over(now) {
                continue;
            }
            unconfirmed.count += 1;
            unconfirmed.endpoint = Some(subscription.endpoint);
            unconfirmed.topic_arn = Some(subscription.topic_arn);
        }
        Ok(unconfirmed)
    }
}
