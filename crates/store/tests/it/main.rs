//! The laws of the store, in memory and on disk, from seeds: no sleeping, no clock.

mod attributions;
mod audit_events;
mod backup;
mod counts;
mod delivered_files;
mod deliveries;
mod event_ids;
mod insights;
mod killed;
mod learned;
mod ledger;
mod log_events;
mod migrations;
mod opening;
mod queries;
mod resources;
mod transactions;

use detect::tally::Tally;
use jiff::{SignedDuration, Timestamp};
use record::insight::Subject;
use record::names::AccountId;
use record::time::Minute;
use store::log_files::LogFile;
use store::{Options, Store};
use tempfile::TempDir;

/// A store on disk and the folder that goes with it, or one in memory.
struct Kept {
    store: Store,
    _folder: Option<TempDir>,
}

impl std::ops::Deref for Kept {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

fn on_disk() -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("state.db"), &Options::default()).unwrap();
    Kept { store, _folder: Some(folder) }
}

fn in_memory() -> Kept {
    Kept { store: Store::in_memory().unwrap(), _folder: None }
}

/// One of each kind.
fn both() -> [Kept; 2] {
    [in_memory(), on_disk()]
}

/// So many seconds after some moment.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap() + SignedDuration::from_secs(seconds)
}

/// A minute of a day in 2026.
const START: Minute = Minute(29_510_000);

fn account() -> AccountId {
    "123456789012".into()
}

fn log_file(number: u64) -> LogFile {
    LogFile {
        bucket: "trail-bucket".into(),
        key: format!("AWSLogs/123456789012/CloudTrail/us-east-1/2026/02/10/file-{number}.json.gz"),
        etag: format!("etag-{number}"),
        size: 1000 + number,
        account_region: Some((account(), "us-east-1".into())),
        delivered: Some(Minute(START.0 + number as i32)),
    }
}

fn subject(number: usize) -> Subject {
    Subject {
        account: account(),
        region: ["us-east-1", "eu-central-1"][number % 2].into(),
        source: "ec2.amazonaws.com".into(),
        name: format!("Api{}", number / 3).as_str().into(),
        error: [None, Some("AccessDenied".into()), Some("".into())][number % 3].clone(),
        category: record::names::EventCategory::Management,
    }
}

/// A tally of these calls: which of the subjects, minutes after [`START`], how many.
fn tally(calls: &[(usize, i32, u32)]) -> Tally {
    let mut tally = Tally::new();
    for &(number, minute, count) in calls {
        tally.count(&subject(number), Minute(START.0 + minute), count, number % 2 == 0);
    }
    tally
}

/// All that a tally says, in an order of its own: ids are by who came first.
fn told(tally: &Tally) -> Vec<String> {
    let (first, last) = (Minute(i32::MIN), Minute(i32::MAX));
    let mut told: Vec<String> = tally
        .all_series()
        .filter(|(_, counted)| counted.counts.calls() > 0)
        .map(|(_, counted)| {
            format!("{:?} {} {:?}", counted.subject, counted.writes, counted.counts.within(first, last))
        })
        .chain(tally.all_regions().map(|(_, region)| {
            let activity = region.activity.within(first, last);
            format!("{} {} {:?} {activity:?}", region.account, region.region, region.span())
        }))
        .collect();
    told.sort();
    told
}

/// The whole database, as bytes of its tables: whether anything changed.
fn everything(store: &Store) -> Vec<String> {
    store
        .read(|r| {
            Ok(vec![
                format!("{:?}", r.ledger_counts()?),
                format!("{:?}", told(&r.load_tally(Minute(0))?)),
                format!("{:?}", r.event_id_count()?),
                format!("{:?}", r.deliveries(&Default::default(), 1000)?),
                format!("{:?}", r.insight_events(&Default::default(), None, 1000)?),
                format!("{:?}", r.insights(Minute(0), Minute(i32::MAX), None, 1000)?),
                format!("{:?}", r.newest_batch()?),
                format!("{:?}", r.newest_delivered()?),
                format!("{:?}", r.evaluated_until()?),
                format!("{:?}", r.attribution_count()?),
                format!("{:?}", r.tags("arn")?),
            ])
        })
        .unwrap()
}
