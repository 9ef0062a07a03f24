//! Management events that are looked up: which statements the lake is asked, and what is told of its answers.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use server::world::lake::{QueryFaultKind, Window};

use super::{code, told};
use crate::door::Door;

/// A record of this id and second.
fn record(id: &str, second: u32) -> String {
    json!({
        "eventID": id, "eventTime": format!("2026-02-12T14:29:{second:02}Z"), "eventName": "CreateUser",
        "eventSource": "iam.amazonaws.com", "readOnly": false,
        "userIdentity": { "type": "IAMUser", "userName": "eve", "accessKeyId": "AKIAEVE" },
        "resources": [{ "type": "AWS::IAM::User", "ARN": "arn:aws:iam::1:user/x" }],
    })
    .to_string()
}

/// The lake's answers to the two statements of one look: ids, and the records.
fn answer(door: &Door, records: &[(&str, String)]) {
    let ids = records.iter().map(|(id, _)| vec![("eventID", *id)]);
    let texts = records.iter().map(|(_, record)| vec![("eventJson", record.as_str()), ("readOnly", "false")]);
    let rows: Vec<Vec<(&str, &str)>> = ids.chain(texts).collect();
    door.lake.answer(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
}

/// The statements that the lake was asked, and of when.
fn asked(door: &Door) -> Vec<(String, Window)> {
    let window = |windows: Vec<Window>| windows.into_iter().next().expect("it is bounded");
    let views = door.lake.begun(0).into_iter().map(|mut query| (query.statement, query.views.remove(0)));
    views.map(|(statement, view)| (statement, window(view.events.expect("of events").windows))).collect()
}

#[test]
fn an_event_is_told_with_who_called_and_what_was_called() {
    let door = Door::default();
    let one = record("1d9a", 7);
    answer(&door, &[("1d9a", one.clone())]);
    let page = told(&door, "LookupEvents", json!({ "MaxResults": 1 }));
    let expected = json!({ "Events": [{
        "EventId": "1d9a", "EventName": "CreateUser", "ReadOnly": "false", "AccessKeyId": "AKIAEVE",
        "EventTime": 1_770_906_547, "EventSource": "iam.amazonaws.com", "Username": "eve",
        "Resources": [{ "ResourceType": "AWS::IAM::User", "ResourceName": "arn:aws:iam::1:user/x" }],
        "CloudTrailEvent": one,
    }]});
    assert_eq!(page["Events"][0]["EventTime"].as_f64(), expected["Events"][0]["EventTime"].as_f64());
    let mut page = page;
    page["Events"][0]["EventTime"] = json!(1_770_906_547);
    assert_eq!(page, expected);
}

#[test]
fn a_page_ends_where_the_next_begins() {
    let door = Door::default();
    answer(&door, &[("c", record("c", 9)), ("b", record("b", 9)), ("a", record("a", 8))]);
    let by_name = json!([{ "AttributeKey": "EventName", "AttributeValue": "CreateUser" }]);
    let mut input = json!({ "MaxResults": 2, "LookupAttributes": by_name });
    let first = told(&door, "LookupEvents", input.clone());
    let ids = |page: &Value| -> Vec<String> {
        page["Events"].as_array().expect("a list").iter().map(|event| event["EventId"].to_string()).collect()
    };
    assert_eq!(ids(&first), ["\"c\"", "\"b\""]);
    input["NextToken"] = first["NextToken"].clone();
    answer(&door, &[("a", record("a", 8))]);
    let second = told(&door, "LookupEvents", input.clone());
    assert_eq!(ids(&second), ["\"a\""]);
    assert_eq!(second.get("NextToken"), None);
    let (statement, window) = asked(&door)[2].clone();
    assert!(statement.contains("(eventTime < TIMESTAMP '2026-02-12 14:29:09.000000' OR eventID < 'b')"), "{statement}");
    assert_eq!(window.until, Some("2026-02-12T14:29:09.000001Z".parse().expect("a moment")));
    // Of another question it is no token.
    input["LookupAttributes"][0]["AttributeValue"] = json!("DeleteUser");
    assert_eq!(code(&door, "LookupEvents", input), "InvalidNextTokenException");
}

#[test]
fn what_is_not_found_was_looked_for_in_all_of_90_days_once() {
    let door = Door::default();
    assert_eq!(told(&door, "LookupEvents", json!({})), json!({ "Events": [] }));
    let windows: Vec<Window> = asked(&door).into_iter().map(|(_, window)| window).collect();
    assert_eq!(windows.len(), 4);
    assert!(windows.windows(2).all(|pair| pair[1].until == Some(pair[0].from)), "{windows:?}");
    let now: Timestamp = "2026-02-12T14:30:00Z".parse().expect("a moment");
    assert_eq!(windows[3].from, now - SignedDuration::from_hours(90 * 24));
    assert!(windows[0].until > Some(now));
    // Between two moments, both of them in it.
    let door = Door::default();
    told(&door, "LookupEvents", json!({ "StartTime": 1_770_906_540, "EndTime": 1_770_906_547 }));
    let at = |text: &str| text.parse::<Timestamp>().expect("a moment");
    let only = Window { from: at("2026-02-12T14:29:00Z"), until: Some(at("2026-02-12T14:29:07.000001Z")) };
    assert_eq!(asked(&door).into_iter().map(|(_, window)| window).collect::<Vec<_>>(), [only]);
}

#[test]
fn an_attribute_means_its_letters_and_nothing_else() {
    for (key, value, condition) in [
        ("EventId", "x' OR '1' = '1", "eventID = 'x'' OR ''1'' = ''1'"),
        ("ReadOnly", "false", "AND NOT readOnly ORDER"),
        ("Username", "root", "userIdentity.type = 'Root'"),
        ("Username", "a.b'", r"regexp_like(userIdentity.arn, '/a\.b\''$')"),
        ("ResourceType", "AWS::S3::Bucket", "any_match(resources, r -> r.type = 'AWS::S3::Bucket')"),
        ("ResourceName", "logs(1)", r"any_match(resources, r -> regexp_like(r.arn, '(^|[:/])logs\(1\)$'))"),
        ("AccessKeyId", "AKIA", "userIdentity.accessKeyId = 'AKIA'"),
    ] {
        let door = Door::default();
        let attributes = json!([{ "AttributeKey": key, "AttributeValue": value }]);
        told(&door, "LookupEvents", json!({ "LookupAttributes": attributes }));
        let (statement, _) = asked(&door).remove(0);
        assert!(statement.contains(condition), "{statement}");
    }
}

#[test]
fn without_a_lake_it_is_said_that_there_is_none() {
    let door = Door::default();
    door.lake.fail(QueryFaultKind::NoLake, "There is no lake here.");
    assert_eq!(code(&door, "LookupEvents", json!({})), "UnsupportedOperationException");
}
