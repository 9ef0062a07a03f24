//! Migrations: a database of every schema there ever was is opened, keeps what it had, and goes on.

use rusqlite::Connection;
use store::deliveries::{DeliveryList, DeliveryState};
use store::log_files::LogFileState;
use store::{Options, Store};

use crate::{at, log_file, tally};

/// What has landed, in order. One that is new is added here too: the test below counts them.
const SCHEMAS: &[&str] = &[
    include_str!("../../src/schema/0001_what_is_remembered.sql"),
    include_str!("../../src/schema/0002_functions.sql"),
    include_str!("../../src/schema/0003_log_events.sql"),
    include_str!("../../src/schema/0004_what_was_delivered.sql"),
    include_str!("../../src/schema/0005_what_was_learned.sql"),
    include_str!("../../src/schema/0006_queries.sql"),
    include_str!("../../src/schema/0007_records_left_out.sql"),
    include_str!("../../src/schema/0008_imports.sql"),
    include_str!("../../src/schema/0009_audit_events.sql"),
    include_str!("../../src/schema/0010_what_was_held_back.sql"),
    include_str!("../../src/schema/0011_what_is_due_by_target.sql"),
    include_str!("../../src/schema/0012_what_was_withdrawn.sql"),
    include_str!("../../src/schema/0013_files_by_delivery.sql"),
];

/// Rows as the first version wrote them.
const ROWS: &str = "
    INSERT INTO region (id, account, region, newest_delivered) VALUES (1, '123456789012', 'us-east-1', 29510001);
    INSERT INTO log_folder (id, bucket, path)
        VALUES (1, 'trail-bucket', 'AWSLogs/123456789012/CloudTrail/us-east-1/2026/02/10/');
    INSERT INTO log_file (folder, name, etag, size, region, delivered, noticed_at, changed_at, state, batch, records)
        VALUES (1, 'file-1.json.gz', 'etag-1', 1001, 1, 29510001, 0, 0, 1, 1, 7);
    INSERT INTO progress (name, reached) VALUES ('batch', 1);
    INSERT INTO resource (kind, account, region, parent, name, created_at, changed_at, document)
        VALUES ('of-old', '123456789012', 'us-east-1', '', 'a', 0, 0, '{\"says\":\"it was there\"}');
    INSERT INTO delivery (kind, target, created_at, state, attempts, runs, next_attempt_at, changed_at, payload)
        VALUES ('sns-email', 'ops@example.com', 0, 0, 2, 0, 0, 0, x'7b7d');
    INSERT INTO tag (arn, key, value) VALUES ('arn', 'a', 'b');
";

#[derive(serde::Serialize, serde::Deserialize)]
struct OfOld {
    says: String,
}

impl store::Resource for OfOld {
    const KIND: &'static str = "of-old";
}

#[test]
fn a_database_of_every_schema_there_was_keeps_what_it_had_and_goes_on() {
    for schema in 1..=SCHEMAS.len() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(&SCHEMAS[..schema].concat()).unwrap();
        old.execute_batch(ROWS).unwrap();
        old.pragma_update(None, "application_id", 0x5452_4c53).unwrap();
        old.pragma_update(None, "user_version", schema as i64).unwrap();
        old.close().unwrap();

        let store = Store::open(&path, &Options::default()).unwrap();
        store
            .read(|r| {
                let line = r.log_file("trail-bucket", &log_file(1).key)?.expect("it was counted");
                assert_eq!(line.state, LogFileState::Counted { batch: 1, records: 7 });
                assert_eq!(r.list::<OfOld>(&Default::default())?[0].value.says, "it was there");
                let waiting = DeliveryList { state: Some(DeliveryState::Waiting), ..Default::default() };
                assert_eq!(r.deliveries(&waiting, 10)?[0].attempts, 2);
                assert_eq!(r.tags("arn")?.len(), 1);
                Ok(())
            })
            .unwrap();
        assert!(store.write(|w| w.mark_counted(2, [(&log_file(1), 7)], at(0))).is_err(), "it was counted in batch 1");
        store
            .write(|w| {
                w.mark_counted(2, [(&log_file(2), 7)], at(0))?;
                w.add_counts(&tally(&[(0, 5, 2)]))
            })
            .unwrap();
        assert_eq!(store.read(|r| r.newest_batch()).unwrap(), 2);
        drop(store);
        let known: i64 =
            Connection::open(&path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(known as usize, SCHEMAS.len(), "a new schema is to be added to those above");
    }
}
