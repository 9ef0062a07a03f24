//! An account whose log files lie in two places, of which one is read later: each record is counted once.

use std::sync::{Arc, Mutex};

use detect::engine::Settings;
use jiff::SignedDuration;
use record::time::{DAY, Minutes};
use serde_json::json;
use server::pipeline::Pipeline;
use server::world::{BucketError, Buckets};

use crate::door::{Door, Held};
use crate::pipeline::{ask, door_with_trail, moment};

/// Files that were counted days ago, so that the ids in them are forgotten; and what a second trail reads.
struct Later {
    door: Door,
    keys: Vec<String>,
    counted: u64,
}

impl Later {
    fn new() -> Later {
        Later::counted_by_a_clock_ahead(SignedDuration::ZERO)
    }

    fn counted_by_a_clock_ahead(ahead: SignedDuration) -> Later {
        let plan = sim::Plan::demo(7);
        let mut door = door_with_trail(moment(plan.start));
        let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
        door.now = moment(plan.start + Minutes(120)) + ahead;
        let files: Vec<(String, Vec<u8>)> = sim::texts(&plan).take(20).collect();
        let put = |door: &Door, bucket: &str, (key, text): &(String, Vec<u8>)| {
            door.buckets().put(bucket, key, text).expect("there is room");
            (bucket.to_owned(), key.clone())
        };
        let objects: Vec<_> = files.iter().map(|file| put(&door, "my-trail-logs", file)).collect();
        let counted = pipeline.step(&door.delivering(), &objects).expect("it goes on").batches[0].counted;
        // Five days on, by the newest log file.
        let day_5 = plan.start + Minutes(5 * DAY.0);
        door.now = moment(day_5 + Minutes(600));
        let is_later = |key: &str| record::log_key::LogKey::of_path(key).is_some_and(|told| told.time >= day_5);
        let later = sim::texts(&plan).find(|(key, _)| is_later(key)).expect("there are ten days");
        let later = put(&door, "my-trail-logs", &later);
        pipeline.step(&door.delivering(), &[later]).expect("it goes on");
        server::upkeep::upkeep(&door.store, door.now).expect("it forgets what is old");

        ask(
            &door,
            "CreateTrail",
            json!({ "Name": "other-trail", "S3BucketName": "other-logs", "IsMultiRegionTrail": true, "IsOrganizationTrail": true }),
        );
        ask(&door, "StartLogging", json!({ "Name": "other-trail" }));
        for file in &files {
            put(&door, "other-logs", file);
        }
        Later { door, keys: files.into_iter().map(|(key, _)| key).collect(), counted }
    }

    /// Records that are counted of what lies in the second place, copies, and files that are set aside.
    fn read(&self) -> (u64, u64, u64) {
        let mut pipeline = Pipeline::open(&self.door.delivering(), Settings::default()).expect("it opens");
        let missed = pipeline.missed(&self.door.delivering()).expect("it lists");
        let refused = || self.door.store.read(|r| r.ledger_counts()).expect("it reads").refused;
        let before = refused();
        let batches = pipeline.count(&self.door.delivering(), &missed).expect("it goes on");
        // Nothing is found anew, from the oldest day on neither.
        let mut opened_again = Pipeline::open(&self.door.delivering(), Settings::default()).expect("it opens");
        for pipeline in [&mut pipeline, &mut opened_again] {
            assert_eq!(pipeline.missed(&self.door.delivering()).expect("it lists"), []);
        }
        let of = |what: fn(&server::ingest::Ingested) -> u64| batches.iter().map(what).sum();
        (of(|batch| batch.counted), of(|batch| batch.duplicates), refused() - before)
    }
}

#[test]
fn what_was_counted_long_since_is_not_counted_again_from_a_second_place() {
    let later = Later::new();
    let (counted, duplicates, refused) = later.read();
    assert!(later.counted > 0 && duplicates >= later.counted, "{duplicates} of {}", later.counted);
    assert_eq!((counted, refused), (0, 0));
}

