//! The follower: what was counted comes to lie in the lake, each batch once, in order, whatever goes wrong.

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};

use detect::engine::Settings;
use jiff::SignedDuration;
use record::time::DAY;
use serde_json::json;
use server::metrics::Form;
use server::pipeline::Pipeline;
use server::work::{Fault, Follower, follow_ledger};
use server::world::lake::{Kept, LakeFault};
use server::world::{BucketError, Buckets};
use store::Store;
use store::handed::Handed;
use store::log_files::LogFileState;

use crate::door::Door;
use crate::pipeline::{door_with_trail, live_through, moment};

const BUCKET: &str = "my-trail-logs";

/// A door whose trail has log files, each counted in a batch of its own; their keys, in order.
pub(crate) fn counted(count: usize) -> (Door, Vec<String>) {
    let plan = sim::Plan::demo(7);
    let door = door_with_trail(moment(plan.start + DAY));
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    let files: Vec<(String, Vec<u8>)> = sim::texts(&plan).take(count).collect();
    for (key, text) in &files {
        door.buckets().put(BUCKET, key, text).expect("there is room");
        pipeline.count(&door.delivering(), &[(BUCKET.to_owned(), key.clone())]).expect("it counts");
    }
    assert_eq!(newest(&door.store), count as u64);
    (door, files.into_iter().map(|(key, _)| key).collect())
}

fn newest(store: &Store) -> u64 {
    store.read(|r| r.newest_batch()).expect("it reads")
}

pub(crate) fn ripen(door: &mut Door) {
    door.wait(SignedDuration::from_secs(30));
}

/// Looks until there is nothing more to be kept now.
fn look(follower: &mut Follower, door: &Door) {
    while follower.look(&door.delivering()).expect("it goes well") {}
}

#[test]
fn a_batch_is_kept_when_it_is_half_a_minute_old_with_all_that_came_meanwhile() {
    let (mut door, keys) = counted(3);
    let mut follower = Follower::default();
    look(&mut follower, &door);
    assert_eq!(door.lake.kept_keys(), (Kept::default(), Vec::new()));
    ripen(&mut door);
    look(&mut follower, &door);
    assert_eq!(door.lake.kept_keys(), (Kept { batch: 3, ..Kept::default() }, keys));
    assert_eq!(door.lake.keepings(), 1, "all of them in one commit");
    look(&mut follower, &door);
    assert_eq!(door.lake.keepings(), 1);
}

#[test]
fn what_was_kept_is_not_kept_again_whoever_follows() {
    let (mut door, keys) = counted(2);
    ripen(&mut door);
    look(&mut Follower::default(), &door);
    // Another begins where the lake says, as after a start.
    look(&mut Follower::default(), &door);
    assert_eq!(door.lake.kept_keys().1, keys);
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    let key = keys[0].replace(".json.gz", "x.json.gz");
    let bytes = door.object(BUCKET, &keys[0]).expect("it is there");
    door.buckets().put(BUCKET, &key, &bytes).expect("there is room");
    pipeline.count(&door.delivering(), &[(BUCKET.to_owned(), key.clone())]).expect("it counts");
    ripen(&mut door);
    look(&mut Follower::default(), &door);
    let (kept, kept_keys) = door.lake.kept_keys();
    assert_eq!((kept.batch, kept_keys.last()), (3, Some(&key)));
}

#[test]
fn copies_are_kept_no_more_than_they_are_counted() {
    let (mut door, keys) = counted(2);
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    let records = |at: u64| {
        let lines = door.store.read(|r| r.log_files_of_batch(at)).expect("it reads");
        let LogFileState::Counted { records, .. } = lines[0].state else { panic!("it was counted") };
        records as usize
    };
    let first = records(1);
    let key = keys[0].replace(".json.gz", "x.json.gz");
    let bytes = door.object(BUCKET, &keys[0]).expect("it is there");
    door.buckets().put(BUCKET, &key, &bytes).expect("there is room");
    pipeline.count(&door.delivering(), &[(BUCKET.to_owned(), key)]).expect("it counts");
    ripen(&mut door);
    look(&mut Follower::default(), &door);
    assert!(first > 0);
    assert_eq!(door.lake.left_out(), [0, 0, first]);
}

