//! Tables: what is kept is there once, whatever happens meanwhile, and is found where it lies.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use lake::arrivals::Arrivals;
use lake::query::{Limits, Query};
use lake::schema::Kind;
use lake::table::Table;
use record::selection::Part;

use crate::{answer, files_in, keep, runtime};

/// Noon of 2026-02-10, in microseconds since 1970, and a day of them.
pub(crate) const NOON: i64 = 1_770_724_800_000_000;
pub(crate) const DAY: i64 = 86_400_000_000;

/// A log file of an hour: events of some services, every second one in another account.
pub(crate) fn hour(number: i64) -> String {
    let event = |minute: i64| {
        let at =
            jiff::Timestamp::from_microsecond(NOON + 3_600_000_000 * number + 60_000_000 * minute).expect("a moment");
        let (service, account) = (["s3", "iam", "ec2"][minute as usize % 3], 111_111_111_111 * (1 + minute % 2));
        let read_only = minute % 4 == 0;
        format!(
            r#"{{"eventVersion":"1.11","eventTime":"{at}","eventSource":"{service}.amazonaws.com","eventName":"Name{}","awsRegion":"eu-central-1","recipientAccountId":"{account}","eventID":"{number}-{minute}","readOnly":{read_only},"eventType":"AwsApiCall","eventCategory":"Management","userIdentity":{{"arn":"arn:aws:iam::{account}:user/u{}"}},"resources":[{{"type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b{}"}}]}}"#,
            minute % 5,
            minute % 7,
            minute % 6,
        )
    };
    let events: Vec<String> = (0..30).map(|step| event(step * 2 % 60)).collect();
    format!("{{\"Records\":[{}]}}", events.join(","))
}

pub(crate) const COUNT: &str = "SELECT count(*), count(DISTINCT eventID), min(eventTime), max(eventTime) FROM t";
pub(crate) const BY_NAME: &str = "SELECT eventSource, eventName, count(*) AS n FROM t GROUP BY 1, 2 ORDER BY 1, 2";

#[test]
fn a_table_knows_how_far_it_has_come_and_takes_nothing_twice() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is made");
        assert_eq!(table.snapshot().kept, 0);
        for (through, number) in [(3, 0), (3, 0), (2, 1), (7, 2)] {
            keep(&table, through, &[hour(number)]).await.expect("it is kept");
        }
        drop(table);
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is there");
        assert_eq!(table.snapshot().kept, 7);
        keep(&table, 7, &[hour(3)]).await.expect("it was kept before");
        let told = answer(table.part(Part::all()), COUNT).await.expect("it is answered");
        assert_eq!(told[1], "60 | 60 | 2026-02-10 12:00:00.000 | 2026-02-10 14:58:00.000");
    });
}

/// Files are chosen by the first and the last moment in them, and who asks for the last event is answered by these.
#[test]
fn a_file_is_known_by_its_moments_to_the_last_digit() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        for opened in ["made", "there"] {
            let table = Table::open(folder.path(), Kind::Events).await.expect(opened);
            let finer = hour(0).replace("12:58:00Z", "12:58:00.750123Z").replace("12:00:00Z", "12:00:00.25Z");
            keep(&table, 1, &[finer]).await.expect("it is kept");
            let told = answer(table.part(Part::all()), COUNT).await.expect("it is answered");
            assert_eq!(told[1], "30 | 30 | 2026-02-10 12:00:00.250 | 2026-02-10 12:58:00.750", "{opened}");
            for (condition, count) in [("> '2026-02-10 12:58:00.750'", 1), ("<= '2026-02-10 12:00:00.250'", 1)] {
                let statement = format!("SELECT eventID FROM t WHERE eventTime {condition}");
                let told = answer(table.part(Part::all()), &statement).await.expect("it is answered");
                assert_eq!(told.len(), 1 + count, "{opened}, {condition}: {told:?}");
            }
        }
    });
}

#[test]
fn a_number_is_kept_though_nothing_came() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is made");
        keep(&table, 9, &[]).await.expect("there was nothing");
        assert_eq!(Table::open(folder.path(), Kind::Events).await.expect("it is there").snapshot().kept, 9);
        assert_eq!(answer(table.part(Part::all()), COUNT).await.expect("it is answered")[1], "0 | 0 | NULL | NULL");
    });
}

/// Each day has its files, and those of other years are not read, however the year is asked for.
#[test]
fn what_is_asked_of_a_year_reads_the_files_of_that_year() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is made");
        // Days apart, from the tenth of February 2026 on.
        for (through, day) in [(1, 0), (2, 200), (3, 400), (4, 800)] {
            keep(&table, through, &[hour(24 * day)]).await.expect("it is kept");
        }
        for (condition, years) in [
            ("year(eventTime) = 2026", 2),
            ("2026 = EXTRACT(YEAR FROM eventTime)", 2),
            ("year(eventTime) > 2026", 2),
            ("year(eventTime) <> 2026", 2),
            ("year(eventTime) IN (2027, 2028)", 2),
            ("year(eventTime) BETWEEN 2026 AND 2027", 3),
            ("year(eventTime) = 1999", 0),
            ("year(eventTime) < 99999999", 4),
        ] {
            let statement = format!("SELECT eventID FROM t WHERE {condition}");
            let part = table.part(Part::all());
            let query = Query::plan(&statement, |_| Some(part.clone()), Limits::default()).await.expect("it is a plan");
            let statistics = query.run(|_| Ok(())).await.expect("it is answered");
            assert_eq!((statistics.events_scanned, statistics.events_matched), (30 * years, 30 * years), "{condition}");
        }
    });
}

