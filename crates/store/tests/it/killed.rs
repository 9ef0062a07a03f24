//! Killed at any moment: what is marked counted is exactly what is counted.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use detect::tally::Tally;
use store::event_ids::EventHour;
use store::{Options, Store, StoreError};

use crate::{account, at, log_file, tally, told};

/// Names the database that a child process of these tests writes to.
const CHILD: &str = "TRAILSIGHT_TEST_KILLED";

fn batch(number: u64) -> Tally {
    let calls: Vec<_> =
        (0..40).map(|n| (n * number as usize % 300, number as i32 * 3 + n as i32, 1 + n as u32)).collect();
    tally(&calls)
}

fn ids(number: u64) -> Vec<u64> {
    (0..200).map(|id| (number * 200 + id).wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect()
}

fn ingest(store: &Store, number: u64) -> Result<(), StoreError> {
    store.write(|w| {
        w.mark_counted(number, [(&log_file(number), 40)], at(0))?;
        w.add_event_ids(&account(), EventHour(number as i32 / 50), &ids(number))?;
        w.add_counts(&batch(number)).map(drop)
    })
}

#[test]
fn a_killed_process_leaves_whole_batches_and_loses_none_that_it_had_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let mut told_of = 0;
    for lines in [1, 2, 3, 30, 7, 100, 1, 55] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::a_child_that_writes_until_it_is_killed", "--ignored", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let counted =
            output.lines().map_while(Result::ok).filter_map(|line| line.strip_prefix("counted ")?.parse().ok());
        let last: Option<u64> = counted.take(lines).last();
        child.kill().unwrap();
        child.wait().unwrap();
        told_of = last.expect("the child counts");

        let store = Store::open(&path, &Options::default()).unwrap();
        let newest = store.read(|r| r.newest_batch()).unwrap();
        assert!(newest >= told_of, "batch {told_of} was told of, {newest} is the newest");
        assert_eq!(store.read(|r| r.ledger_counts()).unwrap().counted, newest);
        let mut all = Tally::new();
        (1..=newest).for_each(|number| all.merge(&batch(number)));
        assert_eq!(told(&store.read(|r| r.load_tally(crate::START)).unwrap()), told(&all));
        assert_eq!(store.read(|r| r.event_id_count()).unwrap(), newest * 200);
    }
    assert!(told_of > 100);
}

#[test]
#[ignore = "run by the test above, as another process"]
fn a_child_that_writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let store = Store::open(Path::new(&path), &Options::default()).unwrap();
    let newest = store.read(|r| r.newest_batch()).unwrap();
    for number in newest + 1.. {
        ingest(&store, number).unwrap();
        println!("counted {number}");
    }
}