#[test]
fn a_file_that_is_gone_is_left_out_and_holds_up_no_other() {
    let (mut door, keys) = counted(12);
    door.world_mut().buckets = Box::new(Failing::without(&keys[5], &door));
    ripen(&mut door);
    look(&mut Follower::default(), &door);
    let left = keys.iter().filter(|key| **key != keys[5]).cloned().collect();
    assert_eq!(
        door.lake.kept_keys(),
        (Kept { batch: 12, ..Kept::default() }, left),
        "in order, though fetched at once"
    );
}

#[test]
fn a_file_that_cannot_be_fetched_now_is_waited_for() {
    let (mut door, keys) = counted(3);
    let failing = Failing::without("", &door);
    let fault = Arc::clone(&failing.fault);
    *fault.lock().expect("nobody panics with it") = Some(BucketError::Other("the line is cut".into()));
    door.world_mut().buckets = Box::new(failing);
    ripen(&mut door);
    let mut follower = Follower::default();
    let told = follower.look(&door.delivering()).expect_err("the line is cut").to_string();
    assert!(told.contains(&keys[0]) && told.ends_with("the line is cut"), "{told}");
    assert_eq!(door.lake.kept_keys().0.batch, 0);
    *fault.lock().expect("nobody panics with it") = None;
    look(&mut follower, &door);
    assert_eq!(door.lake.kept_keys().1, keys);
}

#[test]
fn insight_events_are_kept_in_the_order_in_which_they_were_cut() {
    let plan = sim::Plan::demo(7);
    let mut door = door_with_trail(moment(plan.start + DAY));
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    live_through(&mut door, &mut pipeline, &plan);
    ripen(&mut door);
    look(&mut Follower::default(), &door);
    let cut = door.store.read(|r| r.insight_events_after(0, 1000)).expect("it reads");
    assert!(cut.len() >= 2, "there are insights in it");
    let kept = door.lake.kept_insights();
    assert_eq!(kept.len(), cut.len());
    for (record, (_, event)) in kept.iter().zip(&cut) {
        assert!(record.contains(&event.id) && record.contains("AwsCloudTrailInsight"), "{record}");
    }
    let (lake, _) = door.lake.kept_keys();
    assert_eq!(Some(lake.insight), cut.last().map(|(number, _)| *number));
    look(&mut Follower::default(), &door);
    assert_eq!(door.lake.kept_insights().len(), cut.len());
}

#[test]
fn a_ledger_that_is_older_than_the_lake_is_told_of_and_nothing_is_kept_wrongly() {
    let (mut door, _) = counted(3);
    ripen(&mut door);
    look(&mut Follower::default(), &door);
    // Restored from a backup: the lake is not.
    door.store = Store::in_memory().expect("there is memory");
    let fault = Follower::default().look(&door.delivering()).expect_err("it is older");
    assert!(matches!(fault, Fault::Ahead { what: "batch", kept: 3, handed: 0 }), "{fault}");
    assert!(fault.to_string().contains("move the lake away"), "{fault}");
}

#[test]
fn a_ledger_that_has_overtaken_the_lake_since_it_was_restored_is_not_taken_for_the_one_that_it_followed() {
    let (mut before, _) = counted(3);
    ripen(&mut before);
    look(&mut Follower::default(), &before);
    // The backup is of a time when two batches were handed over; what was counted since is other than what was counted then.
    let (mut door, _) = counted(5);
    door.store.write(|w| w.hand(Handed { batch: 2, ..Handed::default() })).expect("it writes");
    door.world_mut().lake = Box::new(before.lake.clone());
    ripen(&mut door);
    for _ in 0..2 {
        let fault = Follower::default().look(&door.delivering()).expect_err("it is another one");
        assert!(matches!(fault, Fault::Ahead { what: "batch", kept: 3, handed: 2 }), "{fault}");
    }
    assert_eq!(before.lake.kept_keys().0.batch, 3);
}

