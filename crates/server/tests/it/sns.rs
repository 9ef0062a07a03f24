//! SNS.

use jiff::SignedDuration;
use serde_json::Value;
use store::deliveries::{Delivery, DeliveryList};

use crate::door::{Door, Reply};

mod http;
mod links;
mod publish;
mod subscriptions;
mod topics;

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:alerts";
const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:alerts";

/// A call, as AWS's clients make it.
fn call(door: &Door, action: &str, parameters: &[(&str, &str)]) -> Reply {
    let mut form = format!("Action={action}&Version=2010-03-31");
    for (name, value) in parameters {
        form += &format!("&{}={}", encoded(name), encoded(value));
    }
    door.form(&form)
}

fn encoded(text: &str) -> String {
    let each = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    each.collect()
}

/// A call that is answered.
fn ok(door: &Door, action: &str, parameters: &[(&str, &str)]) -> String {
    let reply = call(door, action, parameters);
    assert_eq!(reply.status, 200, "{action}: {}", reply.body);
    reply.body
}

/// A call that is refused: its status, code and message.
fn refused(door: &Door, action: &str, parameters: &[(&str, &str)]) -> (u16, String, String) {
    let reply = call(door, action, parameters);
    assert_ne!(reply.status, 200, "{action}: {}", reply.body);
    (reply.status, text(&reply.body, "Code"), text(&reply.body, "Message"))
}

fn invalid(message: &str) -> (u16, String, String) {
    (400, "InvalidParameter".into(), format!("Invalid parameter: {message}"))
}

fn not_found(message: &str) -> (u16, String, String) {
    (404, "NotFound".into(), message.into())
}

/// The texts of the elements of this name.
fn texts(body: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let parts = body.split(open.as_str()).skip(1);
    let raw = parts.map(|part| part.split(close.as_str()).next().unwrap_or_default());
    raw.map(unescaped).collect()
}

fn text(body: &str, element: &str) -> String {
    texts(body, element).into_iter().next().unwrap_or_default()
}

fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (name, char) in [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&apos;", "'"),
        ("&#xA;", "\n"),
        ("&amp;", "&"),
    ] {
        text = text.replace(name, char);
    }
    text
}

/// An attribute of a topic or a subscription.
fn attribute(body: &str, name: &str) -> Option<String> {
    let (_, after) = body.split_once(&format!("<key>{name}</key>"))?;
    Some(text(after, "value"))
}

fn with_topic() -> Door {
    let door = Door::default();
    ok(&door, "CreateTopic", &[("Name", "alerts")]);
    door
}

/// Subscribes, and asks for the ARN.
fn subscribe(door: &Door, protocol: &str, endpoint: &str, more: &[(&str, &str)]) -> String {
    let mut parameters =
        vec![("TopicArn", TOPIC), ("Protocol", protocol), ("Endpoint", endpoint), ("ReturnSubscriptionArn", "true")];
    parameters.extend(more);
    text(&ok(door, "Subscribe", &parameters), "SubscriptionArn")
}

/// What waits in the outbox, the oldest first.
fn outbox(door: &Door) -> Vec<Delivery> {
    let mut all = door.store.read(|r| r.deliveries(&DeliveryList::default(), 1000)).expect("it can be read");
    all.reverse();
    all
}

fn payload(delivery: &Delivery) -> Value {
    serde_json::from_slice(&delivery.payload).expect("it is JSON")
}

/// The token that was sent last.
fn token(door: &Door) -> String {
    let last = outbox(door).pop().expect("something was sent");
    let said = &payload(&last)["said"];
    let question = said.as_object().and_then(|said| said.values().next()).expect("it says something");
    question["token"].as_str().expect("it has a token").to_owned()
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}