#[test]
fn what_lies_only_in_the_second_place_is_counted() {
    let later = Later::new();
    let key = later.keys[0].replace(".json.gz", "only.json.gz");
    let text = later.door.object("other-logs", &later.keys[0]).expect("it is there");
    let text = String::from_utf8(text.to_vec()).expect("sim writes JSON");
    let other = text.replace("\"eventID\":\"", "\"eventID\":\"f");
    assert_ne!(text, other);
    later.door.buckets().put("other-logs", &key, other.as_bytes()).expect("there is room");
    let (counted, _, refused) = later.read();
    assert!(counted > 0 && refused == 0, "{counted} {refused}");
}

#[test]
fn what_may_have_been_counted_from_a_place_that_is_gone_is_set_aside() {
    let later = Later::new();
    later.door.objects.lock().expect("nobody panics with it").retain(|(bucket, _), _| bucket != "my-trail-logs");
    assert_eq!(later.read(), (0, 0, later.keys.len() as u64));
}

#[test]
fn what_was_counted_while_the_clock_ran_ahead_is_not_counted_again_either() {
    let later = Later::counted_by_a_clock_ahead(SignedDuration::from_hours(80 * 24));
    let (counted, duplicates, _) = later.read();
    assert!(later.counted > 0 && duplicates >= later.counted, "{duplicates} of {}", later.counted);
    assert_eq!(counted, 0);
}

#[test]
fn what_was_recalled_is_recalled_once_more_where_it_was_forgotten_by_a_clock_that_was_turned_back() {
    let mut later = Later::new();
    let mut pipeline = Pipeline::open(&later.door.delivering(), Settings::default()).expect("it opens");
    let missed = pipeline.missed(&later.door.delivering()).expect("it lists");
    let (first, rest) = missed.split_at(missed.len() / 2);
    let count = |pipeline: &mut Pipeline, door: &Door, objects: &[_]| -> u64 {
        pipeline.count(&door.delivering(), objects).expect("it goes on").iter().map(|batch| batch.counted).sum()
    };
    assert_eq!(count(&mut pipeline, &later.door, first), 0);
    later.door.now -= SignedDuration::from_hours(1);
    server::upkeep::upkeep(&later.door.store, later.door.now).expect("it forgets what is old");
    assert_eq!(count(&mut pipeline, &later.door, rest), 0);
}

/// Buckets of which the first trail's may be closed to us; and how often an object of that was asked for.
struct Closing {
    held: Held,
    closed: Closed,
}

/// Why it is, how often it was asked, and what stands in the keys that it does not give.
type Closed = Arc<Mutex<(Option<BucketError>, usize, String)>>;

impl Buckets for Closing {
    fn exists(&self, bucket: &str) -> Result<bool, BucketError> {
        self.held.exists(bucket)
    }

    fn get(&self, bucket: &str, key: &str, most_bytes: u64) -> Result<Vec<u8>, BucketError> {
        if bucket == "my-trail-logs" {
            let (closed, asked, part) = &mut *self.closed.lock().expect("nobody panics with it");
            *asked += 1;
            if let Some(error) = closed.as_ref().filter(|_| key.contains(&**part)) {
                return Err(error.clone());
            }
        }
        self.held.get(bucket, key, most_bytes)
    }

    fn put_with(&self, bucket: &str, key: &str, bytes: &[u8], about: &[(&str, &str)]) -> Result<(), BucketError> {
        self.held.put_with(bucket, key, bytes, about)
    }

    fn list(&self, bucket: &str, prefix: &str, after: &str, limit: usize) -> Result<Vec<(String, u64)>, BucketError> {
        self.held.list(bucket, prefix, after, limit)
    }

    fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, BucketError> {
        self.held.folders(bucket, prefix)
    }
}

fn closing(later: &mut Later) -> Closed {
    let closed = Closed::new(Mutex::new((Some(BucketError::Denied("not for you".into())), 0, String::new())));
    let held = Held { objects: Arc::clone(&later.door.objects), ..Held::default() };
    later.door.world_mut().buckets = Box::new(Closing { held, closed: Arc::clone(&closed) });
    closed
}

