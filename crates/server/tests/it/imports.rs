//! Imports: a bucket's history comes into the lake once, whatever is counted besides, and whoever dies meanwhile.

use detect::engine::Settings;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::pipeline::Pipeline;
use server::work::Follower;
use server::world::lake::LakeFault;

use crate::cloudtrail::{code, told};
use crate::door::Door;
use crate::lake_follower;

const BUCKET: &str = "history";
/// That of the trail which the follower's tests have.
const TRAIL_BUCKET: &str = "my-trail-logs";

/// A log file of this day of January 2026, with one record.
fn put(door: &Door, day: u32, body: &[u8]) -> String {
    let key = format!(
        "old/AWSLogs/111122223333/CloudTrail/us-east-1/2026/01/{day:02}/\
         111122223333_CloudTrail_us-east-1_202601{day:02}T0005Z_aaaaaaaaaaaaaaaa.json.gz"
    );
    door.buckets().put(BUCKET, &key, body).expect("there is room");
    key
}

fn record(day: u32) -> Vec<u8> {
    json!({ "Records": [{
        "eventVersion": "1.11", "eventID": format!("{day}"), "eventTime": format!("2026-01-{day:02}T00:01:00Z"),
        "eventSource": "s3.amazonaws.com", "eventName": "CreateBucket", "awsRegion": "us-east-1",
        "recipientAccountId": "111122223333", "userIdentity": { "type": "Root" },
    }]})
    .to_string()
    .into_bytes()
}

/// A door with a bucket, and a store that takes nothing in by itself.
fn door() -> (Door, String) {
    let door = Door::default();
    let made = told(&door, "CreateEventDataStore", json!({ "Name": "history", "StartIngestion": false }));
    (door, made["EventDataStoreArn"].as_str().expect("it is told").to_owned())
}

fn asked(store: &str) -> Value {
    let source = json!({ "S3LocationUri": format!("s3://{BUCKET}/old/"), "S3BucketRegion": "us-east-1",
        "S3BucketAccessRoleArn": "arn:aws:iam::123456789012:role/import" });
    json!({ "Destinations": [store], "ImportSource": { "S3": source } })
}

fn go_on(door: &Door) {
    while Follower::default().look(&door.delivering()).expect("it goes well") {}
}

fn get(door: &Door, started: &Value) -> Value {
    told(door, "GetImport", json!({ "ImportId": started["ImportId"] }))
}

#[test]
fn what_lies_in_the_bucket_is_brought_in_and_counted_up() {
    let (door, store) = door();
    let keys: Vec<String> = (1..=4).map(|day| put(&door, day, &record(day))).collect();
    door.buckets().put(BUCKET, "old/AWSLogs/readme.txt", b"no log file").expect("there is room");
    let mut input = asked(&store);
    input["StartEventTime"] = json!("2026-01-02T00:00:00Z");
    let started = told(&door, "StartImport", input);
    assert_eq!(started["ImportStatus"], "INITIALIZING");
    assert_eq!(code(&door, "StartImport", asked(&store)), "AccountHasOngoingImportException");
    told(&door, "UpdateEventDataStore", json!({ "EventDataStore": store, "TerminationProtectionEnabled": false }));
    let delete = json!({ "EventDataStore": store });
    assert_eq!(code(&door, "DeleteEventDataStore", delete.clone()), "EventDataStoreHasOngoingImportException");
    go_on(&door);
    assert_eq!(door.lake.kept_keys().1, keys[1..], "not what is older than was asked for");
    let told_now = get(&door, &started);
    assert_eq!(told_now["ImportStatus"], "COMPLETED");
    let statistics = json!({ "PrefixesFound": 3, "PrefixesCompleted": 3, "FilesCompleted": 3, "EventsCompleted": 3, "FailedEntries": 0 });
    assert_eq!(told_now["ImportStatistics"], statistics);
    let listed = told(&door, "ListImports", json!({ "Destination": store, "ImportStatus": "COMPLETED" }));
    assert_eq!(listed["Imports"][0]["ImportId"], started["ImportId"]);
    told(&door, "DeleteEventDataStore", delete);
}

#[test]
fn a_part_that_was_begun_is_the_same_when_it_is_done_again() {
    let (door, store) = door();
    put(&door, 3, &record(3));
    let started = told(&door, "StartImport", asked(&store));
    door.lake.keeping_fails(Some(LakeFault::Other("the disk is full".into())));
    assert!(Follower::default().look(&door.delivering()).is_err());
    // Comes before what was begun with, and behind it.
    put(&door, 4, &record(4));
    door.lake.keeping_fails(None);
    go_on(&door);
    assert_eq!(get(&door, &started)["ImportStatistics"]["FilesCompleted"], 2);
    let keys = door.lake.kept_keys().1;
    assert_eq!((keys.len(), door.lake.keepings()), (2, 2), "{keys:?}");
}

