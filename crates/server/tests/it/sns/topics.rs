//! Topics.

use super::*;

#[test]
fn a_topic_is_made_once_however_often_it_is_asked_for() {
    let door = Door::default();
    let made = ok(&door, "CreateTopic", &[("Name", "alerts")]);
    assert_eq!(text(&made, "TopicArn"), TOPIC);
    assert_eq!(ok(&door, "CreateTopic", &[("Name", "alerts")]), made);
    let listed = ok(&door, "ListTopics", &[]);
    assert_eq!(texts(&listed, "TopicArn"), [TOPIC]);
    let named =
        |value| [("Name", "alerts"), ("Attributes.entry.1.key", "DisplayName"), ("Attributes.entry.1.value", value)];
    assert_eq!(
        refused(&door, "CreateTopic", &named("Alerts")),
        invalid("Attributes Reason: Topic already exists with different attributes")
    );
    ok(
        &door,
        "SetTopicAttributes",
        &[("TopicArn", TOPIC), ("AttributeName", "DisplayName"), ("AttributeValue", "Alerts")],
    );
    ok(&door, "CreateTopic", &named("Alerts"));
    ok(&door, "DeleteTopic", &[("TopicArn", TOPIC)]);
    ok(&door, "DeleteTopic", &[("TopicArn", TOPIC)]);
    assert_eq!(refused(&door, "GetTopicAttributes", &[("TopicArn", TOPIC)]), not_found("Topic does not exist"));
}

#[test]
fn a_topic_has_a_name_of_letters_digits_dashes_and_bars() {
    let door = Door::default();
    for name in ["", "a b", "a.fifo", "a!", "ä", &"x".repeat(257)] {
        assert_eq!(refused(&door, "CreateTopic", &[("Name", name)]), invalid("Topic Name"), "{name}");
    }
    ok(&door, "CreateTopic", &[("Name", &"x".repeat(256))]);
    let (status, code, message) = refused(&door, "CreateTopic", &[]);
    assert_eq!((status, code.as_str()), (400, "ValidationError"));
    assert!(message.contains("Value null at 'name'"), "{message}");
}

