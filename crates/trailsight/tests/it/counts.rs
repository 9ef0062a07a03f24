//! `--counts`: the same counts give the same findings as the logs that they were counted from.

use std::fmt::Write;

use serde_json::Value;
use sim::Plan;

use crate::door::{Finding, Folder, Reconciliation, analyze, findings};

/// As a GROUP BY would give them.
fn csv_of(plan: &Plan) -> String {
    let mut text = "minute,account,region,source,name,error_code,count\n".to_owned();
    for (of, minutes) in sim::minute_counts(plan) {
        let code = of.error_code.as_ref().map_or("", |code| record::identity::plain_error_code(code.as_str()));
        for (minute, count) in minutes {
            writeln!(text, "{minute},{},{},{},{},{code},{count}", of.account, of.region, of.source, of.name)
                .expect("memory");
        }
    }
    text
}

/// What logs and counts must agree on.
fn told(finding: &Finding) -> (String, Vec<Value>, f64) {
    let fields = ["kind", "start", "end", "account", "called", "statistics", "newUsual"];
    (finding.what(), fields.map(|field| finding.0[field].clone()).to_vec(), finding.0["rarity"].as_f64().unwrap_or(0.0))
}

#[test]
fn counts_tell_what_the_logs_tell() {
    let plan = Plan { redeliveries: 0.0, ..Plan::demo(7).with_records(8_000) };
    let folder = Folder::of_days(&sim::log_files(&plan).collect::<Vec<_>>());
    // Every API that counts name is watched, read or not.
    let by_logs = findings(&[&folder.path("AWSLogs"), "--reads"]);
    let counts = folder.put("counts.csv", csv_of(&plan).as_bytes());
    let by_counts = findings(&["--counts", &counts]);
    assert!(by_logs.len() > 5, "{by_logs:#?}");
    let (logs, counts): (Vec<_>, Vec<_>) = (by_logs.iter().map(told).collect(), by_counts.iter().map(told).collect());
    assert_eq!(logs.len(), counts.len(), "{by_logs:#?}\n{by_counts:#?}");
    for (log, count) in logs.iter().zip(&counts) {
        assert_eq!((&log.0, &log.1), (&count.0, &count.1));
        assert!((log.2 - count.2).abs() < 0.01, "{log:?} {count:?}");
    }
    assert!(
        by_counts.iter().all(|finding| finding.0["attributions"] == Value::Array(Vec::new())),
        "nobody knows who it was"
    );
}

/// What is left out of the counts still says that the account was heard of, as with logs.
#[test]
fn filters_choose_among_counts_too() {
    let plan = Plan { redeliveries: 0.0, ..Plan::demo(7).with_records(8_000) };
    let folder = Folder::of_days(&sim::log_files(&plan).collect::<Vec<_>>());
    let counts = folder.put("counts.csv", csv_of(&plan).as_bytes());
    for options in
        [&["--name", "DeleteBucket"][..], &["--region", "us-west-2"], &["--source", "s3", "--from", "2026-02-11"]]
    {
        let by_logs = findings(&[&[&*folder.path("AWSLogs"), "--reads"], options].concat());
        let by_counts = findings(&[&["--counts", &*counts], options].concat());
        let names = |found: &[Finding]| found.iter().map(|finding| told(finding).0).collect::<Vec<_>>();
        assert_eq!(names(&by_counts), names(&by_logs), "{options:?}");
        assert!(!by_counts.is_empty(), "{options:?}");
    }
}

#[test]
fn counts_add_up_and_bad_lines_are_told() {
    let folder = Folder::new();
    let text = "count,minute,account,region,source,name,error_code,comment\n\
        5,2026-02-02T00:00:00Z,123456789012,us-east-1,ec2.amazonaws.com,RunInstances,,a\n\
        x,2026-02-02T00:01:00Z,123456789012,us-east-1,ec2.amazonaws.com,RunInstances,,b\n\
        2,yesterday,123456789012,us-east-1,ec2.amazonaws.com,RunInstances,AccessDenied,c\n\
        2,2026-02-02T00:03:00Z,123456789012,us-east-1,ec2.amazonaws.com,\"Run\nInstances, and more\",,d\n\
        7,2026-02-02T00:04:00Z,../../x,us-east-1,ec2.amazonaws.com,RunInstances,,e\n\
        7,2026-02-02T00:04:00Z,123456789012,..,ec2.amazonaws.com,RunInstances,,f\n\
        1,2026-02-02T00:05:00Z\n";
    let path = folder.put("counts.csv", text.as_bytes());
    let told = analyze(&["--counts", &path]);
    let wanted = Reconciliation { files: 1, read: 7, counted: 2, duplicates: 0, filtered: 0, rejected: 5 };
    assert_eq!(told.reconciliation(), wanted, "{told}");
    assert!(
        told.err.contains("line 3: ") && told.err.contains("`yesterday`") && told.err.contains("../../x"),
        "{told}"
    );
}
