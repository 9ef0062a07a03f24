//! Our own made-up insight as records; and the shape of AWS's samples, where they are at hand.

use expect_test::expect;

use super::*;
use crate::insight::{Difference, Direction, Evidence, Explanation, FailedShare, Subject, Timeline};

fn at(text: &str) -> Minute {
    Minute::of_seconds(crate::time::parse_seconds(text).unwrap())
}

fn shares(list: &[(&str, u64)]) -> Vec<Share> {
    list.iter().map(|(value, calls)| Share { value: (*value).to_owned(), calls: *calls }).collect()
}

fn attribution(
    attribute: Attribute,
    start: &[(&str, u64)],
    insight: &[(&str, u64)],
    baseline: &[(&str, u64)],
) -> Attribution {
    Attribution {
        attribute,
        start: shares(start),
        insight: shares(insight),
        baseline: shares(baseline),
        insight_other: 0,
        baseline_other: 0,
    }
}

fn made_up() -> Insight {
    let role = "arn:aws:sts::111122223333:assumed-role/ci-deployer";
    Insight {
        subject: Subject {
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            source: "ec2.amazonaws.com".into(),
            name: "RunInstances".into(),
            error: None,
            category: EventCategory::Management,
        },
        direction: Direction::Increase,
        start: at("2026-02-12T14:03:00Z"),
        end: Some(at("2026-02-12T14:14:00Z")),
        called: at("2026-02-12T14:04:00Z"),
        statistics: Statistics {
            baseline_calls: 1,
            baseline_minutes: Minutes(10_923),
            start_calls: 6,
            insight_calls: 22,
            insight_minutes: Minutes(11),
        },
        attributions: vec![
            attribution(
                Attribute::SourceIpAddress,
                &[("203.0.113.77", 6)],
                &[("203.0.113.77", 22)],
                &[("10.0.0.4", 1)],
            ),
            attribution(Attribute::UserIdentityArn, &[(role, 6)], &[(role, 22)], &[(role, 1)]),
            attribution(Attribute::UserAgent, &[("aws-cli/2.17.9", 6)], &[("aws-cli/2.17.9", 22)], &[]),
            attribution(
                Attribute::ErrorCode,
                &[("null", 4), ("Client.InstanceLimitExceeded", 2)],
                &[("null", 4), ("Client.InstanceLimitExceeded", 18)],
                &[("null", 1)],
            ),
        ],
        differences: vec![Difference {
            attribute: Attribute::SourceIpAddress,
            value: "203.0.113.77".into(),
            calls: 22,
            share: 1.0,
            baseline_share: 0.0,
            excess: 22.0,
            lift: 1.0 / 3.0,
            is_new: true,
        }],
        explanation: Explanation {
            kind: Evidence::Window,
            minute: at("2026-02-12T14:13:00Z"),
            window: Minutes(15),
            calls: 22.0,
            expected: 0.001_372_549_02,
            expected_low: 0.0,
            expected_high: 0.0,
            ratio: f64::INFINITY,
            rarity: 3.4,
            account_rarity: 1.25,
            series_count: 140,
            false_alarms_per_month: 3.0,
            threshold: 2.1,
            correction: 1.0,
            minutes_learned: Minutes(34_560),
            mean_per_minute: 9.15e-5,
            hour_factor: 1.0,
            level_factor: 1.0,
            clumpiness: 6.0,
            past_exceedances: 0.0,
            size: 5.5,
            largest_past_size: 0.0,
        },
        failed_share: None,
        new_usual: false,
        timeline: Timeline {
            from: at("2026-02-12T14:00:00Z"),
            step: Minutes(1),
            calls: vec![],
            expected: vec![],
            high: vec![],
        },
    }
}

