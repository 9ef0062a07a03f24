//! Laws: how the same calls are delivered decides nothing.

use sim::{By, Incident, IncidentKind, LogFile, Plan, RateClass, Target, faults};

use crate::door::{Folder, analyze, gzip};

const SEEDS: u64 = 3;

/// A small account, in whose last night a few things happen.
fn plan(seed: u64) -> Plan {
    let plan = Plan { calls_per_day: 200.0, second_trails: 0.3, ..Plan::quiet(seed).with_days(3.0) };
    let incident = |hour: i32, minutes, target, kind, by| Incident {
        account: 0,
        region: 0,
        target,
        kind,
        start: record::time::Minute(plan.start.0 + 2 * 1440 + hour * 60),
        minutes,
        by,
    };
    let burst = |calls, code| IncidentKind::Burst { calls, code };
    let incidents = vec![
        incident(2, 10, Target::NeverSeen, burst(80, None), By::Thief),
        incident(5, 10, Target::Rate(RateClass::Low), burst(150, Some("AccessDenied")), By::Stranger),
        incident(9, 30, Target::Rate(RateClass::Rare), burst(400, None), By::Insider),
    ];
    Plan { incidents, ..plan }
}

/// The same calls, delivered otherwise: a folder, and what to tell `analyze`.
type Delivery = fn(&[LogFile], u64, &Folder) -> Vec<String>;

fn put_all(folder: &Folder, files: &[LogFile]) -> Vec<String> {
    for file in files {
        folder.put(&file.key, &file.body);
    }
    vec![folder.path("")]
}

/// Any order, the same for the same seed.
fn lot(seed: u64, number: usize) -> u64 {
    (number as u64 + 1)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ (seed << 7))
        .rotate_left(29)
        .wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

const DELIVERIES: &[(&str, Delivery)] = &[
    ("shuffled", |files, seed, folder| put_all(folder, &faults::shuffled(files.to_vec(), seed))),
    ("recut", |files, seed, folder| put_all(folder, &faults::recut(files.to_vec(), seed))),
    ("repeated", |files, seed, folder| put_all(folder, &faults::repeated(files.to_vec(), seed))),
    ("by two trails", |files, seed, folder| put_all(folder, &faults::second_trail(files.to_vec(), seed))),
    ("all of that", |files, seed, folder| put_all(folder, &faults::all(files.to_vec(), seed))),
    ("named without times, in any order", |files, seed, folder| {
        for (number, file) in files.iter().enumerate() {
            folder.put(&format!("{:016x}.json.gz", lot(seed, number)), &file.body);
        }
        vec![folder.path("")]
    }),
    ("not compressed", |files, _, folder| {
        for file in files {
            folder.put(file.key.strip_suffix(".gz").expect("log files are gzip"), &faults::inflated(file));
        }
        vec![folder.path("")]
    }),
    ("a record a line, and every other file as members of gzip", |files, _, folder| {
        for (number, file) in files.iter().enumerate() {
            let text = faults::inflated(file);
            let lines: Vec<Vec<u8>> =
                faults::records_in(&text).into_iter().map(|record| [record, b"\n"].concat()).collect();
            let body = if number % 2 == 0 {
                lines.concat()
            } else {
                lines.iter().map(|line| gzip(line)).collect::<Vec<_>>().concat()
            };
            folder.put(&file.key, &body);
        }
        vec![folder.path("")]
    }),
    ("in two folders, the later one first", |files, _, folder| {
        let half = files.len() / 2;
        for (number, file) in files.iter().enumerate() {
            folder.put(&format!("{}/{}", if number < half { "z" } else { "a" }, file.key), &file.body);
        }
        vec![folder.path("a"), folder.path("z")]
    }),
    ("named one by one, by a pattern, and twice", |files, _, folder| {
        put_all(folder, files);
        vec![folder.path("AWSLogs/**/*.json.gz"), folder.path(&files[0].key), folder.path("")]
    }),
    ("copied as one day's folders elsewhere", |files, _, folder| {
        for file in files {
            folder.put(&format!("copy/{}", file.key.rsplit_once('/').expect("a key has folders").1), &file.body);
        }
        vec![folder.path("copy")]
    }),
    ("on one thread", |files, _, folder| [vec!["--threads=1".to_owned()], put_all(folder, files)].concat()),
    ("on four threads", |files, _, folder| [vec!["--threads=4".to_owned()], put_all(folder, files)].concat()),
];

/// With all that is counted, and under a filter: what that leaves out still says that the account was heard of, and copies
/// of it say nothing more.
const OPTIONS: [&[&str]; 2] = [&[], &["--name", "[C-P]*", "--reads"]];

#[test]
fn how_calls_are_delivered_decides_nothing() {
    let mut insights = 0;
    for seed in 0..SEEDS {
        let files: Vec<LogFile> = sim::log_files(&plan(seed)).collect();
        let run = |options: &[&str], paths: &[&str]| analyze(&[&["--format", "ndjson"], options, paths].concat());
        let folder = Folder::of(&files);
        let as_they_are = OPTIONS.map(|options| run(options, &[&folder.path("")]));
        insights += as_they_are[0].findings().iter().filter(|finding| finding.is_insight()).count();
        for (name, deliver) in DELIVERIES {
            let folder = Folder::new();
            let paths = deliver(&files, seed, &folder);
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            for (options, as_they_are) in OPTIONS.iter().zip(&as_they_are) {
                let told = run(options, &paths);
                let of = format!("{name}, seed {seed}, {options:?}");
                assert_eq!(told.out, as_they_are.out, "{of}\n{}\n{}", told.err, as_they_are.err);
                assert_eq!(told.reconciliation().counted, as_they_are.reconciliation().counted, "{of}");
            }
        }
    }
    assert!(insights as u64 >= SEEDS, "the law speaks of something: {insights} insights");
}
