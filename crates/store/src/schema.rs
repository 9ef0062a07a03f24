//! Migrations: from whatever schema a database has to the newest, forward only.
//!
//! Each is one transaction together with its number (`user_version`), so that a machine that fails amid them goes on where
//! it was. A database of another program is left alone, and so is one that a newer version of ours has written.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;
use crate::error::doing;

/// What has landed is never changed: a test holds each by its checksum.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001_what_is_remembered.sql"),
    include_str!("schema/0002_functions.sql"),
    include_str!("schema/0003_log_events.sql"),
    include_str!("schema/0004_what_was_delivered.sql"),
    include_str!("schema/0005_what_was_learned.sql"),
    include_str!("schema/0006_queries.sql"),
    include_str!("schema/0007_records_left_out.sql"),
    include_str!("schema/0008_imports.sql"),
    include_str!("schema/0009_audit_events.sql"),
    include_str!("schema/0010_what_was_held_back.sql"),
    include_str!("schema/0011_what_is_due_by_target.sql"),
    include_str!("schema/0012_what_was_withdrawn.sql"),
    include_str!("schema/0013_files_by_delivery.sql"),
];

/// `TRLS`: how our files are known from other programs'.
const APPLICATION: i64 = 0x5452_4c53;

/// The newest schema known here.
pub(crate) const NEWEST: u32 = MIGRATIONS.len() as u32;

/// The schema of this database; `None` if it is empty.
pub(crate) fn version(connection: &Connection, path: &Path) -> Result<Option<u32>, StoreError> {
    let (application, version, things): (i64, i64, i64) = doing(
        || format!("read the schema of `{}`", path.display()),
        || {
            let sql = "SELECT (SELECT application_id FROM pragma_application_id), \
                       (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)";
            Ok(connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
        },
    )?;
    match (application, u32::try_from(version)) {
        (0, Ok(0)) if things == 0 => Ok(None),
        (APPLICATION, Ok(found)) if found > NEWEST => {
            Err(StoreError::TooNew { path: path.to_owned(), found, known: NEWEST })
        }
        (APPLICATION, Ok(found)) if found > 0 => Ok(Some(found)),
        _ => Err(StoreError::NotOurs { path: path.to_owned() }),
    }
}

/// Brings a database to the newest schema.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found = version(connection, path)?.unwrap_or(0);
    for (number, migration) in (1..).zip(MIGRATIONS).skip(found as usize) {
        doing(
            || format!("migrate `{}` to schema {number}", path.display()),
            || {
                let begun = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
                begun.execute_batch(migration)?;
                begun.pragma_update(None, "application_id", APPLICATION)?;
                begun.pragma_update(None, "user_version", number)?;
                Ok(begun.commit()?)
            },
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a.
    fn checksum(text: &str) -> u64 {
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    }

    /// The schema as SQLite tells it.
    fn told(connection: &Connection) -> Vec<String> {
        let mut statement =
            connection.prepare("SELECT sql FROM sqlite_schema WHERE sql NOT NULL ORDER BY name").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn what_has_landed_is_never_changed() {
        let sums: Vec<u64> = MIGRATIONS.iter().map(|text| checksum(text)).collect();
        assert_eq!(
            sums,
            [
                11431742299157277664,
                12072231163819448195,
                17786680180715407955,
                18006122272837147697,
                1717875442329089095,
                4507460154438474217,
                13534264162622177518,
                12225056568341765158,
                9316817183341303106,
                153639596055156525,
                18355063413197248515,
                12860891087488020665,
                15560902683200742271
            ],
            "a database in the field has the schema as it was: write a new migration"
        );
    }

    #[test]
    fn from_every_earlier_schema_the_newest_is_reached() {
        let path = Path::new("test");
        let mut newest = Connection::open_in_memory().unwrap();
        migrate(&mut newest, path).unwrap();
        for earlier in 0..MIGRATIONS.len() {
            let mut old = Connection::open_in_memory().unwrap();
            for migration in &MIGRATIONS[..earlier] {
                old.execute_batch(migration).unwrap();
                old.pragma_update(None, "application_id", APPLICATION).unwrap();
            }
            old.pragma_update(None, "user_version", earlier as i64).unwrap();
            migrate(&mut old, path).unwrap();
            assert_eq!(told(&old), told(&newest));
            assert_eq!(version(&old, path).unwrap(), Some(NEWEST));
        }
    }

    #[test]
    fn a_migration_that_fails_leaves_the_schema_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE series (id INTEGER)").unwrap();
        connection.pragma_update(None, "application_id", APPLICATION).unwrap();
        assert!(migrate(&mut connection, Path::new("test")).is_err());
        assert_eq!(told(&connection), ["CREATE TABLE series (id INTEGER)"]);
    }
}
