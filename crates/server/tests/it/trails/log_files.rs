//! Which log files are read, whose they are, and what a trail's status says of them.

use record::time::{DAY, Minutes};
use serde_json::{Value, json};
use server::metrics::Form;
use server::pipeline::{ObjectName, Pipeline};
use server::world::{BucketError, Buckets};
use store::log_files::LogFileState;

use super::{
    ACCOUNT, ALL, FIRST, HOURS, ROLES, door, door_with_log_group, hour, live, logged, looked_up, names, open, tag,
    told, trail,
};
use crate::door::Door;
use crate::pipeline::{ask, moment, with_mail};

/// An account that a key names, and no record.
const KEY_ACCOUNT: &str = "444455556666";

fn put(door: &Door, bucket: &str, (key, text): (String, String)) -> ObjectName {
    door.buckets().put(bucket, &key, text.as_bytes()).expect("there is room");
    (bucket.to_owned(), key)
}

fn step(door: &Door, pipeline: &mut Pipeline, objects: &[ObjectName]) -> u64 {
    let step = pipeline.step(&door.delivering(), objects).expect("it goes on");
    step.batches.iter().map(|batch| batch.counted).sum()
}

/// A log file whose key names another account than its records.
fn under_another_account(number: i32, bursts: &[(&str, &str, bool)]) -> (String, String) {
    let (key, text) = hour("us-east-1", number, bursts);
    (key.replace(ACCOUNT, KEY_ACCOUNT), text)
}

#[test]
fn a_trail_is_credited_with_the_log_files_that_it_reads() {
    let mut door = door();
    for name in ["stopped", "here-only"] {
        trail(&door, name, json!({ "IsMultiRegionTrail": name == "stopped" }));
    }
    ask(&door, "StopLogging", json!({ "Name": "stopped" }));
    let mut pipeline = open(&door);
    door.now = moment(FIRST + Minutes(60));
    let objects = [put(&door, "logs", hour("eu-west-1", 0, &[]))];
    assert!(step(&door, &mut pipeline, &objects) > 0);
    let credited = |door: &Door, name: &str| {
        let status = door.json("CloudTrail_20131101.GetTrailStatus", json!({ "Name": name })).json();
        status.get("LatestDeliveryTime").is_some()
    };
    let all = |door: &Door| ["my-trail", "stopped", "here-only"].map(|name| credited(door, name));
    assert_eq!(all(&door), [true, false, false]);
    live(&mut door, &mut pipeline, 1..2, &[]);
    assert_eq!(all(&door), [true, false, true]);
}

#[test]
fn log_files_of_the_same_key_are_missed_in_each_bucket() {
    let mut door = door();
    trail(&door, "other", json!({ "S3BucketName": "other-logs" }));
    let mut pipeline = open(&door);
    let put = ["logs", "other-logs"].map(|bucket| put(&door, bucket, hour("us-east-1", 0, &[])));
    door.now = moment(FIRST + Minutes(60));
    assert_eq!(pipeline.missed(&door.delivering()).expect("it lists"), put);
}

/// Buckets that none can be listed of, for this reason.
struct Closed(BucketError);

impl Buckets for Closed {
    fn exists(&self, _: &str) -> Result<bool, BucketError> {
        Ok(false)
    }

    fn get(&self, _: &str, _: &str, _: u64) -> Result<Vec<u8>, BucketError> {
        Err(self.0.clone())
    }

    fn put_with(&self, _: &str, _: &str, _: &[u8], _: &[(&str, &str)]) -> Result<(), BucketError> {
        Err(self.0.clone())
    }

    fn list(&self, _: &str, _: &str, _: &str, _: usize) -> Result<Vec<(String, u64)>, BucketError> {
        Err(self.0.clone())
    }

    fn folders(&self, _: &str, _: &str) -> Result<Vec<String>, BucketError> {
        Err(self.0.clone())
    }
}

/// What is kept of a trail's status.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct KeptStatus(Value);

