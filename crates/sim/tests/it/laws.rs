//! Same seed, same bytes; and whatever happens to the files, the same calls.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use sim::{LogFile, Plan, Tier, faults};

fn digest(files: impl Iterator<Item = LogFile>) -> String {
    let mut hash = Sha256::new();
    for file in files {
        hash.update(file.key.as_bytes());
        hash.update(file.arrived_at.0.to_le_bytes());
        hash.update(&file.body);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_same_seed_is_the_same_bytes() {
    let tier = |seed| Plan::tier(Tier::T0, seed);
    assert_eq!(digest(sim::log_files(&tier(7))), digest(sim::log_files(&tier(7))));
    assert_ne!(digest(sim::log_files(&tier(7))), digest(sim::log_files(&tier(8))));
    let told = |seed| serde_json::to_string(&sim::truth(&tier(seed))).expect("truth is JSON");
    assert_eq!(told(7), told(7));
}

/// When this fails, accounts made with an older version are no longer what their seed says. If that is meant, say so
/// in the changelog and put the new digest here.
#[test]
fn the_seed_of_last_year_is_the_same_bytes() {
    assert_eq!(digest(sim::log_files(&Plan::tier(Tier::T0, 7))), LAST_YEAR);
}

const LAST_YEAR: &str = "3266fa3296f4b02069303fe6cbdfae2f140e58c38b7e95776c1843f4dfa30981";

#[test]
fn what_is_written_is_what_is_listed() {
    let plan = Plan { limit: Some(3_000), ..Plan::tier(Tier::T0, 3) };
    let dir = std::env::temp_dir().join(format!("sim-written-{}", std::process::id()));
    let mut last = None;
    let written = sim::write(&plan, &dir, |progress| last = Some(progress)).expect("a folder can be written");
    let files: Vec<LogFile> = sim::log_files(&plan).collect();
    for file in &files {
        assert_eq!(std::fs::read(dir.join(&file.key)).expect("each file is there"), file.body);
    }
    let truth = std::fs::read(dir.join("truth.json")).expect("the truth is beside them");
    std::fs::remove_dir_all(&dir).expect("our own folder");
    assert_eq!((written.files, written.records), (files.len() as u64, 3_000));
    assert_eq!(last.map(|progress| progress.records), Some(3_000));
    let truth: serde_json::Value = serde_json::from_slice(&truth).expect("truth is JSON");
    assert_eq!(truth["seed"], 3);
}

#[test]
fn files_come_in_the_order_in_which_they_arrive() {
    let arrivals: Vec<i32> = sim::log_files(&Plan::tier(Tier::T0, 5)).map(|file| file.arrived_at.0).collect();
    assert!(arrivals.is_sorted());
}

type Fault = fn(Vec<LogFile>, u64) -> Vec<LogFile>;

#[test]
fn faults_change_files_and_no_calls() {
    let calls = |files: &[LogFile]| -> BTreeSet<Vec<u8>> {
        let texts = files.iter().map(faults::inflated);
        texts.flat_map(|text| faults::records_in(&text).into_iter().map(<[u8]>::to_vec).collect::<Vec<_>>()).collect()
    };
    let files: Vec<LogFile> = sim::log_files(&Plan { limit: Some(4_000), ..Plan::tier(Tier::T0, 4) }).collect();
    let same = calls(&files);
    let kinds: [Fault; 5] = [faults::shuffled, faults::repeated, faults::recut, faults::second_trail, faults::all];
    for (nth, fault) in kinds.into_iter().enumerate() {
        for seed in 0..3 {
            let other = fault(files.clone(), seed);
            assert_ne!(other, files, "fault {nth} does something");
            assert_eq!(calls(&other), same, "fault {nth}, seed {seed}");
        }
    }
}

#[test]
fn counts_are_the_calls_that_files_hold_once() {
    let plan = Plan { redeliveries: 0.0, second_trails: 0.0, ..Plan::tier(Tier::T0, 6) };
    let counted: u32 = sim::minute_counts(&plan)
        .iter()
        .filter(|(counted, _)| counted.error_code.is_none())
        .flat_map(|(_, minutes)| minutes.iter().map(|minute| minute.1))
        .sum();
    let delivered: usize = sim::log_files(&plan).map(|file| file.records).sum();
    assert_eq!(counted as usize, delivered);
}

#[test]
fn tiers_are_as_large_as_they_say() {
    for (tier, wanted) in [(Tier::T0, 20_000.0), (Tier::T1, 150_000.0)] {
        let sizes: Vec<f64> = (0..8).map(|seed| sim::calls(&Plan::tier(tier, seed)).count() as f64).collect();
        let mean = sizes.iter().sum::<f64>() / 8.0;
        assert!((mean / wanted - 1.0).abs() < 0.15, "{tier:?}: {sizes:?}");
    }
}
