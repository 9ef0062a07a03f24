//! CloudWatch Logs.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::door::{Door, Reply};

const GROUP: &str = "/aws/lambda/answer";
/// The door's moment, in milliseconds.
const NOW: i64 = 1_770_906_600_000;

fn ask(door: &Door, operation: &str, input: Value) -> Reply {
    door.json(&format!("Logs_20140328.{operation}"), input)
}

fn answer(door: &Door, operation: &str, input: Value) -> Value {
    let reply = ask(door, operation, input);
    assert_eq!(reply.status, 200, "{operation}: {}", reply.body);
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

fn refused(door: &Door, operation: &str, input: Value) -> String {
    let reply = ask(door, operation, input);
    assert_eq!(reply.status, 400, "{operation}: {}", reply.body);
    let error = reply.json();
    format!("{}: {}", error["__type"].as_str().unwrap(), error["message"].as_str().unwrap())
}

/// With a group of two streams, `a` and `b`.
fn with_streams() -> Door {
    let door = Door::default();
    answer(&door, "CreateLogGroup", json!({"logGroupName": GROUP, "tags": {"team": "blue"}}));
    for stream in ["a", "b"] {
        answer(&door, "CreateLogStream", json!({"logGroupName": GROUP, "logStreamName": stream}));
    }
    door
}

fn put(door: &Door, stream: &str, events: &[(i64, &str)]) -> Value {
    let events: Vec<Value> = events.iter().map(|(at, text)| json!({"timestamp": at, "message": text})).collect();
    answer(door, "PutLogEvents", json!({"logGroupName": GROUP, "logStreamName": stream, "logEvents": events}))
}

fn messages(answer: &Value) -> String {
    let events = answer["events"].as_array().expect("a list").iter();
    events.map(|event| event["message"].as_str().expect("a text")).collect::<Vec<_>>().join(" ")
}

fn filtered(door: &Door, mut input: Value) -> Value {
    input["logGroupName"] = GROUP.into();
    answer(door, "FilterLogEvents", input)
}

#[test]
fn what_is_put_is_found_in_all_streams_in_the_order_of_time() {
    let door = with_streams();
    put(&door, "a", &[(NOW - 3000, "one"), (NOW - 1000, "three ERROR")]);
    put(&door, "b", &[(NOW - 2000, "two ERROR"), (NOW, "four")]);
    let all = filtered(&door, json!({}));
    assert_eq!(messages(&all), "one two ERROR three ERROR four");
    let first = &all["events"][0];
    assert_eq!(
        (&first["logStreamName"], &first["timestamp"], &first["ingestionTime"]),
        (&json!("a"), &json!(NOW - 3000), &json!(NOW))
    );
    assert_eq!(first["eventId"].as_str().unwrap().len(), 56);
    assert_eq!((&all["searchedLogStreams"], &all["nextToken"]), (&json!([]), &Value::Null));
    assert_eq!(messages(&filtered(&door, json!({"filterPattern": "ERROR -three"}))), "two ERROR");
    assert_eq!(messages(&filtered(&door, json!({"logStreamNames": ["b"]}))), "two ERROR four");
    assert_eq!(messages(&filtered(&door, json!({"logStreamNamePrefix": "a"}))), "one three ERROR");
    assert_eq!(messages(&filtered(&door, json!({"startTime": NOW - 2000, "endTime": NOW}))), "two ERROR three ERROR");
    assert_eq!(messages(&filtered(&door, json!({"startFromHead": false}))), "four three ERROR two ERROR one");
}

#[test]
fn pages_of_what_is_filtered_are_the_whole_in_either_direction() {
    let door = with_streams();
    let texts: Vec<String> = (0..25).map(|i| format!("{}{i}", if i % 3 == 0 { "x" } else { "y" })).collect();
    let events: Vec<(i64, &str)> = texts.iter().map(|text| (NOW, &**text)).collect();
    put(&door, "a", &events);
    let wanted: Vec<&str> = texts.iter().map(|text| &**text).filter(|text| text.starts_with('x')).collect();
    for (from_head, limit) in [(true, 1), (true, 4), (true, 9), (false, 2)] {
        let (mut found, mut token) = (Vec::new(), Value::Null);
        loop {
            let input = json!({"filterPattern": "x", "limit": limit, "nextToken": token, "startFromHead": from_head});
            let page = filtered(&door, input);
            assert!(page["events"].as_array().unwrap().len() <= limit);
            found.extend(messages(&page).split_whitespace().map(str::to_owned).collect::<Vec<_>>());
            token = page["nextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        if !from_head {
            found.reverse();
        }
        assert_eq!(found, wanted, "{from_head} {limit}");
    }
}

#[test]
fn a_stream_is_read_from_either_end_and_followed() {
    let door = with_streams();
    put(&door, "a", &[(NOW - 3, "1"), (NOW - 2, "2"), (NOW - 1, "3")]);
    let get = |input: Value| {
        let mut input = input;
        input["logGroupIdentifier"] = format!("arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}").into();
        input["logStreamName"] = "a".into();
        answer(&door, "GetLogEvents", input)
    };
    let tail = get(json!({"limit": 2}));
    assert_eq!(messages(&tail), "2 3");
    assert_eq!(messages(&get(json!({"nextToken": tail["nextBackwardToken"]}))), "1");
    let head = get(json!({"limit": 2, "startFromHead": true}));
    assert_eq!(messages(&head), "1 2");
    let next = get(json!({"nextToken": head["nextForwardToken"], "startFromHead": true}));
    assert_eq!(messages(&next), "3");
    let end = get(json!({"nextToken": next["nextForwardToken"], "startFromHead": true}));
    assert_eq!((messages(&end), &end["nextForwardToken"]), (String::new(), &next["nextForwardToken"]));
    put(&door, "a", &[(NOW, "4")]);
    assert_eq!(messages(&get(json!({"nextToken": end["nextForwardToken"], "startFromHead": true}))), "4");
}

#[test]
fn a_page_has_a_mebibyte_at_most() {
    let door = with_streams();
    let long = "x".repeat(400_000);
    for i in 0..4 {
        put(&door, "a", &[(NOW + i, &long)]);
    }
    let page = filtered(&door, json!({}));
    assert_eq!(page["events"].as_array().unwrap().len(), 2);
    let page = filtered(&door, json!({"nextToken": page["nextToken"]}));
    assert_eq!((page["events"].as_array().unwrap().len(), &page["nextToken"]), (2, &Value::Null));
}

#[test]
fn groups_and_streams_are_described_in_pages() {
    let door = with_streams();
    answer(&door, "CreateLogGroup", json!({"logGroupName": "other"}));
    let described = answer(&door, "DescribeLogGroups", json!({"limit": 1}));
    let group = &described["logGroups"][0];
    assert_eq!(group["logGroupName"], GROUP);
    assert_eq!(group["arn"], format!("arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:*"));
    assert_eq!(
        (&group["creationTime"], &group["storedBytes"], &group["retentionInDays"]),
        (&json!(NOW), &json!(0), &Value::Null)
    );
    let rest = answer(&door, "DescribeLogGroups", json!({"limit": 1, "nextToken": described["nextToken"]}));
    assert_eq!((&rest["logGroups"][0]["logGroupName"], &rest["nextToken"]), (&json!("other"), &Value::Null));
    let named = answer(&door, "DescribeLogGroups", json!({"logGroupNamePrefix": "/aws/lambda/"}));
    assert_eq!(named["logGroups"].as_array().unwrap().len(), 1);

    put(&door, "b", &[(NOW, "x")]);
    let streams = answer(
        &door,
        "DescribeLogStreams",
        json!({"logGroupName": GROUP, "orderBy": "LastEventTime", "descending": true, "limit": 1}),
    );
    let stream = &streams["logStreams"][0];
    assert_eq!((&stream["logStreamName"], &stream["lastEventTimestamp"]), (&json!("b"), &json!(NOW)));
    assert_eq!(stream["arn"], format!("arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:log-stream:b"));
    let input = json!({"logGroupName": GROUP, "orderBy": "LastEventTime", "descending": true, "nextToken": streams["nextToken"]});
    assert_eq!(answer(&door, "DescribeLogStreams", input)["logStreams"][0]["logStreamName"], "a");

    answer(&door, "DeleteLogStream", json!({"logGroupName": GROUP, "logStreamName": "b"}));
    assert_eq!(messages(&filtered(&door, json!({}))), "");
    answer(&door, "DeleteLogGroup", json!({"logGroupName": GROUP}));
    assert!(refused(&door, "DescribeLogStreams", json!({"logGroupName": GROUP})).contains("does not exist"));
}

#[test]
fn old_new_and_expired_events_are_told_by_their_places_and_the_rest_is_taken() {
    let door = with_streams();
    answer(&door, "PutRetentionPolicy", json!({"logGroupName": GROUP, "retentionInDays": 7}));
    let day = SignedDuration::from_hours(24).as_millis() as i64;
    let put =
        put(&door, "a", &[(NOW - 15 * day, "old"), (NOW - 8 * day, "expired"), (NOW, "good"), (NOW + day, "new")]);
    let rejected = json!({"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 2, "tooNewLogEventStartIndex": 3});
    assert_eq!(put["rejectedLogEventsInfo"], rejected);
    assert_eq!(messages(&filtered(&door, json!({}))), "good");
    let group = &answer(&door, "DescribeLogGroups", json!({}))["logGroups"][0];
    assert_eq!((&group["retentionInDays"], &group["storedBytes"]), (&json!(7), &json!(30)));
    answer(&door, "DeleteRetentionPolicy", json!({"logGroupName": GROUP}));
    assert_eq!(answer(&door, "DescribeLogGroups", json!({}))["logGroups"][0]["retentionInDays"], Value::Null);
}

#[test]
fn tags_are_set_by_arn_and_by_name() {
    let door = with_streams();
    let arn = format!("arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}");
    answer(&door, "TagResource", json!({"resourceArn": arn, "tags": {"a": "1"}}));
    answer(&door, "TagLogGroup", json!({"logGroupName": GROUP, "tags": {"b": ""}}));
    let expected = json!({"team": "blue", "a": "1", "b": ""});
    assert_eq!(answer(&door, "ListTagsForResource", json!({"resourceArn": arn}))["tags"], expected);
    assert_eq!(answer(&door, "ListTagsLogGroup", json!({"logGroupName": GROUP}))["tags"], expected);
    answer(&door, "UntagResource", json!({"resourceArn": arn, "tagKeys": ["a"]}));
    answer(&door, "UntagLogGroup", json!({"logGroupName": GROUP, "tags": ["b"]}));
    assert_eq!(answer(&door, "ListTagsForResource", json!({"resourceArn": arn}))["tags"], json!({"team": "blue"}));
}

#[test]
fn policies_are_stored_and_given_back() {
    let door = Door::default();
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let put = answer(&door, "PutResourcePolicy", json!({"policyName": "events", "policyDocument": document}));
    assert_eq!(put["resourcePolicy"]["policyName"], "events");
    let policies = answer(&door, "DescribeResourcePolicies", json!({}));
    assert_eq!(policies["resourcePolicies"][0]["policyDocument"], document);
    answer(&door, "DeleteResourcePolicy", json!({"policyName": "events"}));
    assert_eq!(answer(&door, "DescribeResourcePolicies", json!({}))["resourcePolicies"], json!([]));
    assert!(
        refused(&door, "DeleteResourcePolicy", json!({"policyName": "events"}))
            .starts_with("ResourceNotFoundException")
    );
}

#[test]
fn wrong_inputs_get_the_documented_errors() {
    let door = with_streams();
    let group = json!({"logGroupName": GROUP});
    let with = |more: Value| {
        let mut input = group.clone();
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let event = |at: i64| json!({"timestamp": at, "message": "x"});
    for (operation, input, expected) in [
        ("CreateLogGroup", group.clone(), "ResourceAlreadyExistsException: The specified log group already exists"),
        ("CreateLogGroup", json!({"logGroupName": "a b"}), "InvalidParameterException: 1 validation error detected"),
        (
            "CreateLogGroup",
            json!({"logGroupName": "k", "kmsKeyId": "x"}),
            "InvalidParameterException: Log groups are not encrypted",
        ),
        (
            "CreateLogStream",
            with(json!({"logStreamName": "a"})),
            "ResourceAlreadyExistsException: The specified log stream already exists",
        ),
        (
            "CreateLogStream",
            json!({"logGroupName": "none", "logStreamName": "a"}),
            "ResourceNotFoundException: The specified log group does not exist.",
        ),
        ("DeleteLogGroup", json!({"logGroupName": "none"}), "ResourceNotFoundException"),
        (
            "DeleteLogStream",
            with(json!({"logStreamName": "none"})),
            "ResourceNotFoundException: The specified log stream does not exist.",
        ),
        (
            "PutRetentionPolicy",
            with(json!({"retentionInDays": 2})),
            "InvalidParameterException: Invalid retention value.",
        ),
        (
            "PutLogEvents",
            with(json!({"logStreamName": "none", "logEvents": [event(NOW)]})),
            "ResourceNotFoundException: The specified log stream",
        ),
        (
            "PutLogEvents",
            with(json!({"logStreamName": "a", "logEvents": [event(NOW), event(NOW - 1)]})),
            "InvalidParameterException: Log events in a single",
        ),
        (
            "PutLogEvents",
            with(json!({"logStreamName": "a", "logEvents": [event(NOW - 90_000_000), event(NOW)]})),
            "InvalidParameterException: The batch of log events",
        ),
        (
            "PutLogEvents",
            with(json!({"logStreamName": "a", "logEvents": [{"timestamp": NOW, "message": "x".repeat(1_048_551)}]})),
            "InvalidParameterException: Log event too large",
        ),
        (
            "PutLogEvents",
            with(json!({"logStreamName": "a", "logEvents": []})),
            "InvalidParameterException: 1 validation error",
        ),
        (
            "GetLogEvents",
            with(json!({"logStreamName": "a", "nextToken": "x"})),
            "InvalidParameterException: The specified nextToken is invalid.",
        ),
        (
            "GetLogEvents",
            with(json!({"logStreamName": "a", "logGroupIdentifier": "x"})),
            "InvalidParameterException: LogGroup name and LogGroup ARN",
        ),
        (
            "FilterLogEvents",
            with(json!({"filterPattern": "\"open"})),
            "InvalidParameterException: Invalid filter pattern",
        ),
        (
            "FilterLogEvents",
            with(json!({"logStreamNames": ["a"], "logStreamNamePrefix": "a"})),
            "InvalidParameterException",
        ),
        ("FilterLogEvents", with(json!({"limit": 10_001})), "InvalidParameterException: 1 validation error"),
        (
            "DescribeLogStreams",
            with(json!({"orderBy": "LastEventTime", "logStreamNamePrefix": "a"})),
            "InvalidParameterException: Cannot order by LastEventTime",
        ),
        ("DescribeLogGroups", json!({"limit": 51}), "InvalidParameterException: 1 validation error"),
        (
            "TagResource",
            json!({"resourceArn": "arn:aws:logs:us-east-1:123456789012:log-group:none", "tags": {"a": "b"}}),
            "ResourceNotFoundException",
        ),
        ("PutResourcePolicy", json!({"policyName": "x", "policyDocument": "no"}), "InvalidParameterException"),
        ("StartQuery", json!({}), "OperationNotSupportedException: StartQuery is not there"),
    ] {
        let told = refused(&door, operation, input);
        assert!(told.starts_with(expected), "{operation}: {told}");
    }
    assert_eq!(ask(&door, "NoSuch", json!({})).status, 404);
}
