//! API destinations, asked: what a request is made of, and what becomes of answers.

use jiff::SignedDuration;
use store::deliveries::DeliveryState::{Dead, Done, Waiting};

use super::connections::{api_key, connected, oauth};
use super::*;
use crate::web::{body, deliveries, header, states};

/// A rule that tells an API destination.
fn door_with(kind: &str, auth: Value, destination: Value, target: Value) -> Door {
    let door = Door::default();
    let connection = connected(&door, "c", kind, auth);
    let mut made = json!({
        "Name": "d", "ConnectionArn": connection, "InvocationEndpoint": "https://example.com/api", "HttpMethod": "POST"
    });
    made.as_object_mut().expect("it is one").extend(destination.as_object().expect("it is one").clone());
    let arn = ask(&door, "CreateApiDestination", made)["ApiDestinationArn"].clone();
    put_rule(&door, "orders");
    let mut put = json!({ "Id": "d", "Arn": arn });
    put.as_object_mut().expect("it is one").extend(target.as_object().expect("it is one").clone());
    assert_eq!(put_target(&door, "orders", put)["FailedEntryCount"], 0);
    door
}

fn order(door: &Door, detail: Value) {
    let entry = json!({ "Source": "shop", "DetailType": "Order", "Detail": detail.to_string() });
    assert_eq!(ask(door, "PutEvents", json!({ "Entries": [entry] }))["FailedEntryCount"], 0);
}

