//! Rules with schedules: fired once when they are due, whatever the restarts.

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::schedules::Schedules;
use store::deliveries::DeliveryList;

use crate::door::Door;

fn ask(door: &Door, operation: &str, input: Value) {
    let reply = door.json(&format!("AWSEvents.{operation}"), input);
    assert_eq!(reply.status, 200, "{operation}: {reply:?}");
}

fn look(door: &Door, schedules: &mut Schedules) -> usize {
    schedules.fire(&door.delivering()).expect("it fires")
}

/// What the targets of rules are told, the oldest first.
fn told(door: &Door) -> Vec<Value> {
    let deliveries = door.store.read(|r| r.deliveries(&DeliveryList::default(), 100)).expect("they are there");
    let texts = deliveries.iter().rev().map(|delivery| {
        let payload: Value = serde_json::from_slice(&delivery.payload).expect("it is JSON");
        serde_json::from_str(payload["text"].as_str().expect("it is a text")).expect("it is JSON")
    });
    texts.collect()
}

/// At 14:30, with a rule of this schedule and a target.
fn door_with_rule(schedule: &str) -> Door {
    let door = Door::default();
    ask(&door, "PutRule", json!({ "Name": "often", "ScheduleExpression": schedule }));
    let target = json!({ "Id": "1", "Arn": "arn:aws:sns:us-east-1:123456789012:topic" });
    ask(&door, "PutTargets", json!({ "Rule": "often", "Targets": [target] }));
    door
}

#[test]
fn a_schedule_fires_each_time_it_is_due_and_once() {
    let mut door = door_with_rule("rate(5 minutes)");
    let mut schedules = Schedules::default();
    assert_eq!(look(&door, &mut schedules), 0);
    door.wait(SignedDuration::from_secs(299));
    assert_eq!(look(&door, &mut schedules), 0);
    door.wait(SignedDuration::from_secs(2));
    assert_eq!(look(&door, &mut schedules), 1);
    assert_eq!(look(&door, &mut schedules), 0);
    // Killed, and started again within the minute.
    schedules = Schedules::default();
    assert_eq!(look(&door, &mut schedules), 0);
    door.wait(SignedDuration::from_mins(5));
    schedules = Schedules::default();
    assert_eq!(look(&door, &mut schedules), 1);

    let events = told(&door);
    assert_eq!(events.len(), 2);
    let id = events[0]["id"].as_str().expect("it has one");
    assert_eq!(
        events[0],
        json!({
            "version": "0",
            "id": id,
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "123456789012",
            "time": "2026-02-12T14:35:00Z",
            "region": "us-east-1",
            "resources": ["arn:aws:events:us-east-1:123456789012:rule/often"],
            "detail": {},
        })
    );
    assert_eq!(events[1]["time"], "2026-02-12T14:40:00Z");
}

#[test]
fn what_was_due_while_nobody_looked_is_not_made_up_for() {
    let mut door = door_with_rule("cron(* * * * ? *)");
    let mut schedules = Schedules::default();
    look(&door, &mut schedules);
    door.wait(SignedDuration::from_hours(1));
    // The last of sixty.
    assert_eq!(look(&door, &mut schedules), 1);
    door.wait(SignedDuration::from_hours(1));
    assert_eq!(look(&door, &mut Schedules::default()), 1);
    assert_eq!(told(&door).last().expect("it fired")["time"], "2026-02-12T16:30:00Z");
}

#[test]
fn a_rule_that_is_disabled_deleted_or_changed_is_due_by_what_it_says_now() {
    let mut door = door_with_rule("rate(1 minute)");
    let mut schedules = Schedules::default();
    look(&door, &mut schedules);
    door.wait(SignedDuration::from_secs(61));
    ask(&door, "DisableRule", json!({ "Name": "often" }));
    assert_eq!(look(&door, &mut schedules), 0);
    ask(&door, "EnableRule", json!({ "Name": "often" }));
    assert_eq!(look(&door, &mut schedules), 0, "its minute begins anew");
    ask(&door, "PutRule", json!({ "Name": "often", "ScheduleExpression": "cron(0 15 * * ? *)" }));
    door.wait(SignedDuration::from_secs(62));
    assert_eq!(look(&door, &mut schedules), 0);
    door.now = "2026-02-12T15:00:10Z".parse().expect("it is a moment");
    assert_eq!(look(&door, &mut schedules), 1);
    ask(&door, "RemoveTargets", json!({ "Rule": "often", "Ids": ["1"] }));
    ask(&door, "DeleteRule", json!({ "Name": "often" }));
    door.wait(SignedDuration::from_hours(24));
    assert_eq!(look(&door, &mut schedules), 0);
    assert_eq!(told(&door).len(), 1);
}
