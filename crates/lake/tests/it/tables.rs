//! Tables: what is kept is there once, whatever happens meanwhile, and upkeep changes no answer.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use lake::arrivals::Arrivals;
use lake::query::{Limits, Query};
use lake::schema::Kind;
use lake::table::Table;
use record::selection::{FieldCondition, Part, Selector, Window};

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

#[test]
fn upkeep_changes_no_answer_and_whoever_asks_meanwhile_is_answered() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is made");
        for number in 0..40 {
            keep(&table, number as u64 + 1, &[hour(number)]).await.expect("it is kept");
        }
        let before = table.part(Part::all());
        let told = [answer(before.clone(), COUNT).await, answer(before.clone(), BY_NAME).await].map(Result::unwrap);
        let files = table.snapshot().files.len();
        // Of a day that is over, all; of today, when there are many.
        let today = NOON / DAY + 2;
        while table.merge_small_files(today).await.expect("they are put together") > 0 {}
        assert!(table.snapshot().files.len() < files / 2, "{files} files, then {:?}", table.snapshot().files.len());
        for part in [before, table.part(Part::all())] {
            assert_eq!(answer(part.clone(), COUNT).await.expect("it is answered"), told[0]);
            assert_eq!(answer(part, BY_NAME).await.expect("it is answered"), told[1]);
        }
        assert_eq!(table.snapshot().kept, 40);
        drop(table);
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is there");
        assert_eq!(answer(table.part(Part::all()), BY_NAME).await.expect("it is answered"), told[1]);
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
async fn of_whole_files(folder: &Path, files: u64) -> Table {
    let table = Table::open(folder, Kind::Events).await.expect("it is made");
    for through in 1..=files {
        keep(&table, through, &many(9000 * (through as i64 - 1), 9000)).await.expect("it is kept");
    }
    table
}

#[test]
fn whole_files_are_put_side_by_side_and_everything_in_them_is_found() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = of_whole_files(folder.path(), 3).await;
        let statements = [
            COUNT,
            BY_NAME,
            "SELECT eventTime FROM t WHERE eventID = 'id-9001'",
            "SELECT count(*) FROM t WHERE eventTime >= '2026-02-10 14:30:00' AND eventName = 'Name2'",
        ];
        let before = table.part(Part::all());
        let bytes: u64 = table.snapshot().files.iter().map(|file| file.bytes).sum();
        assert_eq!(table.merge_small_files(NOON / DAY + 9).await.expect("they are put together"), 3);
        assert_eq!(table.merge_small_files(NOON / DAY + 9).await.expect("there is one"), 0);
        let files = table.snapshot().files.clone();
        assert_eq!((files.len(), files[0].span.rows), (1, 27_000));
        assert!(files[0].bytes < bytes + bytes / 20, "{} bytes of {bytes}", files[0].bytes);
        for statement in statements {
            let told = answer(before.clone(), statement).await.expect("it is answered");
            assert!(told.len() > 1, "{statement}");
            assert_eq!(answer(table.part(Part::all()), statement).await.expect("it is answered"), told, "{statement}");
        }
    });
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
fn what_is_too_old_goes_by_days() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is made");
        let all: Vec<String> = (0..40).map(hour).collect();
        keep(&table, 1, &all).await.expect("it is kept");
        assert_eq!(table.expire(NOON + DAY).await.expect("some go"), 1, "the first day");
        let told = answer(table.part(Part::all()), COUNT).await.expect("it is answered");
        assert_eq!(told[1], "840 | 840 | 2026-02-11 00:00:00.000 | 2026-02-12 03:58:00.000");
        assert_eq!(table.snapshot().kept, 1);
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

