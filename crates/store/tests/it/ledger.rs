//! A log file is counted once.

use record::time::Minute;
use store::StoreError;
use store::log_files::{LedgerCounts, LedgerPart, LogFile, LogFileState};

use crate::{START, at, both, everything, log_file, on_disk, tally, told};

#[test]
fn the_same_batch_twice_counts_once() {
    for store in both() {
        let batch = tally(&[(0, 1, 5), (3, 2, 6)]);
        let ingest = |number| {
            store.write(|w| {
                w.mark_counted(number, [(&log_file(1), 3), (&log_file(2), 4)], at(0))?;
                w.add_counts(&batch)
            })
        };
        ingest(1).unwrap();
        let before = everything(&store);
        for number in [1, 2] {
            let twice = ingest(number).unwrap_err();
            assert!(matches!(&twice, StoreError::AlreadyCounted { batch: 1, .. }), "{twice}");
        }
        assert_eq!(everything(&store), before);
        assert_eq!(told(&store.read(|r| r.load_tally(Minute(0))).unwrap()), told(&batch));
    }
}

#[test]
fn one_file_that_was_counted_fails_the_whole_batch() {
    for store in both() {
        store.write(|w| w.mark_counted(1, [(&log_file(1), 3)], at(0))).unwrap();
        let twice = store.write(|w| w.mark_counted(2, [(&log_file(2), 3), (&log_file(1), 3)], at(1))).unwrap_err();
        assert!(twice.to_string().contains("file-1.json.gz` of bucket `trail-bucket` was counted already, in batch 1"));
        let file = log_file(2);
        assert_eq!(store.read(|r| r.log_file(&file.bucket, &file.key)).unwrap(), None);
        assert_eq!(store.read(|r| r.newest_batch()).unwrap(), 1);
    }
}

#[test]
fn a_file_in_one_batch_twice_is_counted_twice_by_nobody() {
    for store in both() {
        let file = log_file(1);
        let twice = store.write(|w| w.mark_counted(1, [(&file, 3), (&file, 3)], at(0)));
        assert!(matches!(twice, Err(StoreError::AlreadyCounted { batch: 1, .. })));
    }
}

#[test]
fn the_way_of_a_file_through_the_ledger() {
    for store in both() {
        let (file, other) = (log_file(1), log_file(2));
        let line = || store.read(|r| r.log_file(&file.bucket, &file.key)).unwrap().unwrap();
        assert!(store.write(|w| w.notice_log_file(&file, at(0))).unwrap());
        assert!(!store.write(|w| w.notice_log_file(&file, at(1))).unwrap());
        assert_eq!((line().state, line().noticed_at), (LogFileState::New, at(0)));

        store.write(|w| w.mark_refused(&file, "not gzip", at(2))).unwrap();
        assert_eq!(line().state, LogFileState::Refused { reason: "not gzip".into() });
        assert_eq!(store.write(|w| w.retry_refused(at(3))).unwrap(), 1);
        assert_eq!(line().state, LogFileState::New);

        store.write(|w| w.mark_counted(9, [(&file, 12), (&other, 1)], at(4))).unwrap();
        let counted = LogFileState::Counted { batch: 9, records: 12 };
        assert_eq!((line().file, line().state), (file.clone(), counted.clone()));
        assert_eq!((line().noticed_at, line().changed_at), (at(0), at(4)));

        // What is counted stays so.
        store.write(|w| w.mark_refused(&file, "too late", at(5))).unwrap();
        store.write(|w| w.notice_log_file(&file, at(6))).unwrap();
        assert_eq!(line().state, counted);
        let were = store.read(|r| r.were_counted("trail-bucket", &[&file.key, "another", &other.key])).unwrap();
        assert_eq!(were, [true, false, true]);
        let of_batch = store.read(|r| r.log_files_of_batch(9)).unwrap();
        assert_eq!(of_batch.into_iter().map(|line| line.file).collect::<Vec<_>>(), [file.clone(), other]);
        let counts = LedgerCounts { new: 0, counted: 2, refused: 0 };
        assert_eq!(store.read(|r| r.ledger_counts()).unwrap(), counts);
    }
}

#[test]
fn a_listing_is_in_pages_the_newest_first() {
    for store in both() {
        for number in 0..25 {
            let refused = |w: &store::Writer<'_>| w.mark_refused(&log_file(number), "no", at(number as i64 / 4));
            store.write(refused).unwrap();
        }
        store.write(|w| w.mark_counted(1, [(&log_file(99), 1)], at(0))).unwrap();
        for page in [1, 7, 25, 100] {
            let (mut all, mut after) = (Vec::new(), None);
            loop {
                let (lines, next) = store.read(|r| r.log_files(LedgerPart::Refused, after.as_ref(), page)).unwrap();
                assert!(lines.len() <= page);
                all.extend(lines);
                match next {
                    Some(_) => after = next,
                    None => break,
                }
            }
            assert!(all.is_sorted_by_key(|line| std::cmp::Reverse(line.changed_at)));
            let mut keys: Vec<String> = all.into_iter().map(|line| line.file.key).collect();
            keys.sort();
            keys.dedup();
            assert_eq!(keys.len(), 25, "pages of {page}");
        }
    }
}

