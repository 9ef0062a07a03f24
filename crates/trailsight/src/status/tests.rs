//! What the screen says.

use serde_json::{Value, json};

use super::*;

fn busy() -> Value {
    let regions: Vec<Value> = (0..14)
        .map(|n| json!({ "account": "123456789012", "region": format!("region-{n}"), "minutesLearned": 90, "evaluatedUntil": 1_769_999_000 + n }))
        .collect();
    json!({
        "now": 1_770_000_000, "version": "1.2.3", "inTheWay": ["The disk of the data directory is full."],
        "trails": [{ "name": "a-trail-whose-name-is-very-long-indeed-as-names-may-be", "bucket": "logs", "prefix": "org", "isLogging": true, "looksForInsights": true, "latestDelivery": 1_769_999_940 }],
        "progress": {
            "isReadingHistory": true, "readFiles": 12, "listedFiles": 40, "tooOldFiles": 120, "regions": regions,
            "accounts": [{ "account": "123456789012", "increase": { "correction": 2.5 }, "decrease": { "correction": 1.0 } }],
        },
        "delivered": [{ "account": "123456789012", "region": "region-0", "at": 1_769_999_400 }],
        "logFiles": { "counted": 7, "refused": 1 }, "insightsOpen": 1,
        "insights": [{ "at": 1_769_990_400, "state": "Start", "source": "ec2.amazonaws.com", "name": "Run\u{1b}[2J", "errorCode": "AccessDenied", "direction": "increase", "change": "14×", "account": "123456789012", "region": "us-east-1", "origin": "test" }],
        "deliveries": { "waiting": 1, "oldestWaiting": 1_769_999_000, "dead": 0, "failingTargets": 3, "failing": [{ "target": "arn:aws:s3:::logs", "waiting": 7, "dead": 2, "attempts": 3, "error": "there is no bucket", "isDead": false }], "unconfirmed": { "count": 2, "endpoint": "me@example.com", "topicArn": "arn:aws:sns:us-east-1:123456789012:alerts" } },
        "disk": { "databaseBytes": 123_456_789, "walBytes": 4096, "freeBytes": 7, "sizeBytes": 1_u64 << 40 },
    })
}

#[test]
fn the_screen_says_what_goes_on_and_moves_no_cursor() {
    let screen = screen(&busy(), None);
    for part in [
        "Trailsight 1.2.3 is not ready\n  The disk of the data directory is full.",
        "a-trail-whos…ames-may-be logging, Insights on, last file 60 s ago",
        "s3://logs/org",
        "12 of 40",
        "7 counted, 1 set aside",
        "120 or more left out now: they were delivered more than 90 days ago",
        "region-0       file 10 min ago, evaluated to 16 min ago, learned 1 of 36 h",
        "… and 4 more",
        "123456789012 alarmed more often than promised: increases 2.5 times\n    an insight must be as much rarer there, until the account keeps the promise\n",
        "(1 open)",
        "Start ▲ ec2 Run\\u{1b}[2J AccessDenied, 14×  123456789012 us-east-1",
        "(a test)",
        "1 waiting (the oldest since 16 min ago)",
        "arn:aws:s3:::logs: 7 waiting, 2 given up\n    the newest tried again after 3 attempts: there is no bucket\n  … and to 2 other targets\n",
        "2 subscriptions wait for the endpoint's confirmation and get nothing: me@example.com (topic alerts)",
        "database 117 MiB, 7 B of 1024 GiB free",
    ] {
        assert!(screen.contains(part), "{part}:\n{screen}");
    }
    assert!(!screen.contains('\u{1b}'));
}

#[test]
fn a_bucket_that_cannot_be_listed_is_told_once_under_its_trail() {
    let told = |latest_error: &str| {
        let unlisted = json!({ "code": "NoSuchBucket", "text": "there is no bucket `logs`", "since": 1_769_999_000 });
        let trail = json!({ "name": "my-trail", "bucket": "logs", "isLogging": true, "latestDeliveryError": latest_error, "unlisted": unlisted });
        screen(&json!({ "now": 1_770_000_000, "trails": [trail], "progress": { "listedAt": 1_769_999_990 } }), None)
    };
    let gone = told("NoSuchBucket");
    assert!(
        gone.contains("  cannot be listed, since 16 min ago: there is no bucket `logs` (NoSuchBucket)\n"),
        "{gone}"
    );
    assert!(gone.contains("buckets listed 10 s ago, but not that of 1 trail\n"), "{gone}");
    assert!(!gone.contains("the last delivery failed"), "{gone}");
    assert!(told("AccessDenied").contains("the last delivery failed: AccessDenied"));
}