#[test]
fn a_request_is_made_of_the_destination_the_target_the_connection_and_the_event() {
    let mut auth = api_key();
    auth["InvocationHttpParameters"] = json!({
        "HeaderParameters": [{ "Key": "X-Who", "Value": "connection" }],
        "QueryStringParameters": [{ "Key": "who", "Value": "connection" }],
        "BodyParameters": [{ "Key": "who", "Value": "a \"connection\"" }]
    });
    let destination = json!({ "InvocationEndpoint": "https://example.com/orders/*/of/*?v=1" });
    let target = json!({
        "InputTransformer": { "InputPathsMap": { "rate": "$.detail.rate" }, "InputTemplate": "{\"rate\": <rate>}" },
        "HttpParameters": {
            "PathParameterValues": ["$.detail.id", "shop one"],
            "HeaderParameters": { "x-who": "target", "x-id": "$.detail.id", "x-none": "$.detail.none" },
            "QueryStringParameters": { "who": "target", "rate": "$.detail.rate", "list": "$.detail.list" }
        }
    });
    let door = door_with("API_KEY", auth, destination, target.clone());
    let listed = ask(&door, "ListTargetsByRule", json!({ "Rule": "orders" }));
    assert_eq!(listed["Targets"][0]["HttpParameters"], target["HttpParameters"]);
    order(&door, json!({ "id": "a/../b\r\nx: y", "rate": 245.0, "list": [1, "two"] }));
    door.deliver();
    let [asked] = &door.web.take()[..] else { panic!("one request") };
    assert_eq!(asked.method, "POST");
    assert_eq!(
        asked.url,
        "https://example.com/orders/a%2F..%2Fb%0D%0Ax%3A%20y/of/shop%20one?v=1&list=%5B1%2C%22two%22%5D&rate=245.0&who=connection"
    );
    assert_eq!(body(asked), r#"{"rate": 245.0,"who":"a \"connection\""}"#);
    for (name, value) in [
        ("content-type", Some("application/json; charset=utf-8")),
        ("user-agent", Some("Amazon/EventBridge/ApiDestinations")),
        ("range", Some("bytes=0-1048575")),
        ("x-who", Some("connection")),
        ("x-id", Some("a/../b??x: y")),
        ("x-none", None),
        ("x-api-key", Some("s3cret")),
    ] {
        assert_eq!(header(asked, name), value, "{name}");
    }
    assert_eq!(asked.timeout.as_secs(), 5);
    assert_eq!(states(&door, "rule-target"), [Done]);
}

#[test]
fn an_event_does_not_lead_the_address_elsewhere() {
    let destination = json!({ "InvocationEndpoint": "https://example.com/orders/*/close" });
    let target = json!({ "HttpParameters": { "PathParameterValues": ["$.detail.id"] } });
    let door = door_with("API_KEY", api_key(), destination, target);
    for id in ["..", ".", "../admin", "a?b#c", "%2e%2e"] {
        order(&door, json!({ "id": id }));
    }
    door.deliver();
    let urls: Vec<String> = door.web.take().into_iter().map(|asked| asked.url).collect();
    assert_eq!(
        urls,
        [
            "https://example.com/orders/..%2Fadmin/close",
            "https://example.com/orders/a%3Fb%23c/close",
            "https://example.com/orders/%252e%252e/close"
        ]
    );
    assert_eq!(states(&door, "rule-target"), [Dead, Dead, Done, Done, Done]);
}

#[test]
fn basic_is_a_name_and_a_password_and_a_get_says_nothing() {
    let auth = json!({ "BasicAuthParameters": { "Username": "user", "Password": "pass" } });
    let door = door_with("BASIC", auth, json!({ "HttpMethod": "GET" }), json!({}));
    order(&door, json!({}));
    door.deliver();
    let [asked] = &door.web.take()[..] else { panic!("one request") };
    assert_eq!((asked.method.as_str(), header(asked, "authorization")), ("GET", Some("Basic dXNlcjpwYXNz")));
    assert!(asked.body.is_empty());
}

#[test]
fn a_token_serves_until_it_is_over_or_refused() {
    let mut door = door_with("OAUTH_CLIENT_CREDENTIALS", oauth(), json!({}), json!({}));
    let token =
        |text: &str| door.web.will_answer(200, &[], &format!(r#"{{"access_token":"{text}","expires_in":600}}"#));
    token("t-1");
    door.deliver();
    door.web.take();
    for _ in 0..2 {
        order(&door, json!({}));
        door.deliver();
        let [asked] = &door.web.take()[..] else { panic!("no token is asked for") };
        assert_eq!(header(asked, "authorization"), Some("Bearer t-1"));
    }
    // Refused before its time: fetched and tried at once.
    order(&door, json!({}));
    door.web.will_answer(401, &[], "");
    token("t-2");
    door.deliver();
    let asked = door.web.take();
    assert_eq!(
        asked.iter().map(|asked| asked.url.as_str()).collect::<Vec<_>>(),
        ["https://example.com/api", "https://login.example.com/token", "https://example.com/api"]
    );
    assert_eq!(header(&asked[2], "authorization"), Some("Bearer t-2"));
    assert_eq!(states(&door, "rule-target"), [Done; 3]);
    // Over: fetched before.
    door.wait(SignedDuration::from_secs(600));
    order(&door, json!({}));
    door.web.will_answer(200, &[], r#"{"access_token":"t-3"}"#);
    door.deliver();
    let asked = door.web.take();
    assert_eq!((asked.len(), header(&asked[1], "authorization")), (2, Some("Bearer t-3")));
    // A token server that refuses the client loses nothing.
    door.wait(SignedDuration::from_hours(2));
    order(&door, json!({}));
    door.web.will_answer(400, &[], r#"{"error":"invalid_client"}"#);
    door.deliver();
    assert_eq!(states(&door, "rule-target").last(), Some(&Waiting));
}

#[test]
fn no_more_a_second_are_made_than_the_destination_takes() {
    let mut door = door_with("API_KEY", api_key(), json!({ "InvocationRateLimitPerSecond": 2 }), json!({}));
    for _ in 0..6 {
        order(&door, json!({}));
    }
    let mut made = Vec::new();
    for _ in 0..6 {
        door.deliver();
        made.push(door.web.take().len());
        door.wait(SignedDuration::from_millis(501));
    }
    assert_eq!(made, [2, 1, 1, 1, 1, 0]);
    assert!(deliveries(&door, "rule-target").iter().all(|row| row.state == Done && row.attempts == 0));
}

#[test]
fn an_answer_says_whether_and_when_it_is_tried_again() {
    let mut door = door_with("API_KEY", api_key(), json!({}), json!({}));
    for (status, state) in
        [(400, Dead), (403, Dead), (404, Dead), (302, Dead), (401, Waiting), (409, Waiting), (500, Waiting)]
    {
        order(&door, json!({}));
        door.web.will_answer(status, &[], "");
        door.deliver();
        assert_eq!(states(&door, "rule-target").last(), Some(&state), "{status}");
        door.wait(SignedDuration::from_secs(5));
        door.deliver();
        door.web.take();
    }
    order(&door, json!({}));
    door.web.will_answer(429, &[("retry-after", "30")], "");
    door.deliver();
    door.wait(SignedDuration::from_secs(29));
    door.web.take();
    door.deliver();
    assert!(door.web.take().is_empty(), "it asked for 30 seconds");
    door.wait(SignedDuration::from_secs(2));
    door.deliver();
    assert_eq!(door.web.take().len(), 1);
    // What is gone, or has nothing to prove itself by, is not asked.
    ask(&door, "DeauthorizeConnection", json!({ "Name": "c" }));
    order(&door, json!({}));
    door.deliver();
    ask(&door, "DeleteApiDestination", json!({ "Name": "d" }));
    order(&door, json!({}));
    door.deliver();
    let rows = deliveries(&door, "rule-target");
    let why: Vec<&str> = rows[rows.len() - 2..].iter().filter_map(|row| row.last_error.as_deref()).collect();
    assert!(why[0].contains("is deauthorized") && why[1].starts_with("there is no API destination"), "{why:?}");
    assert!(door.web.take().is_empty());
}

#[test]
fn parameters_that_cannot_be_sent_are_refused_when_they_are_put() {
    let door = door_with("API_KEY", api_key(), json!({}), json!({}));
    let arn = ask(&door, "DescribeApiDestination", json!({ "Name": "d" }))["ApiDestinationArn"].clone();
    for (http, says) in [
        (json!({ "HeaderParameters": { "Content-Length": "0" } }), "Header Content-Length is not allowed to be set."),
        (json!({ "PathParameterValues": ["$.a..b"] }), "HttpParameters for target x are not valid"),
        (json!({ "PathParameterValues": [" "] }), "1 validation error detected"),
        (json!({ "HeaderParameters": { "a b": "c" } }), "1 validation error detected"),
    ] {
        let target = json!({ "Id": "x", "Arn": arn, "HttpParameters": http });
        let (_, why) = refusal(&door, "PutTargets", json!({ "Rule": "orders", "Targets": [target] }));
        assert!(why.starts_with(says), "{why}");
    }
}
