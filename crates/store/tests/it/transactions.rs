//! All of it or nothing.

use store::StoreError;
use store::event_ids::EventHour;
use store::tags::Tags;

use crate::{account, at, both, everything, log_file, on_disk, tally};

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
enum Refused {
    OfOurs(&'static str),
    Store(#[from] StoreError),
}

#[test]
fn a_write_that_fails_changes_nothing() {
    for store in both() {
        store.write(|w| w.mark_counted(1, [(&log_file(1), 7)], at(0))).unwrap();
        store.write(|w| w.add_counts(&tally(&[(0, 5, 2)]))).unwrap();
        let before = everything(&store);

        let refused = store.try_write(|w| {
            w.mark_counted(2, [(&log_file(2), 7)], at(1))?;
            w.add_counts(&tally(&[(0, 5, 2), (4, 90, 1)]))?;
            w.add_event_ids(&account(), EventHour(3), &[1, 2, 3])?;
            w.set_tags("arn", &Tags::from([("key".into(), "value".into())]))?;
            Err::<(), Refused>(Refused::OfOurs("no"))
        });
        assert_eq!(refused.unwrap_err().to_string(), "no");
        assert_eq!(everything(&store), before);
    }
}

#[test]
fn a_failure_that_is_passed_over_calls_all_of_it_off() {
    for store in both() {
        store.write(|w| w.mark_counted(1, [(&log_file(1), 7)], at(0))).unwrap();
        let before = everything(&store);
        let called_off = store.write(|w| {
            let _ = w.mark_counted(2, [(&log_file(2), 7), (&log_file(1), 7)], at(1));
            w.add_counts(&tally(&[(0, 5, 2)]))
        });
        let told = called_off.unwrap_err().to_string();
        assert!(told.starts_with("nothing was kept") && told.contains("counted already, in batch 1"), "{told}");
        assert_eq!(everything(&store), before);
    }
}

#[test]
fn a_panic_changes_nothing_and_the_store_goes_on() {
    for store in both() {
        let before = everything(&store);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.write(|w| {
                w.add_counts(&tally(&[(0, 5, 2)]))?;
                panic!("amid it")
            })
        }));
        assert!(panicked.map(|written: Result<(), StoreError>| written).is_err());
        assert_eq!(everything(&store), before);
        store.write(|w| w.add_counts(&tally(&[(0, 5, 2)]))).unwrap();
        assert_ne!(everything(&store), before);
    }
}

#[test]
fn a_reader_sees_one_moment_whatever_is_written_meanwhile() {
    let store = on_disk();
    store.write(|w| w.add_counts(&tally(&[(0, 5, 2)]))).unwrap();
    store
        .read(|r| {
            let before = r.load_tally(crate::START)?;
            std::thread::scope(|threads| {
                threads.spawn(|| store.write(|w| w.add_counts(&tally(&[(0, 5, 2), (6, 6, 6)]))).unwrap());
            });
            let after = r.load_tally(crate::START)?;
            assert_eq!(crate::told(&before), crate::told(&after));
            Ok(())
        })
        .unwrap();
    assert_eq!(store.read(|r| r.load_tally(crate::START)).unwrap().all_series().len(), 2);
}

#[test]
fn what_is_written_through_is_all_or_nothing_too() {
    for store in both() {
        let before = everything(&store);
        let refused = store.write_through(|w| {
            w.add_counts(&tally(&[(0, 5, 2)]))?;
            Err::<(), Refused>(Refused::OfOurs("no"))
        });
        assert!(refused.is_err());
        assert_eq!(everything(&store), before);
        let written: Result<(), StoreError> = store.write_through(|w| w.add_counts(&tally(&[(0, 5, 2)])).map(drop));
        written.unwrap();
        assert_ne!(everything(&store), before);
    }
}

#[test]
fn a_writer_reads_what_it_wrote() {
    for store in both() {
        let seen = store.write(|w| {
            w.add_counts(&tally(&[(0, 5, 2)]))?;
            w.load_tally(crate::START)
        });
        assert_eq!(crate::told(&seen.unwrap()), crate::told(&tally(&[(0, 5, 2)])));
    }
}

#[test]
fn a_full_disk_and_one_that_can_only_be_read_keep_what_was_there_and_it_goes_on_after() {
    let store = on_disk();
    let much: Vec<(usize, i32, u32)> = (0..3000).map(|n| (n, n as i32 * 7 % 9000, 1 + n as u32)).collect();
    store.write(|w| w.add_counts(&tally(&much[..100]))).unwrap();
    let before = everything(&store);

    store.pretend_the_disk_is_full(true);
    let full = store.write(|w| w.add_counts(&tally(&much))).unwrap_err();
    assert!(matches!(&full, StoreError::DiskFull { .. }), "{full}");
    assert_eq!(everything(&store), before);
    store.pretend_the_disk_is_full(false);

    store.pretend_it_is_read_only(true);
    let read_only = store.write(|w| w.add_counts(&tally(&much))).unwrap_err();
    assert!(matches!(&read_only, StoreError::ReadOnly { .. }), "{read_only}");
    assert_eq!(everything(&store), before);
    store.pretend_it_is_read_only(false);

    store.write(|w| w.add_counts(&tally(&much))).unwrap();
    assert_ne!(everything(&store), before);
}

/// `mount -t tmpfs -o size=4m tmpfs FOLDER`, then `TRAILSIGHT_TEST_SMALL_DISK=FOLDER cargo test -p store -- --ignored small_disk`.
#[test]
#[ignore = "needs a small disk of its own"]
fn a_small_disk_that_is_full_keeps_what_was_told_and_goes_on_once_there_is_room() {
    let Some(folder) = std::env::var_os("TRAILSIGHT_TEST_SMALL_DISK") else { return };
    let (path, filler) = (std::path::Path::new(&folder).join("state.db"), std::path::Path::new(&folder).join("filler"));
    std::fs::write(&filler, vec![7; 1 << 20]).unwrap();
    let open = || store::Store::open(&path, &store::Options::default()).unwrap();
    let store = open();
    let ingest = |store: &store::Store, number: u64| {
        store.write(|w| {
            w.mark_counted(number, [(&log_file(number), 1)], at(0))?;
            w.add_counts(&tally(&[(0, number as i32, 1), (1, number as i32, 1)]))?;
            w.add_event_ids(&account(), EventHour(3), &[number; 1])?;
            w.set_tags(&format!("arn{number}"), &Tags::from([("key".into(), "x".repeat(10_000))]))
        })
    };
    let mut number = 1;
    let told = loop {
        match ingest(&store, number) {
            Ok(()) => number += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(&told, StoreError::DiskFull { .. }), "{told:?}");
    let check = |store: &store::Store| {
        assert_eq!(store.read(|r| r.newest_batch()).unwrap(), number - 1);
        let loaded = store.read(|r| r.load_tally(crate::START)).unwrap();
        assert!(loaded.all_series().all(|(_, counted)| counted.counts.calls() == number - 1));
    };
    check(&store);
    let told = store.backup_to(std::path::Path::new(&folder).join("backup")).unwrap_err();
    assert!(matches!(&told, StoreError::DiskFull { .. }), "{told:?}");
    assert!(!std::path::Path::new(&folder).join("backup.unfinished").exists());
    drop(store);
    let store = open();
    check(&store);
    std::fs::remove_file(&filler).unwrap();
    ingest(&store, number).unwrap();
}
