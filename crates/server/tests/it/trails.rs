//! What trails say is what happens: what each logs, looks for, mutes, and is told, and where.
//!
//! A small account goes about its business for nine days; then somebody deletes roles, reads secrets and decrypts, each a burst
//! of five minutes.

use detect::engine::Settings;
use record::time::{Minute, Minutes};
use serde_json::{Value, json};
use server::pipeline::Pipeline;

use crate::door::Door;
use crate::pipeline::{ask, moment, unpacked};

mod arrivals;
mod large;
mod log_files;
mod said;
mod told_of;
mod wanted;

const ACCOUNT: &str = "111122223333";
const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:123456789012:trail/my-trail";

/// 2026-02-02, a Monday.
const FIRST: Minute = Minute(29_499_840);
const BURST: Minute = Minute(FIRST.0 + 8 * 1440 + 605);

const HOURS: i32 = 8 * 24 + 15;

/// One hour's log file of a Region: key and text.
fn hour(region: &str, hour: i32, bursts: &[(&str, &str, bool)]) -> (String, String) {
    let start = FIRST + Minutes(60 * hour);
    let mut records = Vec::new();
    let mut add = |minute: Minute, source: &str, name: &str, is_read: bool, number: usize| {
        records.push(json!({
            "eventVersion": "1.11",
            "userIdentity": { "type": "IAMUser", "arn": format!("arn:aws:iam::{ACCOUNT}:user/alice"), "accountId": ACCOUNT },
            "eventTime": format!("{:.0}", moment(minute)),
            "eventSource": source,
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": "198.51.100.7",
            "userAgent": "aws-cli/2.0",
            "eventID": uuid(region, minute, name, number),
            "readOnly": is_read,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        }));
    };
    for minute in (0..60).map(|minute| start + Minutes(minute)) {
        if minute.0 % 3 == 0 {
            add(minute, "ec2.amazonaws.com", "DescribeInstances", true, 0);
        }
        if minute.0 % 7 == 0 {
            add(minute, "ec2.amazonaws.com", "CreateTags", false, 0);
        }
        if (BURST..BURST + Minutes(5)).contains(&minute) {
            for (source, name, is_read) in bursts {
                (1..60).for_each(|number| add(minute, source, name, *is_read, number));
            }
        }
    }
    let delivered = start + Minutes(60);
    let time = format!("{:.0}", moment(delivered));
    let (day, stamp) = (time[..10].replace('-', "/"), time[..16].replace(['-', ':'], ""));
    let key = format!(
        "AWSLogs/{ACCOUNT}/CloudTrail/{region}/{day}/{ACCOUNT}_CloudTrail_{region}_{stamp}Z_{hour:016}.json.gz"
    );
    (key, json!({ "Records": records }).to_string())
}

fn uuid(region: &str, minute: Minute, name: &str, number: usize) -> String {
    let name = name.bytes().chain(region.bytes()).fold(7_u32, |hash, byte| hash.wrapping_mul(31) ^ u32::from(byte));
    format!("{:08x}-0000-4000-8000-{:08x}{number:04x}", name, minute.0)
}

const ROLES: (&str, &str, bool) = ("iam.amazonaws.com", "DeleteRole", false);
const SECRETS: (&str, &str, bool) = ("secretsmanager.amazonaws.com", "GetSecretValue", true);

const KEYS: (&str, &str, bool) = ("kms.amazonaws.com", "ScheduleKeyDeletion", false);
const ALL: &[(&str, &str, bool)] = &[ROLES, SECRETS, KEYS];

/// A service with a trail that looks for unusual call rates, at the first minute.
fn door() -> Door {
    let mut door = Door::default();
    door.now = moment(FIRST);
    trail(&door, "my-trail", json!({}));
    door
}

/// The same, and the trail's records go into a log group.
fn door_with_log_group() -> Door {
    let mut door = Door::default();
    door.now = moment(FIRST);
    door.json("Logs_20140328.CreateLogGroup", json!({ "logGroupName": "trail" }));
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:trail:*";
    let role = "arn:aws:iam::123456789012:role/any";
    trail(&door, "my-trail", json!({ "CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": role }));
    door
}

