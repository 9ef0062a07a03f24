//! Subscriptions over HTTP/S: asked, told, and checked as a subscriber checks them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use server::world::WebRequest;
use store::deliveries::DeliveryState::{Dead, Done, Waiting};

use super::*;
use crate::web::{body, deliveries, header, is_signed, states};

const HOOK: &str = "https://hooks.example.com/sns";

/// The only request that was made.
fn only(door: &Door) -> WebRequest {
    let mut asked = door.web.take();
    assert_eq!(asked.len(), 1, "{asked:?}");
    asked.remove(0)
}

/// What it says, once its signature was checked as AWS's validators do.
fn checked(request: &WebRequest) -> Value {
    let said: Value = serde_json::from_slice(&request.body).expect("it is JSON");
    let names: &[&str] = match said["Type"].as_str().expect("it has a type") {
        "Notification" => &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
        _ => &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    };
    let mut text = String::new();
    for name in names {
        if let Some(value) = said[name].as_str() {
            text += &format!("{name}\n{value}\n");
        }
    }
    let signature = STANDARD.decode(said["Signature"].as_str().expect("it is signed")).expect("it is base64");
    let version = said["SignatureVersion"].as_str().expect("it says how");
    assert!(is_signed(version, text.as_bytes(), &signature), "{said}");
    assert!(!is_signed(version, text.replacen("Type", "type", 1).as_bytes(), &signature));
    let certificate = said["SigningCertURL"].as_str().expect("it says by what");
    assert!(certificate.starts_with("http://127.0.0.1:4580/SimpleNotificationService-"), "{certificate}");
    said
}

/// A topic, and a hook that has said yes.
fn with_hook(more: &[(&str, &str)]) -> Door {
    let door = with_topic();
    subscribe(&door, "https", HOOK, more);
    door.deliver();
    let asked = checked(&only(&door));
    ok(&door, "ConfirmSubscription", &[("TopicArn", TOPIC), ("Token", asked["Token"].as_str().expect("it has one"))]);
    door
}

fn publish(door: &Door, message: &str) {
    ok(door, "Publish", &[("TopicArn", TOPIC), ("Message", message), ("Subject", "An unusual rate")]);
}

#[test]
fn a_hook_is_asked_told_and_taken_leave_of_and_each_time_it_is_signed() {
    let door = with_topic();
    let arn = subscribe(&door, "https", HOOK, &[]);
    publish(&door, "too early");
    door.deliver();
    let request = only(&door);
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", HOOK));
    assert_eq!(header(&request, "x-amz-sns-message-type"), Some("SubscriptionConfirmation"));
    assert_eq!(header(&request, "content-type"), Some("text/plain; charset=UTF-8"));
    let asked = checked(&request);
    let token = asked["Token"].as_str().expect("it has one");
    ok(&door, "ConfirmSubscription", &[("TopicArn", TOPIC), ("Token", token)]);

    publish(&door, "hello");
    door.deliver();
    let request = only(&door);
    assert_eq!(header(&request, "x-amz-sns-subscription-arn"), Some(arn.as_str()));
    let said = checked(&request);
    assert_eq!((&said["Message"], &said["SignatureVersion"]), (&"hello".into(), &"1".into()));

    let version = [("TopicArn", TOPIC), ("AttributeName", "SignatureVersion"), ("AttributeValue", "2")];
    ok(&door, "SetTopicAttributes", &version);
    publish(&door, "a better hash");
    door.deliver();
    assert_eq!(checked(&only(&door))["SignatureVersion"], "2");

    ok(&door, "Unsubscribe", &[("SubscriptionArn", &arn)]);
    door.deliver();
    assert_eq!(checked(&only(&door))["Type"], "UnsubscribeConfirmation");
    publish(&door, "too late");
    door.deliver();
    assert!(door.web.take().is_empty());
    assert_eq!(states(&door, "sns-http"), [Done, Done]);
}

#[test]
fn a_hook_that_is_ill_is_told_again_three_times_twenty_seconds_apart() {
    let mut door = with_hook(&[]);
    publish(&door, "hello");
    for answer in [500, 429, 503] {
        door.web.will_answer(answer, &[], "");
    }
    door.web.will_be_silent();
    door.deliver();
    let mut bodies = vec![only(&door).body];
    for _ in 0..3 {
        door.wait(SignedDuration::from_secs(17));
        door.deliver();
        assert!(door.web.take().is_empty(), "it is too early");
        door.wait(SignedDuration::from_secs(3));
        door.deliver();
        bodies.push(only(&door).body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the same is said each time");
    door.wait(SignedDuration::from_hours(24));
    door.deliver();
    assert!(door.web.take().is_empty());
    let [dead] = &deliveries(&door, "sns-http")[..] else { panic!("there is one") };
    assert_eq!((dead.state, dead.attempts), (Dead, 4));
    assert_eq!(dead.last_error.as_deref(), Some("no answer within 15 s"));
}

#[test]
fn a_hook_that_refuses_is_not_told_again() {
    let mut door = with_hook(&[]);
    for answer in [400, 403, 404, 307] {
        publish(&door, "hello");
        door.web.will_answer(answer, &[("location", "http://169.254.169.254/")], "");
        door.deliver();
        assert_eq!(door.web.take().len(), 1, "{answer}");
    }
    door.wait(SignedDuration::from_hours(24));
    door.deliver();
    assert!(door.web.take().is_empty());
    assert_eq!(states(&door, "sns-http"), [Dead; 4]);
}

#[test]
fn a_subscription_s_own_policy_says_how_often_and_how_fast() {
    let policy = r#"{"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":1,"numRetries":1},
                     "throttlePolicy":{"maxReceivesPerSecond":2},"requestPolicy":{"headerContentType":"application/json"}}"#;
    let entries = [("Attributes.entry.1.key", "DeliveryPolicy"), ("Attributes.entry.1.value", policy)];
    let mut door = with_hook(&entries);
    door.wait(SignedDuration::from_secs(60));
    for number in 0..5 {
        publish(&door, &number.to_string());
    }
    let mut told = Vec::new();
    for _ in 0..5 {
        door.deliver();
        let asked = door.web.take();
        assert!(asked.iter().all(|request| header(request, "content-type") == Some("application/json")));
        told.push(asked.len());
        door.wait(SignedDuration::from_millis(501));
    }
    assert_eq!(told, [2, 1, 1, 1, 0], "two at once, and then two a second");
    assert!(deliveries(&door, "sns-http").iter().all(|delivery| delivery.attempts == 0 && delivery.state == Done));

    publish(&door, "again");
    door.web.will_answer(500, &[], "");
    door.web.will_answer(500, &[], "");
    door.wait(SignedDuration::from_secs(10));
    door.deliver();
    assert_eq!(states(&door, "sns-http").last(), Some(&Waiting));
    door.wait(SignedDuration::from_secs(1));
    door.deliver();
    assert_eq!(states(&door, "sns-http").last(), Some(&Dead));
}

#[test]
fn what_is_raw_is_said_as_it_is() {
    let door = with_hook(&[("Attributes.entry.1.key", "RawMessageDelivery"), ("Attributes.entry.1.value", "true")]);
    publish(&door, "{\"rate\": 245.0}");
    door.deliver();
    let request = only(&door);
    assert_eq!(body(&request), "{\"rate\": 245.0}");
    assert_eq!(header(&request, "x-amz-sns-rawdelivery"), Some("true"));
}
