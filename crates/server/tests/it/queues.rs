//! Queues: as targets of rules, as subscriptions, and for what could not be delivered.

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::world::{QueueError, QueueMessage};

use crate::door::Door;

const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:alerts";
const DEAD: &str = "arn:aws:sqs:us-east-1:123456789012:dead";
const RULE: &str = "arn:aws:events:us-east-1:123456789012:rule/orders";
const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:alerts";

/// A rule with one target: what it is told is the event's detail.
fn with_rule(target: &Value) -> Door {
    let door = Door::default();
    let rule = json!({ "Name": "orders", "EventPattern": r#"{"source": ["shop"]}"# });
    assert_eq!(door.json("AWSEvents.PutRule", rule).status, 200);
    let reply = door.json("AWSEvents.PutTargets", json!({ "Rule": "orders", "Targets": [target] })).json();
    assert_eq!(reply["FailedEntryCount"], 0, "{reply}");
    door
}

fn order(door: &Door) {
    let entry = json!({ "Source": "shop", "DetailType": "order", "Detail": r#"{"n":1}"# });
    assert_eq!(door.json("AWSEvents.PutEvents", json!({ "Entries": [entry] })).json()["FailedEntryCount"], 0);
    door.deliver();
}

fn attribute<'m>(message: &'m QueueMessage, name: &str) -> Option<&'m str> {
    message.attributes.get(name).map(|attribute| {
        assert_eq!(attribute.data_type, "String");
        attribute.value.as_str()
    })
}

#[test]
fn a_queue_is_told_what_its_rule_says() {
    let door = with_rule(&json!({ "Id": "q", "Arn": QUEUE, "InputPath": "$.detail" }));
    order(&door);
    let [(queue, message)] = &door.queues.take()[..] else { panic!("one message") };
    assert_eq!((queue.as_str(), message.body.as_str()), (QUEUE, r#"{"n":1}"#));
    assert_eq!((&message.group_id, &message.deduplication_id), (&None, &None));
}

#[test]
fn a_queue_in_order_is_told_the_group_and_the_same_id_at_every_attempt() {
    let fifo = "arn:aws:sqs:us-east-1:123456789012:alerts.fifo";
    let door = with_rule(&json!({ "Id": "q", "Arn": fifo, "SqsParameters": { "MessageGroupId": "g" } }));
    order(&door);
    order(&door);
    let [(_, one), (_, two)] = &door.queues.take()[..] else { panic!("two messages") };
    assert_eq!(one.group_id.as_deref(), Some("g"));
    assert!(one.deduplication_id.is_some() && one.deduplication_id != two.deduplication_id);
}

#[test]
fn what_a_target_refuses_for_good_becomes_a_dead_letter_with_the_event_and_the_reason() {
    let target = json!({ "Id": "q", "Arn": QUEUE, "InputPath": "$.detail", "DeadLetterConfig": { "Arn": DEAD } });
    let door = with_rule(&target);
    door.queues.refuse(QUEUE, QueueError::NoPermission("you may not".into()));
    order(&door);
    let [(queue, letter)] = &door.queues.take()[..] else { panic!("one letter") };
    assert_eq!(queue, DEAD);
    let event: Value = serde_json::from_str(&letter.body).expect("it is the event");
    assert_eq!((&event["source"], &event["detail"]["n"]), (&json!("shop"), &json!(1)));
    assert_eq!(attribute(letter, "RULE_ARN"), Some(RULE));
    assert_eq!(attribute(letter, "TARGET_ARN"), Some(QUEUE));
    assert_eq!(attribute(letter, "ERROR_CODE"), Some("NO_PERMISSIONS"));
    assert_eq!(attribute(letter, "ERROR_MESSAGE"), Some("you may not"));
    assert_eq!(attribute(letter, "RETRY_ATTEMPTS"), Some("0"));
    assert_eq!(attribute(letter, "EXHAUSTED_RETRY_CONDITION"), None);
}

#[test]
fn what_was_tried_to_the_end_says_so_and_waits_for_its_queue() {
    let retries = json!({ "MaximumRetryAttempts": 1 });
    let target = json!({ "Id": "q", "Arn": QUEUE, "DeadLetterConfig": { "Arn": DEAD }, "RetryPolicy": retries });
    let mut door = with_rule(&target);
    door.queues.refuse(QUEUE, QueueError::Other("nobody answers".into()));
    door.queues.refuse(DEAD, QueueError::Throttled("too much".into()));
    order(&door);
    door.wait(SignedDuration::from_hours(1));
    door.deliver();
    assert_eq!(door.queues.take(), []);
    door.queues.allow(DEAD);
    door.wait(SignedDuration::from_hours(1));
    door.deliver();
    let [(queue, letter)] = &door.queues.take()[..] else { panic!("one letter") };
    assert_eq!(queue, DEAD);
    assert_eq!(attribute(letter, "ERROR_CODE"), Some("CONNECTION_FAILURE"));
    assert_eq!(attribute(letter, "EXHAUSTED_RETRY_CONDITION"), Some("MaximumRetryAttempts"));
    assert_eq!(attribute(letter, "RETRY_ATTEMPTS"), Some("1"));
}

/// A topic with a queue that listens.
fn with_topic(attributes: &[(&str, &str)]) -> Door {
    let door = Door::default();
    assert_eq!(door.form("Version=2010-03-31&Action=CreateTopic&Name=alerts").status, 200);
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Version", "2010-03-31").append_pair("Action", "Subscribe").append_pair("TopicArn", TOPIC);
    form.append_pair("Protocol", "sqs").append_pair("Endpoint", QUEUE);
    for (at, (name, value)) in (1..).zip(attributes) {
        form.append_pair(&format!("Attributes.entry.{at}.key"), name);
        form.append_pair(&format!("Attributes.entry.{at}.value"), value);
    }
    let reply = door.form(&form.finish());
    assert_eq!(reply.status, 200, "{reply:?}");
    door
}

fn publish(door: &Door) {
    let attribute = "MessageAttributes.entry.1.Name=level&MessageAttributes.entry.1.Value.DataType=Number\
                     &MessageAttributes.entry.1.Value.StringValue=7";
    let reply = door.form(&format!("Version=2010-03-31&Action=Publish&TopicArn={TOPIC}&Message=hello&{attribute}"));
    assert_eq!(reply.status, 200, "{reply:?}");
    door.deliver();
}

#[test]
fn a_subscribed_queue_gets_the_envelope_or_the_message_alone() {
    let door = with_topic(&[]);
    publish(&door);
    let [(queue, message)] = &door.queues.take()[..] else { panic!("one message") };
    let envelope: Value = serde_json::from_str(&message.body).expect("it is the envelope");
    assert_eq!(
        (queue.as_str(), &envelope["Message"], &envelope["Type"]),
        (QUEUE, &json!("hello"), &json!("Notification"))
    );
    assert!(message.attributes.is_empty());

    let door = with_topic(&[("RawMessageDelivery", "true")]);
    publish(&door);
    let [(_, message)] = &door.queues.take()[..] else { panic!("one message") };
    assert_eq!(message.body, "hello");
    let level = &message.attributes["level"];
    assert_eq!((level.data_type.as_str(), level.value.as_str()), ("Number", "7"));
}

#[test]
fn what_a_subscriber_refuses_for_good_goes_to_the_queue_of_its_redrive_policy() {
    let policy = json!({ "deadLetterTargetArn": DEAD }).to_string();
    let door = with_topic(&[("RedrivePolicy", &policy), ("RawMessageDelivery", "true")]);
    door.queues.refuse(QUEUE, QueueError::NoQueue("there is none".into()));
    publish(&door);
    let [(queue, letter)] = &door.queues.take()[..] else { panic!("one letter") };
    assert_eq!((queue.as_str(), letter.body.as_str()), (DEAD, "hello"));
    assert_eq!(attribute(letter, "ErrorCode"), Some("ClientError"));
    assert_eq!(attribute(letter, "ErrorMessage"), Some("there is none"));
    assert!(attribute(letter, "RequestID").is_some());
    assert_eq!(letter.attributes["level"].value, "7");
}
