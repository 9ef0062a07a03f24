//! The five insights of the made-up run: what happened, who did it, and why it was called unusual.

use record::insight::{Attribute, Direction, Evidence, Explanation, FailedShare, Insight};
use record::time::{Minute, Minutes};

use super::at;
use super::made::{Dice, Made, subject, timeline};

/// A key that was stolen reads all secrets from elsewhere; its user agent attacks whoever reads the report.
pub(super) fn stolen_key() -> Insight {
    let mut dice = Dice(7);
    let (from, step) = (at("2026-02-24T01:40:00Z"), 1);
    let calls = (0..150)
        .map(|minute| if (47..58).contains(&minute) { 30 + dice.below(16) } else { u64::from(dice.below(24) == 0) })
        .collect();
    let timeline = timeline(from, step, calls, |_| (0.042, 1.0));
    let mine = "python-requests/2.31 </script><script>alert(1)</script>\u{1b}[2J";
    Made {
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
    }
    .insight()
}

/// Somebody asks for the passwords of all machines and is refused.
pub(super) fn password_surge() -> Insight {
    let mut calls = vec![0; 130];
    calls[60..66].copy_from_slice(&[4, 9, 7, 6, 2, 1]);
    Made {
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
    }
    .insight()
}

/// A deployment that starts machines in a loop, and goes on.
pub(super) fn runaway() -> Insight {
    let mut dice = Dice(23);
    let calls = (0..160).map(|minute| if minute >= 123 { 40 + dice.below(32) } else { dice.below(8) }).collect();
    Made {
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
    }
    .insight()
}

/// A fleet that writes less than usual, since something on it crashed.
pub(super) fn fewer_logs() -> Insight {
    let mut dice = Dice(5);
    let calls =
        (0..130).map(|step| if (50..86).contains(&step) { 4 + dice.below(9) } else { 52 + dice.below(40) }).collect();
    Made {
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
    }
    .insight()
}

/// A job that ran every quarter of an hour, and does not any more.
pub(super) fn stopped_job() -> Insight {
    let calls = (0..150).map(|step| if step < 60 && step % 3 == 0 { 6 } else { 0 }).collect();
    Made {
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
    }
    .insight()
}

/// What the explanations have in common.
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
