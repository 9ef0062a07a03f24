//! What the user chooses: which time, which APIs, how sensitive.

use std::collections::BTreeSet;

use record::time::Minute;
use sim::{Arrivals, By, Incident, IncidentKind, Pin, Plan, Target};

use crate::door::{Finding, Folder, SHORT_DEMO, Told, analyze, command, findings, minute};

#[test]
fn from_and_to_choose_what_is_told_and_all_before_is_learned_from() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let path = folder.path("");
    let all = findings(&[&path]);
    for (from, to) in [
        (Some("2026-02-11T02:20:00Z"), None),
        (None, Some("2026-02-11T02:20:00Z")),
        (Some("2026-02-11T02:30:00Z"), Some("2026-02-11T03:00:00Z")),
        (Some("2026-02-11"), None),
        (None, Some("2026-02-11")),
        (Some("2026-02-11T10:00:00+01:00"), None),
        (Some("2027-01-01"), None),
    ] {
        let options = [from.map(|from| format!("--from={from}")), to.map(|to| format!("--to={to}"))];
        let options: Vec<&str> = options.iter().flatten().map(String::as_str).collect();
        let (from, to) = (from.map(minute), to.map(minute));
        let mut wanted = all.clone();
        wanted.retain(|finding| to.is_none_or(|to| finding.start() < to));
        wanted.retain(|finding| from.is_none_or(|from| finding.end().is_none_or(|end| end > from)));
        assert_eq!(findings(&[&[&*path], &options[..]].concat()), wanted, "{options:?}");
    }
}

#[test]
fn what_chooses_nothing_is_told_and_is_no_all_clear() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let path = folder.path("");
    let turned = Told::by(&mut command(&["analyze", &path, "--from=2026-02-11", "--to=2026-02-10"]));
    assert!(turned.code == Some(1) && turned.err.contains("--from is not before --to"), "{turned}");
    let none = analyze(&[&path, "--source", "ec3"]);
    assert!(none.out.contains("Nothing was judged: of "), "{none}");
}

#[test]
fn filters_choose_accounts_regions_sources_and_names() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let path = folder.path("");
    let all = findings(&[&path]);
    let account = all[0].text("account").to_owned();
    let first_digits = format!("{}*", &account[..4]);
    // (options, field, what it must begin with, whether something is found)
    let cases: &[(&[&str], &str, &[&str], bool)] = &[
        (&["--account", &account], "account", &[&account], true),
        (&["--account", &first_digits], "account", &[&account], true),
        (&["--account", "000000000000"], "account", &[], false),
        (&["--region", "us-west-2"], "region", &["us-west-2"], true),
        (&["--region", "us-*"], "region", &["us-east-1", "us-west-2"], true),
        (&["--source", "s3"], "eventSource", &["s3.amazonaws.com"], true),
        (&["--source", "s3.amazonaws.com"], "eventSource", &["s3.amazonaws.com"], true),
        (&["--source", "s*"], "eventSource", &["s3.amazonaws.com", "secretsmanager.amazonaws.com"], true),
        (&["--name", "Delete*"], "eventName", &["Delete"], true),
        (&["--name", "Delete*", "--name", "RunInstances"], "eventName", &["Delete", "RunInstances"], true),
        (&["--name", "Delete*", "--source", "ec2"], "eventName", &[], false),
        (&["--name", "delete*"], "eventName", &[], false),
    ];
    for (options, field, wanted, something) in cases {
        let found = findings(&[&[&*path], *options].concat());
        let told: BTreeSet<&str> = found.iter().map(|finding| finding.text(field)).collect();
        let is_wanted = |value: &str| wanted.iter().any(|wanted| value.starts_with(wanted));
        assert!(told.iter().all(|value| is_wanted(value)), "{options:?}: {found:#?}");
        assert!(
            wanted.iter().all(|wanted| told.iter().any(|value| value.starts_with(wanted))),
            "{options:?}: {found:#?}"
        );
        assert_eq!(!found.is_empty(), *something, "{options:?}: {found:#?}");
        assert!(found.iter().all(Finding::is_insight), "what is left out is no gap, {options:?}: {found:#?}");
    }
    assert_eq!(findings(&[&path, "--account", &first_digits]), all, "a filter that leaves nothing out changes nothing");
}