#[test]
fn what_a_topic_was_not_given_it_has_as_aws_has_it() {
    let door = with_topic();
    let told = ok(&door, "GetTopicAttributes", &[("TopicArn", TOPIC)]);
    let policy = format!(
        r#"{{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"{TOPIC}","Condition":{{"StringEquals":{{"AWS:SourceOwner":"123456789012"}}}}}}]}}"#
    );
    let retries = r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}"#;
    for (name, value) in [
        ("DisplayName", ""),
        ("EffectiveDeliveryPolicy", retries),
        ("Owner", "123456789012"),
        ("Policy", &policy),
        ("SubscriptionsConfirmed", "0"),
        ("SubscriptionsPending", "0"),
        ("SubscriptionsDeleted", "0"),
        ("TopicArn", TOPIC),
    ] {
        assert_eq!(attribute(&told, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(told.matches("<entry>").count(), 8, "{told}");
}

#[test]
fn a_topic_is_found_by_an_arn_of_its_own_region_only() {
    let door = with_topic();
    for (arn, what) in [
        ("", "TopicArn Reason: An ARN must have at least 6 elements, not 1"),
        ("alerts", "TopicArn Reason: An ARN must have at least 6 elements, not 1"),
        ("arn:aws:sns:us-east-1:x", "TopicArn Reason: An ARN must have at least 6 elements, not 5"),
        ("arn:aws:sns:eu-west-1:123456789012:alerts", "TopicArn"),
        (QUEUE, "TopicArn"),
    ] {
        assert_eq!(refused(&door, "GetTopicAttributes", &[("TopicArn", arn)]), invalid(what), "{arn}");
        assert_eq!(refused(&door, "Publish", &[("TopicArn", arn), ("Message", "x")]), invalid(what), "{arn}");
    }
}

#[test]
fn a_delivery_policy_is_kept_as_given_and_told_as_it_works() {
    let door = with_topic();
    let set = |value: &str| {
        call(
            &door,
            "SetTopicAttributes",
            &[("TopicArn", TOPIC), ("AttributeName", "DeliveryPolicy"), ("AttributeValue", value)],
        )
    };
    let told = |name| attribute(&ok(&door, "GetTopicAttributes", &[("TopicArn", TOPIC)]), name);
    let given = r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1}}}"#;
    assert_eq!(set(given).status, 200);
    assert_eq!(
        told("DeliveryPolicy").as_deref(),
        Some(
            r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1},"disableSubscriptionOverrides":false}}"#
        )
    );
    let effective = told("EffectiveDeliveryPolicy").expect("it is told");
    assert!(effective.contains(r#""numRetries":1,"numMaxDelayRetries":0"#), "{effective}");
    let refusal = set(r#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":101}}}"#).body;
    assert_eq!(
        text(&refusal, "Message"),
        "Invalid parameter: DeliveryPolicy: http.defaultHealthyRetryPolicy.numRetries must be less than or equal to 100"
    );
    assert_eq!(set("{").status, 400);
    assert_eq!(set(r#"{"http":{"defaultRequestPolicy":{"headerContentType":"a\r\nb: c"}}}"#).status, 400);
    assert_eq!(set("").status, 200);
    assert_eq!(told("DeliveryPolicy"), None);
}

#[test]
fn attributes_that_nobody_knows_are_refused() {
    let door = with_topic();
    for (name, value, what) in [
        ("FifoTopic", "false", "AttributeName"),
        ("Colour", "blue", "AttributeName"),
        ("SQSSuccessFeedbackSampleRate", "101", "SQSSuccessFeedbackSampleRate"),
        ("SignatureVersion", "3", "SignatureVersion"),
        ("MaximumMessageSize", "12", "MaximumMessageSize"),
        ("Policy", "no", "Policy Error: null"),
    ] {
        let set = [("TopicArn", TOPIC), ("AttributeName", name), ("AttributeValue", value)];
        assert_eq!(refused(&door, "SetTopicAttributes", &set), invalid(what), "{name}");
    }
}

#[test]
fn permissions_are_statements_of_the_policy() {
    let door = with_topic();
    let add = [
        ("TopicArn", TOPIC),
        ("Label", "test"),
        ("AWSAccountId.member.1", "111122223333"),
        ("ActionName.member.1", "Publish"),
    ];
    let policy = || attribute(&ok(&door, "GetTopicAttributes", &[("TopicArn", TOPIC)]), "Policy").expect("it has one");
    let before = policy();
    ok(&door, "AddPermission", &add);
    let statement = format!(
        r#",{{"Sid":"test","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:root"}},"Action":"SNS:Publish","Resource":"{TOPIC}"}}]}}"#
    );
    assert_eq!(policy(), before.replacen("]}", "", 0).trim_end_matches("]}").to_owned() + &statement);
    assert_eq!(refused(&door, "AddPermission", &add), invalid("Statement already exists"));
    let mut unknown = add;
    (unknown[1].1, unknown[3].1) = ("other", "Shout");
    assert_eq!(refused(&door, "AddPermission", &unknown), invalid("Policy statement action out of service scope!"));
    ok(&door, "RemovePermission", &[("TopicArn", TOPIC), ("Label", "test")]);
    assert_eq!(policy(), before);
}

#[test]
fn tags_go_with_their_topic() {
    let door = Door::default();
    let tagged = |value| [("Name", "alerts"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", value)];
    ok(&door, "CreateTopic", &tagged("red"));
    ok(&door, "CreateTopic", &[("Name", "alerts")]);
    assert_eq!(
        refused(&door, "CreateTopic", &tagged("blue")),
        invalid("Tags Reason: Topic already exists with different tags")
    );
    let tags = || {
        let told = ok(&door, "ListTagsForResource", &[("ResourceArn", TOPIC)]);
        texts(&told, "Key").into_iter().zip(texts(&told, "Value")).collect::<Vec<_>>()
    };
    let of = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let add = [
        ("ResourceArn", TOPIC),
        ("Tags.member.1.Key", "level"),
        ("Tags.member.1.Value", ""),
        ("Tags.member.2.Key", "team"),
        ("Tags.member.2.Value", "green"),
    ];
    ok(&door, "TagResource", &add);
    assert_eq!(tags(), [of("level", ""), of("team", "green")]);
    let mut twice = add;
    twice[3].1 = "level";
    assert_eq!(refused(&door, "TagResource", &twice), invalid("Duplicated keys are not allowed."));
    ok(&door, "UntagResource", &[("ResourceArn", TOPIC), ("TagKeys.member.1", "level")]);
    assert_eq!(tags(), [of("team", "green")]);
    ok(&door, "DeleteTopic", &[("TopicArn", TOPIC)]);
    assert_eq!(
        refused(&door, "ListTagsForResource", &[("ResourceArn", TOPIC)]),
        (404, "ResourceNotFound".into(), "Resource does not exist".into())
    );
    ok(&door, "CreateTopic", &[("Name", "alerts")]);
    assert_eq!(tags(), []);
}

#[test]
fn topics_are_listed_a_hundred_at_a_time() {
    let door = Door::default();
    for number in 0..205 {
        ok(&door, "CreateTopic", &[("Name", &format!("t{number:03}"))]);
    }
    let mut listed = Vec::new();
    let mut page = ok(&door, "ListTopics", &[]);
    loop {
        listed.extend(texts(&page, "TopicArn"));
        match text(&page, "NextToken") {
            token if token.is_empty() => break,
            token => page = ok(&door, "ListTopics", &[("NextToken", &token)]),
        }
    }
    assert_eq!(listed.len(), 205);
    assert!(listed.is_sorted());
    assert_eq!(refused(&door, "ListTopics", &[("NextToken", "no")]), invalid("NextToken"));
}