/// Lists and counts, as is done every five minutes. How many files were tried, and how many records counted.
fn look(later: &mut Later, pipeline: &mut Pipeline) -> (usize, u64) {
    later.door.now += SignedDuration::from_mins(5);
    let missed = pipeline.missed(&later.door.delivering()).expect("it lists");
    let batches = pipeline.count(&later.door.delivering(), &missed).expect("it goes on");
    (missed.len(), batches.iter().map(|batch| batch.counted).sum())
}

#[test]
fn files_wait_for_a_place_that_is_closed_and_it_is_told_for_whom_and_it_is_asked_by_the_few() {
    let mut later = Later::new();
    let files = later.keys.len();
    let closed = closing(&mut later);
    closed.lock().expect("nobody panics with it").0 = Some(BucketError::Other("no answer".into()));
    let asked = || std::mem::take(&mut closed.lock().expect("nobody panics with it").1);
    let mut pipeline = Pipeline::open(&later.door.delivering(), Settings::default()).expect("it opens");
    assert_eq!(look(&mut later, &mut pipeline), (files, 0));
    let since = later.door.now.as_second();
    let told = pipeline.held_up();
    assert_eq!(told.len(), 1);
    let of = (told[0].bucket.as_str(), told[0].waits_for.as_str(), told[0].files, told[0].since);
    assert_eq!(of, ("other-logs", "my-trail-logs", files as u64, since));
    assert_eq!((told[0].code, told[0].text.as_str()), ("InternalError", "no answer"));
    assert!(asked() > 0);
    // A few of all, whichever account-Region they are of.
    let (tried, counted) = look(&mut later, &mut pipeline);
    assert!(tried > 0 && tried < files && counted == 0, "{tried} of {files}");
    assert!(asked() <= files);
    assert_eq!(pipeline.held_up(), told, "since the first time, and all of them");
    // It is opened: first the few are read, then all.
    closed.lock().expect("nobody panics with it").0 = None;
    look(&mut later, &mut pipeline);
    look(&mut later, &mut pipeline);
    assert_eq!(pipeline.held_up(), []);
    assert_eq!(look(&mut later, &mut pipeline), (0, 0));
    let ledger = later.door.store.read(|r| r.ledger_counts()).expect("it reads");
    assert_eq!((ledger.counted, ledger.refused), (2 * files as u64 + 1, 0));
}

#[test]
fn files_of_a_region_whose_others_are_closed_hold_up_no_other_region() {
    let mut later = Later::new();
    let closed = closing(&mut later);
    let region = |key: &String| key.split('/').nth(3).expect("it has a Region").to_owned();
    let first = later.keys.iter().map(region).min().expect("there are files");
    let of_first = later.keys.iter().filter(|key| region(key) == first).count();
    assert!(of_first > 0 && of_first < later.keys.len(), "{of_first} of {}", later.keys.len());
    closed.lock().expect("nobody panics with it").2 = format!("/{first}/");
    let mut pipeline = Pipeline::open(&later.door.delivering(), Settings::default()).expect("it opens");
    for _ in 0..3 {
        look(&mut later, &mut pipeline);
        assert_eq!(pipeline.held_up()[0].files, of_first as u64);
    }
    let ledger = later.door.store.read(|r| r.ledger_counts()).expect("it reads");
    assert_eq!(ledger.counted, (2 * later.keys.len() + 1 - of_first) as u64);
}

#[test]
fn files_that_waited_for_a_place_that_is_gone_at_last_are_set_aside() {
    let mut later = Later::new();
    let closed = closing(&mut later);
    let mut pipeline = Pipeline::open(&later.door.delivering(), Settings::default()).expect("it opens");
    look(&mut later, &mut pipeline);
    // Who waits for it on starts again, and waits again.
    pipeline = Pipeline::open(&later.door.delivering(), Settings::default()).expect("it opens");
    look(&mut later, &mut pipeline);
    assert_eq!(pipeline.held_up()[0].files, later.keys.len() as u64);
    closed.lock().expect("nobody panics with it").0 = Some(BucketError::NoBucket("my-trail-logs".into()));
    look(&mut later, &mut pipeline);
    look(&mut later, &mut pipeline);
    assert_eq!(pipeline.held_up(), []);
    let ledger = later.door.store.read(|r| r.ledger_counts()).expect("it reads");
    assert_eq!(ledger.refused, later.keys.len() as u64);
}
