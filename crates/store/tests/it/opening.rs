//! Opening: what is refused, and with which words.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rusqlite::Connection;
use store::{Options, Store, StoreError};

use crate::{at, everything, log_file, tally};

/// Names the database that a child process of these tests opens.
const CHILD: &str = "TRAILSIGHT_TEST_OPEN";

fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(path, &Options { busy_timeout: Duration::from_millis(1) })
}

fn refused(path: &Path) -> String {
    open(path).map(drop).expect_err("it is refused").to_string()
}

#[test]
fn what_was_written_is_there_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = open(&path).unwrap();
    store.write(|w| w.mark_counted(1, [(&log_file(1), 7)], at(0))).unwrap();
    store.write(|w| w.add_counts(&tally(&[(0, 5, 2), (4, 90, 1)]))).unwrap();
    let before = everything(&store);
    drop(store);
    assert_eq!(everything(&open(&path).unwrap()), before);
}

#[test]
fn a_second_store_of_one_process_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let first = open(&path).unwrap();
    let told = refused(&path);
    let process = std::process::id();
    assert!(told.contains(&format!("is in use by another trailsight (process {process})")), "{told}");
    drop(first);
    open(&path).unwrap();
}

#[test]
fn a_second_process_is_refused_with_the_number_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let _first = open(&path).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "opening::a_child_that_opens", "--ignored", "--nocapture"])
        .env(CHILD, &path)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(told.contains(&format!("refused: `{}` is in use by", path.display())), "{told}");
    assert!(told.contains(&format!("(process {})", std::process::id())), "{told}");
}

#[test]
#[ignore = "run by the test above, as another process"]
fn a_child_that_opens() {
    if let Some(path) = std::env::var_os(CHILD) {
        println!("refused: {}", refused(Path::new(&path)));
    }
}

#[test]
fn a_newer_schema_and_another_program_s_database_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let newer = folder.path().join("newer.db");
    drop(open(&newer).unwrap());
    Connection::open(&newer).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let told = refused(&newer);
    assert!(told.contains("was written by a newer trailsight (its schema is 999, this one knows up to"), "{told}");

    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let told = refused(&other);
    assert!(told.contains("is a database of some other program"), "{told}");
    let theirs: i64 = Connection::open(&other)
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(theirs, 1);
}

#[test]
fn a_damaged_file_is_told_and_a_folder_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    fs::write(&path, [7; 10_000]).unwrap();
    let told = refused(&path);
    assert!(told.starts_with("cannot open") && told.contains("restore the last backup"), "{told}");
    assert_eq!(fs::read(&path).unwrap(), [7; 10_000]);

    let told = refused(&folder.path().join("no/such/folder/state.db"));
    assert!(told.starts_with("cannot open the lock file") && told.contains("cannot be reached"), "{told}");
}

#[test]
fn damage_within_is_told_when_it_is_met() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = open(&path).unwrap();
    store.write(|w| w.add_counts(&tally(&[(0, 5, 2)]))).unwrap();
    drop(store);
    Connection::open(&path).unwrap().execute("UPDATE counts SET minutes = x'ffffff'", []).unwrap();
    let store = open(&path).unwrap();
    for told in [
        store.read(|r| r.load_tally(crate::START)).map(drop),
        store.write(|w| w.add_counts(&tally(&[(0, 5, 2)])).map(drop)),
    ] {
        assert!(matches!(told, Err(StoreError::Corrupted { .. })));
    }
}

#[test]
fn another_program_that_locks_the_file_is_waited_for_and_then_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let told = store.write(|w| w.add_counts(&tally(&[(0, 5, 2)]))).unwrap_err();
    assert!(matches!(told, StoreError::Locked { .. }), "{told}");
    assert!(store.read(|r| r.newest_batch()).is_ok());
    other.execute_batch("ROLLBACK").unwrap();
    store.write(|w| w.add_counts(&tally(&[(0, 5, 2)]))).unwrap();
}

#[test]
fn a_database_that_was_not_closed_is_looked_at_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = open(&path).unwrap();
    store.write(|w| w.add_counts(&tally(&(0..4000).map(|n| (n, n as i32, 1)).collect::<Vec<_>>()))).unwrap();
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let amid = bytes.len() / 2;
    bytes[amid..amid + 20_000].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    // It was closed: damage is told where it is met.
    drop(open(&path).unwrap());
    // It was not: something lies in its log, as after a process was killed. What is no log of SQLite's it passes over.
    fs::write(folder.path().join("state.db-wal"), [0; 100]).unwrap();
    let told = refused(&path);
    assert!(told.contains("was not closed the last time: the database is damaged"), "{told}");
}

#[test]
fn a_look_into_a_database_makes_and_migrates_nothing_and_puts_nothing_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let there = || {
        let files = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap());
        files.map(|file| (file.file_name(), file.metadata().unwrap().len())).collect::<BTreeMap<_, _>>()
    };
    let look = || Store::look_into(&path, |r| r.newest_batch());
    assert_eq!(look().unwrap(), None);
    assert_eq!(there(), BTreeMap::new());

    drop(open(&path).unwrap());
    let older = Connection::open(&path).unwrap();
    older.execute_batch("DROP TABLE audit_event; PRAGMA user_version = 1").unwrap();
    drop(older);
    let before = there();
    assert_eq!(look().unwrap(), Some(0));
    assert_eq!(there(), before);
    let version = Connection::open(&path).unwrap().pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    assert_eq!(version.unwrap(), 1);

    // Beside whoever has it open, and behind whoever was killed.
    fs::remove_file(&path).unwrap();
    let store = open(&path).unwrap();
    store.write(|w| w.mark_counted(1, [(&log_file(1), 7)], at(0))).unwrap();
    assert_eq!(look().unwrap(), Some(1));
    let killed = tempfile::tempdir().unwrap();
    for file in ["state.db", "state.db-wal"] {
        fs::copy(folder.path().join(file), killed.path().join(file)).unwrap();
    }
    let (path, log) = (killed.path().join("state.db"), killed.path().join("state.db-wal"));
    let left = fs::read(&log).unwrap();
    assert_eq!(Store::look_into(&path, |r| r.newest_batch()).unwrap(), Some(1));
    assert_eq!(fs::read(&log).unwrap(), left, "it was not closed, and now it seems to have been");
}
