//! Whole accounts: what happened in them is found, and nothing else.

use record::time::{Minute, Minutes};
use sim::{Decoy, DecoyKind, LogFile, Plan, Tier};

use crate::door::{DEMO, Finding, Folder, analyze, command, findings, trailsight};

/// What must be found in the demo: Region, API, error and direction.
const DEMO_STORY: &[&str] = &[
    "us-east-1 secretsmanager.amazonaws.com GetSecretValue AccessDenied increase",
    "us-east-1 ec2.amazonaws.com GetPasswordData UnauthorizedOperation increase",
    "us-east-1 s3.amazonaws.com DeleteBucket  increase",
    "us-west-2 ec2.amazonaws.com RunInstances  increase",
    "us-east-1 ec2.amazonaws.com CreateSnapshot  decrease",
];

#[test]
fn the_demo_is_found_as_it_happened() {
    let folder = Folder::new();
    let made = trailsight(&["simulate", "--tier", "demo", "--out", &folder.path("bucket")]);
    assert_eq!(made.code, Some(0), "{made}");
    let truth = std::fs::read_to_string(folder.path("bucket/truth.json")).expect("the truth is beside the logs");
    let truth: serde_json::Value = serde_json::from_str(&truth).expect("the truth is JSON");
    let incidents: Vec<Finding> =
        truth["incidents"].as_array().expect("incidents").iter().cloned().map(Finding).collect();

    let told = analyze(&["--format", "ndjson", &folder.path("bucket/AWSLogs")]);
    assert_eq!(told.code, Some(10));
    let found = told.findings();
    assert!(found.iter().all(Finding::is_insight), "no gap, and all is learned: {found:#?}");
    let of = |insight: &Finding| {
        let same = |field: &str, incident: &Finding| insight.text(field) == incident.text(field);
        let fields = ["account", "region", "eventSource", "eventName", "direction"];
        let begins = |incident: &Finding| (insight.start() - incident.start()).0.abs() <= 2;
        incidents.iter().find(|incident| fields.iter().all(|field| same(field, incident)) && begins(incident)).cloned()
    };

    for wanted in DEMO_STORY {
        let insight = found.iter().find(|insight| insight.what() == *wanted);
        let insight = insight.unwrap_or_else(|| panic!("{wanted} is not found: {found:#?}"));
        let incident = of(insight).unwrap_or_else(|| panic!("{insight:?} is not when it happened: {incidents:#?}"));
        if insight.text("direction") == "increase" {
            let end = insight.end().expect("it is over");
            assert!((end - incident.end().expect("it is over")).0.abs() <= 10, "{insight:?}, {incident:?}");
            assert_eq!(insight.first("userIdentityArn"), incident.text("actor"), "{insight:?}");
            assert_eq!(insight.first("sourceIPAddress"), "192.0.2.77", "{insight:?}");
            assert_eq!(insight.first("sourceIPAddress"), incident.text("sourceIp"), "{insight:?}");
        }
    }
    let outside: Vec<&Finding> = found.iter().filter(|insight| of(insight).is_none()).collect();
    assert!(outside.len() <= 1, "nothing else happened: {outside:#?}");
}

#[test]
fn the_same_seed_is_the_same_bucket_and_another_is_another() {
    let make = |seed: &str| {
        let folder = Folder::new();
        let made = trailsight(&[
            "simulate",
            "--tier",
            "T1",
            "--seed",
            seed,
            "--days",
            "0.5",
            "--records",
            "3000",
            "--out",
            &folder.path(""),
        ]);
        assert_eq!(made.code, Some(0), "{made}");
        folder.files()
    };
    assert_eq!(make("3"), make("3"));
    assert_ne!(make("3"), make("4"));
}

#[test]
fn a_quiet_account_stays_quiet() {
    for seed in 0..4 {
        let folder = Folder::of_days(
            &sim::log_files(&Plan { length: Minutes(14 * 1440), calls_per_day: 1_500.0, ..Plan::quiet(seed) })
                .collect::<Vec<_>>(),
        );
        let told = analyze(&["--format", "ndjson", &folder.path("")]);
        assert_eq!((told.code, &*told.out), (Some(0), ""), "seed {seed}: {:#?}", told.findings());
    }
}

