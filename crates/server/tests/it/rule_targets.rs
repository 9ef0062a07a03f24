//! Log groups and buses as targets of rules.

use serde_json::{Value, json};
use store::deliveries::DeliveryList;

use crate::door::Door;

fn answer(door: &Door, target: &str, input: Value) -> Value {
    let reply = door.json(target, input);
    assert_eq!(reply.status, 200, "{target}: {}", reply.body);
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

/// A rule on a bus that tells this target of everything of `source`.
fn rule(door: &Door, bus: &str, name: &str, source: &str, target: Value) {
    let pattern = json!({"source": [source]}).to_string();
    answer(door, "AWSEvents.PutRule", json!({"Name": name, "EventBusName": bus, "EventPattern": pattern}));
    let put = answer(door, "AWSEvents.PutTargets", json!({"Rule": name, "EventBusName": bus, "Targets": [target]}));
    assert_eq!(put["FailedEntryCount"], 0, "{put}");
}

fn put_event(door: &Door, bus: &str, source: &str) {
    let entry = json!({"Source": source, "DetailType": "Tried", "Detail": r#"{"n":1}"#, "EventBusName": bus, "Time": 1_770_906_000});
    answer(door, "AWSEvents.PutEvents", json!({"Entries": [entry]}));
}

fn logged(door: &Door, group: &str) -> Vec<Value> {
    let events = answer(door, "Logs_20140328.FilterLogEvents", json!({"logGroupName": group}));
    events["events"].as_array().unwrap().clone()
}

fn outcomes(door: &Door) -> Vec<String> {
    let deliveries = door.store.read(|r| r.deliveries(&DeliveryList::default(), 100)).unwrap();
    deliveries.iter().map(|one| format!("{:?} {}", one.state, one.last_error.as_deref().unwrap_or_default())).collect()
}

const GROUP: &str = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/all";
const BUS: &str = "arn:aws:events:us-east-1:123456789012:event-bus";

#[test]
fn an_event_is_logged_as_it_is_or_as_a_transformer_made_it() {
    let door = Door::default();
    answer(&door, "Logs_20140328.CreateLogGroup", json!({"logGroupName": "/aws/events/all"}));
    rule(&door, "default", "plain", "mine", json!({"Id": "1", "Arn": GROUP}));
    let template = r#"{"timestamp": <time>, "message": "it was <kind>"}"#;
    let transformer = json!({"InputPathsMap": {"time": "$.time", "kind": "$.detail-type"}, "InputTemplate": template});
    rule(
        &door,
        "default",
        "told",
        "mine",
        json!({"Id": "1", "Arn": format!("{GROUP}:*"), "InputTransformer": transformer}),
    );
    put_event(&door, "default", "mine");
    door.deliver();
    let events = logged(&door, "/aws/events/all");
    let of =
        |stream: &str| events.iter().find(|event| event["logStreamName"] == stream).expect("it was logged").clone();
    let plain = of("plain/2026-02-12");
    let event: Value = serde_json::from_str(plain["message"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&event["source"], &event["detail"], &plain["timestamp"]),
        (&json!("mine"), &json!({"n": 1}), &json!(1_770_906_000_000_i64))
    );
    let told = of("told/2026-02-12");
    assert_eq!((&told["message"], &told["timestamp"]), (&json!("it was Tried"), &json!(1_770_906_000_000_i64)));
}

#[test]
fn a_target_that_is_not_there_is_given_up_at_once() {
    let door = Door::default();
    rule(&door, "default", "log", "mine", json!({"Id": "1", "Arn": GROUP}));
    rule(&door, "default", "bus", "mine", json!({"Id": "1", "Arn": format!("{BUS}/none")}));
    put_event(&door, "default", "mine");
    door.deliver();
    let outcomes = outcomes(&door);
    assert!(outcomes.len() == 2 && outcomes.iter().all(|one| one.starts_with("Dead there is no ")), "{outcomes:?}");
}

#[test]
fn an_event_goes_to_a_second_bus_as_it_is_and_never_to_a_third() {
    let door = Door::default();
    for bus in ["second", "third"] {
        answer(&door, "AWSEvents.CreateEventBus", json!({"Name": bus}));
        answer(&door, "Logs_20140328.CreateLogGroup", json!({"logGroupName": bus}));
        let group = format!("arn:aws:logs:us-east-1:123456789012:log-group:{bus}");
        rule(&door, bus, "log", "mine", json!({"Id": "1", "Arn": group}));
    }
    // All to each: a loop, if anything followed it.
    rule(&door, "default", "on", "mine", json!({"Id": "1", "Arn": format!("{BUS}/second")}));
    rule(&door, "second", "on", "mine", json!({"Id": "1", "Arn": format!("{BUS}/third")}));
    rule(&door, "second", "back", "mine", json!({"Id": "1", "Arn": format!("{BUS}/default")}));
    put_event(&door, "default", "mine");
    door.deliver();
    let second = logged(&door, "second");
    assert_eq!((second.len(), logged(&door, "third").len()), (1, 0));
    let event: Value = serde_json::from_str(second[0]["message"].as_str().unwrap()).unwrap();
    assert_eq!((&event["time"], &event["account"]), (&json!("2026-02-12T14:20:00Z"), &json!("123456789012")));
    // What is put on the second bus itself does go on.
    put_event(&door, "second", "mine");
    door.deliver();
    assert_eq!((logged(&door, "second").len(), logged(&door, "third").len()), (2, 1));
}
