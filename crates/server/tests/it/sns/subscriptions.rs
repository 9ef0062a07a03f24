//! Subscriptions.

use super::*;

#[test]
fn queues_and_functions_are_told_at_once_and_people_are_asked() {
    let door = with_topic();
    let answer = |protocol, endpoint| {
        text(
            &ok(&door, "Subscribe", &[("TopicArn", TOPIC), ("Protocol", protocol), ("Endpoint", endpoint)]),
            "SubscriptionArn",
        )
    };
    for (protocol, endpoint) in
        [("sqs", QUEUE), ("lambda", "arn:aws:lambda:us-east-1:123456789012:function:warden"), ("sms", "+15551234567")]
    {
        assert!(answer(protocol, endpoint).starts_with(TOPIC), "{protocol}");
    }
    assert_eq!(outbox(&door), []);
    for (protocol, endpoint, kind) in [
        ("email", "ops@example.com", "sns-email-confirmation"),
        ("email-json", "ops@example.com", "sns-email-confirmation"),
        ("https", "https://example.com/hook", "sns-http-confirmation"),
        ("sqs", "arn:aws:sqs:us-east-1:999999999999:theirs", "sns-sqs-confirmation"),
    ] {
        assert_eq!(answer(protocol, endpoint), "pending confirmation");
        let sent = outbox(&door).pop().expect("it was asked");
        assert_eq!((sent.kind.as_str(), &payload(&sent)["endpoint"]), (kind, &Value::from(endpoint)));
    }
    let told = ok(&door, "GetTopicAttributes", &[("TopicArn", TOPIC)]);
    assert_eq!(attribute(&told, "SubscriptionsConfirmed").as_deref(), Some("3"));
    assert_eq!(attribute(&told, "SubscriptionsPending").as_deref(), Some("4"));
    for action in ["ListSubscriptions", "ListSubscriptionsByTopic"] {
        let listed = ok(&door, action, &[("TopicArn", TOPIC)]);
        let arns = texts(&listed, "SubscriptionArn");
        assert_eq!(arns.iter().filter(|arn| *arn == "PendingConfirmation").count(), 4, "{action}");
        assert_eq!(arns.len(), 7);
    }
}