impl store::Resource for KeptStatus {
    const KIND: &'static str = "trail-status";
}

#[test]
fn a_bucket_that_cannot_be_listed_is_told_in_the_status_until_it_can_be() {
    let mut door = door();
    trail(&door, "switched-off", json!({}));
    ask(&door, "StopLogging", json!({ "Name": "switched-off" }));
    let mut pipeline = open(&door);
    let told = |door: &Door, name: &str| {
        let status = door.json("CloudTrail_20131101.GetTrailStatus", json!({ "Name": name })).json();
        status["LatestDeliveryError"].as_str().map(str::to_owned)
    };
    let written = |door: &Door| -> Vec<_> {
        let kept = door.store.read(|r| r.list::<KeptStatus>(&store::List::default())).expect("it reads");
        kept.into_iter().map(|kept| kept.changed_at).collect()
    };
    // An Insight file could not be delivered.
    door.world_mut().buckets = Box::new(Closed(BucketError::Other("it is slow".into())));
    server::test_insight::send_test(&door.delivering(), Some("my-trail")).expect("it is sent");
    door.deliver();
    assert_eq!(told(&door, "my-trail").as_deref(), Some("InternalError"));

    let mut list = |door: &mut Door, buckets: Box<dyn Buckets>| {
        door.now += jiff::SignedDuration::from_mins(5);
        door.world_mut().buckets = buckets;
        pipeline.missed(&door.delivering()).expect("it goes on");
    };
    let closed = |error: BucketError| Box::new(Closed(error));
    list(&mut door, closed(BucketError::NoBucket("logs".into())));
    assert_eq!(told(&door, "my-trail").as_deref(), Some("NoSuchBucket"));
    assert_eq!(told(&door, "switched-off"), None);
    let before = written(&door);
    list(&mut door, closed(BucketError::NoBucket("logs, and it is said otherwise".into())));
    assert_eq!(written(&door), before, "nothing has changed");
    list(&mut door, closed(BucketError::Denied("no".into())));
    assert_eq!(told(&door, "my-trail").as_deref(), Some("AccessDenied"));
    // Where it can be listed again, the file that could not be delivered is still none that was.
    list(&mut door, Box::<crate::door::Held>::default());
    assert_eq!(told(&door, "my-trail").as_deref(), Some("InternalError"));
    let before = written(&door);
    list(&mut door, Box::<crate::door::Held>::default());
    assert_eq!(written(&door), before, "nothing has changed");

    // Another bucket is another matter.
    list(&mut door, closed(BucketError::Denied("no".into())));
    door.world_mut().buckets = Box::<crate::door::Held>::default();
    ask(&door, "UpdateTrail", json!({ "Name": "my-trail", "S3BucketName": "other-logs" }));
    assert_eq!(told(&door, "my-trail").as_deref(), Some("InternalError"));
}

/// A bucket with one object that nobody can have room for.
struct Endless(String);

impl Endless {
    const BYTES: u64 = 1 << 50;
}

impl Buckets for Endless {
    fn exists(&self, _: &str) -> Result<bool, BucketError> {
        Ok(true)
    }

    fn get(&self, _: &str, _: &str, most_bytes: u64) -> Result<Vec<u8>, BucketError> {
        assert!(most_bytes <= 256 << 20, "it would be fetched");
        Err(BucketError::TooLarge { bytes: Endless::BYTES })
    }

    fn put_with(&self, bucket: &str, _: &str, _: &[u8], _: &[(&str, &str)]) -> Result<(), BucketError> {
        Err(BucketError::NoBucket(bucket.into()))
    }

    fn list(&self, _: &str, _: &str, after: &str, _: usize) -> Result<Vec<(String, u64)>, BucketError> {
        Ok(Vec::from_iter(Some((self.0.clone(), Endless::BYTES)).filter(|(key, _)| &**key > after)))
    }

