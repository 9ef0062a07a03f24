//! What trails say is what happens: what each logs, looks for, mutes, and is told, and where.
//!
//! A small account goes about its business for nine days; then somebody deletes roles, reads secrets and decrypts, each a burst
//! of five minutes.

use detect::engine::Settings;
use jiff::SignedDuration;
use record::time::{Minute, Minutes};
use serde_json::{Value, json};
use server::Place;
use server::pipeline::{ObjectName, Pipeline};

use crate::door::Door;
use crate::pipeline::{ask, moment, unpacked, with_mail};

mod large;
mod log_files;
mod said;

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

#[test]
fn writes_are_looked_at_and_reads_by_choice() {
    let mut usual = door();
    let mut pipeline = open(&usual);
    live(&mut usual, &mut pipeline, 0..HOURS, ALL);
    assert_eq!(
        names(&usual),
        ["DeleteRole End", "DeleteRole Start", "ScheduleKeyDeletion End", "ScheduleKeyDeletion Start"]
    );

    let mut reading = door();
    tag(&reading, "trailsight:read-events", "true");
    let mut pipeline = open(&reading);
    live(&mut reading, &mut pipeline, 0..HOURS, ALL);
    assert!(names(&reading).contains(&"GetSecretValue Start".to_owned()), "{:?}", names(&reading));
}

#[test]
fn a_trail_is_told_only_of_what_it_logs() {
    let mut door = door();
    let put = |selector: Value| {
        ask(&door, "PutEventSelectors", json!({ "TrailName": "my-trail", "EventSelectors": [selector] }))
    };
    put(json!({ "ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"] }));
    // Another one, that logs reads only, of the same log files.
    trail(&door, "reads", json!({}));
    let to = json!([{ "Key": "trailsight:insights-bucket", "Value": "reads-insights" }]);
    ask(&door, "AddTags", json!({ "ResourceId": TRAIL.replace("my-trail", "reads"), "TagsList": to }));
    ask(
        &door,
        "PutEventSelectors",
        json!({ "TrailName": "reads", "EventSelectors": [{ "ReadWriteType": "ReadOnly" }] }),
    );
    let mut pipeline = open(&door);
    live(&mut door, &mut pipeline, 0..HOURS, ALL);
    assert_eq!(names(&door), ["DeleteRole End", "DeleteRole Start"]);
    assert!(told(&door, "reads-insights").is_empty());
    assert_eq!(looked_up(&door), ["DeleteRole", "DeleteRole"]);
}