/// The log forgets what was taken out at a checkpoint, once that is hours ago, and never knew what a death left.
#[test]
fn what_no_query_and_no_writer_can_need_is_not_on_the_disk() {
    const HOUR: i64 = 3_600_000_000;
    let folder = tempfile::tempdir().expect("there is room");
    let log = folder.path().join("_delta_log");
    let on_disk = || files_in(folder.path(), ".parquet").into_iter().filter(|path| !path.starts_with(&log)).count();
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is made");
        for number in 0..3 {
            keep(&table, number as u64 + 1, &[hour(number)]).await.expect("it is kept");
        }
        let before = table.part(Part::all());
        while table.merge_small_files(NOON / DAY + 9).await.expect("they are put together") > 0 {}
        std::fs::write(folder.path().join("2026-02-10/events-torn.parquet"), b"PAR1").expect("it is written");
        assert_eq!((table.snapshot().files.len(), on_disk()), (1, 5));
        assert_eq!(
            table.delete_unused_files(crate::now() + HOUR).await.expect("it looks"),
            0,
            "somebody may read them"
        );
        assert_eq!(answer(before, COUNT).await.expect("it is answered")[1].split(" | ").next(), Some("90"));
        // They were taken out long ago,
        let long_ago = crate::now() / 1000 - 5 * 3_600_000;
        for commit in files_in(&log, ".json") {
            let text = std::fs::read_to_string(&commit).expect("it is text");
            let mut parts = text.split(r#""deletionTimestamp":"#);
            let first = parts.next().unwrap_or_default().to_owned();
            let aged = parts.fold(first, |text, part| {
                let rest = part.trim_start_matches(|digit: char| digit.is_ascii_digit());
                format!(r#"{text}"deletionTimestamp":{long_ago}{rest}"#)
            });
            std::fs::write(commit, aged).expect("it is written");
        }
        drop(table);
        // and a checkpoint came since.
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is there");
        for through in 4..110 {
            keep(&table, through, &[]).await.expect("it is kept");
        }
        assert_eq!(files_in(&log, ".parquet").len(), 1, "a checkpoint");
        drop(table);
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is there");
        // A clock that is ahead of the disk's makes nothing old,
        assert_eq!(table.delete_unused_files(crate::now() + 5_000 * HOUR).await.expect("it looks"), 0);
        let then = std::time::UNIX_EPOCH + std::time::Duration::from_micros((crate::now() - 5 * HOUR) as u64);
        for path in files_in(folder.path(), ".parquet") {
            let file = std::fs::File::options().write(true).open(path).expect("it is there");
            file.set_modified(then).expect("it is its time");
        }
        assert_eq!(table.delete_unused_files(crate::now()).await.expect("it looks"), 4);
        assert_eq!((table.snapshot().files.len(), on_disk()), (1, 1));
        assert_eq!(
            answer(table.part(Part::all()), COUNT).await.expect("it is answered")[1].split(" | ").next(),
            Some("90")
        );
    });
}