    fn folders(&self, _: &str, prefix: &str) -> Result<Vec<String>, BucketError> {
        let below = self.0.strip_prefix(prefix).and_then(|rest| rest.split_once('/'));
        Ok(Vec::from_iter(below.map(|(folder, _)| format!("{prefix}{folder}/"))))
    }
}

#[test]
fn a_log_file_that_is_too_large_is_not_fetched_and_set_aside_with_its_reason() {
    let mut door = door();
    let (key, _) = hour("us-east-1", 0, &[]);
    let mut pipeline = open(&door);
    door.world_mut().buckets = Box::new(Endless(key.clone()));
    door.now = moment(FIRST + Minutes(60));
    let missed = pipeline.missed(&door.delivering()).expect("it lists");
    assert_eq!(missed, [("logs".to_owned(), key.clone())]);
    assert_eq!(step(&door, &mut pipeline, &missed), 0);
    let line = door.store.read(|r| r.log_file("logs", &key)).expect("it reads").expect("it is in the ledger");
    let LogFileState::Refused { reason } = line.state else { panic!("{line:?}") };
    assert!(line.file.size == Endless::BYTES && reason.contains("268435456"), "{reason}");
    // Of that size it is not asked for again.
    assert_eq!(pipeline.missed(&door.delivering()).expect("it lists"), []);
    let text = door.into_front_door().metrics_text(Form::Prometheus);
    for told in ["trailsight_log_files_refused_total{reason=\"too large\"} 1\n", "trailsight_log_file_bytes_total 0\n"]
    {
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn log_files_that_are_too_old_are_left_out_and_counted_as_such() {
    let mut door = door();
    let mut pipeline = open(&door);
    door.now = moment(FIRST + Minutes(60) + Minutes(90 * DAY.0));
    let at_the_limit = put(&door, "logs", hour("us-east-1", 0, &[]));
    assert_eq!(pipeline.missed(&door.delivering()).expect("it lists"), std::slice::from_ref(&at_the_limit));
    assert_eq!(pipeline.too_old(), 0);
    door.now = moment(FIRST + Minutes(61) + Minutes(90 * DAY.0));
    let second = put(&door, "logs", hour("us-east-1", 1, &[]));
    let mut pipeline = open(&door);
    assert_eq!(pipeline.missed(&door.delivering()).expect("it lists"), std::slice::from_ref(&second));
    assert_eq!(pipeline.too_old(), 1);
    // What is put meanwhile is known at once, and once.
    let (key, text) = hour("us-east-1", 0, &[]);
    let another = put(&door, "logs", (key.replace("_0000", "_1000"), text));
    assert!(step(&door, &mut pipeline, &[another, second]) > 0);
    assert_eq!(pipeline.too_old(), 2);
    assert!(pipeline.missed(&door.delivering()).expect("it lists").is_empty());
    assert_eq!(pipeline.too_old(), 2);
}

#[test]
fn a_bucket_is_looked_through_from_the_oldest_day_on_once_a_day_and_else_from_the_day_before_yesterday() {
    let mut door = door();
    let mut pipeline = open(&door);
    let under = |folder: &str, number: i32| {
        let (key, text) = hour("us-east-1", number, &[]);
        (key.replace("AWSLogs/", &format!("AWSLogs/{folder}")), text)
    };
    door.now = moment(FIRST + Minutes(5 * DAY.0));
    let first = put(&door, "logs", hour("us-east-1", 0, &[]));
    let of_organization = put(&door, "logs", under("o-a1b2c3d4e5/", 1));
    // As somebody may have copied them, and what is not CloudTrail's.
    let elsewhere = put(&door, "logs", under("copies/", 2));
    let config = (format!("AWSLogs/{ACCOUNT}/Config/us-east-1/2026/2/3/ConfigHistory/a.json.gz"), "{}".to_owned());
    put(&door, "logs", config);
    let mut all = vec![first, of_organization, elsewhere];
    all.sort();
    let missed = |door: &Door, pipeline: &mut Pipeline| {
        let mut missed = pipeline.missed(&door.delivering()).expect("it lists");
        missed.sort();
        missed
    };
    assert_eq!(missed(&door, &mut pipeline), all);
    step(&door, &mut pipeline, &all);

    let late = put(&door, "logs", hour("us-east-1", 3, &[]));
    let lately = put(&door, "logs", hour("us-east-1", 4 * 24, &[]));
    assert_eq!(missed(&door, &mut pipeline), std::slice::from_ref(&lately));
    door.now = moment(FIRST + Minutes(6 * DAY.0));
    let mut both = [late, lately];
    both.sort();
    assert_eq!(missed(&door, &mut pipeline), both);
}

#[test]
fn records_are_told_as_those_of_the_account_that_they_name_from_the_first_on() {
    let mut door = door_with_log_group();
    // It reads elsewhere: the account is none of its business.
    trail(&door, "elsewhere", json!({ "S3BucketName": "other-logs" }));
    with_mail(&door);
    let rule = json!({ "Name": "cloudtrail-insights-detected", "EventPattern": r#"{"detail": {"eventName": ["CreateTags"]}}"# });
    assert_eq!(door.json("AWSEvents.PutRule", rule).status, 200);
    let mut pipeline = open(&door);

    door.now = moment(FIRST + Minutes(60));
    let first = put(&door, "logs", under_another_account(0, &[]));
    let all = step(&door, &mut pipeline, &[first]) as usize;
    door.deliver();
    let written = (0..60).filter(|minute| (FIRST + Minutes(*minute)).0 % 7 == 0).count();
    assert_eq!(door.outbox.take().len(), written);
    assert_eq!(logged(&door, &format!("{ACCOUNT}_CloudTrail_us-east-1")).len(), all);

    let any = json!({ "Name": "cloudtrail-insights-detected", "EventPattern": r#"{"detail-type": ["AWS Insight via CloudTrail"]}"# });
    assert_eq!(door.json("AWSEvents.PutRule", any).status, 200);
    for number in 1..HOURS {
        // What was learned is known after a restart.
        if number == HOURS / 2 {
            pipeline = open(&door);
        }
        door.now = moment(FIRST + Minutes(60 * (number + 1)));
        let file = put(&door, "logs", under_another_account(number, &[ROLES]));
        step(&door, &mut pipeline, &[file]);
    }
    door.deliver();
    assert_eq!(names(&door), ["DeleteRole End", "DeleteRole Start"]);
    let folders: Vec<String> = told(&door, "logs").into_iter().map(|(_, _, folder)| folder).collect();
    assert_eq!(folders, [format!("AWSLogs/{ACCOUNT}"), format!("AWSLogs/{ACCOUNT}")]);
    assert!(told(&door, "other-logs").is_empty());
    assert_eq!(door.outbox.take().len(), 2);
    assert_eq!(looked_up(&door), ["DeleteRole", "DeleteRole"]);
}

#[test]
fn what_is_set_holds_for_an_account_that_records_name_from_its_first_minute_on() {
    let mut door = door();
    tag(&door, "trailsight:read-events", "true");
    let mut pipeline = open(&door);
    for number in 0..HOURS {
        door.now = moment(FIRST + Minutes(60 * (number + 1)));
        let file = put(&door, "logs", under_another_account(number, ALL));
        step(&door, &mut pipeline, &[file]);
        door.deliver();
    }
    let names: Vec<String> = names(&door);
    assert!(names.contains(&"GetSecretValue Start".to_owned()), "{names:?}");
    let kept: Vec<Value> = (door.store.read(|r| r.list::<super::KeptSettings>(&store::List::default())))
        .expect("it reads")
        .into_iter()
        .filter(|kept| kept.key.account.as_str() == ACCOUNT)
        .map(|kept| kept.value.0)
        .collect();
    assert!(matches!(&kept[..], [kept] if kept["reads"] == true && kept["since"].is_null()), "{kept:?}");
}
