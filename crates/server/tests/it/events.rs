//! EventBridge.

use serde_json::{Value, json};
use store::deliveries::DeliveryList;

use crate::door::Door;

mod api_destinations;
mod connections;
mod put_events;
mod schedules;

#[test]
fn a_pattern_is_tested_against_an_event_with_its_envelope() {
    let door = Door::default();
    let event = r#"{"id":"1","account":"123456789012","source":"aws.ec2","time":"2026-02-12T14:30:00Z","region":"us-east-1","detail-type":"x"}"#;
    let test = |pattern: &str, event: &str| {
        door.json("AWSEvents.TestEventPattern", json!({ "EventPattern": pattern, "Event": event }))
    };
    assert_eq!(test(r#"{"source":["aws.ec2"]}"#, event).json(), json!({ "Result": true }));
    assert_eq!(test(r#"{"source":["aws.s3"]}"#, event).json(), json!({ "Result": false }));
    let refused = test(r#"{"source":"aws.s3"}"#, event);
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["__type"], "InvalidEventPatternException");
    assert_eq!(test(r#"{"source":["aws.s3"]}"#, "{}").json()["message"], "Parameter Event is not valid.");
}

const BUS: &str = "arn:aws:events:us-east-1:123456789012:event-bus";
const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:orders";

fn ask(door: &Door, operation: &str, input: Value) -> Value {
    let reply = door.json(&format!("AWSEvents.{operation}"), input);
    assert_eq!(reply.status, 200, "{operation}: {reply:?}");
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

/// The code and the sentence of a refusal.
fn refusal(door: &Door, operation: &str, input: Value) -> (String, String) {
    let reply = door.json(&format!("AWSEvents.{operation}"), input);
    assert_eq!(reply.status, 400, "{operation}: {reply:?}");
    let text = |name: &str| reply.json()[name].as_str().unwrap_or_default().to_owned();
    (text("__type"), text("message"))
}

fn says(code: &str, message: &str) -> (String, String) {
    (code.into(), message.into())
}

fn put_rule(door: &Door, name: &str) {
    ask(door, "PutRule", json!({ "Name": name, "EventPattern": r#"{"source":["shop"]}"# }));
}

fn put_target(door: &Door, rule: &str, target: Value) -> Value {
    ask(door, "PutTargets", json!({ "Rule": rule, "Targets": [target] }))
}

/// What is to be delivered, the oldest first.
fn told(door: &Door) -> Vec<Value> {
    let mut rows = door.store.read(|r| r.deliveries(&DeliveryList::default(), 1000)).expect("it is read");
    rows.sort_by_key(|row| row.id);
    rows.iter().map(|row| serde_json::from_slice(&row.payload).expect("it is JSON")).collect()
}

fn order() -> Value {
    json!({ "Source": "shop", "DetailType": "order", "Detail": r#"{ "id": 7, "sum": 1.50, "id2": "a\"b" }"# })
}

#[test]
fn a_rule_is_told_as_it_was_put() {
    let door = Door::default();
    let pattern = r#"{"source": ["shop"]}"#;
    let put = json!({ "Name": "orders", "EventPattern": pattern, "Description": "all orders" });
    let arn = "arn:aws:events:us-east-1:123456789012:rule/orders";
    assert_eq!(ask(&door, "PutRule", put), json!({ "RuleArn": arn }));
    let mut rule = json!({
        "Name": "orders", "Arn": arn, "EventPattern": pattern, "State": "ENABLED", "Description": "all orders",
        "EventBusName": "default"
    });
    assert_eq!(ask(&door, "ListRules", json!({})), json!({ "Rules": [rule] }));
    assert_eq!(ask(&door, "ListRules", json!({ "NamePrefix": "x" })), json!({ "Rules": [] }));
    assert_eq!(refusal(&door, "ListRules", json!({ "NextToken": "zz" })).0, "ValidationException");
    rule["CreatedBy"] = "123456789012".into();
    assert_eq!(ask(&door, "DescribeRule", json!({ "Name": "orders" })), rule);
    // What is not said again is gone.
    ask(&door, "PutRule", json!({ "Name": "orders", "EventPattern": pattern, "State": "DISABLED" }));
    let described = ask(&door, "DescribeRule", json!({ "Name": "orders", "EventBusName": format!("{BUS}/default") }));
    assert_eq!((&described["State"], &described["Description"]), (&json!("DISABLED"), &Value::Null));
    assert_eq!(ask(&door, "EnableRule", json!({ "Name": "orders" })), Value::Null);
    assert_eq!(ask(&door, "DescribeRule", json!({ "Name": "orders" }))["State"], "ENABLED");
    ask(&door, "DisableRule", json!({ "Name": "orders" }));
    assert_eq!(ask(&door, "DescribeRule", json!({ "Name": "orders" }))["State"], "DISABLED");
    ask(&door, "DeleteRule", json!({ "Name": "orders" }));
    ask(&door, "DeleteRule", json!({ "Name": "orders" }));
    let gone = says("ResourceNotFoundException", "Rule orders does not exist on EventBus default.");
    for operation in ["DescribeRule", "EnableRule", "DisableRule"] {
        assert_eq!(refusal(&door, operation, json!({ "Name": "orders" })), gone, "{operation}");
    }
}

#[test]
fn what_is_no_rule_is_refused_in_the_words_of_eventbridge() {
    let door = Door::default();
    let refused = |input: Value| refusal(&door, "PutRule", input);
    let (code, message) = refused(json!({ "Name": "a", "EventPattern": r#"{"source":"shop"}"# }));
    assert_eq!(code, "InvalidEventPatternException");
    assert!(message.starts_with("Event pattern is not valid. Reason: "), "{message}");
    assert_eq!(
        refused(json!({ "Name": "a" })),
        says("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
    );
    assert_eq!(
        refused(json!({ "Name": "a", "ScheduleExpression": "cron(0 1 * * * *)" })),
        says("ValidationException", "Parameter ScheduleExpression is not valid.")
    );
    assert_eq!(
        refused(json!({ "Name": "a", "EventPattern": r#"{"source":["x"]}"#, "EventBusName": "shop" })),
        says("ResourceNotFoundException", "Event bus shop does not exist.")
    );
    ask(&door, "CreateEventBus", json!({ "Name": "shop" }));
    assert_eq!(
        refused(json!({ "Name": "a", "ScheduleExpression": "rate(1 minute)", "EventBusName": "shop" })),
        says("ValidationException", "ScheduleExpression is supported only on the default event bus.")
    );
    assert_eq!(
        refused(json!({ "Name": "a b" })).1,
        "1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: [\\.\\-_A-Za-z0-9]+"
    );
    assert_eq!(ask(&door, "ListRules", json!({})), json!({ "Rules": [] }));
}

#[test]
fn lists_come_in_pages_and_miss_nothing() {
    let door = Door::default();
    for i in 0..5 {
        put_rule(&door, &format!("r{i}"));
        put_target(&door, &format!("r{i}"), json!({ "Id": "q", "Arn": QUEUE }));
        put_target(
            &door,
            "r0",
            json!({ "Id": format!("t{i}"), "Arn": "arn:aws:sns:us-east-1:123456789012:x" }).clone(),
        );
        if i == 0 {
            // Five targets are the most: the queue makes room.
            ask(&door, "RemoveTargets", json!({ "Rule": "r0", "Ids": ["q"] }));
        }
        ask(&door, "CreateEventBus", json!({ "Name": format!("bus{i}") }));
    }
    let lists = [
        ("ListRules", json!({}), "Rules", 5),
        ("ListTargetsByRule", json!({ "Rule": "r0" }), "Targets", 5),
        ("ListRuleNamesByTarget", json!({ "TargetArn": QUEUE }), "RuleNames", 4),
        ("ListEventBuses", json!({}), "EventBuses", 6),
    ];
    for (operation, input, member, count) in lists {
        let all = ask(&door, operation, input.clone())[member].as_array().expect("a list").clone();
        assert_eq!(all.len(), count, "{operation}");
        let (mut paged, mut token) = (Vec::new(), Value::Null);
        loop {
            let mut input = input.clone();
            input["Limit"] = 2.into();
            if !token.is_null() {
                input["NextToken"] = token;
            }
            let page = ask(&door, operation, input);
            paged.extend(page[member].as_array().expect("a list").clone());
            token = page["NextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        assert_eq!(paged, all, "{operation}");
    }
}

#[test]
fn targets_are_told_as_they_were_put_and_hold_their_rule() {
    let door = Door::default();
    put_rule(&door, "orders");
    let target = json!({
        "Id": "q", "Arn": QUEUE, "InputTransformer": { "InputPathsMap": { "id": "$.detail.id" }, "InputTemplate": "\"<id>\"" },
        "DeadLetterConfig": { "Arn": "arn:aws:sqs:us-east-1:123456789012:dead" },
        "RetryPolicy": { "MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60 },
        "KinesisParameters": { "PartitionKeyPath": "$.id" }
    });
    let all_well = json!({ "FailedEntryCount": 0, "FailedEntries": [] });
    assert_eq!(put_target(&door, "orders", target.clone()), all_well);
    assert_eq!(ask(&door, "ListTargetsByRule", json!({ "Rule": "orders" })), json!({ "Targets": [target] }));
    assert_eq!(
        refusal(&door, "DeleteRule", json!({ "Name": "orders" })),
        says("ValidationException", "Rule can't be deleted since it has targets.")
    );
    assert_eq!(ask(&door, "RemoveTargets", json!({ "Rule": "orders", "Ids": ["q"] })), all_well);
    assert_eq!(ask(&door, "RemoveTargets", json!({ "Rule": "orders", "Ids": ["q"] }))["FailedEntryCount"], 1);
    ask(&door, "DeleteRule", json!({ "Name": "orders" }));
}

#[test]
fn a_wrong_target_is_refused_and_none_of_its_request_is_kept() {
    let door = Door::default();
    put_rule(&door, "orders");
    let refused = |targets: Value| refusal(&door, "PutTargets", json!({ "Rule": "orders", "Targets": targets }));
    let good = json!({ "Id": "good", "Arn": QUEUE });
    let cases = [
        (
            json!({ "Id": "q", "Arn": QUEUE, "Input": "{}", "InputPath": "$.detail" }),
            "Only one of Input, InputPath, or InputTransformer must be provided for target q.",
        ),
        (
            json!({ "Id": "q", "Arn": QUEUE, "InputTransformer": { "InputTemplate": "\"<x>\"" } }),
            "InputTemplate for target q contains invalid placeholder x.",
        ),
        (
            json!({ "Id": "q", "Arn": "orders" }),
            "Parameter q is not valid. Reason: Provided Arn is not in correct format.",
        ),
    ];
    for (target, message) in cases {
        assert_eq!(refused(json!([good, target])), says("ValidationException", message));
    }
    let many: Vec<Value> = (0..6).map(|i| json!({ "Id": format!("t{i}"), "Arn": QUEUE })).collect();
    assert_eq!(
        refused(json!(many)),
        says("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    );
    assert_eq!(ask(&door, "ListTargetsByRule", json!({ "Rule": "orders" })), json!({ "Targets": [] }));
    // What is not told here fails alone.
    let task = json!({ "Id": "task", "Arn": "arn:aws:ecs:us-east-1:123456789012:cluster/c" });
    let put = ask(&door, "PutTargets", json!({ "Rule": "orders", "Targets": [task, good] }));
    assert_eq!((&put["FailedEntryCount"], &put["FailedEntries"][0]["TargetId"]), (&json!(1), &json!("task")));
    assert_eq!(ask(&door, "ListTargetsByRule", json!({ "Rule": "orders" })), json!({ "Targets": [good] }));
}

#[test]
fn buses_are_apart_from_each_other() {
    let door = Door::default();
    let created = ask(&door, "CreateEventBus", json!({ "Name": "shop", "Description": "orders" }));
    assert_eq!(created, json!({ "EventBusArn": format!("{BUS}/shop"), "Description": "orders" }));
    assert_eq!(
        refusal(&door, "CreateEventBus", json!({ "Name": "shop" })),
        says("ResourceAlreadyExistsException", "Event bus shop already exists.")
    );
    let rule = json!({ "Name": "orders", "EventPattern": r#"{"source":["shop"]}"#, "EventBusName": "shop" });
    let arn = "arn:aws:events:us-east-1:123456789012:rule/shop/orders";
    assert_eq!(ask(&door, "PutRule", rule), json!({ "RuleArn": arn }));
    let targets = json!({ "Rule": "orders", "EventBusName": "shop", "Targets": [{ "Id": "q", "Arn": QUEUE }] });
    ask(&door, "PutTargets", targets);
    ask(&door, "PutEvents", json!({ "Entries": [order()] }));
    assert_eq!(told(&door).len(), 0);
    let mut entry = order();
    entry["EventBusName"] = format!("{BUS}/shop").into();
    ask(&door, "PutEvents", json!({ "Entries": [entry] }));
    assert_eq!(told(&door).len(), 1);
    let bus = json!({
        "Name": "shop", "Arn": format!("{BUS}/shop"), "Description": "orders",
        "CreationTime": 1_770_906_600, "LastModifiedTime": 1_770_906_600
    });
    assert_eq!(ask(&door, "DescribeEventBus", json!({ "Name": "shop" })), bus);
    assert_eq!(ask(&door, "DescribeEventBus", json!({}))["Arn"], format!("{BUS}/default"));
    assert_eq!(ask(&door, "ListEventBuses", json!({ "NamePrefix": "s" })), json!({ "EventBuses": [bus] }));
    refusal(&door, "DeleteEventBus", json!({ "Name": "shop" }));
    ask(&door, "RemoveTargets", json!({ "Rule": "orders", "EventBusName": "shop", "Ids": ["q"] }));
    ask(&door, "DeleteRule", json!({ "Name": "orders", "EventBusName": "shop" }));
    ask(&door, "DeleteEventBus", json!({ "Name": "shop" }));
    ask(&door, "DeleteEventBus", json!({ "Name": "shop" }));
    assert_eq!(
        refusal(&door, "DescribeEventBus", json!({ "Name": "shop" })),
        says("ResourceNotFoundException", "Event bus shop does not exist.")
    );
    assert_eq!(
        refusal(&door, "DeleteEventBus", json!({ "Name": "default" })),
        says("ValidationException", "Cannot delete event bus default.")
    );
}

#[test]
fn tags_come_and_go_with_what_they_are_on() {
    let door = Door::default();
    let arn = "arn:aws:events:us-east-1:123456789012:rule/orders";
    let tags = |arn: &str| ask(&door, "ListTagsForResource", json!({ "ResourceARN": arn }));
    let tag = |key: &str| json!({ "Key": key, "Value": "x" });
    let rule = json!({ "Name": "orders", "EventPattern": r#"{"source":["x"]}"#, "Tags": [tag("a")] });
    ask(&door, "PutRule", rule.clone());
    ask(&door, "TagResource", json!({ "ResourceARN": arn, "Tags": [tag("b")] }));
    assert_eq!(tags(arn), json!({ "Tags": [tag("a"), tag("b")] }));
    ask(&door, "UntagResource", json!({ "ResourceARN": arn, "TagKeys": ["a", "zz"] }));
    assert_eq!(tags(arn), json!({ "Tags": [tag("b")] }));
    ask(&door, "DeleteRule", json!({ "Name": "orders" }));
    assert_eq!(
        refusal(&door, "TagResource", json!({ "ResourceARN": arn, "Tags": [tag("b")] })),
        says("ResourceNotFoundException", "Rule orders does not exist on EventBus default.")
    );
    ask(&door, "PutRule", json!({ "Name": "orders", "EventPattern": r#"{"source":["x"]}"# }));
    assert_eq!(tags(arn), json!({ "Tags": [] }));
    let bus = format!("{BUS}/default");
    ask(&door, "TagResource", json!({ "ResourceARN": bus, "Tags": [tag("c")] }));
    assert_eq!(tags(&bus), json!({ "Tags": [tag("c")] }));
    assert_eq!(
        refusal(&door, "ListTagsForResource", json!({ "ResourceARN": format!("{BUS}/none") })),
        says("ResourceNotFoundException", "Event bus none does not exist.")
    );
}

#[test]
fn permissions_are_told_as_a_policy() {
    let door = Door::default();
    let permit = |principal: &str, id: &str| {
        let input = json!({ "Action": "events:PutEvents", "Principal": principal, "StatementId": id });
        ask(&door, "PutPermission", input);
    };
    let policy = || ask(&door, "DescribeEventBus", json!({}))["Policy"].clone();
    permit("111111111111", "one");
    permit("*", "all");
    let one = concat!(
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"one","Effect":"Allow","#,
        r#""Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"events:PutEvents","#,
        r#""Resource":"arn:aws:events:us-east-1:123456789012:event-bus/default"}"#
    );
    assert!(policy().as_str().is_some_and(|policy| policy.starts_with(one)), "{}", policy());
    ask(&door, "RemovePermission", json!({ "StatementId": "all" }));
    assert_eq!(policy(), format!("{one}]}}"));
    assert_eq!(
        refusal(&door, "RemovePermission", json!({ "StatementId": "all" })),
        says("ResourceNotFoundException", "Statement with the provided id does not exist.")
    );
    ask(&door, "RemovePermission", json!({ "RemoveAllPermissions": true }));
    assert_eq!(policy(), Value::Null);
    refusal(&door, "PutPermission", json!({ "Policy": "x" }));
    ask(&door, "PutPermission", json!({ "Policy": r#"{"Statement": {"Sid": "s", "Effect": "Allow"}}"# }));
    ask(&door, "RemovePermission", json!({ "StatementId": "s" }));
    assert_eq!(policy(), Value::Null);
}

#[test]
fn what_is_not_answered_yet_says_so() {
    let door = Door::default();
    for operation in ["CreateArchive", "ListArchives", "StartReplay", "ListEventSources"] {
        let (code, message) = refusal(&door, operation, json!({ "Name": "x" }));
        assert_eq!(code, "UnsupportedOperationException");
        assert!(message.starts_with(&format!("{operation} is not answered here yet. ")), "{message}");
    }
}