#[test]
fn a_store_is_a_part_of_the_table() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Events).await.expect("it is made");
        let all: Vec<String> = (0..30).map(hour).collect();
        keep(&table, 1, &all).await.expect("it is kept");
        let text = |text: &str| vec![text.to_owned()];
        let field = |field: &str| FieldCondition { field: field.into(), ..FieldCondition::default() };
        let selected = |conditions| Part { selectors: vec![Selector { conditions }], ..Part::all() };
        let of_categories = |categories: &[&str]| {
            let one = |of: &&str| FieldCondition { equals: text(of), ..field("eventCategory") };
            let selectors = categories.iter().map(|of| Selector { conditions: vec![one(of)] }).collect();
            Part { selectors, ..Part::all() }
        };
        let at = |micros| jiff::Timestamp::from_microsecond(micros).expect("a moment");
        let window = |from, until: Option<i64>| Window { from: at(from), until: until.map(at) };
        let cases = [
            (
                Part { accounts: Some(["111111111111".into()].into()), ..Part::all() },
                "recipientAccountId = '111111111111'",
            ),
            (Part { accounts: Some([].into()), ..Part::all() }, "false"),
            (Part { regions: Some(["us-east-1".into()].into()), ..Part::all() }, "awsRegion = 'us-east-1'"),
            (
                Part {
                    windows: vec![window(NOON, Some(NOON + DAY / 4)), window(NOON + DAY / 2, None)],
                    ..Part::default()
                },
                "eventTime < '2026-02-10 18:00:00' OR eventTime >= '2026-02-11'",
            ),
            (Part::default(), "false"),
            // All files are wholly in it; and all but the last event.
            (Part { windows: vec![window(NOON - DAY, Some(NOON + 2 * DAY))], ..Part::default() }, "true"),
            (
                Part { windows: vec![window(NOON, Some(NOON + 29 * DAY / 24))], ..Part::default() },
                "eventTime < '2026-02-11 17:00:00'",
            ),
            (of_categories(&["Management", "Data", "NetworkActivity"]), "true"),
            (of_categories(&["Data", "NetworkActivity"]), "eventCategory IN ('Data', 'NetworkActivity')"),
            (
                selected(vec![FieldCondition { equals: text("s3.amazonaws.com"), ..field("eventSource") }]),
                "eventSource = 's3.amazonaws.com'",
            ),
            (selected(vec![FieldCondition { equals: text("true"), ..field("readOnly") }]), "readOnly"),
            (
                selected(vec![
                    FieldCondition { not_equals: text("Name1"), not_ends_with: text("2"), ..field("eventName") },
                    FieldCondition { starts_with: text("arn:aws:iam::2"), ..field("userIdentity.arn") },
                ]),
                "eventName NOT IN ('Name1', 'Name2') AND userIdentity.arn LIKE 'arn:aws:iam::2%'",
            ),
            (
                selected(vec![FieldCondition {
                    ends_with: vec![":b4".into(), ":b2".into()],
                    ..field("resources.ARN")
                }]),
                "resources[1].arn LIKE '%:b4' OR resources[1].arn LIKE '%:b2'",
            ),
            (
                selected(vec![FieldCondition { equals: text("AWS::Lambda::Function"), ..field("resources.type") }]),
                "false",
            ),
            (selected(vec![FieldCondition { not_equals: text("x"), ..field("errorCode") }]), "true"),
            (selected(vec![FieldCondition { equals: text("x"), ..field("somethingNew") }]), "false"),
        ];
        for (part, condition) in cases {
            // A column that the condition needs not, and one that it does.
            for columns in ["count(*), count(DISTINCT sourceIPAddress)", "eventName, count(*)"] {
                let group = if columns.starts_with("eventName") { " GROUP BY 1 ORDER BY 1" } else { "" };
                let in_part = answer(table.part(part.clone()), &format!("SELECT {columns} FROM t{group}")).await;
                let of_all = format!("SELECT {columns} FROM t WHERE {condition}{group}");
                let of_all = answer(table.part(Part::all()), &of_all).await;
                assert_eq!(in_part.expect("it is answered"), of_all.expect("it is answered"), "{condition}");
            }
            // The newest of them, also where there is no file of them.
            let newest =
                |of: &str| format!("SELECT eventID FROM t WHERE {of} ORDER BY eventTime DESC, eventID LIMIT 3");
            let in_part = answer(table.part(part), &newest("true")).await;
            let of_all = answer(table.part(Part::all()), &newest(condition)).await;
            assert_eq!(in_part.expect("it is answered"), of_all.expect("it is answered"), "{condition}");
        }
    });
}

#[test]
fn insights_events_are_asked_as_awss_guide_and_the_article_name_their_columns() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Insights).await.expect("it is made");
        let mut arrivals = Arrivals::new(Kind::Insights);
        for state in ["Start", "End"] {
            arrivals.add_insight(&format!(
                r#"{{"eventVersion":"1.10","eventTime":"2026-02-10T02:0{}:00Z","awsRegion":"us-east-1","eventID":"id-{state}","eventType":"AwsCloudTrailInsight","recipientAccountId":"123456789012","sharedEventID":"shared","insightDetails":{{"state":"{state}","eventSource":"s3.amazonaws.com","eventName":"DeleteBucket","insightType":"ApiCallRateInsight","insightContext":{{"statistics":{{"baseline":{{"average":0.5}},"insight":{{"average":40.25}},"insightDuration":3,"baselineDuration":10080}},"attributions":[]}}}},"eventCategory":"Insight"}}"#,
                state.len(),
            ));
        }
        let written = table.write(&mut arrivals).await.expect("they are written");
        table.commit(2, &written).await.expect("they are kept");
        let statement = "SELECT insightDetails.state, insightDetails.insightContext.statistics.baseline.average AS usual, \
                         insightDetails.insightContext.statistics.insight.average AS now, eventSource, insightEventName \
                         FROM t WHERE insightType = 'ApiCallRateInsight' ORDER BY eventTime";
        let told = answer(table.part(Part::all()), statement).await.expect("it is answered");
        assert_eq!(told[0], "state | usual | now | eventSource | insightEventName");
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[1].starts_with("End | 0.5 | 40.25"), "{told:?}");
    });
}

