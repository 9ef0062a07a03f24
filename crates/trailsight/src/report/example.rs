//! A made-up run with one finding of every kind, for tests and for looking at the page. Nothing in it is anybody's.

use record::insight::{Attribute, Attribution, Finding, Insight, NoData, Share, StandsOut};
use record::time::{Minute, Minutes};

use super::{Summary, Watched};

mod insights;
mod made;

use made::{subject, timeline};

const SHOP: &str = "111122223333";
const YOUNG: &str = "444455556666";

/// The run and its findings.
pub fn example() -> (Summary, Vec<Finding>) {
    let findings = vec![
        Finding::NoData(NoData {
            account: SHOP.into(),
            region: "eu-central-1".into(),
            start: at("2026-02-22T03:10:00Z"),
            end: Some(at("2026-02-22T08:25:00Z")),
            expected: 412.4,
        }),
        insight(insights::stolen_key()),
        insight(insights::password_surge()),
        insight(insights::runaway()),
        insight(insights::fewer_logs()),
        insight(insights::stopped_job()),
        stands_out(
            "secretsmanager.amazonaws.com",
            "GetSecretValue",
            None,
            61,
            64,
            "assumed-role/stratus",
            "198.51.100.7",
        ),
        stands_out("ec2.amazonaws.com", "DescribeInstances", None, 40, 112, "user/terraform", "192.0.2.10"),
        stands_out(
            "ec2.amazonaws.com",
            "GetPasswordData",
            Some("Client.UnauthorizedOperation"),
            29,
            29,
            "assumed-role/stratus",
            "198.51.100.7",
        ),
        stands_out(
            "iam.amazonaws.com",
            "CreateUser",
            Some("EntityAlreadyExistsException"),
            3,
            3,
            "user/terraform",
            "192.0.2.10",
        ),
    ];
    (summary(), findings)
}

fn summary() -> Summary {
    Summary {
        inputs: vec!["s3://audit-logs/AWSLogs/".to_owned()],
        files: 18_204,
        rejected_files: 1,
        records: 4_310_226,
        counted: 4_298_113,
        duplicates: 12_004,
        filtered: 0,
        rejected: 109,
        first: Some(at("2026-02-01T00:00:00Z")),
        end: Some(at("2026-02-25T16:38:00Z")),
        reported_from: None,
        reported_until: None,
        watched: vec![
            watched(SHOP, "us-east-1", 34_560, 382),
            watched(SHOP, "eu-central-1", 34_560, 71),
            watched(YOUNG, "us-east-1", 54, 44),
        ],
        false_alarms_per_month: 3.0,
        reads: true,
        data_events: false,
    }
}

fn insight(insight: Insight) -> Finding {
    Finding::Insight(Box::new(insight))
}

/// A peak of the account that is too young for more, by one caller from one address.
fn stands_out(
    source: &str,
    name: &str,
    error: Option<&str>,
    calls: u64,
    calls_in_all: u64,
    who: &str,
    ip: &str,
) -> Finding {
    let start = at("2026-02-25T16:01:00Z");
    let mut subject = subject("us-east-1", source, name, error);
    subject.account = YOUNG.into();
    let one = |attribute, value: String| Attribution {
        attribute,
        start: vec![Share { value: value.clone(), calls }],
        insight: vec![Share { value, calls }],
        baseline: vec![],
        insight_other: 0,
        baseline_other: 0,
    };
    let mut minutes = vec![0; 54];
    minutes[20] = calls / 2;
    minutes[22] = calls - calls / 2;
    minutes[48] = calls_in_all - calls;
    Finding::StandsOut(StandsOut {
        subject,
        start,
        end: start + Minutes(3),
        calls,
        calls_in_all,
        minutes_learned: Minutes(54),
        attributions: vec![
            one(Attribute::UserIdentityArn, format!("arn:aws:sts::{YOUNG}:{who}")),
            one(Attribute::SourceIpAddress, ip.to_owned()),
        ],
        timeline: timeline(at("2026-02-25T15:41:00Z"), 1, minutes, |_| (0.0, 0.0)),
    })
}

fn watched(account: &str, region: &str, minutes: i32, series: u64) -> Watched {
    Watched { account: account.into(), region: region.into(), minutes_learned: Minutes(minutes), series }
}

fn at(text: &str) -> Minute {
    Minute::of_seconds(record::time::parse_seconds(text).expect("the example's times are written by us"))
}
