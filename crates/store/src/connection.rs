//! Connections to SQLite, and how they are set.
//!
//! WAL: readers see one moment of everything beside a writer. With `synchronous = NORMAL` a commit is there for any other
//! process at once, so that a killed one loses nothing; when the power fails the last commits may be gone, each whole.
//! The ledger goes with the counts, so files whose batch is gone are simply read again.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Cause, doing};
use crate::{Options, StoreError};

/// Statements kept prepared, a connection.
const STATEMENTS: usize = 160;
/// KiB of pages kept in memory by the writer, and by each reader.
const WRITER_CACHE: i64 = 32 * 1024;
const READER_CACHE: i64 = 4 * 1024;
/// Pages of the write-ahead log after which they are put in their places (16 MiB): the pages of today's counts are written
/// again and again, and only the last of them is moved.
const CHECKPOINT_PAGES: i64 = 4096;
/// Bytes to which the log is cut once all of it was moved.
const LOG_KEPT: i64 = 64 << 20;
/// The largest database that is looked at whole when it was not closed.
const CHECKED_BYTES: u64 = 1 << 30;

pub(crate) fn open_writer(path: &Path, options: &Options) -> Result<Connection, StoreError> {
    doing(
        || format!("open `{}`", path.display()),
        || {
            let connection = Connection::open_with_flags(path, flags() | OpenFlags::SQLITE_OPEN_CREATE)?;
            connection.busy_timeout(options.busy_timeout)?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            wait_for_the_disk(&connection, false)?;
            connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
            connection.pragma_update(None, "journal_size_limit", LOG_KEPT)?;
            set(&connection, WRITER_CACHE)?;
            Ok(connection)
        },
    )
}

pub(crate) fn open_reader(path: &Path, options: &Options) -> Result<Connection, StoreError> {
    doing(
        || format!("open `{}` for reading", path.display()),
        || {
            let connection = Connection::open_with_flags(path, flags())?;
            connection.busy_timeout(options.busy_timeout)?;
            connection.pragma_update(None, "query_only", true)?;
            set(&connection, READER_CACHE)?;
            Ok(connection)
        },
    )
}

/// For a look in passing: what a process that was killed has left in the log stays there, for whoever opens it for good.
pub(crate) fn open_passing(path: &Path) -> Result<Connection, StoreError> {
    let connection = open_reader(path, &Options::default())?;
    let leave_it = || Ok(connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !was_closed(path))?);
    doing(|| format!("open `{}` for reading", path.display()), leave_it)?;
    Ok(connection)
}

pub(crate) fn open_in_memory() -> Result<Connection, StoreError> {
    doing(
        || "open a database in memory".into(),
        || {
            let connection = Connection::open_in_memory()?;
            set(&connection, WRITER_CACHE)?;
            Ok(connection)
        },
    )
}

/// Without a mutex of SQLite's own: each connection is used by one thread at a time. Paths are paths, no URIs.
fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn set(connection: &Connection, cache: i64) -> Result<(), Cause> {
    // What is bound never changes a plan. Else SQLite prepares many statements anew each time they are asked (a look into the
    // ledger costs five times as much), to find a plan that ours, with their indexes, have already.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -cache)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

/// Where SQLite keeps the write-ahead log of a database.
pub(crate) fn wal_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Whether whoever had this database last closed it: then nothing is left in its write-ahead log.
pub(crate) fn was_closed(path: &Path) -> bool {
    std::fs::metadata(wal_of(path)).map_or(true, |wal| wal.len() == 0)
}

/// Looks whether a database is whole, unless it is so large that nobody would wait for it: 244 MiB, which 20,000 series make in 28
/// days, took 1.7 s on a busy machine. A killed process damages nothing, nor does a power failure where the disk keeps what it says it
/// has: this is for disks that do not.
pub(crate) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let what = || format!("open `{}`, which was not closed the last time", path.display());
    doing(what, || {
        if std::fs::metadata(path)?.len() > CHECKED_BYTES {
            return Ok(());
        }
        quick_check(connection)
    })
}

/// Looks at every page, not at what indices say of tables.
/// <https://www.sqlite.org/pragma.html#pragma_quick_check>
pub(crate) fn quick_check(connection: &Connection) -> Result<(), Cause> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(Cause::Damaged("SQLite's quick_check finds damage")) }
}

/// Whether a commit waits until the disk has it. In WAL mode the log is one file: what was committed before goes with it.
pub(crate) fn wait_for_the_disk(connection: &Connection, is_waiting: bool) -> Result<(), Cause> {
    Ok(connection.pragma_update(None, "synchronous", if is_waiting { "FULL" } else { "NORMAL" })?)
}

/// No page more than there are now; or as many as there is room for.
pub(crate) fn limit_pages(connection: &Connection, is_limited: bool) -> Result<(), Cause> {
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    let most = if is_limited { pages } else { i64::from(u32::MAX) - 1 };
    connection.pragma_update_and_check(None, "max_page_count", most, |_| Ok(()))?;
    Ok(())
}

pub(crate) fn only_read(connection: &Connection, is_read_only: bool) -> Result<(), Cause> {
    Ok(connection.pragma_update(None, "query_only", is_read_only)?)
}
