//! Of what is told of a log file no more is held than a piece: the rest is told piece by piece, in the same transaction.

use std::collections::BTreeSet;

use record::time::Minutes;
use serde_json::{Value, json};
use server::pipeline::{ObjectName, Pipeline};
use store::deliveries::DeliveryList;
use store::log_events::LogEventList;
use store::log_groups::LogGroupName;

use super::{FIRST, door_with_log_group, hour, open, uuid};
use crate::door::Door;
use crate::pipeline::moment;

fn put(door: &Door, (key, text): (String, String)) -> ObjectName {
    door.buckets().put("logs", &key, text.as_bytes()).expect("there is room");
    ("logs".to_owned(), key)
}

fn step(door: &Door, pipeline: &mut Pipeline, file: ObjectName) -> u64 {
    let step = pipeline.step(&door.delivering(), &[file]).expect("it goes on");
    step.batches.iter().map(|batch| batch.counted).sum()
}

/// A log file of an hour, with one large record more for each of these numbers.
fn with_large_ones(number: i32, large: std::ops::Range<usize>) -> (String, String) {
    let (key, text) = hour("us-east-1", number, &[]);
    let mut file: Value = serde_json::from_str(&text).expect("it is JSON");
    let records = file["Records"].as_array_mut().expect("it has some");
    let any = records[0].clone();
    records.extend(large.map(|number| {
        let mut record = any.clone();
        record["eventID"] = uuid("large", FIRST, "large", number).into();
        record["eventTime"] = format!("{:.0}", moment(FIRST)).into();
        record["requestParameters"] = json!({ "text": "x".repeat(80_000) });
        record
    }));
    (key, file.to_string())
}

#[test]
fn a_log_file_of_which_more_is_told_than_is_held_is_told_whole_and_once() {
    let mut door = door_with_log_group();
    let rule = json!({ "Name": "all", "EventPattern": r#"{"source": [{"prefix": ""}]}"#, "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" });
    assert_eq!(door.json("AWSEvents.PutRule", rule).status, 200);
    let target =
        |id: usize| json!({ "Id": id.to_string(), "Arn": format!("arn:aws:sqs:us-east-1:123456789012:q{id}") });
    let targets: Vec<Value> = (0..5).map(target).collect();
    assert_eq!(door.json("AWSEvents.PutTargets", json!({ "Rule": "all", "Targets": targets })).status, 200);
    let mut pipeline = open(&door);
    door.now = moment(FIRST + Minutes(120));
    // Some of them come twice, in this file too: 40 MB for the targets, where 16 are held.
    let first = put(&door, with_large_ones(0, 0..10));
    let (key, text) = with_large_ones(1, 0..100);
    let cut = text.rfind("]}").expect("it has an end");
    let again = with_large_ones(1, 90..100).1;
    let text = format!("{},{}", &text[..cut], again.strip_prefix("{\"Records\":[").expect("it begins so"));
    let second = put(&door, (key, text));
    let all: u64 = [first, second].into_iter().map(|file| step(&door, &mut pipeline, file)).sum();

    let deliveries = door.store.read(|r| r.deliveries(&DeliveryList::default(), 10_000)).expect("it is read");
    let told: BTreeSet<(String, String)> = deliveries
        .iter()
        .map(|delivery| {
            let payload: Value = serde_json::from_slice(&delivery.payload).expect("it is ours");
            let event: Value = serde_json::from_str(payload["text"].as_str().expect("it is told")).expect("an event");
            (delivery.target.clone(), event["id"].as_str().expect("it has one").to_owned())
        })
        .collect();
    assert_eq!((told.len(), deliveries.len()), (5 * all as usize, 5 * all as usize));
    let group = LogGroupName { account: "123456789012".into(), region: "us-east-1".into(), group: "trail".into() };
    let logged = door.store.read(|r| r.log_events(&group, &LogEventList::default(), 10_000)).expect("it is read");
    assert_eq!(logged.len(), all as usize);
    assert!(all > 100);
}