#[test]
fn of_a_young_account_is_told_what_stands_out() {
    let day = |seed| Plan { limit: None, ..Plan::tier(Tier::T0, seed).with_days(1.0) };
    for (name, plan) in
        [("T0, one day", day(1)), ("T0, one day", day(2)), ("demo, one day", Plan::demo(7).with_days(1.0))]
    {
        let folder = Folder::of(&sim::log_files(&plan).collect::<Vec<_>>());
        let told = analyze(&["--format", "ndjson", &folder.path("")]);
        let found = told.findings();
        assert_eq!(told.code, Some(0), "{name}: {told}");
        assert!(!found.is_empty(), "{name}");
        for finding in &found {
            assert_eq!(finding.text("kind"), "standsOut", "{name}: {finding:?}");
            assert!(finding.0["rarity"].is_null() && finding.0["calls"].as_u64() >= Some(3), "{name}: {finding:?}");
            assert!(finding.text("sentence").contains("learned from"), "{name}: {}", finding.text("sentence"));
        }
        for place in ["us-east-1", "eu-central-1"] {
            let of = |insight_type| {
                found
                    .iter()
                    .filter(|finding| finding.text("region") == place && finding.text("insightType") == insight_type)
                    .count()
            };
            assert!(of("ApiCallRateInsight") <= 5 && of("ApiErrorRateInsight") <= 5, "{name}: {found:#?}");
        }
    }
}

/// One account of 25 days in which nothing happens at all.
fn calm(seed: u64) -> Plan {
    Plan { length: Minutes(25 * 1440), calls_per_day: 1_000.0, second_trails: 0.0, ..Plan::quiet(seed) }
}

/// The same, in which only this happens.
fn decoy(seed: u64, days: f64, kind: DecoyKind) -> Plan {
    let calm = calm(seed);
    let at = Minute(calm.start.0 + (days * 1440.0) as i32);
    Plan { decoys: vec![Decoy { account: 0, at, kind }], ..calm }
}

/// What a decoy may change of what is told.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// Nothing: it only changes how calls are delivered.
    Nothing,
    /// So many findings may come that would not be told without it.
    Findings(usize),
}

/// Decoys, and since which day they are.
const DECOYS: &[(&str, f64, DecoyKind, Change)] = &[
    ("growth", 0.0, DecoyKind::Growth { a_week: 1.2 }, Change::Findings(0)),
    ("new cron job", 15.6, DecoyKind::NewCron, Change::Findings(0)),
    ("weekend", 0.0, DecoyKind::Weekend, Change::Findings(0)),
    ("daylight saving", 20.0, DecoyKind::DaylightSaving, Change::Findings(4)),
    // A month's worth of false alarms falls into the first week: part 2 of the method.
    ("new account", 12.4, DecoyKind::NewAccount, Change::Findings(3)),
    ("logging gap", 17.45, DecoyKind::LoggingGap { minutes: 120 }, Change::Nothing),
    ("second trail", 12.5, DecoyKind::SecondTrail, Change::Nothing),
];

fn told_of(plan: &Plan) -> Vec<Finding> {
    let folder = Folder::of_days(&sim::log_files(plan).collect::<Vec<LogFile>>());
    findings(&[&folder.path("")])
}

/// What is told of one and not of the other.
fn only_in(these: &[Finding], others: &[Finding]) -> Vec<Finding> {
    let is_told = |finding: &&Finding| {
        others.iter().any(|other| other.what() == finding.what() && other.start() == finding.start())
    };
    these.iter().filter(|finding| !is_told(finding)).cloned().collect()
}