#[test]
fn faults_are_counted_told_and_survived_and_how_far_it_is_behind_is_told() {
    let (mut door, keys) = counted(3);
    ripen(&mut door);
    let lake = door.lake.clone();
    lake.keeping_fails(Some(LakeFault::Other("the disk is full".into())));
    let door = &door.into_front_door();
    let metrics = |name: &str| {
        let text = door.metrics_text(Form::OpenMetrics);
        let told = text.lines().find(|line| line.starts_with(name)).map(str::to_owned);
        told.and_then(|line| line.rsplit(' ').next().map(str::to_owned)).unwrap_or_default()
    };
    std::thread::scope(|threads| {
        let (stop, stopped) = sync_channel(1);
        let following = threads.spawn(move || follow_ledger(door, &stopped));
        while door.progress.lake().error.is_none() {
            std::thread::yield_now();
        }
        assert_eq!(door.progress.lake().error.as_deref(), Some("the disk is full"));
        drop(stop);
        following.join().expect("it does not break down").expect("the store is well");
    });
    assert_eq!(metrics("trailsight_faults_total{part=\"lake\"}"), "1");
    assert_eq!(metrics("trailsight_lake_batches_waiting"), "3.0");
    assert_eq!(metrics("trailsight_lake_lag_seconds"), "30.0");
    lake.keeping_fails(None);
    std::thread::scope(|threads| {
        let (stop, stopped) = sync_channel(1);
        let following = threads.spawn(move || follow_ledger(door, &stopped));
        while door.progress.lake().kept != Some(Kept { batch: 3, ..Kept::default() }) {
            std::thread::yield_now();
        }
        drop(stop);
        following.join().expect("it does not break down").expect("the store is well");
    });
    assert_eq!(lake.kept_keys().1, keys);
    assert_eq!(door.progress.lake().error, None);
}

#[test]
fn a_breakdown_of_the_lake_is_told_with_what_was_said_and_is_gone_on_from() {
    let (mut door, keys) = counted(1);
    ripen(&mut door);
    let lake = door.lake.clone();
    lake.keeping_panics(Some("a fault of ours"));
    let door = &door.into_front_door();
    let follow = |until: &dyn Fn(server::progress::LakeCome) -> bool| {
        std::thread::scope(|threads| {
            let (stop, stopped) = sync_channel(1);
            let following = threads.spawn(move || follow_ledger(door, &stopped));
            while !until(door.progress.lake()) {
                std::thread::yield_now();
            }
            drop(stop);
            following.join().expect("it does not break down").expect("the store is well");
        });
    };
    follow(&|come| come.error.is_some());
    let come = door.progress.lake();
    assert_eq!(come.error.as_deref(), Some("it broke down, and is begun again: a fault of ours"));
    let now = door.world.clock.now().as_second();
    assert_eq!((come.failing_since, come.looked_at), (Some(now), None));
    let text = door.metrics_text(Form::Prometheus);
    assert!(text.contains("\ntrailsight_faults_total{part=\"lake\"} 1\n"), "{text}");
    lake.keeping_panics(None);
    follow(&|come| come.error.is_none());
    assert_eq!((lake.kept_keys().1, door.progress.lake().looked_at), (keys, Some(now)));
}

#[test]
fn where_there_is_no_lake_nothing_is_wrong() {
    let (mut door, _) = counted(1);
    ripen(&mut door);
    let lake = door.lake.clone();
    lake.keeping_fails(Some(LakeFault::NoLake));
    let door = &door.into_front_door();
    std::thread::scope(|threads| {
        let (stop, stopped) = sync_channel(1);
        let following = threads.spawn(move || follow_ledger(door, &stopped));
        lake.was_asked();
        drop(stop);
        following.join().expect("it does not break down").expect("the store is well");
    });
    assert_eq!(door.progress.lake(), server::progress::LakeCome::default());
    let text = door.metrics_text(Form::Prometheus);
    assert!(text.contains("\ntrailsight_faults_total{part=\"lake\"} 0\n"), "{text}");
    assert!(text.contains("\ntrailsight_lake_batches_waiting 0"), "{text}");
}

