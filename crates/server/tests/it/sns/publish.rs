//! Publishing.

use super::*;

fn publish(door: &Door, more: &[(&str, &str)]) -> String {
    let mut parameters = vec![("TopicArn", TOPIC)];
    parameters.extend(more);
    text(&ok(door, "Publish", &parameters), "MessageId")
}

#[test]
fn each_confirmed_subscription_that_wants_a_message_gets_one_delivery() {
    let door = with_topic();
    let all = subscribe(&door, "lambda", "arn:aws:lambda:us-east-1:123456789012:function:warden", &[]);
    subscribe(&door, "email", "ops@example.com", &[]);
    let some = subscribe(
        &door,
        "sqs",
        QUEUE,
        &[
            ("Attributes.entry.1.key", "FilterPolicy"),
            ("Attributes.entry.1.value", r#"{"level":[{"numeric":[">",5]}]}"#),
        ],
    );
    let sent = |since: usize| outbox(&door).split_off(since);
    let level = |value| {
        [
            ("Message", "x"),
            ("MessageAttributes.entry.1.Name", "level"),
            ("MessageAttributes.entry.1.Value.DataType", "Number"),
            ("MessageAttributes.entry.1.Value.StringValue", value),
        ]
    };
    let id = publish(&door, &level("7"));
    let both = sent(1);
    let mut targets: Vec<&str> = both.iter().map(|delivery| delivery.target.as_str()).collect();
    targets.sort_unstable();
    let mut expected = [all.as_str(), &some];
    expected.sort_unstable();
    assert_eq!(targets, expected);
    for delivery in &both {
        let told = payload(delivery);
        let message = &told["said"]["Notification"];
        assert_eq!(delivery.kind, if delivery.target == all { "sns-lambda" } else { "sns-sqs" });
        assert_eq!((message["id"].as_str(), message["body"].as_str()), (Some(id.as_str()), Some("x")));
        assert_eq!(message["attributes"]["level"]["StringValue"], "7");
    }
    publish(&door, &level("3"));
    publish(&door, &[("Message", "x")]);
    let targets: Vec<String> = sent(3).into_iter().map(|delivery| delivery.target).collect();
    assert_eq!(targets, [all.as_str(), all.as_str()]);
}

#[test]
fn a_message_can_be_another_for_each_protocol() {
    let door = with_topic();
    subscribe(&door, "sqs", QUEUE, &[]);
    subscribe(&door, "lambda", "arn:aws:lambda:us-east-1:123456789012:function:warden", &[]);
    publish(
        &door,
        &[("MessageStructure", "json"), ("Message", r#"{"default":"for all","sqs":"{\"queue\": 1}","lambda":5}"#)],
    );
    for delivery in outbox(&door) {
        let expected = if delivery.kind == "sns-sqs" { "{\"queue\": 1}" } else { "for all" };
        assert_eq!(payload(&delivery)["said"]["Notification"]["body"], expected, "{}", delivery.kind);
    }
    for (message, what) in [
        ("{", "Message Structure - JSON message body failed to parse"),
        (r#"{"sqs":"x"}"#, "Message Structure - No default entry in JSON message body"),
        (r#"{"default":5}"#, "Message Structure - No default entry in JSON message body"),
    ] {
        let asked = [("TopicArn", TOPIC), ("MessageStructure", "json"), ("Message", message)];
        assert_eq!(refused(&door, "Publish", &asked), invalid(what), "{message}");
    }
}

#[test]
fn what_cannot_be_published_is_refused_in_the_words_of_aws() {
    let door = with_topic();
    subscribe(&door, "sqs", QUEUE, &[]);
    let long = "x".repeat(262_145);
    let subject = "ü".repeat(101);
    for (more, what) in [
        (vec![("TopicArn", TOPIC), ("Message", "")], "Empty message"),
        (vec![("TopicArn", TOPIC), ("Message", &long)], "Message too long"),
        (vec![("TopicArn", TOPIC), ("Message", "x"), ("Subject", "")], "Subject"),
        (vec![("TopicArn", TOPIC), ("Message", "x"), ("Subject", "a\nb")], "Subject"),
        (vec![("TopicArn", TOPIC), ("Message", "x"), ("Subject", &subject)], "Subject"),
        (
            vec![("TopicArn", TOPIC), ("Message", "x"), ("MessageDeduplicationId", "1")],
            "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
        ),
        (vec![("Message", "x")], "TopicArn or TargetArn Reason: no value for required parameter"),
        (
            vec![("Message", "x"), ("TargetArn", "arn:aws:sns:us-east-1:123456789012:endpoint/APNS/app/1")],
            "TargetArn Reason: No endpoint found for the target arn specified",
        ),
        (vec![("Message", "x"), ("PhoneNumber", "+1a234")], "PhoneNumber Reason: +1a234 is not valid to publish to"),
    ] {
        assert_eq!(refused(&door, "Publish", &more), invalid(what), "{what}");
    }
    assert_eq!(
        refused(&door, "Publish", &[("TopicArn", "arn:aws:sns:us-east-1:123456789012:none"), ("Message", "x")]),
        not_found("Topic does not exist")
    );
    assert_eq!(outbox(&door), []);
    publish(&door, &[("Message", "x"), ("Subject", &"ü".repeat(100))]);
    ok(&door, "Publish", &[("TargetArn", TOPIC), ("Message", "x")]);
    ok(&door, "Publish", &[("PhoneNumber", "+15551234567"), ("Message", "x")]);
    assert_eq!(outbox(&door).len(), 2);
}

#[test]
fn attributes_of_messages_have_names_and_types() {
    let door = with_topic();
    let fault = |name: &str, kind: &str, field: &str, value: &str| {
        let field = format!("MessageAttributes.entry.1.Value.{field}");
        let mut asked = vec![("TopicArn", TOPIC), ("Message", "x"), ("MessageAttributes.entry.1.Name", name)];
        asked.extend([("MessageAttributes.entry.1.Value.DataType", kind), (&field, value)]);
        let (status, code, message) = refused(&door, "Publish", &asked);
        assert_eq!((status, code.as_str()), (400, "ParameterValueInvalid"), "{message}");
        message
    };
    let long = "a".repeat(257);
    for (name, kind, field, value, expected) in [
        (
            "attr1",
            "String",
            "StringValue",
            "",
            "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'.",
        ),
        (
            "attr1",
            "Binary",
            "BinaryValue",
            "",
            "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'Binary'.",
        ),
        (
            "attr1",
            "Number",
            "BinaryValue",
            "AgME",
            "The message attribute 'attr1' with type 'Number' must use field 'String'.",
        ),
        (
            "attr1",
            "Binary",
            "StringValue",
            "x",
            "The message attribute 'attr1' with type 'Binary' must use field 'Binary'.",
        ),
        (
            "attr1",
            "Stringprefixed",
            "StringValue",
            "x",
            "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
        ),
        (&long, "String", "StringValue", "x", "Length of message attribute name must be less than 256 bytes."),
        (
            "a^b",
            "String",
            "StringValue",
            "x",
            "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
        ),
        (".a", "String", "StringValue", "x", "Invalid message attribute name starting with character '.' was found."),
        ("a.", "String", "StringValue", "x", "Invalid message attribute name ending with character '.' was found."),
        ("a..b", "String", "StringValue", "x", "Message attribute name can not have successive '.' character."),
    ] {
        assert_eq!(fault(name, kind, field, value), expected);
    }
    let without_type = [
        ("TopicArn", TOPIC),
        ("Message", "x"),
        ("MessageAttributes.entry.1.Name", "attr1"),
        ("MessageAttributes.entry.1.Value.StringValue", "x"),
    ];
    assert_eq!(
        refused(&door, "Publish", &without_type),
        (
            400,
            "ValidationError".into(),
            "1 validation error detected: Value null at 'messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null".into()
        )
    );
}

#[test]
fn a_batch_is_published_whole_or_not_at_all() {
    let door = with_topic();
    subscribe(&door, "sqs", QUEUE, &[]);
    let batch = |entries: &[(&str, &str)]| {
        let mut parameters = vec![("TopicArn".to_owned(), TOPIC.to_owned())];
        for (number, (id, message)) in (1..).zip(entries) {
            let entry = format!("PublishBatchRequestEntries.member.{number}");
            parameters.push((format!("{entry}.Id"), (*id).to_owned()));
            parameters.push((format!("{entry}.Message"), (*message).to_owned()));
        }
        let parameters: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (&**name, &**value)).collect();
        call(&door, "PublishBatch", &parameters)
    };
    let long = "x".repeat(150_000);
    let id = "a".repeat(81);
    let many: Vec<(String, &str)> = (0..11).map(|number| (number.to_string(), "x")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(id, message)| (id.as_str(), *message)).collect();
    for (entries, code) in [
        (vec![("1", "a"), ("1", "b")], "BatchEntryIdsNotDistinct"),
        (vec![("message.id", "a")], "InvalidBatchEntryId"),
        (vec![(&id, "a")], "InvalidBatchEntryId"),
        (vec![("1", &long), ("2", &long)], "BatchRequestTooLong"),
        (vec![("1", "a"), ("2", "")], "InvalidParameter"),
        (many, "TooManyEntriesInBatchRequest"),
    ] {
        let reply = batch(&entries);
        assert_eq!((reply.status, text(&reply.body, "Code").as_str()), (400, code), "{}", reply.body);
    }
    assert_eq!(outbox(&door), []);
    let published = batch(&[("1", "a"), ("two-2_2", "b")]).body;
    assert_eq!(texts(&published, "Id"), ["1", "two-2_2"]);
    assert!(published.contains("<Failed></Failed>"), "{published}");
    let bodies: Vec<Value> =
        outbox(&door).iter().map(|delivery| payload(delivery)["said"]["Notification"]["body"].clone()).collect();
    assert_eq!(bodies, ["a", "b"]);
}