#[test]
fn an_endpoint_must_be_one_of_its_protocol() {
    let door = with_topic();
    for (protocol, endpoint, message) in [
        ("pigeon", "x", "Invalid parameter: Amazon SNS does not support this protocol string: pigeon"),
        ("http", "https://example.com", "Invalid parameter: Endpoint must match the specified protocol"),
        ("https", "https://", "Invalid parameter: Endpoint must match the specified protocol"),
        ("email", "nobody", "Invalid parameter: Email address"),
        ("email", "a@b\r\nBcc: c@d", "Invalid parameter: Email address"),
        ("sqs", "https://queue.amazonaws.com/1/q", "Invalid parameter: SQS endpoint ARN"),
        (
            "sqs",
            "arn:aws:sqs:us-east-1:123456789012:q.fifo",
            "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        ),
        ("lambda", QUEUE, "Invalid parameter: Lambda endpoint ARN"),
        ("sms", "+15--551234567", "Invalid SMS endpoint: +15--551234567"),
        ("sms", "NAA+15551234567", "Invalid SMS endpoint: NAA+15551234567"),
        ("sms", "+15551234567.", "Invalid SMS endpoint: +15551234567."),
        ("sms", "/+15551234567", "Invalid SMS endpoint: /+15551234567"),
        ("email", "", "Invalid parameter: Endpoint"),
    ] {
        let asked = [("TopicArn", TOPIC), ("Protocol", protocol), ("Endpoint", endpoint)];
        let expected = (400, "InvalidParameter".to_owned(), message.to_owned());
        assert_eq!(refused(&door, "Subscribe", &asked), expected, "{protocol} {endpoint}");
    }
    let nowhere = [("TopicArn", "arn:aws:sns:us-east-1:123456789012:none"), ("Protocol", "sqs"), ("Endpoint", QUEUE)];
    assert_eq!(refused(&door, "Subscribe", &nowhere), not_found("Topic does not exist"));
    assert_eq!(outbox(&door), []);
}

#[test]
fn the_same_is_subscribed_once() {
    let door = with_topic();
    let raw = |value| [("Attributes.entry.1.key", "RawMessageDelivery"), ("Attributes.entry.1.value", value)];
    let arn = subscribe(&door, "sqs", QUEUE, &raw("true"));
    assert_eq!(subscribe(&door, "sqs", QUEUE, &raw("true")), arn);
    assert_eq!(subscribe(&door, "sqs", QUEUE, &[]), arn);
    let scope = [("Attributes.entry.1.key", "FilterPolicyScope"), ("Attributes.entry.1.value", "MessageAttributes")];
    assert_eq!(subscribe(&door, "sqs", QUEUE, &scope), arn);
    let mut other = vec![("TopicArn", TOPIC), ("Protocol", "sqs"), ("Endpoint", QUEUE)];
    other.extend(raw("false"));
    assert_eq!(
        refused(&door, "Subscribe", &other),
        invalid("Attributes Reason: Subscription already exists with different attributes")
    );
}

#[test]
fn a_token_is_good_for_two_days_and_may_be_shown_twice() {
    let mut door = with_topic();
    let arn = subscribe(&door, "email", "ops@example.com", &[]);
    let first = token(&door);
    let confirm =
        |door: &Door, token: &str| call(door, "ConfirmSubscription", &[("TopicArn", TOPIC), ("Token", token)]);
    assert_eq!(text(&confirm(&door, "so-so").body, "Message"), "Invalid token");
    assert_eq!(text(&confirm(&door, "abcd").body, "Message"), "Invalid parameter: Token");
    door.wait(days(1));
    // Asked again, the first link stays good with the second.
    assert_eq!(subscribe(&door, "email", "ops@example.com", &[]), arn);
    assert_eq!(token(&door), first);
    door.wait(days(3));
    assert_eq!(text(&confirm(&door, &first).body, "Message"), "Invalid parameter: Token");
    assert_eq!(
        refused(&door, "GetSubscriptionAttributes", &[("SubscriptionArn", &arn)]),
        not_found("Subscription does not exist")
    );
    assert!(texts(&ok(&door, "ListSubscriptions", &[]), "SubscriptionArn").is_empty());

    let arn = subscribe(&door, "email", "ops@example.com", &[]);
    let second = token(&door);
    assert_ne!(second, first);
    for _ in 0..2 {
        assert_eq!(text(&confirm(&door, &second).body, "SubscriptionArn"), arn);
    }
    let told = ok(&door, "GetSubscriptionAttributes", &[("SubscriptionArn", &arn)]);
    assert_eq!(attribute(&told, "PendingConfirmation").as_deref(), Some("false"));
    assert_eq!(attribute(&told, "ConfirmationWasAuthenticated").as_deref(), Some("true"));
}

#[test]
fn attributes_are_checked_and_told() {
    let door = with_topic();
    let arn = subscribe(&door, "sqs", QUEUE, &[]);
    let set = |name, value| {
        call(
            &door,
            "SetSubscriptionAttributes",
            &[("SubscriptionArn", &arn), ("AttributeName", name), ("AttributeValue", value)],
        )
    };
    let told = |name| attribute(&ok(&door, "GetSubscriptionAttributes", &[("SubscriptionArn", &arn)]), name);
    for (name, value) in [
        ("ConfirmationWasAuthenticated", "true"),
        ("Endpoint", QUEUE),
        ("Owner", "123456789012"),
        ("PendingConfirmation", "false"),
        ("Protocol", "sqs"),
        ("RawMessageDelivery", "false"),
        ("SubscriptionArn", &arn),
        ("SubscriptionPrincipal", "arn:aws:iam::123456789012:root"),
        ("TopicArn", TOPIC),
    ] {
        assert_eq!(told(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(told("EffectiveDeliveryPolicy"), None);
    for (name, value, message) in [
        ("Colour", "blue", "AttributeName"),
        ("RawMessageDelivery", "", "RawMessageDelivery: Invalid value []. Must be true or false."),
        ("RawMessageDelivery", "wrongvalue", "RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false."),
        (
            "FilterPolicyScope",
            "RandomValue",
            "FilterPolicyScope: Invalid value [RandomValue]. Please use either MessageBody or MessageAttributes",
        ),
        (
            "RedrivePolicy",
            r#"{"deadLetterTargetArn":"fake-arn"}"#,
            "RedrivePolicy: deadLetterTargetArn is an invalid arn",
        ),
        (
            "RedrivePolicy",
            "{invalidjson}",
            "RedrivePolicy: failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]",
        ),
        (
            "FilterPolicy",
            "{invalidjson}",
            "FilterPolicy: failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]",
        ),
        (
            "FilterPolicy",
            r#"{"a":{"b":["c"]}}"#,
            "Filter policy scope MessageAttributes does not support nested filter policy",
        ),
        (
            "FilterPolicy",
            r#"{"key_a":"value_one"}"#,
            "FilterPolicy: \"key_a\" must be an object or an array\n at [Source: (String)\"{\"key_a\":\"value_one\"}\"; line: 1, column: 11]",
        ),
    ] {
        let reply = set(name, value);
        assert_eq!(text(&reply.body, "Message"), format!("Invalid parameter: {message}"), "{name} {value}");
    }
    assert_eq!(set("FilterPolicyScope", "MessageBody").status, 200);
    assert_eq!(told("FilterPolicyScope"), None);
    assert_eq!(set("FilterPolicy", r#"{"a":{"b":["c"]}}"#).status, 200);
    assert_eq!(told("FilterPolicyScope").as_deref(), Some("MessageBody"));
    // What it is about cannot be changed under a policy that is nested.
    assert_eq!(set("FilterPolicyScope", "MessageAttributes").status, 400);
    assert_eq!(set("FilterPolicy", "{}").status, 200);
    assert_eq!(told("FilterPolicy"), None);
}

#[test]
fn web_servers_are_told_what_their_topic_and_they_themselves_have_set() {
    let door = with_topic();
    ok(
        &door,
        "SetTopicAttributes",
        &[
            ("TopicArn", TOPIC),
            ("AttributeName", "DeliveryPolicy"),
            ("AttributeValue", r#"{"http":{"defaultRequestPolicy":{"headerContentType":"application/json"}}}"#),
        ],
    );
    let policy = r#"{"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":1,"numRetries":0},"throttlePolicy":{"maxReceivesPerSecond":1000},"guaranteed":false}"#;
    let arn = subscribe(
        &door,
        "http",
        "http://example.com/",
        &[("Attributes.entry.1.key", "DeliveryPolicy"), ("Attributes.entry.1.value", policy)],
    );
    let told = ok(&door, "GetSubscriptionAttributes", &[("SubscriptionArn", &arn)]);
    assert_eq!(
        attribute(&told, "EffectiveDeliveryPolicy").as_deref(),
        Some(
            r#"{"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":1,"numRetries":0,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"sicklyRetryPolicy":null,"throttlePolicy":{"maxReceivesPerSecond":1000},"requestPolicy":{"headerContentType":"application/json"},"guaranteed":false}"#
        )
    );
    assert_eq!(payload(&outbox(&door)[0])["content_type"], "application/json");
}

#[test]
fn who_unsubscribes_is_told_and_can_come_back() {
    let mut door = with_topic();
    let arn = subscribe(&door, "https", "https://example.com/hook", &[]);
    ok(&door, "ConfirmSubscription", &[("TopicArn", TOPIC), ("Token", &token(&door))]);
    ok(&door, "Publish", &[("TopicArn", TOPIC), ("Message", "late")]);
    for _ in 0..2 {
        ok(&door, "Unsubscribe", &[("SubscriptionArn", &arn)]);
    }
    let sent = outbox(&door);
    assert_eq!(sent[1].outcome.as_deref(), Some("TargetDeleted"));
    assert_eq!(sent.len(), 3);
    assert!(payload(&sent[2])["said"].get("UnsubscribeConfirmation").is_some());
    let told = ok(&door, "GetTopicAttributes", &[("TopicArn", TOPIC)]);
    assert_eq!(attribute(&told, "SubscriptionsDeleted").as_deref(), Some("1"));
    assert_eq!(
        refused(&door, "GetSubscriptionAttributes", &[("SubscriptionArn", &arn)]),
        not_found("Subscription does not exist")
    );

    let back = token(&door);
    door.wait(days(1));
    let restored = ok(&door, "ConfirmSubscription", &[("TopicArn", TOPIC), ("Token", &back)]);
    assert_eq!(text(&restored, "SubscriptionArn"), arn);
    ok(&door, "Publish", &[("TopicArn", TOPIC), ("Message", "again")]);
    assert_eq!(outbox(&door).len(), 4);

    for (arn, message) in [
        ("x", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"),
        ("arn:aws:sns:us-east-1:x", "SubscriptionArn Reason: An ARN must have at least 6 elements, not 5"),
        (TOPIC, "SubscriptionId"),
        ("", "SubscriptionArn Reason: no value for required parameter"),
    ] {
        assert_eq!(refused(&door, "Unsubscribe", &[("SubscriptionArn", arn)]), invalid(message), "{arn}");
    }
}

#[test]
fn a_topic_takes_its_subscriptions_and_what_waits_for_them_along() {
    let door = with_topic();
    let arn = subscribe(&door, "sqs", QUEUE, &[]);
    ok(&door, "Publish", &[("TopicArn", TOPIC), ("Message", "x")]);
    ok(&door, "DeleteTopic", &[("TopicArn", TOPIC)]);
    assert_eq!(outbox(&door)[0].outcome.as_deref(), Some("TargetDeleted"));
    assert_eq!(
        refused(&door, "GetSubscriptionAttributes", &[("SubscriptionArn", &arn)]),
        not_found("Subscription does not exist")
    );
}

#[test]
fn whoever_was_asked_and_has_not_said_yes_is_in_the_status_as_long_as_that_is_waited_for() {
    let told_after = |time| {
        let mut door = with_topic();
        subscribe(&door, "sqs", QUEUE, &[]);
        subscribe(&door, "email", "ops@example.com", &[]);
        door.wait(time);
        let status = server::status::Status::read(&door.into_front_door()).expect("it reads");
        serde_json::to_value(status).expect("it is JSON")["deliveries"]["unconfirmed"].take()
    };
    let asked = serde_json::json!({ "count": 1, "endpoint": "ops@example.com", "topicArn": TOPIC });
    assert_eq!(told_after(days(1)), asked);
    assert_eq!(told_after(days(3))["count"], 0);
}