#[test]
fn the_newest_delivery_only_grows_and_outlives_its_file() {
    for store in both() {
        store.write(|w| w.mark_counted(1, [(&log_file(50), 1)], at(0))).unwrap();
        store.write(|w| w.mark_counted(2, [(&log_file(20), 1)], at(1))).unwrap();
        let newest = || store.read(|r| r.newest_delivered()).unwrap();
        let expected = [("123456789012".into(), "us-east-1".into(), Minute(START.0 + 50))];
        assert_eq!(newest(), expected);
        assert_eq!(store.write(|w| w.expire_log_files(Minute(START.0 + 51))).unwrap(), 2);
        assert_eq!(newest(), expected);
        assert_eq!(store.read(|r| r.newest_batch()).unwrap(), 2);
    }
}

#[test]
fn no_file_was_delivered_later_than_it_was_counted_whatever_its_name_tells() {
    let store = on_disk();
    let of_the_year_5000 = |number| LogFile { delivered: Some(Minute(1_593_658_080)), ..log_file(number) };
    let newest = || store.read(|r| r.newest_delivered()).unwrap()[0].2;
    let minute = |seconds| Minute::of_seconds(at(seconds).as_second());
    store.write(|w| w.mark_counted(1, [(&of_the_year_5000(1), 1)], at(0))).unwrap();
    assert_eq!(newest(), minute(0));
    let next = LogFile { delivered: Some(minute(600)), ..log_file(2) };
    store.write(|w| w.mark_counted(2, [(&next, 1)], at(900))).unwrap();
    assert_eq!(newest(), minute(600));

    // What an older version took from a name is set right by the next file.
    let database = rusqlite::Connection::open(store.path().expect("it is on disk")).unwrap();
    database.execute("UPDATE region SET newest_delivered = 1593658080", []).unwrap();
    store.write(|w| w.mark_counted(3, [(&log_file(3), 1)], at(1200))).unwrap();
    assert_eq!(newest(), minute(1200));
}

#[test]
fn keys_that_share_a_part_are_files_of_their_own() {
    for store in both() {
        let keys = ["a/b/c", "a/b", "b/c", "c", "/c", "a//c", "a/b/", ""];
        for (at_second, bucket) in (0..).zip(["one", "other"]) {
            for key in keys {
                let file = LogFile { bucket: bucket.into(), key: key.into(), ..log_file(1) };
                assert!(store.write(|w| w.notice_log_file(&file, at(at_second))).unwrap(), "{key}");
                assert_eq!(store.read(|r| r.log_file(bucket, key)).unwrap().unwrap().file, file);
            }
        }
    }
}

#[test]
fn which_records_were_left_out_is_known_as_long_as_the_file_is() {
    for store in both() {
        let (some, all) = (log_file(1), log_file(2));
        store
            .write(|w| {
                w.mark_counted(7, [(&some, 3), (&all, 4)], at(0))?;
                w.leave_out(&some, &[0, 2, 300, 4_000_000_000])
            })
            .unwrap();
        let left_out = |batch| store.read(|r| r.left_out_of_batch(batch)).unwrap();
        let key = (some.bucket.clone(), some.key.clone());
        assert_eq!(left_out(7).into_iter().collect::<Vec<_>>(), [(key, vec![0, 2, 300, 4_000_000_000])]);
        assert!(left_out(6).is_empty());
        store.write(|w| w.expire_log_files(Minute(i32::MAX))).unwrap();
        assert!(left_out(7).is_empty());
    }
}

#[test]
fn counted_files_are_found_by_whose_they_are_and_when_they_were_delivered_wherever_they_lie() {
    for store in both() {
        let in_folder = |folder: &str, number| {
            let file = log_file(number);
            LogFile { key: file.key.replace("CloudTrail/us-east-1/2026/02/10", folder), ..file }
        };
        // As CloudTrail has it, beside the days' folders, and in that of the day before.
        let counted = [
            log_file(1),
            in_folder("copied", 2),
            in_folder("CloudTrail/us-east-1/2026/02/09", 3),
            LogFile { bucket: "another".into(), ..log_file(3) },
            log_file(9),
        ];
        let elsewhere = LogFile { account_region: Some(("123456789012".into(), "eu-west-1".into())), ..log_file(4) };
        store
            .write(|w| {
                w.mark_counted(1, counted.iter().chain([&elsewhere]).map(|file| (file, 1)), at(0))?;
                w.mark_refused(&log_file(5), "not gzip", at(0))?;
                w.notice_log_file(&log_file(6), at(0))
            })
            .unwrap();
        let found = |from, until, limit| -> Vec<LogFile> {
            let (from, until) = (Minute(START.0 + from), Minute(START.0 + until));
            let lines = store
                .read(|r| r.log_files_delivered(&"123456789012".into(), &"us-east-1".into(), from, until, limit))
                .unwrap();
            lines.into_iter().map(|line| line.file).collect()
        };
        let [first, second, third, other, last] = counted;
        assert_eq!(found(0, 9, 100), [first.clone(), second.clone(), third, other]);
        assert_eq!(found(0, 10, 2), [first, second.clone()]);
        assert_eq!(found(2, 3, usize::MAX), [second]);
        assert_eq!(found(9, 10, usize::MAX), [last]);
    }
}