/// An event from outside of AWS, as the service writes it.
fn outside(number: usize, stores: &str) -> String {
    let (id, day) = (format!("00000000-0000-8000-8000-{number:012}"), 10 + number % 3);
    format!(
        r#"{{"eventVersion":"1.0","eventCategory":"ActivityAuditLog","eventType":"ActivityLog","eventID":"{id}","eventTime":"2026-02-{day}T12:00:{:02}Z","awsRegion":"us-east-1","recipientAccountId":"123456789012","metadata":{{"ingestionTime":"2026-02-13T00:00:00Z","channelARN":"arn:aws:cloudtrail:us-east-1:123456789012:channel/c"}},"eventDataStores":[{stores}],"eventData":{{"version":"1","userIdentity":{{"type":"Person","principalId":"{}","details":{{"team":"ops"}}}},"eventSource":"app.example.com","eventName":"Do","eventTime":"2026-02-{day}T12:00:00Z","UID":"u{number}","requestParameters":{{"amount":12.50,"to":{{"a":[1]}}}},"recipientAccountId":"123456789012"}}}}"#,
        number % 60,
        number % 4,
    )
}

#[test]
fn events_from_outside_are_in_the_stores_that_they_say_and_asked_as_awss_guide_names_their_columns() {
    let folder = tempfile::tempdir().expect("there is room");
    runtime().block_on(async {
        let table = Table::open(folder.path(), Kind::Activity).await.expect("it is made");
        for through in 1..=20 {
            let mut arrivals = Arrivals::new(Kind::Activity);
            for number in 3 * through - 3..3 * through {
                let stores = if number % 2 == 0 { r#""one","two""# } else { r#""two""# };
                arrivals.add_activity(&outside(number, stores));
                arrivals.add_activity(&outside(number, stores));
            }
            let written = table.write(&mut arrivals).await.expect("they are written");
            table.commit(through as u64, &written).await.expect("they are kept");
        }
        let of = |store: &str| {
            let is_one_of =
                FieldCondition { field: "eventDataStores".into(), equals: vec![store.into()], ..FieldCondition::default() };
            Part { selectors: vec![Selector { conditions: vec![is_one_of] }], ..Part::all() }
        };
        for _ in ["as they came", "put together"] {
            for (store, count) in [("one", "30"), ("two", "60"), ("three", "0")] {
                let told = answer(table.part(of(store)), "SELECT count(*), count(DISTINCT eventID) FROM t").await;
                assert_eq!(told.expect("it is answered")[1], format!("{count} | {count}"), "{store}");
            }
            let statement = "SELECT eventData.userIdentity.principalid AS who, element_at(eventData.userIdentity.details, 'team') AS team, \
                             element_at(eventData.requestParameters, 'amount') AS amount, \
                             json_extract_scalar(element_at(eventData.requestParameters, 'to'), '$.a[0]') AS first, \
                             metadata.channelArn, eventData.uid, eventData.eventtime AS said, addendum.reason \
                             FROM t WHERE eventTime > '2026-02-11' AND eventData.UID = 'u31'";
            let told = answer(table.part(of("two")), statement).await.expect("it is answered");
            assert_eq!(told, [
                "who | team | amount | first | channelArn | uid | said | reason",
                "3 | ops | 12.50 | 1 | arn:aws:cloudtrail:us-east-1:123456789012:channel/c | u31 | 2026-02-11T12:00:00Z | NULL",
            ]);
            let statement = "SELECT eventData.eventTime AS t FROM t WHERE eventData.UID = 'u31' \
                             UNION SELECT CAST(eventTime AS varchar) FROM t WHERE eventData.UID = 'u31' ORDER BY 1";
            assert_eq!(answer(table.part(of("two")), statement).await.expect("it is answered").len(), 3);
            while table.merge_small_files(NOON / DAY + 1).await.expect("they are put together") > 0 {}
        }
        // Of each of the three days fewer are left than are put together at once.
        assert!(table.snapshot().files.len() < 3 * 16, "{:?}", table.snapshot().files);
        let wrong = answer(table.part(of("two")), "SELECT eventData.evntName FROM t").await.expect_err("there is none");
        assert!(wrong.to_string().contains("did you mean `eventName`?"), "{wrong}");
    });
}
