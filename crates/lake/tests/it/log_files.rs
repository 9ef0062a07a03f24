//! Log files that a statement reads as they lie, where somebody knows what it may read.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lake::LakeError;
use lake::dialect::Logs;
use lake::logs::{LogFiles, LogSource, ReadLog};
use lake::query::{Limits, Query, Statistics, TableProvider};
use lake::session::session;
use record::log_file::Limits as FileLimits;

use crate::statements::events;
use crate::{InMemory, log_files, runtime};

/// Rows of a statement, as texts, of these log files; and what it took. `stored`: what else it names.
fn asked(
    statement: &str,
    files: &LogFiles,
    stored: &Arc<dyn TableProvider>,
    limits: &Limits,
) -> Result<(Vec<String>, Statistics), LakeError> {
    runtime().block_on(async {
        let logs = |named: &Logs| (named.bucket == "old").then(|| Arc::new(files.clone()) as Arc<dyn TableProvider>);
        let find = |_: &str| Some(Arc::clone(stored));
        let query = Query::plan_with_logs(session(limits)?, statement, find, logs, limits.clone()).await?;
        let mut rows = Vec::new();
        let statistics = query
            .run(|batch| {
                let texts = lake::results::texts(&batch).map(|row| row.into_iter().map(Option::unwrap_or_default));
                rows.extend(texts.map(|row| row.collect::<Vec<_>>().join(" | ")));
                Ok(())
            })
            .await?;
        Ok((rows, statistics))
    })
}

fn in_memory(files: Vec<String>) -> LogFiles {
    LogFiles::new(Arc::new(InMemory(files)), FileLimits::default())
}