fn trail(door: &Door, name: &str, more: Value) {
    let mut input = json!({ "Name": name, "S3BucketName": "logs", "IsMultiRegionTrail": true });
    input.as_object_mut().expect("it is one").extend(more.as_object().expect("it is one").clone());
    ask(door, "CreateTrail", input);
    ask(door, "StartLogging", json!({ "Name": name }));
    let selectors = json!([{ "InsightType": "ApiCallRateInsight" }]);
    ask(door, "PutInsightSelectors", json!({ "TrailName": name, "InsightSelectors": selectors }));
}

fn tag(door: &Door, key: &str, value: &str) {
    ask(door, "AddTags", json!({ "ResourceId": TRAIL, "TagsList": [{ "Key": key, "Value": value }] }));
}

fn open(door: &Door) -> Pipeline {
    Pipeline::open(&door.delivering(), Settings::default()).expect("it opens")
}

/// The hours come in, one after the other.
fn live(door: &mut Door, pipeline: &mut Pipeline, hours: std::ops::Range<i32>, bursts: &[(&str, &str, bool)]) {
    for number in hours {
        let (key, text) = hour("us-east-1", number, bursts);
        door.now = moment(FIRST + Minutes(60 * (number + 1)));
        door.buckets().put("logs", &key, text.as_bytes()).expect("there is room");
        pipeline.step(&door.delivering(), &[("logs".into(), key)]).expect("it goes on");
        door.deliver();
    }
}

/// Starts and Ends in a bucket: name, state, and the folder of the file.
fn told(door: &Door, bucket: &str) -> Vec<(String, String, String)> {
    let keys = door.buckets().list(bucket, "", "", usize::MAX).expect("it lists");
    let insights = keys.into_iter().filter(|(key, _)| key.contains("/CloudTrail-Insight/"));
    let mut told: Vec<_> = insights
        .map(|(key, _)| {
            let file = unpacked(&door.object(bucket, &key).expect("it is there"));
            let details = &file["Records"][0]["insightDetails"];
            let text = |field: &str| details[field].as_str().expect("it is text").to_owned();
            let folder = key.split("/CloudTrail-Insight/").next().expect("it has one").to_owned();
            (text("eventName"), text("state"), folder)
        })
        .collect();
    told.sort();
    told
}

/// Names and states alone.
fn names(door: &Door) -> Vec<String> {
    told(door, "logs").into_iter().map(|(name, state, _)| format!("{name} {state}")).collect()
}

/// Names of insights that are looked up, each as often as it is told.
fn looked_up(door: &Door) -> Vec<String> {
    let reply = door.json("CloudTrail_20131101.LookupEvents", json!({ "EventCategory": "insight" })).json();
    let mut names: Vec<String> = (reply["Events"].as_array().expect("there are some").iter())
        .map(|event| event["EventName"].as_str().expect("it has one").to_owned())
        .collect();
    names.sort();
    names
}

/// What is kept of each account's settings.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct KeptSettings(Value);

impl store::Resource for KeptSettings {
    const KIND: &'static str = "account-settings";
}

/// What lies in a log stream: names of APIs, or of insights with their states.
fn logged(door: &Door, stream: &str) -> Vec<String> {
    let input = json!({ "logGroupName": "trail", "logStreamName": stream, "startFromHead": true });
    let reply = door.json("Logs_20140328.GetLogEvents", input).json();
    let events = reply["events"].as_array().expect("there are some").iter();
    let text = |value: &Value| value.as_str().expect("it is text").to_owned();
    let mut names: Vec<String> = events
        .map(|event| serde_json::from_str::<Value>(&text(&event["message"])).expect("it is a record"))
        .map(|record| match &record["insightDetails"] {
            Value::Null => text(&record["eventName"]),
            details => format!("{} {}", text(&details["eventName"]), text(&details["state"])),
        })
        .collect();
    names.sort();
    names
}