#[test]
fn what_is_counted_before_or_after_is_kept_once() {
    let (mut door, counted) = lake_follower::counted(2);
    let (key, text) = sim::texts(&sim::Plan::demo(7)).nth(2).expect("there are more");
    door.buckets().put(TRAIL_BUCKET, &key, &text).expect("there is room");
    let mut input = asked("events");
    input["ImportSource"]["S3"]["S3LocationUri"] = json!(format!("s3://{TRAIL_BUCKET}/"));
    let started = told(&door, "StartImport", input);
    go_on(&door);
    assert_eq!(get(&door, &started)["ImportStatistics"]["FilesCompleted"], 3);
    assert_eq!(door.lake.kept_keys().1, [key.as_str()], "what is counted is the follower's");
    let mut pipeline = Pipeline::open(&door.delivering(), Settings::default()).expect("it opens");
    pipeline.count(&door.delivering(), &[(TRAIL_BUCKET.to_owned(), key.clone())]).expect("it counts");
    lake_follower::ripen(&mut door);
    go_on(&door);
    assert_eq!(door.lake.kept_keys().1, [key.as_str(), &*counted[0], &*counted[1]]);
    assert_eq!(door.store.read(|r| r.newest_batch()).expect("it reads"), 3);
}

#[test]
fn what_cannot_be_read_is_told_and_can_be_tried_again() {
    let (mut door, store) = door();
    put(&door, 1, &record(1));
    let broken = put(&door, 2, b"no JSON");
    let started = told(&door, "StartImport", asked(&store));
    go_on(&door);
    let now = get(&door, &started);
    assert_eq!((&now["ImportStatus"], &now["ImportStatistics"]["FailedEntries"]), (&json!("FAILED"), &json!(1)));
    let id = json!({ "ImportId": started["ImportId"] });
    let failures = told(&door, "ListImportFailures", id.clone());
    assert_eq!(failures["Failures"][0]["Location"], format!("s3://{BUCKET}/{broken}"));
    put(&door, 2, &record(2));
    door.wait(SignedDuration::from_secs(60));
    told(&door, "StartImport", id.clone());
    go_on(&door);
    assert_eq!(get(&door, &started)["ImportStatus"], "COMPLETED");
    assert_eq!(told(&door, "ListImportFailures", id), json!({ "Failures": [] }));
}

#[test]
fn a_stopped_import_brings_in_nothing_more() {
    let (door, store) = door();
    put(&door, 1, &record(1));
    let started = told(&door, "StartImport", asked(&store));
    let id = json!({ "ImportId": started["ImportId"] });
    assert_eq!(told(&door, "StopImport", id.clone())["ImportStatus"], "STOPPED");
    assert_eq!(code(&door, "StopImport", id), "InvalidParameterException");
    go_on(&door);
    assert_eq!(door.lake.kept_keys().1, Vec::<String>::new());
}

#[test]
fn imports_that_cannot_be_are_refused() {
    let (door, store) = door();
    let mut nowhere = asked(&store);
    nowhere["ImportSource"]["S3"]["S3LocationUri"] = json!("https://example.com/logs/");
    let mut both = asked(&store);
    both["ImportId"] = json!("01234567-0123-0123-0123-0123456789ab");
    let mut backwards = asked(&store);
    (backwards["StartEventTime"], backwards["EndEventTime"]) =
        (json!("2026-01-02T00:00:00Z"), json!("2026-01-01T00:00:00Z"));
    for (input, expected) in [
        (nowhere, "InvalidImportSourceException"),
        (both, "InvalidParameterException"),
        (backwards, "InvalidParameterException"),
        (json!({}), "InvalidParameterException"),
        (json!({ "ImportId": "01234567-0123-0123-0123-0123456789ab" }), "ImportNotFoundException"),
        (asked("insights"), "InvalidEventDataStoreCategoryException"),
    ] {
        assert_eq!(code(&door, "StartImport", input.clone()), expected, "{input}");
    }
}

#[test]
fn a_record_of_an_impossible_time_is_brought_in_no_more_than_it_is_counted() {
    let (door, store) = door();
    let late = String::from_utf8(record(1)).expect("it is text").replace("2026-01-01T00:01", "2026-01-02T00:01");
    put(&door, 1, format!("{late}\n{}", String::from_utf8(record(1)).expect("it is text")).as_bytes());
    let started = told(&door, "StartImport", asked(&store));
    go_on(&door);
    assert_eq!(get(&door, &started)["ImportStatistics"]["EventsCompleted"], 1);
    assert_eq!(door.lake.left_out(), [1]);
}

/// What is kept of an import.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct KeptImport(Value);

impl store::Resource for KeptImport {
    const KIND: &'static str = "import";
}

#[test]
fn what_is_older_than_the_store_keeps_events_is_passed_over_and_counted() {
    let door = Door::default();
    let made = told(&door, "CreateEventDataStore", json!({ "Name": "short", "RetentionPeriod": 30 }));
    let keys: Vec<String> = (1..=31).map(|day| put(&door, day, &record(day))).collect();
    let mut input = asked(made["EventDataStoreArn"].as_str().expect("it is told"));
    input["StartEventTime"] = json!("2026-01-03T00:00:00Z");
    let started = told(&door, "StartImport", input);
    go_on(&door);
    // It is the afternoon of the 12th of February: 30 days reach back to the 13th of January, and what is older than was asked for is none of it.
    assert_eq!(door.lake.kept_keys().1, keys[13..]);
    assert_eq!(get(&door, &started)["ImportStatus"], "COMPLETED");
    let kept = door.store.read(|r| r.list::<KeptImport>(&store::List::default())).expect("it reads");
    assert_eq!(kept[0].value.0["too_old"], 11);
}