#[test]
fn log_files_are_asked_alone_beside_stores_and_within() {
    let all = events();
    let (files, stored) = (log_files(&all), in_memory(log_files(&all[1..])));
    let (many, stored): (usize, Arc<dyn TableProvider>) = (all.len(), Arc::new(stored));
    let bytes: usize = files.iter().map(String::len).sum();
    let limits = Limits { threads: 2, ..Limits::default() };
    let ask = |statement: &str| asked(statement, &in_memory(files.clone()), &stored, &limits);
    let (rows, statistics) = ask("SELECT count(*) FROM cloudtrail_logs('s3://old/AWSLogs/')").expect("it is answered");
    assert_eq!(rows, [many.to_string()]);
    let expected = Statistics { events_matched: many as u64, events_scanned: many as u64, bytes_scanned: bytes as u64 };
    assert_eq!(statistics, expected);
    for (statement, expected) in [
        ("SELECT count(l.eventID) FROM CloudTrail_Logs('s3://old') AS l WHERE l.EVENTID IS NOT NULL", many),
        ("SELECT count(*) FROM TABLE(cloudtrail_logs('s3://old')) l JOIN events e ON e.eventID = l.eventID", many - 1),
        ("SELECT count(*) FROM cloudtrail_logs('s3://old') WHERE eventID NOT IN (SELECT eventID FROM events)", 1),
        (
            // Each round reads them anew.
            "WITH RECURSIVE r AS (SELECT 1 AS n, CAST(0 AS bigint) AS c UNION ALL SELECT r.n + 1, l.c FROM r CROSS JOIN \
             (SELECT count(*) AS c FROM cloudtrail_logs('s3://old')) l WHERE r.n < 5) SELECT sum(c) FROM r",
            4 * many,
        ),
        (
            "WITH l AS (SELECT * FROM cloudtrail_logs('s3://old')) SELECT count(*) FROM l a JOIN l b ON a.eventID = b.eventID",
            many,
        ),
        (
            "SELECT count(*) FROM (SELECT * FROM cloudtrail_logs('s3://old/a') UNION ALL SELECT * FROM cloudtrail_logs('s3://old/b'))",
            2 * many,
        ),
    ] {
        let (rows, _) = ask(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
        assert_eq!(rows, [expected.to_string()], "{statement}");
    }
    let why = ask("SELECT l.evntName FROM cloudtrail_logs('s3://old') l").expect_err("there is none").to_string();
    assert_eq!(why, "there is no column `evntName` at Line: 1, Column: 8; did you mean `eventName`?");
}

/// `query --logs` knows nothing of buckets of a service, and what else may be a place is none.
#[test]
fn where_nobody_says_what_may_be_read_nothing_is() {
    let stored = in_memory(Vec::new());
    let stored: Arc<dyn TableProvider> = Arc::new(stored);
    for (statement, expected) in [
        (
            "SELECT 1 FROM cloudtrail_logs('s3://new/x')",
            "`cloudtrail_logs('s3://new/x')` at Line: 1, Column: 31 is in a bucket",
        ),
        (
            "SELECT 1 FROM cloudtrail_logs('/etc/passwd')",
            "'/etc/passwd' at Line: 1, Column: 31 is no place in a bucket",
        ),
        ("SELECT 1 FROM read_csv('/etc/passwd')", "read_csv"),
    ] {
        let untouched = LogFiles::new(Arc::new(Untouched), FileLimits::default());
        let told = asked(statement, &untouched, &stored, &Limits::default());
        let Err(LakeError::Statement(why)) = told else { panic!("{statement}: {told:?}") };
        assert!(why.contains(expected), "{statement}: {why}");
    }
}

/// Files that nobody may touch.
#[derive(Debug)]
struct Untouched;

impl LogSource for Untouched {
    fn count(&self) -> usize {
        1
    }

    fn read(&self, _: usize) -> ReadLog {
        panic!("it was read")
    }
}

/// A file, a million times over, and how often it was read.
#[derive(Debug, Default)]
struct Endless {
    file: String,
    reads: AtomicUsize,
    is_broken: bool,
}

impl LogSource for Endless {
    fn count(&self) -> usize {
        1_000_000
    }

    fn read(&self, at: usize) -> ReadLog {
        self.reads.fetch_add(1, Ordering::Relaxed);
        if self.is_broken {
            Err(format!("the file {at} is not there"))
        } else {
            Ok((self.file.clone().into_bytes(), None))
        }
    }

    fn at_once(&self) -> usize {
        32
    }
}

/// Whoever does not want to know any more need not wait for a batch: of files without an event there is none.
#[test]
fn reading_stops_when_nobody_wants_to_know_any_more() {
    let limits = Limits { threads: 2, ..Limits::default() };
    for (file, is_broken) in
        [(log_files(&events())[0].clone(), false), (r#"{"Records":[]}"#.to_owned(), false), (String::new(), true)]
    {
        let source = Arc::new(Endless { file, is_broken, ..Endless::default() });
        let files = LogFiles::new(Arc::clone(&source) as Arc<dyn LogSource>, FileLimits::default());
        let unread = files.unread();
        runtime().block_on(async {
            let logs = |_: &Logs| Some(Arc::new(files.clone()) as Arc<dyn TableProvider>);
            let statement = "SELECT count(*) FROM cloudtrail_logs('s3://old')";
            let context = session(&limits).expect("there is one");
            let query = Query::plan_with_logs(context, statement, |_| None, logs, limits.clone()).await;
            let query = query.expect("it is understood");
            let begun = async {
                while source.reads.load(Ordering::Relaxed) < 100 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                done = query.run(|_| Ok(())) => panic!("it cannot be done: {done:?}"),
                () = begun => {}
            }
        });
        // What reads has a hold on it.
        while Arc::strong_count(&source) > 2 {
            std::thread::yield_now();
        }
        assert!(source.reads.load(Ordering::Relaxed) < 1_000_000, "it was read to its end");
        assert!(unread.reasons().len() <= 101, "each reason is told by itself: {}", unread.reasons().len());
        drop(files);
    }
}

/// A file at a time, and the part that waits for it holds memory: of forty tables not all can be read at once.
#[test]
fn tables_without_number_end_at_the_statements_memory() {
    let stored: Arc<dyn TableProvider> = Arc::new(in_memory(Vec::new()));
    let files = in_memory(log_files(&events()));
    let limits = Limits { threads: 4, memory_bytes: 64 << 20, ..Limits::default() };
    let one = "SELECT eventID FROM cloudtrail_logs('s3://old')";
    let all = vec![one; 60].join(" UNION ALL ");
    match asked(&format!("SELECT count(*) FROM ({all})"), &files, &stored, &limits) {
        Ok((rows, _)) => assert_eq!(rows, [(60 * events().len()).to_string()]),
        Err(LakeError::OutOfMemory(why)) => assert!(why.contains("reading log files"), "{why}"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_a_part_takes_at_once_is_no_more_than_its_share() {
    #[derive(Debug, Default)]
    struct Taken(std::sync::Mutex<Vec<Range<usize>>>);
    impl LogSource for Taken {
        fn count(&self) -> usize {
            17
        }
        fn read(&self, _: usize) -> ReadLog {
            Err("it is not there".into())
        }
        fn at_once(&self) -> usize {
            32
        }
        fn read_each(&self, which: Range<usize>, each: &mut dyn FnMut(ReadLog) -> bool) {
            self.0.lock().expect("nobody panics with it").push(which.clone());
            which.for_each(|_| assert!(each(Err("it is not there".into()))));
        }
    }
    let taken = Arc::new(Taken::default());
    let files = LogFiles::new(Arc::clone(&taken) as Arc<dyn LogSource>, FileLimits::default());
    let stored: Arc<dyn TableProvider> = Arc::new(in_memory(Vec::new()));
    let limits = Limits { threads: 2, ..Limits::default() };
    let (rows, _) =
        asked("SELECT eventID FROM cloudtrail_logs('s3://old')", &files, &stored, &limits).expect("of nothing");
    assert!(rows.is_empty() && files.unread().is_every_file());
    let mut taken = taken.0.lock().expect("nobody panics with it").clone();
    taken.sort_by_key(|range| range.start);
    assert!(taken.iter().all(|range| range.len() <= 2), "{taken:?}");
    assert_eq!(taken.into_iter().flatten().collect::<Vec<_>>(), (0..17).collect::<Vec<_>>(), "each is read once");
}