#[test]
fn every_decoy_stays_silent() {
    for seed in [0, 1] {
        let without = told_of(&calm(seed));
        for &(name, days, kind, change) in DECOYS {
            let with = told_of(&decoy(seed, days, kind));
            match change {
                Change::Nothing => assert_eq!(with, without, "{name}, seed {seed}"),
                Change::Findings(most) => {
                    let told = only_in(&with, &without);
                    assert!(told.len() <= most, "{name}, seed {seed}: {told:#?}\nwithout it: {without:#?}");
                }
            }
            let gaps: Vec<&Finding> = with.iter().filter(|finding| finding.text("kind") == "noData").collect();
            assert!(gaps.is_empty(), "{name}, seed {seed}: {gaps:#?}");
        }
    }
}

/// A job every quarter of an hour is never silent.
///
/// Today it is called so, some 17 hours after it began: its gaps were measured in the few calls that were expected while it
/// was unusual, and as it becomes the usual, more are expected of every minute, so that the next gap seems far too long.
#[test]
#[ignore = "known weakness of the detector (and of its reference): a new job is called silent between two of its calls"]
fn a_new_job_is_not_silent_once_it_is_usual() {
    for seed in [16, 18] {
        let told = told_of(&decoy(seed, 15.6, DecoyKind::NewCron));
        let silent: Vec<&Finding> = told.iter().filter(|finding| finding.text("direction") == "decrease").collect();
        assert!(silent.is_empty(), "seed {seed}: {silent:#?}");
    }
}

/// How often decoys do speak, over many accounts. For whoever works on the detector:
/// `cargo test -p trailsight --test it -- --ignored --nocapture decoys_over`
#[test]
#[ignore = "a survey to look at, minutes long"]
fn decoys_over_many_accounts() {
    for seed in 0..20 {
        let without = told_of(&calm(seed));
        println!("seed {seed}: calm {}", without.len());
        without.iter().for_each(|finding| println!("    {finding:?}"));
        for &(name, days, kind, _) in DECOYS {
            let told = only_in(&told_of(&decoy(seed, days, kind)), &without);
            println!("seed {seed}: {name} {}", told.len());
            told.iter().for_each(|finding| println!("    {finding:?}"));
        }
    }
}

/// Nothing was delivered for two days, and nothing comes afterwards: that is a gap, and no silence of a hundred jobs.
#[test]
fn an_outage_is_one_gap() {
    let plan = Plan { length: Minutes(12 * 1440), ..Plan::demo(7) };
    let plan = Plan { incidents: Vec::new(), ..plan };
    let until = plan.until();
    let outage = (Minute(until.0 - 2 * 1440), Minute(until.0 - 1440));
    let mut files: Vec<LogFile> = sim::log_files(&plan).collect();
    let delivered = |file: &LogFile| file.key.parse::<record::log_key::LogKey>().expect("an AWS name").time;
    files.retain(|file| !(outage.0 < delivered(file) && delivered(file) <= outage.1));
    let folder = Folder::of_days(&files);
    let found = findings(&[&folder.path("")]);
    let gaps: Vec<&Finding> = found.iter().filter(|finding| finding.text("kind") == "noData").collect();
    assert_eq!(gaps.len(), 3, "one a Region: {found:#?}");
    for gap in &gaps {
        assert!((gap.start() - outage.0).0.abs() <= 30, "{gap:?}");
        assert!(gap.end().is_some_and(|end| (end - outage.1).0.abs() <= 30), "{gap:?}");
        assert!(gap.0.get("eventName").is_none(), "{:?}", gap.0);
    }
    let insights: Vec<&Finding> = found.iter().filter(|finding| finding.is_insight()).collect();
    assert!(insights.len() <= 1, "nobody stopped: {insights:#?}");
}

#[test]
fn the_demo_in_memory_is_the_demo_on_disk() {
    let folder = Folder::new();
    assert!(command(&["simulate", "--out", &folder.path("")]).output().expect("it runs").status.success());
    let mut files = folder.files();
    files.retain(|(path, _)| path != "truth.json");
    let mut wanted: Vec<(String, Vec<u8>)> = DEMO.iter().map(|file| (file.key.clone(), file.body.clone())).collect();
    wanted.sort();
    files.sort();
    assert!(files == wanted);
}