#[test]
fn records_that_no_trail_logs_match_no_rules() {
    let mut door = door();
    with_mail(&door);
    let rule = json!({ "Name": "cloudtrail-insights-detected", "EventPattern": r#"{"detail": {"eventName": ["CreateTags", "DescribeInstances"]}}"#, "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" });
    assert_eq!(door.json("AWSEvents.PutRule", rule).status, 200);
    let mut pipeline = open(&door);
    live(&mut door, &mut pipeline, 0..1, &[]);
    let both = door.outbox.take().len();
    ask(
        &door,
        "PutEventSelectors",
        json!({ "TrailName": "my-trail", "EventSelectors": [{ "ReadWriteType": "WriteOnly" }] }),
    );
    live(&mut door, &mut pipeline, 1..2, &[]);
    let writes = door.outbox.take().len();
    assert!(writes >= 8 && both >= writes + 19, "{both} {writes}");
    ask(&door, "StopLogging", json!({ "Name": "my-trail" }));
    live(&mut door, &mut pipeline, 2..3, &[]);
    assert_eq!(door.outbox.take().len(), 0);
}

#[test]
fn what_is_muted_is_kept_and_shown_and_told_to_nobody() {
    let mut door = door();
    with_mail(&door);
    tag(&door, "trailsight:mute", "iam/Delete*");
    let mut pipeline = open(&door);
    live(&mut door, &mut pipeline, 0..HOURS, &[ROLES, KEYS]);
    assert_eq!(names(&door), ["ScheduleKeyDeletion End", "ScheduleKeyDeletion Start"]);
    assert_eq!(looked_up(&door), ["DeleteRole", "DeleteRole", "ScheduleKeyDeletion", "ScheduleKeyDeletion"]);
    assert_eq!(door.outbox.take().len(), 2);
}

#[test]
fn an_insight_that_goes_on_ends_when_its_trail_is_switched_off() {
    for off in ["StopLogging", "PutInsightSelectors"] {
        let mut door = door();
        with_mail(&door);
        let mut pipeline = open(&door);
        let burst = (BURST - FIRST).0 / 60;
        live(&mut door, &mut pipeline, 0..burst + 1, &[ROLES]);
        assert_eq!(names(&door), ["DeleteRole Start"], "{off}");
        let input = match off {
            "StopLogging" => json!({ "Name": "my-trail" }),
            _ => json!({ "TrailName": "my-trail", "InsightSelectors": [] }),
        };
        ask(&door, off, input);
        pipeline.step(&door.delivering(), &[]).expect("it goes on");
        door.deliver();
        assert_eq!(names(&door), ["DeleteRole End", "DeleteRole Start"], "{off}");
        assert_eq!(door.outbox.take().len(), 2, "{off}");
        // Not once more when it ends by itself.
        live(&mut door, &mut pipeline, burst + 1..burst + 5, &[ROLES]);
        assert_eq!(looked_up(&door).len(), 2, "{off}");
    }
}

#[test]
fn an_insight_is_written_once_a_bucket_and_prefix_and_published_once() {
    let mut door = door();
    with_mail(&door);
    trail(&door, "shares-it", json!({ "IsOrganizationTrail": true }));
    let mut pipeline = open(&door);
    live(&mut door, &mut pipeline, 0..HOURS, &[ROLES]);
    assert_eq!(names(&door), ["DeleteRole End", "DeleteRole Start"]);
    assert_eq!(door.outbox.take().len(), 2);
}

#[test]
fn insight_files_lie_where_the_trail_says() {
    let mut door = door();
    ask(&door, "UpdateTrail", json!({ "Name": "my-trail", "IsOrganizationTrail": true }));
    tag(&door, "trailsight:insights-bucket", "my-insights");
    tag(&door, "trailsight:extra-fields", "true");
    let mut pipeline = open(&door);
    live(&mut door, &mut pipeline, 0..HOURS, &[ROLES]);
    let all = told(&door, "my-insights");
    assert!(told(&door, "logs").is_empty() && all.len() == 2, "{all:?}");
    let organization = Place::default().organization_id;
    assert_eq!(all[0].2, format!("AWSLogs/{organization}/{ACCOUNT}"));
    let keys = door.buckets().list("my-insights", "", "", 1).expect("it lists");
    let file = unpacked(&door.object("my-insights", &keys[0].0).expect("it is there"));
    assert_eq!(file["Records"][0]["insightType"], "ApiCallRateInsight");
    let events = door.json("CloudTrail_20131101.LookupEvents", json!({ "EventCategory": "insight" })).json();
    let record = events["Events"][0]["CloudTrailEvent"].as_str().expect("it is text").to_owned();
    assert!(record.contains("\"insightType\":\"ApiCallRateInsight\"}"), "{record}");
}

#[test]
fn the_status_and_the_topic_of_a_trail_tell_of_its_deliveries() {
    let mut door = door();
    let status = |door: &Door| door.json("CloudTrail_20131101.GetTrailStatus", json!({ "Name": "my-trail" })).json();
    assert_eq!(status(&door)["LatestDeliveryAttemptTime"], "");
    assert!(status(&door).get("LatestDeliveryTime").is_none(), "{}", status(&door));
    with_mail(&door);
    assert_eq!(door.json("AWSEvents.DisableRule", json!({ "Name": "cloudtrail-insights-detected" })).status, 200);
    ask(&door, "UpdateTrail", json!({ "Name": "my-trail", "SnsTopicName": "cloudtrail-insights-alerts" }));
    let mut pipeline = open(&door);
    live(&mut door, &mut pipeline, 0..1, &[ROLES]);
    let delivered = (FIRST + Minutes(60)).seconds();
    assert_eq!(status(&door)["LatestDeliveryTime"].as_f64(), Some(delivered as f64));
    assert_eq!(status(&door)["LatestDeliveryAttemptSucceeded"], "2026-02-02T01:00:00Z");
    assert!(status(&door).get("LatestNotificationTime").is_none());
    live(&mut door, &mut pipeline, 1..HOURS, &[ROLES]);
    let mails = door.outbox.take();
    assert_eq!(mails.len(), 2, "{mails:?}");
    let start = mails[0].text.lines().next().expect("it has a line");
    let told: Value = serde_json::from_str(start).expect("it is JSON");
    let key = told["s3ObjectKey"][0].as_str().expect("it is text");
    assert!(told["s3Bucket"] == "logs" && door.object("logs", key).is_some(), "{told}");
    assert!(status(&door)["LatestNotificationTime"].as_f64() > Some(delivered as f64));
}

#[test]
fn what_lay_there_before_is_learned_from_shown_and_told_to_nobody() {
    let mut door = Door::default();
    for number in 0..HOURS {
        let (key, text) = hour("us-east-1", number, &[ROLES]);
        door.buckets().put("logs", &key, text.as_bytes()).expect("there is room");
    }
    door.now = moment(FIRST + Minutes(60 * HOURS));
    trail(&door, "my-trail", json!({}));
    with_mail(&door);
    let rule = json!({ "Name": "all", "EventPattern": r#"{"source": [{"prefix": ""}]}"# });
    assert_eq!(door.json("AWSEvents.PutRule", rule).status, 200);
    let topic = "arn:aws:sns:us-east-1:123456789012:cloudtrail-insights-alerts";
    let targets = json!({ "Rule": "all", "Targets": [{ "Id": "1", "Arn": topic }] });
    assert_eq!(door.json("AWSEvents.PutTargets", targets).status, 200);

    let mut pipeline = open(&door);
    let missed = pipeline.missed(&door.delivering()).expect("it lists");
    let days: Vec<&str> =
        missed.iter().map(|(_, key)| &key.split("/us-east-1/").nth(1).expect("it has one")[..10]).collect();
    assert!(days.is_sorted_by(|a, b| a >= b) && days[0] > days[days.len() - 1], "the newest days first: {days:?}");
    for part in missed.chunks(50) {
        pipeline.count(&door.delivering(), part).expect("it counts");
    }
    pipeline.evaluate(&door.delivering()).expect("it goes on");
    door.wait(SignedDuration::from_hours(3));
    pipeline.evaluate(&door.delivering()).expect("it goes on");
    door.deliver();
    assert_eq!(looked_up(&door), ["DeleteRole", "DeleteRole"]);
    assert!(names(&door).is_empty() && door.outbox.take().is_empty());
}

/// What is told, if the hours' files come in swarms of so many, late ones among them, and the service is restarted after so
/// many swarms.
fn told_in_swarms(swarm: usize, restart_every: usize) -> Vec<String> {
    let mut door = door();
    let mut pipeline = open(&door);
    let hours: Vec<i32> = (0..HOURS).collect();
    for (number, hours) in hours.chunks(swarm).enumerate() {
        let mut objects: Vec<ObjectName> = Vec::new();
        for &number in hours.iter().rev() {
            let (key, text) = hour("us-east-1", number, ALL);
            door.buckets().put("logs", &key, text.as_bytes()).expect("there is room");
            objects.push(("logs".into(), key));
        }
        door.now = moment(FIRST + Minutes(60 * (hours[hours.len() - 1] + 1)));
        pipeline.step(&door.delivering(), &objects).expect("it goes on");
        door.deliver();
        if number % restart_every == restart_every - 1 {
            pipeline = open(&door);
        }
    }
    let keys = door.buckets().list("logs", "", "", usize::MAX).expect("it lists");
    keys.into_iter().map(|(key, _)| key).filter(|key| key.contains("/CloudTrail-Insight/")).collect()
}

#[test]
fn however_files_come_and_the_service_restarts_the_same_files_lie_there() {
    let usual = told_in_swarms(1, usize::MAX);
    assert_eq!(usual.len(), 4, "{usual:?}");
    assert_eq!(told_in_swarms(5, 2), usual);
}

#[test]
fn a_quiet_region_holds_up_no_other() {
    let mut door = door();
    let mut pipeline = open(&door);
    let burst = (BURST - FIRST).0 / 60;
    for number in 0..=burst {
        let mut objects = Vec::new();
        for region in ["us-east-1", "eu-west-1"] {
            // The other Region is quiet from some hours before on.
            if region == "eu-west-1" && number > burst - 5 {
                continue;
            }
            let (key, text) = hour(region, number, if region == "us-east-1" { &[ROLES] } else { &[] });
            door.buckets().put("logs", &key, text.as_bytes()).expect("there is room");
            objects.push(("logs".to_owned(), key));
        }
        door.now = moment(FIRST + Minutes(60 * (number + 1)));
        pipeline.step(&door.delivering(), &objects).expect("it goes on");
        door.deliver();
    }
    let come = pipeline.regions();
    let until =
        |region: &str| come.iter().find(|come| come.region.as_str() == region).expect("it is there").evaluated_until;
    let now = door.now.as_second();
    assert_eq!((until("us-east-1"), until("eu-west-1")), (Some(now - 15 * 60), Some(now - 30 * 60)));
    assert_eq!(names(&door), ["DeleteRole Start"]);
}

#[test]
fn a_file_of_the_future_settles_nothing_and_a_late_one_is_caught_up_with() {
    let mut door = door();
    let mut pipeline = open(&door);
    let burst = (BURST - FIRST).0 / 60;
    live(&mut door, &mut pipeline, 0..burst, &[]);
    // Somebody may put what they like.
    let (key, text) = hour("us-east-1", burst - 1, &[]);
    let future = key.replace("2026", "2099");
    door.buckets().put("logs", &future, text.as_bytes()).expect("there is room");
    pipeline.step(&door.delivering(), &[("logs".into(), future)]).expect("it goes on");
    // The hour of the burst comes two hours late.
    let late = hour("us-east-1", burst, &[ROLES]);
    live(&mut door, &mut pipeline, burst + 1..burst + 3, &[]);
    assert!(!pipeline.is_behind());
    door.buckets().put("logs", &late.0, late.1.as_bytes()).expect("there is room");
    pipeline.step(&door.delivering(), &[("logs".into(), late.0)]).expect("it goes on");
    assert!(pipeline.is_behind());
    pipeline.catch_up(&door.delivering()).expect("it learns");
    pipeline.evaluate(&door.delivering()).expect("it goes on");
    door.deliver();
    assert!(names(&door).contains(&"DeleteRole Start".to_owned()), "{:?}", names(&door));
}

/// What is kept of each account's settings.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
struct KeptSettings(Value);

impl store::Resource for KeptSettings {
    const KIND: &'static str = "account-settings";
}

#[test]
fn what_is_kept_of_an_account_is_written_when_it_changes_and_not_with_every_other() {
    let mut door = door();
    let mut pipeline = open(&door);
    let accounts = [ACCOUNT, "222233334444", "333344445555"];
    for (number, account) in accounts.iter().enumerate() {
        let (key, text) = hour("us-east-1", number as i32, &[]);
        let (key, text) = (key.replace(ACCOUNT, account), text.replace(ACCOUNT, account));
        door.now = moment(FIRST + Minutes(60 * (number as i32 + 1)));
        door.buckets().put("logs", &key, text.as_bytes()).expect("there is room");
        pipeline.step(&door.delivering(), &[("logs".into(), key)]).expect("it goes on");
    }
    let kept = door.store.read(|r| r.list::<KeptSettings>(&store::List::default())).expect("it reads");
    let written: Vec<_> = kept.iter().map(|kept| (kept.key.account.as_str(), kept.changed_at)).collect();
    let came = (1..).map(|number| moment(FIRST + Minutes(60 * number)));
    assert_eq!(written, accounts.into_iter().zip(came).collect::<Vec<_>>());
}

#[test]
fn of_two_trails_the_one_that_accepts_less_is_told_only_what_is_rarer() {
    let mut door = door();
    trail(&door, "calm", json!({}));
    let arn = TRAIL.replace("my-trail", "calm");
    let tags = json!([{ "Key": "trailsight:false-alarms-per-month", "Value": "1e-300" }, { "Key": "trailsight:insights-bucket", "Value": "calm-insights" }]);
    ask(&door, "AddTags", json!({ "ResourceId": arn, "TagsList": tags }));
    let mut pipeline = open(&door);
    live(&mut door, &mut pipeline, 0..HOURS, &[ROLES]);
    assert_eq!(names(&door), ["DeleteRole End", "DeleteRole Start"]);
    assert!(told(&door, "calm-insights").is_empty());
    assert_eq!(looked_up(&door), ["DeleteRole", "DeleteRole"]);
}

#[test]
fn a_test_insight_goes_the_whole_way_and_says_that_it_is_one() {
    let door = door();
    with_mail(&door);
    let sent = server::test_insight::send_test(&door.delivering(), None).expect("it is sent");
    let again = server::test_insight::send_test(&door.delivering(), Some("my-trail")).expect("it is sent");
    assert_ne!(sent.shared_event_id, again.shared_event_id);
    door.deliver();
    assert_eq!(
        names(&door),
        ["TrailsightTest End", "TrailsightTest End", "TrailsightTest Start", "TrailsightTest Start"]
    );
    let mails = door.outbox.take();
    assert_eq!(mails.len(), 4);
    assert!(mails[0].text.contains("API: TrailsightTest"), "{:?}", mails[0]);
    ask(&door, "StopLogging", json!({ "Name": "my-trail" }));
    let refused = server::test_insight::send_test(&door.delivering(), Some("my-trail")).expect_err("it is off");
    assert!(refused.to_string().contains("aws cloudtrail start-logging --name my-trail"), "{refused}");
    server::test_insight::send_test(&door.delivering(), Some("another")).expect_err("there is none");
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

#[test]
fn what_a_trail_logs_and_is_told_of_goes_into_its_log_group_once() {
    let mut door = door_with_log_group();
    let selectors = json!([{ "ReadWriteType": "WriteOnly" }]);
    ask(&door, "PutEventSelectors", json!({ "TrailName": "my-trail", "EventSelectors": selectors }));
    let mut pipeline = open(&door);

    live(&mut door, &mut pipeline, 0..2, ALL);
    let (key, text) = hour("us-east-1", 1, ALL);
    let copy = key.replace("_0000", "_1000");
    door.buckets().put("logs", &copy, text.as_bytes()).expect("there is room");
    pipeline.step(&door.delivering(), &[("logs".into(), key), ("logs".into(), copy)]).expect("it goes on");
    let minutes = (0..120).map(|minute| FIRST + Minutes(minute)).filter(|minute| minute.0 % 7 == 0);
    let written = vec!["CreateTags".to_owned(); minutes.count()];
    assert_eq!(logged(&door, "111122223333_CloudTrail_us-east-1"), written);

    live(&mut door, &mut pipeline, 2..HOURS, ALL);
    let told = ["DeleteRole End", "DeleteRole Start", "ScheduleKeyDeletion End", "ScheduleKeyDeletion Start"];
    assert_eq!(logged(&door, "111122223333_CloudTrail-Insight_us-east-1"), told);
    let status = |door: &Door| door.json("CloudTrail_20131101.GetTrailStatus", json!({ "Name": "my-trail" })).json();
    assert!(status(&door)["LatestCloudWatchLogsDeliveryTime"].is_number(), "{}", status(&door));

    door.json("Logs_20140328.DeleteLogGroup", json!({ "logGroupName": "trail" }));
    live(&mut door, &mut pipeline, HOURS..HOURS + 1, ALL);
    assert_eq!(status(&door)["LatestCloudWatchLogsDeliveryError"], "The specified log group does not exist.");
}
