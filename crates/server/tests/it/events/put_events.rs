//! `PutEvents`, and what comes of it.

use serde_json::{Value, json};

use super::{QUEUE, ask, order, put_rule, put_target, refusal, says, told};
use crate::door::Door;

#[test]
fn an_event_is_told_once_to_every_target_that_wants_it() {
    let door = Door::default();
    let put = ask(&door, "PutEvents", json!({ "Entries": [order()] }));
    assert_eq!(put["FailedEntryCount"], 0);
    assert_eq!(told(&door), Vec::<Value>::new());
    for (rule, pattern) in
        [("a", r#"{"source":["shop"]}"#), ("b", r#"{"detail":{"id":[7]}}"#), ("c", r#"{"source":["x"]}"#)]
    {
        ask(&door, "PutRule", json!({ "Name": rule, "EventPattern": pattern }));
        put_target(&door, rule, json!({ "Id": "whole", "Arn": QUEUE }));
    }
    put_target(&door, "a", json!({ "Id": "nothing", "Arn": QUEUE, "InputPath": "$.detail.nowhere" }));
    put_target(&door, "a", json!({ "Id": "part", "Arn": QUEUE, "InputPath": "$.detail.sum" }));
    put_target(&door, "a", json!({ "Id": "same", "Arn": QUEUE, "Input": "[1]" }));
    let mut entry = order();
    entry["Time"] = 1_770_000_000.into();
    entry["Resources"] = json!(["arn:x"]);
    let id = ask(&door, "PutEvents", json!({ "Entries": [entry] }))["Entries"][0]["EventId"].clone();
    let whole = format!(r#"{{"version":"0","id":{id},"detail-type":"order","source":"shop","account":"123456789012","#)
        + r#""time":"2026-02-02T02:40:00Z","region":"us-east-1","resources":["arn:x"],"detail":{"id":7,"sum":1.50,"id2":"a\"b"}}"#;
    let told: Vec<(Value, Value)> =
        told(&door).into_iter().map(|told| (told["target_id"].clone(), told["text"].clone())).collect();
    let expected = [("part", "1.50"), ("same", "[1]"), ("whole", whole.as_str()), ("whole", whole.as_str())];
    assert_eq!(told, expected.map(|(id, text)| (json!(id), json!(text))));
}

#[test]
fn a_disabled_or_deleted_rule_sees_nothing_more() {
    let door = Door::default();
    put_rule(&door, "orders");
    put_target(&door, "orders", json!({ "Id": "q", "Arn": QUEUE }));
    let mut count = 0;
    let mut is_told = || {
        ask(&door, "PutEvents", json!({ "Entries": [order()] }));
        let (now, before) = (told(&door).len(), count);
        count = now;
        now > before
    };
    assert!(is_told());
    ask(&door, "DisableRule", json!({ "Name": "orders" }));
    assert!(!is_told());
    ask(&door, "EnableRule", json!({ "Name": "orders" }));
    assert!(is_told());
    ask(&door, "PutRule", json!({ "Name": "orders", "EventPattern": r#"{"source":["x"]}"# }));
    assert!(!is_told());
    put_rule(&door, "orders");
    assert!(is_told());
    ask(&door, "RemoveTargets", json!({ "Rule": "orders", "Ids": ["q"] }));
    assert!(!is_told());
    put_target(&door, "orders", json!({ "Id": "q", "Arn": QUEUE }));
    assert!(is_told());
}

#[test]
fn each_entry_is_taken_or_refused_by_itself() {
    let door = Door::default();
    let without = |member: &str| {
        let mut entry = order();
        entry.as_object_mut().expect("it is an object").remove(member);
        entry
    };
    let with = |member: &str, value: &str| {
        let mut entry = order();
        entry[member] = value.into();
        entry
    };
    let entries = json!([
        without("Source"),
        without("DetailType"),
        without("Detail"),
        with("Detail", "[1]"),
        with("Detail", "{"),
        with("Source", "aws.ec2"),
        with("EventBusName", "nowhere"),
        order()
    ]);
    let put = ask(&door, "PutEvents", json!({ "Entries": entries }));
    assert_eq!(put["FailedEntryCount"], 6);
    let required = |name: &str| {
        json!({
            "ErrorCode": "InvalidArgument",
            "ErrorMessage": format!("Parameter {name} is not valid. Reason: {name} is a required argument.")
        })
    };
    let malformed = json!({ "ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed." });
    assert_eq!(put["Entries"][0], required("Source"));
    assert_eq!(put["Entries"][1], required("DetailType"));
    assert_eq!(put["Entries"][2], required("Detail"));
    assert_eq!((&put["Entries"][3], &put["Entries"][4]), (&malformed, &malformed));
    assert_eq!(put["Entries"][5]["ErrorCode"], "NotAuthorizedForSourceException");
    assert!(put["Entries"][6]["EventId"].is_string() && put["Entries"][7]["EventId"].is_string());
    let large = with("Detail", &format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20)));
    assert_eq!(
        refusal(&door, "PutEvents", json!({ "Entries": [large] })),
        says("ValidationException", "Total size of the entries in the request is over the limit.")
    );
    let (_, message) = refusal(&door, "PutEvents", json!({ "Entries": vec![order(); 11] }));
    assert!(message.starts_with("1 validation error detected: Value '[PutEventsRequestEntry(time=null, source=shop, resources=null, detailType=order, detail={"), "{message}");
    assert!(message.contains("eventBusName=null, traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null)"));
    assert!(
        message
            .ends_with("at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10")
    );
}
