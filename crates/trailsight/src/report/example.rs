//! A made-up run with one finding of every kind, for tests and for looking at the page. Nothing in it is anybody's.

use record::insight::{
    Attribute, Attribution, Difference, Direction, Evidence, Explanation, FailedShare, Finding, Insight, NoData, Share,
    StandsOut, Statistics, Subject, Timeline,
};
use record::names::EventCategory;
use record::time::{Minute, Minutes};

use super::{Summary, Watched};

const SHOP: &str = "111122223333";
const YOUNG: &str = "444455556666";

/// The run and its findings.
pub fn example() -> (Summary, Vec<Finding>) {
    let summary = Summary {
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
    };
    let findings = vec![
        Finding::NoData(NoData {
            account: SHOP.into(),
            region: "eu-central-1".into(),
            start: at("2026-02-22T03:10:00Z"),
            end: Some(at("2026-02-22T08:25:00Z")),
            expected: 412.4,
        }),
        insight(stolen_key()),
        insight(password_surge()),
        insight(runaway()),
        insight(fewer_logs()),
        insight(stopped_job()),
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
    (summary, findings)
}

fn insight(insight: Insight) -> Finding {
    Finding::Insight(Box::new(insight))
}

/// A key that was stolen reads all secrets from elsewhere; its user agent attacks whoever reads the report.
fn stolen_key() -> Insight {
    let mut dice = Dice(7);
    let (from, step) = (at("2026-02-24T01:40:00Z"), 1);
    let calls = (0..150)
        .map(|minute| if (47..58).contains(&minute) { 30 + dice.below(16) } else { u64::from(dice.below(24) == 0) })
        .collect();
    let timeline = timeline(from, step, calls, |_| (0.042, 1.0));
    let mine = "python-requests/2.31 </script><script>alert(1)</script>\u{1b}[2J";
    finding(Made {
        subject: subject("us-east-1", "secretsmanager.amazonaws.com", "GetSecretValue", None),
        direction: Direction::Increase,
        steps: 47..58,
        is_open: false,
        baseline: (451, 10_227),
        timeline,
        attributes: vec![
            (
                Attribute::UserIdentityArn,
                vec![("arn:aws:iam::111122223333:user/backup-reader", 97)],
                vec![
                    ("arn:aws:sts::111122223333:assumed-role/shop-web", 88),
                    ("arn:aws:iam::111122223333:user/backup-reader", 9),
                ],
            ),
            (
                Attribute::UserAgent,
                vec![(mine, 97), ("aws-sdk-java/2.20.11 Linux/5.10 OpenJDK_64-Bit_Server_VM/17 md/internal", 3)],
                vec![
                    ("aws-sdk-java/2.20.11 Linux/5.10 OpenJDK_64-Bit_Server_VM/17 md/internal", 88),
                    ("aws-cli/2.15.30 Python/3.11.8", 9),
                ],
            ),
            (Attribute::ErrorCode, vec![("null", 81), ("AccessDenied", 19)], vec![("null", 100)]),
            (
                Attribute::SourceIpAddress,
                vec![("203.0.113.77", 97), ("10.0.4.19", 2)],
                vec![("10.0.4.19", 46), ("10.0.5.21", 42), ("192.0.2.44", 9)],
            ),
            (
                Attribute::AccessKeyId,
                vec![("AKIAEXAMPLE7BACKUP01", 97)],
                vec![("ASIAEXAMPLEWEB000001", 30), ("AKIAEXAMPLE7BACKUP01", 9)],
            ),
        ],
        why: Explanation {
            window: Minutes(15),
            expected: 0.64,
            expected_high: 3.0,
            rarity: 3.9,
            account_rarity: 1.42,
            clumpiness: 2.3,
            mean_per_minute: 0.0441,
            hour_factor: 0.93,
            level_factor: 1.04,
            past_exceedances: 1.3,
            size: 6.1,
            largest_past_size: 0.8,
            ..why()
        },
        failed_share: None,
    })
}

/// Somebody asks for the passwords of all machines and is refused.
fn password_surge() -> Insight {
    let mut calls = vec![0; 130];
    calls[60..66].copy_from_slice(&[4, 9, 7, 6, 2, 1]);
    finding(Made {
        subject: subject("us-east-1", "ec2.amazonaws.com", "GetPasswordData", Some("AccessDenied")),
        direction: Direction::Increase,
        steps: 60..66,
        is_open: false,
        baseline: (2, 11_030),
        timeline: timeline(at("2026-02-25T15:22:00Z"), 1, calls, |_| (0.000_18, 0.0)),
        attributes: vec![
            (Attribute::UserIdentityArn, vec![("arn:aws:sts::999900001111:assumed-role/contractor", 100)], vec![]),
            (
                Attribute::UserAgent,
                vec![(
                    "Boto3/1.34.51 md/Botocore#1.34.51 ua/2.0 os/linux#6.5.0 md/arch#x86_64 lang/python#3.12.3",
                    100,
                )],
                vec![],
            ),
            (Attribute::SourceIpAddress, vec![("198.51.100.23", 100)], vec![]),
        ],
        why: Explanation {
            window: Minutes(5),
            expected: 0.000_9,
            expected_high: 0.0,
            rarity: 2.68,
            account_rarity: 0.31,
            mean_per_minute: 0.000_18,
            size: 4.4,
            ..why()
        },
        failed_share: Some(FailedShare { before: Some(0.021), during: Some(1.0) }),
    })
}

/// A deployment that starts machines in a loop, and goes on.
fn runaway() -> Insight {
    let mut dice = Dice(23);
    let calls = (0..160).map(|minute| if minute >= 123 { 40 + dice.below(32) } else { dice.below(8) }).collect();
    finding(Made {
        subject: subject("us-east-1", "ec2.amazonaws.com", "RunInstances", None),
        direction: Direction::Increase,
        steps: 123..160,
        is_open: true,
        baseline: (38_211, 11_000),
        timeline: timeline(at("2026-02-25T13:58:00Z"), 1, calls, |minute| (3.7 + f64::from(minute) / 200.0, 14.0)),
        attributes: vec![
            (
                Attribute::UserIdentityArn,
                vec![
                    ("arn:aws:sts::111122223333:assumed-role/ci-deployer", 94),
                    ("arn:aws:sts::111122223333:assumed-role/autoscaling", 3),
                    ("arn:aws:iam::111122223333:user/alice", 2),
                ],
                vec![
                    ("arn:aws:sts::111122223333:assumed-role/autoscaling", 84),
                    ("arn:aws:sts::111122223333:assumed-role/ci-deployer", 4),
                    ("arn:aws:iam::111122223333:user/alice", 6),
                ],
            ),
            (
                Attribute::UserAgent,
                vec![("aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/linux#6.1", 93), ("autoscaling.amazonaws.com", 3)],
                vec![("autoscaling.amazonaws.com", 84), ("aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/linux#6.1", 5)],
            ),
            (Attribute::ErrorCode, vec![("null", 78), ("Client.InstanceLimitExceeded", 22)], vec![("null", 100)]),
            (
                Attribute::SourceIpAddress,
                vec![("192.0.2.61", 94), ("autoscaling.amazonaws.com", 3)],
                vec![("autoscaling.amazonaws.com", 84), ("192.0.2.61", 4)],
            ),
        ],
        why: Explanation {
            window: Minutes(15),
            expected: 64.2,
            expected_low: 38.0,
            expected_high: 97.0,
            rarity: 2.95,
            account_rarity: 0.55,
            mean_per_minute: 3.47,
            hour_factor: 1.31,
            level_factor: 0.94,
            clumpiness: 4.1,
            past_exceedances: 3.8,
            size: 5.2,
            largest_past_size: 1.9,
            correction: 1.6,
            ..why()
        },
        failed_share: None,
    })
}

/// A fleet that writes less than usual, since something on it crashed.
fn fewer_logs() -> Insight {
    let mut dice = Dice(5);
    let calls =
        (0..130).map(|step| if (50..86).contains(&step) { 4 + dice.below(9) } else { 52 + dice.below(40) }).collect();
    finding(Made {
        subject: subject("us-east-1", "logs.amazonaws.com", "CreateLogStream", None),
        direction: Direction::Decrease,
        steps: 50..86,
        is_open: false,
        baseline: (150_113, 10_500),
        timeline: timeline(at("2026-02-19T21:30:00Z"), 5, calls, |_| (71.0, 96.0)),
        attributes: vec![(
            Attribute::UserIdentityArn,
            vec![("arn:aws:sts::111122223333:assumed-role/batch-a", 100)],
            vec![
                ("arn:aws:sts::111122223333:assumed-role/batch-b", 88),
                ("arn:aws:sts::111122223333:assumed-role/batch-a", 12),
            ],
        )],
        why: Explanation {
            window: Minutes(60),
            expected: 856.0,
            expected_low: 640.0,
            expected_high: 1091.0,
            rarity: 2.31,
            account_rarity: -0.06,
            mean_per_minute: 14.3,
            clumpiness: 7.7,
            past_exceedances: 0.4,
            size: 3.3,
            largest_past_size: 0.6,
            ..why()
        },
        failed_share: None,
    })
}

/// A job that ran every quarter of an hour, and does not any more.
fn stopped_job() -> Insight {
    let calls = (0..150).map(|step| if step < 60 && step % 3 == 0 { 6 } else { 0 }).collect();
    finding(Made {
        subject: subject("eu-central-1", "ec2.amazonaws.com", "CreateSnapshot", None),
        direction: Direction::Decrease,
        steps: 60..132,
        is_open: false,
        baseline: (3_990, 10_105),
        timeline: timeline(at("2026-02-21T04:00:00Z"), 5, calls, |_| (2.0, 6.0)),
        attributes: vec![],
        why: Explanation {
            kind: Evidence::Silence,
            window: Minutes(360),
            calls: 0.0,
            expected: 142.0,
            rarity: 2.44,
            account_rarity: 0.07,
            mean_per_minute: 0.395,
            past_exceedances: 0.0,
            size: 3.6,
            ..why()
        },
        failed_share: None,
    })
}

fn why() -> Explanation {
    Explanation {
        kind: Evidence::Window,
        minute: Minute(0),
        window: Minutes(5),
        calls: 0.0,
        expected: 0.0,
        expected_low: 0.0,
        expected_high: 0.0,
        ratio: 0.0,
        rarity: 0.0,
        account_rarity: 0.0,
        series_count: 382,
        false_alarms_per_month: 3.0,
        threshold: 2.41,
        correction: 1.0,
        minutes_learned: Minutes(34_560),
        mean_per_minute: 0.0,
        hour_factor: 1.0,
        level_factor: 1.0,
        clumpiness: 1.4,
        past_exceedances: 0.0,
        size: 0.0,
        largest_past_size: 0.0,
    }
}

/// Values, each with its per cent of the calls.
type Percents = Vec<(&'static str, u64)>;

/// What an insight is made up from; its numbers follow from the timeline.
struct Made {
    subject: Subject,
    direction: Direction,
    steps: std::ops::Range<usize>,
    is_open: bool,
    baseline: (u64, i32),
    timeline: Timeline,
    attributes: Vec<(Attribute, Percents, Percents)>,
    why: Explanation,
    failed_share: Option<FailedShare>,
}

fn finding(made: Made) -> Insight {
    let step = made.timeline.step.0;
    let start = made.timeline.from + Minutes(made.steps.start as i32 * step);
    let end = made.timeline.from + Minutes(made.steps.end as i32 * step);
    let insight_calls: u64 = made.timeline.calls[made.steps.clone()].iter().sum();
    let window_steps = (made.why.window.0 / step).max(1) as usize;
    let last = (made.steps.start + window_steps).min(made.steps.end);
    let window_calls: u64 = made.timeline.calls[made.steps.start..last].iter().sum();
    let mut why = made.why;
    why.minute = made.timeline.from + Minutes(last as i32 * step - 1);
    why.calls = if why.kind == Evidence::Silence { 0.0 } else { window_calls as f64 };
    why.ratio = why.calls / why.expected;
    let statistics = Statistics {
        baseline_calls: made.baseline.0,
        baseline_minutes: Minutes(made.baseline.1),
        start_calls: made.timeline.calls[made.steps.start..].iter().take((5 / step).max(1) as usize).sum(),
        insight_calls,
        insight_minutes: end - start,
    };
    let attributions: Vec<Attribution> = made
        .attributes
        .iter()
        .map(|(attribute, insight, baseline)| attribution(*attribute, insight, baseline, &statistics))
        .collect();
    Insight {
        subject: made.subject,
        direction: made.direction,
        start,
        end: (!made.is_open).then_some(end),
        called: start + Minutes(2),
        statistics,
        differences: if made.direction == Direction::Increase {
            differences(&attributions, &statistics)
        } else {
            vec![]
        },
        attributions,
        explanation: why,
        failed_share: made.failed_share,
        new_usual: false,
        timeline: made.timeline,
    }
}

/// Values in per cent of the calls → counts.
fn attribution(
    attribute: Attribute,
    insight: &[(&str, u64)],
    baseline: &[(&str, u64)],
    statistics: &Statistics,
) -> Attribution {
    let parts = |list: &[(&str, u64)], all: u64| -> (Vec<Share>, u64) {
        let shares: Vec<Share> = list
            .iter()
            .map(|(value, percent)| Share { value: (*value).to_owned(), calls: all * percent / 100 })
            .collect();
        let other = if list.is_empty() { 0 } else { all - shares.iter().map(|share| share.calls).sum::<u64>() };
        (shares, other)
    };
    let (insight, insight_other) = parts(insight, statistics.insight_calls);
    let (baseline, baseline_other) = parts(baseline, statistics.baseline_calls);
    let start = insight
        .iter()
        .map(|share| Share {
            calls: share.calls * statistics.start_calls / statistics.insight_calls.max(1),
            ..share.clone()
        })
        .collect();
    Attribution { attribute, start, insight, baseline, insight_other, baseline_other }
}

fn differences(attributions: &[Attribution], statistics: &Statistics) -> Vec<Difference> {
    let mut all = Vec::new();
    for told in attributions {
        for share in &told.insight {
            let before =
                told.baseline.iter().find(|before| before.value == share.value).map_or(0, |before| before.calls);
            let (now, then) = (statistics.insight_calls as f64, statistics.baseline_calls.max(1) as f64);
            let (share_now, share_then) = (share.calls as f64 / now, before as f64 / then);
            let excess = share.calls as f64 - now * share_then;
            let little = 0.5 / now;
            if excess > 5.0 {
                all.push(Difference {
                    attribute: told.attribute,
                    value: share.value.clone(),
                    calls: share.calls,
                    share: share_now,
                    baseline_share: share_then,
                    excess,
                    lift: (share_now + little) / (share_then + little),
                    is_new: before == 0,
                });
            }
        }
    }
    all.sort_by(|a, b| (b.excess * b.lift.log2()).total_cmp(&(a.excess * a.lift.log2())));
    all
}

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

fn timeline(from: Minute, step: i32, calls: Vec<u64>, usual: impl Fn(u32) -> (f64, f64)) -> Timeline {
    let usual: Vec<(f64, f64)> = (0..calls.len() as u32).map(usual).collect();
    Timeline {
        from,
        step: Minutes(step),
        calls,
        expected: usual.iter().map(|(expected, _)| *expected).collect(),
        high: usual.iter().map(|(_, high)| *high).collect(),
    }
}

fn subject(region: &str, source: &str, name: &str, error: Option<&str>) -> Subject {
    Subject {
        account: SHOP.into(),
        region: region.into(),
        source: source.into(),
        name: name.into(),
        error: error.map(Into::into),
        category: EventCategory::Management,
    }
}

fn watched(account: &str, region: &str, minutes: i32, series: u64) -> Watched {
    Watched { account: account.into(), region: region.into(), minutes_learned: Minutes(minutes), series }
}

fn at(text: &str) -> Minute {
    Minute::of_seconds(record::time::parse_seconds(text).expect("the example's times are written by us"))
}

/// Numbers that look thrown, the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
