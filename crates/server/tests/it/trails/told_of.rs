//! Where trails are told: files in a bucket, a topic, a log group, the bus.

use record::time::Minutes;
use serde_json::{Value, json};
use server::Place;

use super::{
    ACCOUNT, ALL, FIRST, HOURS, ROLES, door, door_with_log_group, hour, live, logged, names, open, tag, told, trail,
};
use crate::door::Door;
use crate::pipeline::{ask, unpacked, with_mail};

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