#[test]
fn a_start_as_aws_writes_it() {
    expect![[r#"{"eventVersion":"1.09","eventTime":"2026-02-12T14:03:00Z","awsRegion":"eu-west-1","eventID":"08dfe691-48e5-8d25-844a-669c12a4ae13","eventType":"AwsCloudTrailInsight","recipientAccountId":"111122223333","sharedEventID":"fd2e7dca-ef24-827c-8b6a-ce1ad53ea934","insightDetails":{"state":"Start","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","insightType":"ApiCallRateInsight","sourceEventCategory":"Management","insightContext":{"statistics":{"baseline":{"average":0.0000915499},"insight":{"average":1.2},"insightDuration":5,"baselineDuration":10923},"attributions":[{"attribute":"userIdentityArn","insight":[{"value":"arn:aws:sts::111122223333:assumed-role/ci-deployer","average":1.2}],"baseline":[{"value":"arn:aws:sts::111122223333:assumed-role/ci-deployer","average":0.0000915499}]},{"attribute":"userAgent","insight":[{"value":"aws-cli/2.17.9","average":1.2}],"baseline":[]},{"attribute":"errorCode","insight":[{"value":"null","average":0.8},{"value":"Client.InstanceLimitExceeded","average":0.4}],"baseline":[{"value":"null","average":0.0000915499}]}]}},"eventCategory":"Insight"}"#]].assert_eq(&insight_record(&made_up(), State::Start, &Options { strict: true }));
}

#[test]
fn an_end_with_our_additions() {
    expect![[r#"{"eventVersion":"1.09","eventTime":"2026-02-12T14:14:00Z","awsRegion":"eu-west-1","eventID":"90e23c32-85a0-816c-8053-a0bafc653e9f","eventType":"AwsCloudTrailInsight","recipientAccountId":"111122223333","sharedEventID":"fd2e7dca-ef24-827c-8b6a-ce1ad53ea934","insightDetails":{"state":"End","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","insightType":"ApiCallRateInsight","sourceEventCategory":"Management","insightContext":{"statistics":{"baseline":{"average":0.0000915499},"insight":{"average":2},"insightDuration":11,"baselineDuration":10923},"attributions":[{"attribute":"userIdentityArn","insight":[{"value":"arn:aws:sts::111122223333:assumed-role/ci-deployer","average":2}],"baseline":[{"value":"arn:aws:sts::111122223333:assumed-role/ci-deployer","average":0.0000915499}]},{"attribute":"userAgent","insight":[{"value":"aws-cli/2.17.9","average":2}],"baseline":[]},{"attribute":"errorCode","insight":[{"value":"null","average":0.3636363636},{"value":"Client.InstanceLimitExceeded","average":1.6363636364}],"baseline":[{"value":"null","average":0.0000915499}]},{"attribute":"sourceIPAddress","insight":[{"value":"203.0.113.77","average":2}],"baseline":[{"value":"10.0.0.4","average":0.0000915499}]}],"startTime":"2026-02-12T14:03:00Z","endTime":"2026-02-12T14:14:00Z","trailsight":{"direction":"increase","explanation":{"kind":"window","minute":"2026-02-12T14:13:00Z","window":15,"calls":22,"expected":0.00137255,"expectedLow":0,"expectedHigh":0,"ratio":null,"rarity":3.4,"accountRarity":1.25,"seriesCount":140,"falseAlarmsPerMonth":3,"threshold":2.1,"correction":1,"minutesLearned":34560,"meanPerMinute":0.0000915,"hourFactor":1,"levelFactor":1,"clumpiness":6,"pastExceedances":0,"size":5.5,"largestPastSize":0},"differences":[{"attribute":"sourceIPAddress","value":"203.0.113.77","calls":22,"share":1,"baselineShare":0,"excess":22,"lift":0.333333,"isNew":true}],"newUsual":false}}},"eventCategory":"Insight","insightType":"ApiCallRateInsight"}"#]].assert_eq(&insight_record(&made_up(), State::End, &Options::default()));
}

#[test]
fn an_error_rate_has_its_code_and_no_attribution_of_codes() {
    let mut insight = made_up();
    insight.subject.error = Some("Client.InstanceLimitExceeded".into());
    insight.failed_share = Some(FailedShare { before: None, during: Some(0.8) });
    insight.end = None;
    let strict = insight_record(&insight, State::Start, &Options { strict: true });
    assert!(strict.contains(r#""insightType":"ApiErrorRateInsight","errorCode":"Client.InstanceLimitExceeded","#));
    assert!(!strict.contains(r#""attribute":"errorCode""#));
    let ours = insight_record(&insight, State::Start, &Options::default());
    assert!(!ours.contains(r#""attribute":"errorCode""#));
    assert!(ours.contains(r#""startTime":"2026-02-12T14:03:00Z","endTime":null"#));
    assert!(ours.contains(r#""failedShare":{"before":null,"during":0.8}"#));
}

#[test]
fn what_was_not_counted_is_not_told() {
    let mut insight = made_up();
    insight.attributions.clear();
    assert!(!insight_record(&insight, State::Start, &Options::default()).contains("attributions"));
}

#[test]
fn ids_are_of_the_series_the_start_and_the_state() {
    let insight = made_up();
    expect![[r#"
        fd2e7dca-ef24-827c-8b6a-ce1ad53ea934
        08dfe691-48e5-8d25-844a-669c12a4ae13
        90e23c32-85a0-816c-8053-a0bafc653e9f
        AWSLogs/111122223333/CloudTrail-Insight/eu-west-1/2026/02/12/111122223333_CloudTrail-Insight_eu-west-1_20260212T1405Z_Hl7fjDaWAwwIHJFX.json.gz
        logs/AWSLogs/o-exampleorg1/111122223333/CloudTrail-Insight/eu-west-1/2026/02/12/111122223333_CloudTrail-Insight_eu-west-1_20260212T1515Z_CIuVl8kG7tCdNjvO.json.gz"#]].assert_eq(&format!(
        "{}\n{}\n{}\n{}\n{}",
        shared_event_id(&insight),
        event_id(&insight, State::Start),
        event_id(&insight, State::End),
        file_key(&insight, State::Start, None, None),
        file_key(&insight, State::End, Some("logs/"), Some("o-exampleorg1")),
    ));
    let mut longer = made_up();
    longer.end = None;
    longer.statistics.insight_calls = 99;
    assert_eq!(shared_event_id(&insight), shared_event_id(&longer));
    let mut later = made_up();
    later.start = later.start.next();
    assert_ne!(shared_event_id(&insight), shared_event_id(&later));
    let mut fewer = made_up();
    fewer.direction = Direction::Decrease;
    assert_ne!(shared_event_id(&insight), shared_event_id(&fewer));
}

#[test]
fn outside_words_cannot_speak_to_a_terminal() {
    let mut insight = made_up();
    insight.attributions[2].insight[0].value = "curl\u{1b}[2J\u{9b}2J\u{7f}\u{202e}\"".into();
    let line = insight_record(&insight, State::End, &Options::default());
    assert!(line.contains(r#""curl\u001b[2J\u009b2J\u007f\u202e\"""#), "{line}");
    let read: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        read["insightDetails"]["insightContext"]["attributions"][1]["insight"][0]["value"],
        insight.attributions[2].insight[0].value
    );
}

/// Keys in their order, and the kind of every value; arrays by their first element.
fn shape(json: &str) -> String {
    let bytes: Vec<char> = json.chars().collect();
    let mut at = 0;
    return value(&bytes, &mut at);

    fn space(text: &[char], at: &mut usize) {
        while *at < text.len() && text[*at].is_whitespace() {
            *at += 1;
        }
    }
    fn string(text: &[char], at: &mut usize) -> String {
        let from = *at + 1;
        *at = from;
        while text[*at] != '"' {
            *at += if text[*at] == '\\' { 2 } else { 1 };
        }
        *at += 1;
        text[from..*at - 1].iter().collect()
    }
    fn value(text: &[char], at: &mut usize) -> String {
        space(text, at);
        match text[*at] {
            '"' => {
                string(text, at);
                "string".into()
            }
            '{' | '[' => {
                let (is_object, close) = (text[*at] == '{', if text[*at] == '{' { '}' } else { ']' });
                *at += 1;
                let mut parts = Vec::new();
                loop {
                    space(text, at);
                    if text[*at] == close {
                        *at += 1;
                        break;
                    }
                    if text[*at] == ',' {
                        *at += 1;
                        space(text, at);
                    }
                    if is_object {
                        let key = string(text, at);
                        space(text, at);
                        *at += 1; // the colon
                        parts.push(format!("{key}: {}", value(text, at)));
                    } else {
                        parts.push(value(text, at));
                    }
                }
                if is_object {
                    format!("{{{}}}", parts.join(", "))
                } else {
                    format!("[{}]", parts.first().cloned().unwrap_or_default())
                }
            }
            _ => {
                let from = *at;
                while *at < text.len() && !matches!(text[*at], ',' | '}' | ']') && !text[*at].is_whitespace() {
                    *at += 1;
                }
                let word: String = text[from..*at].iter().collect();
                if word.parse::<f64>().is_ok() { "number".into() } else { word }
            }
        }
    }
}

/// The samples of AWS's documents are not ours to copy: this compares with them where they lie beside the repository.
#[test]
fn the_shape_is_that_of_aws_own_samples() {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/insight-samples");
    let Ok(sample) = std::fs::read_to_string(format!("{samples}/docs_error_rate_start_end_management_v1.09.json"))
    else {
        return;
    };
    let mut insight = made_up();
    insight.subject.error = Some("AccessDenied".into());
    for attribution in &mut insight.attributions {
        attribution.baseline.clear(); // as in the sample
    }
    let records = [State::Start, State::End].map(|state| insight_record(&insight, state, &Options { strict: true }));
    assert_eq!(shape(&insight_file(&records)), shape(&sample));

    // A call rate: the sample of version 1.08, which does not name the category yet.
    let Ok(sample) = std::fs::read_to_string(format!("{samples}/docs_call_rate_start_v1.08.json")) else { return };
    let mut insight = made_up();
    insight.attributions[1].baseline = shares(&[("x", 1)]);
    let record = insight_record(&insight, State::Start, &Options { strict: true });
    assert_eq!(shape(&record).replace("sourceEventCategory: string, ", ""), shape(&sample));
}
