//! Backups, and back again.

use std::fs;
use std::os::unix::fs::symlink;

use store::{Options, Store, StoreError};

use crate::{at, everything, in_memory, log_file, on_disk, tally};

#[test]
fn a_backup_is_the_store_as_of_one_moment_and_can_be_opened_as_one() {
    for store in [in_memory(), on_disk()] {
        let folder = tempfile::tempdir().unwrap();
        let (backup, restored) = (folder.path().join("backup.db"), folder.path().join("restored.db"));
        let calls: Vec<(usize, i32, u32)> = (0..2000).map(|n| (n, n as i32, 1)).collect();
        store.write(|w| w.add_counts(&tally(&calls))).unwrap();
        store.write(|w| w.mark_counted(1, [(&log_file(1), 7)], at(0))).unwrap();
        let before = everything(&store);
        store.backup_to(&backup).unwrap();
        store.write(|w| w.mark_counted(2, [(&log_file(2), 7)], at(0))).unwrap();
        assert!(matches!(store.backup_to(&backup), Err(StoreError::IsThere { .. })));

        Store::restore(&backup, &restored).unwrap();
        assert!(matches!(Store::restore(&backup, &restored), Err(StoreError::IsThere { .. })));
        assert_eq!(everything(&Store::open(&restored, &Options::default()).unwrap()), before);
        assert_eq!(everything(&Store::open(&backup, &Options::default()).unwrap()), before);
        let left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains("unfinished"))
            .collect();
        assert_eq!(left, [""; 0]);
    }
}

#[test]
fn a_backup_is_whole_however_much_is_written_meanwhile() {
    let store = on_disk();
    let folder = tempfile::tempdir().unwrap();
    let ingest = |number: u64| {
        store
            .write(|w| {
                w.mark_counted(number, [(&log_file(number), 1)], at(0))?;
                w.add_counts(&tally(&[(0, number as i32, 1), (1, number as i32, 1)]))
            })
            .unwrap();
    };
    (1..200).for_each(ingest);
    std::thread::scope(|threads| {
        let writer = threads.spawn(|| (200..600).for_each(ingest));
        let mut number = 0;
        while !writer.is_finished() || number == 0 {
            store.backup_to(folder.path().join(format!("{number}.db"))).unwrap();
            number += 1;
        }
        for number in 0..number {
            let backup = Store::open(folder.path().join(format!("{number}.db")), &Options::default()).unwrap();
            let batches = backup.read(|r| r.newest_batch()).unwrap();
            let loaded = backup.read(|r| r.load_tally(crate::START)).unwrap();
            assert!(batches >= 199);
            assert!(loaded.all_series().all(|(_, counted)| counted.counts.calls() == batches));
        }
    });
}

#[test]
fn a_store_that_nobody_has_is_backed_up_where_nothing_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = Store::open(&path, &Options::default()).unwrap();
    store.write(|w| w.mark_counted(1, [(&log_file(1), 7)], at(0))).unwrap();
    let before = everything(&store);
    // As a process leaves it that is killed.
    let killed = folder.path().join("killed.db");
    for end in ["", "-wal"] {
        fs::copy(folder.path().join(format!("state.db{end}")), folder.path().join(format!("killed.db{end}"))).unwrap();
    }
    fs::write(folder.path().join("killed.db.lock"), "1").unwrap();
    drop(store);
    for path in [path, killed] {
        // SQLite can make no log there.
        let name = path.file_name().unwrap().to_str().unwrap();
        symlink("no/where", path.with_file_name(format!("{name}-shm"))).unwrap();
        let backup = folder.path().join(format!("{name}.backup"));
        let held = fs::File::open(path.with_file_name(format!("{name}.lock"))).unwrap();
        held.lock().unwrap();
        let refused = Store::backup_of(&path, &backup).unwrap_err();
        assert!(matches!(refused, StoreError::Unreachable { .. }) && !backup.exists(), "somebody may write: {refused}");
        drop(held);
        let were = |end: &str| fs::read(path.with_file_name(format!("{name}{end}"))).ok();
        let files = (were(""), were("-wal"));
        Store::backup_of(&path, &backup).unwrap();
        assert_eq!((were(""), were("-wal")), files, "nothing is written there");
        assert_eq!(everything(&Store::open(&backup, &Options::default()).unwrap()), before);
    }
}

#[test]
fn the_log_of_a_database_that_is_gone_is_not_taken_for_that_of_the_backup() {
    let store = on_disk();
    let folder = tempfile::tempdir().unwrap();
    let (backup, to) = (folder.path().join("backup.db"), folder.path().join("to.db"));
    store.backup_to(&backup).unwrap();
    fs::write(folder.path().join("to.db-wal"), "left").unwrap();
    let told = Store::restore(&backup, &to).unwrap_err().to_string();
    assert!(told.contains("to.db-wal` is there already: move it away first"), "{told}");
    assert!(!to.exists());
}

#[test]
fn what_is_no_backup_of_ours_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let (path, to) = (folder.path().join("x.db"), folder.path().join("to.db"));
    fs::write(&path, "this is a text, and long enough to be taken for a database by somebody who does not look")
        .unwrap();
    assert!(matches!(Store::restore(&path, &to), Err(StoreError::Corrupted { .. })));
    fs::write(&path, "").unwrap();
    assert!(matches!(Store::restore(&path, &to), Err(StoreError::NotOurs { .. })));
    assert!(matches!(Store::restore(folder.path().join("none"), &to), Err(StoreError::Unreachable { .. })));

    let store = on_disk();
    store.write(|w| w.add_counts(&tally(&(0..2000).map(|n| (n, n as i32, 1)).collect::<Vec<_>>()))).unwrap();
    let backup = folder.path().join("damaged.db");
    store.backup_to(&backup).unwrap();
    let mut bytes = fs::read(&backup).unwrap();
    let amid = bytes.len() / 2;
    bytes[amid..amid + 20_000].fill(0x5a);
    fs::write(&backup, bytes).unwrap();
    assert!(matches!(Store::restore(&backup, &to), Err(StoreError::Corrupted { .. })));
    assert!(!to.exists());
}