/// Log files of so many events of one day from a number on, each with an id of its own.
pub(crate) fn many(from: i64, count: i64) -> Vec<String> {
    let event = |number: i64| {
        let at = jiff::Timestamp::from_microsecond(NOON + 1_000_000 * number).expect("a moment");
        format!(
            r#"{{"eventVersion":"1.11","eventTime":"{at}","eventSource":"s3.amazonaws.com","eventName":"Name{}","awsRegion":"eu-central-1","recipientAccountId":"111111111111","eventID":"id-{number}","readOnly":true,"eventType":"AwsApiCall","eventCategory":"Management","userIdentity":{{"type":"IAMUser"}}}}"#,
            number % 5,
        )
    };
    let events: Vec<String> = (from..from + count).map(event).collect();
    events.chunks(1000).map(|events| format!("{{\"Records\":[{}]}}", events.join(","))).collect()
}

/// A table of so many files, each of 9,000 events: none is sorted into another.
pub(crate) async fn of_whole_files(folder: &Path, files: u64) -> Table {
    let table = Table::open(folder, Kind::Events).await.expect("it is made");
    for through in 1..=files {
        keep(&table, through, &many(9000 * (through as i64 - 1), 9000)).await.expect("it is kept");
    }
    table
}

/// However a file is spoilt: whoever asks of it is told which one it is, and who asks of another day is answered.
#[test]
fn a_spoilt_file_is_told_by_its_name() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is made");
        keep(&table, 1, &(0..30).map(hour).collect::<Vec<_>>()).await.expect("it is kept");
        let spoilt = &files_in(&folder.path().join("2026-02-10"), ".parquet")[0];
        let content = std::fs::read(spoilt).expect("it is there");
        let ways = [
            ("cut", content[..content.len() / 2].to_vec()),
            ("empty", Vec::new()),
            ("without an end", [&content[..content.len() - 8], &[0; 8]].concat()),
            ("with zeroes", [&[0; 200], &content[200..]].concat()),
        ];
        for (how, content) in ways {
            std::fs::write(spoilt, content).expect("it is written");
            let told = answer(table.part(Part::all()), "SELECT * FROM t").await;
            let told = told.expect_err(how).to_string();
            // What pages hold is unpacked where nobody knows of files any more.
            let name = spoilt.file_name().expect("a file").to_string_lossy();
            assert!(told.contains(&*name) || how == "with zeroes", "{how}: {told}");
            let since = "SELECT count(*) FROM t WHERE eventTime >= '2026-02-11'";
            assert_eq!(answer(table.part(Part::all()), since).await.expect(how)[1], "540", "{how}");
        }
    });
}

/// Whoever looks through everything and finds nothing lets others have a turn in between, among them who stops it.
#[test]
fn a_search_in_vain_lets_others_have_a_turn() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = of_whole_files(folder.path(), 4).await;
        let limits = Limits { threads: 1, ..Limits::default() };
        let statement = "SELECT count(*) FROM t WHERE eventJson LIKE '%nobody has this%'";
        let part = table.part(Part::all());
        let query = Query::plan(statement, |_| Some(Arc::clone(&part)), limits).await.expect("it is understood");
        let mut run = std::pin::pin!(query.run(|_| Ok(())));
        let mut turns = 0;
        let run = std::future::poll_fn(|context| {
            turns += 1;
            run.as_mut().poll(context)
        });
        run.await.expect("it is answered");
        assert!(turns > 4, "{turns} turns for four files");
    });
}

#[test]
fn a_death_leaves_no_half_commit() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is made");
        keep(&table, 1, &[hour(0)]).await.expect("it is kept");
        // It died between writing and the commit,
        let mut arrivals = Arrivals::new(Kind::Events);
        assert_eq!(table.write(&mut arrivals).await.expect("nothing is written"), []);
        std::fs::write(folder.path().join("2026-02-10/events-torn.parquet"), b"PAR1").expect("it is written");
        // or the machine did when the commit had a name, and no content yet.
        std::fs::write(folder.path().join("_delta_log/00000000000000000002.json"), b"").expect("it is written");
        drop(table);
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is there");
        keep(&table, 2, &[hour(1)]).await.expect("it is kept");
        assert_eq!(
            answer(table.part(Part::all()), COUNT).await.expect("it is answered")[1].split(" | ").next(),
            Some("60")
        );
        assert_eq!(files_in(folder.path(), ".parquet").len(), 3);
    });
}