/// An account in which someone suddenly calls one API often that is usually called twice an hour.
fn rush(source: &'static str, name: &'static str, data_events: bool) -> Folder {
    let calm = Plan { calls_per_day: 400.0, second_trails: 0.0, data_events, ..Plan::quiet(5).with_days(9.0) };
    let arrivals = Some(Arrivals::Machine { per_minute: 1.0 / 30.0, batch: 1.0 });
    let pin =
        Pin { account: 0, region: 0, source: source.to_owned(), name: name.to_owned(), arrivals, error_share: 0.0 };
    let incident = Incident {
        account: 0,
        region: 0,
        target: Target::Api(source, name),
        kind: IncidentKind::Burst { calls: 900, code: None },
        start: Minute(calm.until().0 - 300),
        minutes: 15,
        by: By::Thief,
    };
    Folder::of_days(&sim::log_files(&Plan { pins: vec![pin], incidents: vec![incident], ..calm }).collect::<Vec<_>>())
}

#[test]
fn a_rush_of_reads_is_found_when_asked_for() {
    let folder = rush("ec2.amazonaws.com", "DescribeInstanceAttribute", false);
    let name = |found: &[Finding]| found.iter().any(|finding| finding.text("eventName") == "DescribeInstanceAttribute");
    assert!(!name(&findings(&[&folder.path("")])));
    assert!(name(&findings(&[&folder.path(""), "--reads"])));
}

#[test]
fn a_rush_of_data_events_is_found_when_asked_for() {
    let folder = rush("s3.amazonaws.com", "GetObject", true);
    let path = folder.path("");
    let without = analyze(&[&path, "--format", "ndjson"]);
    assert!(without.reconciliation().filtered > 900 && !without.out.contains("GetObject"), "{without}");
    let with = analyze(&[&path, "--format", "ndjson", "--data-events"]);
    assert_eq!(with.reconciliation().filtered, 0);
    let found = with.findings();
    let told = found.iter().find(|finding| finding.text("eventName") == "GetObject");
    assert_eq!(told.map(|finding| finding.text("eventCategory")), Some("Data"), "{found:#?}");
    assert_eq!(
        findings(&[&path, "--reads"]).iter().filter(|finding| finding.text("eventCategory") == "Data").count(),
        0
    );
}

#[test]
fn who_accepts_more_false_alarms_is_told_no_less() {
    let folder = Folder::of_days(&SHORT_DEMO);
    let told = ["0.1", "0.5", "1", "3", "10", "30"].map(|budget| {
        let found = findings(&[&folder.path(""), "--false-alarms-per-month", budget]);
        found.iter().map(|finding| (finding.what(), finding.start())).collect::<BTreeSet<_>>()
    });
    for (fewer, more) in told.iter().zip(&told[1..]) {
        // A lower threshold may join two runs into one, so that each is asked for by its API.
        let covers = |what: &String| more.iter().any(|other| other.0 == *what);
        assert!(fewer.iter().all(|(what, _)| covers(what)), "{fewer:#?}\n{more:#?}");
        assert!(fewer.len() <= more.len(), "{fewer:#?}\n{more:#?}");
    }
    assert!(told[0].len() < told[5].len(), "it is a choice");
}

/// Only the last day is told; without the days before it would be a young account.
#[test]
fn what_came_before_from_is_learned_from() {
    let plan = Plan::demo(7);
    let last_day = Minute(plan.until().0 - 1440);
    let folder = Folder::of_days(&SHORT_DEMO);
    let found = findings(&[&folder.path(""), "--from", &last_day.to_string()]);
    assert!(found.len() > 5 && found.iter().all(Finding::is_insight), "{found:#?}");
    let learned = found[0].0["explanation"]["minutesLearned"].as_i64();
    assert!(learned > Some(8 * 1440), "{learned:?}");
}
