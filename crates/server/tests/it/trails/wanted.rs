//! What trails ask for: what they log, what they are told of, and what is muted.

use serde_json::{Value, json};

use super::{ALL, BURST, FIRST, HOURS, KEYS, ROLES, TRAIL, door, live, looked_up, names, open, tag, told, trail};
use crate::pipeline::{ask, with_mail};

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