#[test]
fn what_broke_down_is_told_as_a_fault_of_ours() {
    let last =
        json!({ "at": 1_769_999_940, "thread": "lake", "place": "crates/lake/src/table.rs:7", "text": "no\u{1b}" });
    let told = screen(&json!({ "now": 1_770_000_000, "breakdowns": { "count": 2, "last": last } }), None);
    let expected = "  a fault of Trailsight, 2 times since the start: something broke down, 60 s ago
    lake (crates/lake/src/table.rs:7): no\\u{1b}\n";
    assert!(told.contains(expected), "{told}");
    assert!(!screen(&json!({ "now": 0, "breakdowns": { "count": 0, "last": null } }), None).contains("fault"));
}

#[test]
fn files_that_wait_for_another_bucket_are_told_with_what_can_be_done() {
    let held_up = json!([{ "bucket": "other", "files": 20, "waitsFor": "mine", "since": 1_769_996_400, "code": "AccessDenied", "text": "no\u{1b}" }]);
    let told = screen(&json!({ "now": 1_770_000_000, "progress": { "heldUp": held_up } }), None);
    let expected = "  20 in s3://other wait, since 60 min ago: they may be copies of what was
    counted from s3://mine, which cannot be read now: no\\u{1b} (AccessDenied)
    let it be read; or unlink or delete that bucket: what waits for it is set aside then\n";
    assert!(told.contains(expected), "{told}");
    let one = json!([{ "bucket": "other", "files": 1, "waitsFor": "mine", "since": 1_769_996_400 }]);
    let told = screen(&json!({ "now": 1_770_000_000, "progress": { "heldUp": one } }), None);
    assert!(told.contains("  1 in s3://other waits, since 60 min ago: it may be a copy of what was\n"), "{told}");
    assert!(!screen(&json!({ "now": 0 }), None).contains("wait, since"));
}

#[test]
fn where_all_log_files_are_too_old_it_is_said_what_shows_them() {
    let of = |files: Value, progress: Value, trails: Value| {
        screen(&json!({ "now": 0, "logFiles": files, "progress": progress, "trails": trails }), None)
    };
    let told = |counted: u64, too_old: u64| {
        of(json!({ "counted": counted, "refused": 0 }), json!({ "tooOldFiles": too_old }), json!([]))
    };
    let all_too_old = told(0, 7);
    assert!(
        all_too_old
            .contains("  7 or more left out now: they were delivered more than 90 days ago\n  no other is there")
    );
    for way in ["aws cloudtrail start-import", "trailsight analyze", "trailsight serve --now"] {
        assert!(all_too_old.contains(way), "{way}: {all_too_old}");
        // What was counted in time grows old, and nothing is amiss.
        assert!(!told(1, 7).contains(way) && !told(0, 0).contains(way));
    }
    assert!(all_too_old.lines().all(|line| line.len() < 80), "{all_too_old}");
    // Others may be there where not all was read.
    let none = json!({ "counted": 0, "refused": 0 });
    let unlisted = json!([{ "unlisted": { "code": "NoSuchBucket" } }]);
    for others in [
        of(json!({ "counted": 0, "refused": 1 }), json!({ "tooOldFiles": 7 }), json!([])),
        of(none.clone(), json!({ "tooOldFiles": 7, "isReadingHistory": true }), json!([])),
        of(none.clone(), json!({ "tooOldFiles": 7, "error": "no room" }), json!([])),
        of(none, json!({ "tooOldFiles": 7 }), unlisted),
    ] {
        assert!(others.contains("7 or more left out now") && !others.contains("no other is there"), "{others}");
    }
}

#[test]
fn no_line_is_longer_than_the_terminal_is_wide() {
    let screen = screen(&busy(), Some(80));
    assert!(screen.lines().all(|line| line.chars().count() <= 80), "{screen}");
    assert!(screen.lines().any(|line| line.chars().count() == 80 && line.ends_with('…')), "{screen}");
}

#[test]
fn the_size_of_the_database_is_that_with_its_log_which_is_told_of_when_it_is_large() {
    let disk = |database: u64, wal: u64| {
        let told = json!({ "disk": { "databaseBytes": database, "walBytes": wal } });
        screen(&told, None).split("Disk\n").nth(1).expect("it is told").to_owned()
    };
    assert_eq!(disk(4096, 6_129_664), "  database 5990 KiB\n");
    assert_eq!(disk(1 << 30, 300 << 20), "  database 1324 MiB (300 MiB of it its log)\n");
}

#[test]
fn a_service_without_anything_says_so() {
    let screen = screen(&json!({ "now": 0, "version": "1.2.3" }), Some(80));
    assert!(screen.starts_with("Trailsight 1.2.3 is ready\n"), "{screen}");
    assert!(screen.matches("  none").count() == 3, "{screen}");
}
