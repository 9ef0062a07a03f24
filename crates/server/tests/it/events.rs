//! EventBridge.

use serde_json::json;

use crate::door::Door;

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
