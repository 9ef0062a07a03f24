//! The event around a record, and the superset that Insight events carry.

use std::path::Path;

use expect_test::expect;
use proptest::prelude::*;
use route::envelope::{
    EnvelopeError, Facts, MAX_EVENT_BYTES, RuleState, detail_type, insight_detail, is_read_only_management,
    write_event, write_insight_event,
};
use route::json::Value;

const FACTS: Facts<'_> = Facts {
    id: "b1a7f0e2-0b0c-4e1f-9a4e-2f1d6c3b5a09",
    event_type: Some("AwsApiCall"),
    event_source: "ec2.amazonaws.com",
    event_time: 1_770_906_600,
    account: "123456789012",
    region: "us-east-1",
};

fn event(record: &str, facts: &Facts<'_>) -> String {
    let mut event = Vec::new();
    write_event(record.as_bytes(), facts, &mut event).unwrap();
    String::from_utf8(event).unwrap()
}

#[test]
fn the_record_is_the_detail_byte_by_byte() {
    expect![[r#"{"version":"0","id":"b1a7f0e2-0b0c-4e1f-9a4e-2f1d6c3b5a09","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":"123456789012","time":"2026-02-12T14:30:00Z","region":"us-east-1","resources":[],"detail":{"b" : 1.0 ,"a":1e2}}"#]]
    .assert_eq(&event(r#"{"b" : 1.0 ,"a":1e2}"#, &FACTS));
}

#[test]
fn type_and_source_follow_the_record() {
    for (event_type, event_source, expected_type, expected_source) in [
        (None, "iam.amazonaws.com", "AWS API Call via CloudTrail", "aws.iam"),
        (Some("AwsApiCall"), "s3.amazonaws.com", "AWS API Call via CloudTrail", "aws.s3"),
        (Some("AwsConsoleSignIn"), "signin.amazonaws.com", "AWS Console Sign In via CloudTrail", "aws.signin"),
        (
            Some("AwsConsoleAction"),
            "billingconsole.amazonaws.com",
            "AWS Console Action via CloudTrail",
            "aws.billingconsole",
        ),
        (Some("AwsServiceEvent"), "kms.amazonaws.com", "AWS Service Event via CloudTrail", "aws.kms"),
        (Some("AwsVpceEvents"), "ec2.amazonaws.com", "AWS Network Activity Event via CloudTrail", "aws.ec2"),
        (Some("AwsCloudTrailInsight"), "", "AWS Insight via CloudTrail", "aws.cloudtrail"),
        (Some("AwsApiCall"), "aws.odd", "AWS API Call via CloudTrail", "aws.odd"),
        (Some("AwsApiCall"), "odd", "AWS API Call via CloudTrail", "aws.odd"),
    ] {
        let event = event("{}", &Facts { event_type, event_source, ..FACTS });
        let event = Value::parse(&event).unwrap();
        assert_eq!(event.get("detail-type"), Some(&Value::String(expected_type.into())));
        assert_eq!(event.get("source"), Some(&Value::String(expected_source.into())));
        assert_eq!(detail_type(event_type), expected_type);
    }
}

#[test]
fn an_event_has_at_most_256_kb() {
    let record = |bytes: usize| format!("\"{}\"", "a".repeat(bytes - 2));
    let most = MAX_EVENT_BYTES - event("", &FACTS).len();
    assert_eq!(event(&record(most), &FACTS).len(), MAX_EVENT_BYTES);

    let mut buffer = b"what was there before".to_vec();
    let refused = write_event(record(most + 1).as_bytes(), &FACTS, &mut buffer).unwrap_err();
    assert_eq!(refused, EnvelopeError::TooLarge { bytes: 262_145 });
    assert_eq!(refused.to_string(), "the event would have 262145 bytes, and events have at most 262144");
    assert!(buffer.is_empty());
}

proptest! {
    #[test]
    fn odd_facts_still_make_json(id: String, event_source: String, account: String, region: String, event_time: i64) {
        let facts = Facts { id: &id, event_source: &event_source, account: &account, region: &region, event_time, ..FACTS };
        let event: serde_json::Value = serde_json::from_str(&event("null", &facts)).unwrap();
        prop_assert_eq!(&event["id"], &id);
        prop_assert_eq!(&event["account"], &account);
        prop_assert_eq!(&event["region"], &region);
    }

    #[test]
    fn no_text_panics_as_an_insight(text: String) {
        prop_assert!(insight_detail(&text).is_err());
        prop_assert!(write_insight_event(&text, None, &mut Vec::new()).is_err());
    }
}

#[test]
fn plain_rules_do_not_see_what_only_reads() {
    for (event_source, event_name, is_management, is_read_only, is_hidden) in [
        ("ec2.amazonaws.com", "DescribeInstances", true, true, true),
        ("iam.amazonaws.com", "GetRole", true, true, true),
        ("s3.amazonaws.com", "ListBuckets", true, true, true),
        ("ec2.amazonaws.com", "RunInstances", true, false, false),
        ("s3.amazonaws.com", "GetObject", false, true, false),
        ("cloudtrail.amazonaws.com", "LookupEvents", true, true, false),
        ("sts.amazonaws.com", "AssumeRole", true, true, false),
        ("sts.amazonaws.com", "GetSessionToken", true, true, false),
        ("sts.amazonaws.com", "GetCallerIdentity", true, true, true),
        ("secretsmanager.amazonaws.com", "GetOdd", true, false, false),
    ] {
        let reads = is_read_only_management(is_management, is_read_only, event_source, event_name);
        assert_eq!(reads, is_hidden, "{event_source} {event_name}");
        assert_eq!(RuleState::Enabled.sees(reads), !is_hidden);
        assert!(RuleState::EnabledWithAllManagementEvents.sees(reads));
        assert!(!RuleState::Disabled.sees(reads));
    }
}

#[test]
fn states_have_aws_s_names() {
    for state in [RuleState::Disabled, RuleState::Enabled, RuleState::EnabledWithAllManagementEvents] {
        assert_eq!(RuleState::of_name(state.as_str()), Some(state));
    }
    assert_eq!(RuleState::of_name("enabled"), None);
}

/// As AWS writes it, with numbers of every form.
const START: &str = r#"{"eventVersion":"1.09","eventTime":"2026-02-12T14:30:00Z","awsRegion":"eu-west-1","eventID":"id-1",
"eventType":"AwsCloudTrailInsight","recipientAccountId":"123456789012","sharedEventID":"shared","insightDetails":{"state":"Start",
"eventSource":"ec2.amazonaws.com","eventName":"RunInstances","insightType":"ApiCallRateInsight","insightContext":{"statistics":
{"baseline":{"average":9.82222E-5},"insight":{"average":245.0},"insightDuration":5,"baselineDuration":10950}}},
"eventCategory":"Insight"}"#;

fn insight_event(record: &str) -> String {
    let mut event = Vec::new();
    write_insight_event(record, None, &mut event).unwrap();
    String::from_utf8(event).unwrap()
}

#[test]
fn an_insight_event_has_what_readers_look_for() {
    expect![[r#"{"version":"0","id":"id-1","detail-type":"AWS Insight via CloudTrail","source":"aws.cloudtrail","account":"123456789012","time":"2026-02-12T14:30:00Z","region":"eu-west-1","resources":[],"detail":{"eventVersion":"1.09","eventTime":"2026-02-12T14:30:00Z","awsRegion":"eu-west-1","eventID":"id-1","eventType":"AwsCloudTrailInsight","recipientAccountId":"123456789012","sharedEventID":"shared","insightDetails":{"state":"Start","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","insightType":"ApiCallRateInsight","insightContext":{"statistics":{"baseline":{"average":9.82222E-5},"insight":{"average":245.0},"insightDuration":5,"baselineDuration":10950},"startTime":"2026-02-12T14:30:00Z","endTime":null}},"eventCategory":"Insight","insightType":"ApiCallRateInsight"}}"#]]
    .assert_eq(&insight_event(START));
}

#[test]
fn an_end_says_when_it_began() {
    let end = START.replace("\"Start\"", "\"End\"").replace("Duration\":5", "Duration\":31");
    let detail = insight_detail(&end).unwrap();
    assert!(detail.contains(r#""startTime":"2026-02-12T13:59:00Z","endTime":"2026-02-12T14:30:00Z""#), "{detail}");
}

#[test]
fn a_record_that_has_all_of_it_stays_as_it_is() {
    let detail = insight_detail(START).unwrap();
    assert_eq!(insight_detail(&detail).unwrap(), detail);
    let blanks = detail.replace(',', " , ");
    assert_eq!(insight_detail(&blanks).unwrap(), blanks);
}

#[test]
fn what_is_no_insight_is_refused_and_says_why() {
    for (record, reason) in [
        (
            r#"{"eventTime":"2026-02-12T14:30:00Z","eventType":"AwsApiCall"}"#,
            "its eventType is not AwsCloudTrailInsight",
        ),
        (r#"{"eventType":"AwsCloudTrailInsight"}"#, "it has no eventTime"),
        (r#"{"eventType":"AwsCloudTrailInsight","eventTime":"now"}"#, "its eventTime is no time"),
    ] {
        assert_eq!(insight_detail(record).unwrap_err().to_string(), format!("this is no Insight record: {reason}"));
    }
    let huge = START.replace("id-1", &"i".repeat(MAX_EVENT_BYTES));
    assert!(matches!(write_insight_event(&huge, None, &mut Vec::new()), Err(EnvelopeError::TooLarge { .. })));
}

/// The reads that the walkthrough's function does, and those of functions written for AWS's own records.
#[test]
fn both_spellings_are_there_in_every_sample() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/insight-samples");
    let mut records = vec![START.to_owned()];
    if folder.exists() {
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let Ok(file) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
            let list = file["Records"].as_array().cloned().unwrap_or_else(|| vec![file]);
            records.extend(list.iter().filter(|record| record["eventType"].is_string()).map(ToString::to_string));
        }
    }
    for record in records {
        let event: serde_json::Value = serde_json::from_str(&insight_event(&record)).unwrap();
        let detail = &event["detail"];
        let details = &detail["insightDetails"];
        let context = &details["insightContext"];
        assert!(detail["insightType"].is_string());
        assert_eq!(detail["insightType"], details["insightType"]);
        assert!(context["statistics"]["baseline"]["average"].is_number());
        assert!(context["statistics"]["insight"]["average"].is_number());
        assert!(context["startTime"].is_string());
        match details["state"].as_str() {
            Some("Start") => assert!(context["endTime"].is_null() && context["startTime"] == detail["eventTime"]),
            _ => assert_eq!(context["endTime"], detail["eventTime"]),
        }
        assert_eq!(event["time"], detail["eventTime"]);
        assert_eq!(event["id"], detail["eventID"]);
    }
}