#[test]
fn what_no_store_shows_any_more_may_go_once_a_day() {
    let (mut door, _) = counted(1);
    let day = SignedDuration::from_hours(24);
    let mut follower = Follower::default();
    look(&mut follower, &door);
    // By the newest log file: a clock that is ahead of it erases nothing.
    let newest = door.store.read(|r| r.newest_delivered()).expect("it reads").remove(0).2;
    let present = moment(newest);
    assert!(present < door.now);
    assert_eq!(door.lake.expired(), Some(present - day * 366), "the stores that are always there show a year");
    crate::event_data_stores::made(&door, json!({ "Name": "long", "RetentionPeriod": 2000 }));
    look(&mut follower, &door);
    assert_eq!(door.lake.expired(), Some(present - day * 366), "it is looked again tomorrow");
    door.wait(day);
    look(&mut follower, &door);
    assert_eq!(door.lake.expired(), Some(present - day * 2000));
}

#[test]
fn insights_that_only_a_store_looks_for_are_found_kept_and_told_to_nobody() {
    let plan = sim::Plan::demo(7);
    for is_looked_for in [false, true] {
        let mut door = door_with_trail(moment(plan.start + DAY));
        let none = json!({ "TrailName": "my-trail", "InsightSelectors": [] });
        crate::cloudtrail::told(&door, "PutInsightSelectors", none);
        if is_looked_for {
            let of_insights = json!([{ "FieldSelectors": [{ "Field": "eventCategory", "Equals": ["Insight"] }] }]);
            for input in [
                json!({ "Name": "source", "OrganizationEnabled": true }),
                json!({ "Name": "destination", "AdvancedEventSelectors": of_insights }),
            ] {
                crate::event_data_stores::made(&door, input);
            }
            let put = json!({ "EventDataStore": "source", "InsightsDestination": "destination",
                "InsightSelectors": [{ "InsightType": "ApiCallRateInsight" }, { "InsightType": "ApiErrorRateInsight" }] });
            crate::cloudtrail::told(&door, "PutInsightSelectors", put);
        }
        let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
        live_through(&mut door, &mut pipeline, &plan);
        ripen(&mut door);
        look(&mut Follower::default(), &door);
        assert_eq!(!door.lake.kept_insights().is_empty(), is_looked_for);
        assert_eq!(door.store.read(|r| r.unsent_insight_events(10)).expect("it reads"), []);
        assert!(door.outbox.take().is_empty());
    }
}

/// The buckets of a door, but for one object; they fail as they are told.
struct Failing {
    objects: Vec<(String, Vec<u8>)>,
    fault: Arc<Mutex<Option<BucketError>>>,
}

impl Failing {
    fn without(gone: &str, door: &Door) -> Failing {
        let keys = door.buckets().list(BUCKET, "", "", 1000).expect("it lists");
        let objects = keys.into_iter().filter(|(key, _)| key != gone);
        let object = |(key, _): (String, u64)| (key.clone(), door.object(BUCKET, &key).expect("it is there"));
        Failing { objects: objects.map(object).collect(), fault: Arc::default() }
    }
}

impl Buckets for Failing {
    fn exists(&self, _: &str) -> Result<bool, BucketError> {
        Ok(true)
    }

    fn get(&self, _: &str, key: &str, _: u64) -> Result<Vec<u8>, BucketError> {
        if let Some(fault) = &*self.fault.lock().expect("nobody panics with it") {
            return Err(fault.clone());
        }
        let found = self.objects.iter().find(|(of, _)| of == key);
        found.map(|(_, bytes)| bytes.clone()).ok_or_else(|| BucketError::NoObject(key.into()))
    }

    fn put_with(&self, bucket: &str, _: &str, _: &[u8], _: &[(&str, &str)]) -> Result<(), BucketError> {
        Err(BucketError::NoBucket(bucket.into()))
    }

    fn list(&self, _: &str, _: &str, _: &str, _: usize) -> Result<Vec<(String, u64)>, BucketError> {
        Ok(Vec::new())
    }

    fn folders(&self, _: &str, _: &str) -> Result<Vec<String>, BucketError> {
        Ok(Vec::new())
    }
}
