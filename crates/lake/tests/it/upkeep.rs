//! Upkeep changes no answer: small files are put together, old ones go, and nothing stays on the disk that nobody needs.

use lake::schema::Kind;
use lake::table::Table;
use record::selection::Part;

use crate::tables::{BY_NAME, COUNT, DAY, NOON, hour, of_whole_files};
use crate::{answer, files_in, keep, runtime};

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
