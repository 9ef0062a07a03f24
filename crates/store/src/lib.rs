//! What is remembered. SQLite lives here, and nowhere else is there SQL for our own state.
//!
//! ```text
//!   Store::open ── one process a file, migrations forward only
//!     ├── read(|r| …)    one moment of everything, beside whoever writes
//!     └── write(|w| …)   one transaction: all of it or nothing, one writer at a time
//! ```
//!
//! One file a noun, each with typed rows in and out:
//!
//! | module | what it remembers |
//! |---|---|
//! | [`resource`], [`tags`] | settings: trails, rules, topics, functions, buckets, and their tags |
//! | [`log_files`] | the ledger: which log files were counted, in which batch |
//! | [`event_ids`] | fingerprints of the records of the last days, so that a copy is known |
//! | [`counts`] | calls a minute of every series; what `detect` starts from |
//! | [`attribution_counts`] | who called how often |
//! | [`learned`] | what the detector made of the counts, by account and day |
//! | [`gaps`] | stretches of which nothing is known |
//! | [`insights`], [`insight_events`] | what was found, and the records that were cut of it |
//! | [`deliveries`] | the outbox: who is still to be told |
//! | [`delivered_files`] | log files that we put into buckets, for their digests |
//! | [`imports`] | log files that were brought into the lake without being counted |
//! | [`audit_events`] | what came through channels, until it is in the lake |
//! | [`queries`] | SQL that was asked, and what came of it |
//! | [`function_code`] | the archives that functions are run from |
//! | [`log_groups`], [`log_events`] | CloudWatch Logs: what functions and trails log |
//!
//! A batch is one transaction over several of them: the ledger first, so that a file that was counted before fails all of
//! it, then ids, counts, attributions, deliveries. Killed at any moment, the store has the batch or has nothing of it.
//!
//! Time is an argument. Everything blocks; whoever must not, calls from a thread that may.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

pub mod attribution_counts;
pub mod audit_events;
mod awakening;
mod backup;
mod coding;
mod connection;
pub mod counts;
pub mod delivered_files;
pub mod deliveries;
mod error;
pub mod event_ids;
pub mod function_code;
pub mod gaps;
pub mod handed;
pub mod imports;
pub mod insight_events;
pub mod insights;
pub mod learned;
mod lock;
pub mod log_events;
pub mod log_files;
pub mod log_groups;
mod moment;
mod pretended;
mod progress;
pub mod queries;
pub mod resource;
mod schema;
mod series;
pub mod tags;
mod transaction;

pub use error::{Source, StoreError};
pub use resource::{Key, List, Resource, Stored};
pub use transaction::{Reader, Writer};

use error::{Cause, doing};
use pretended::Pretended;
use transaction::write_with;

/// Connections for reading that are kept for the next reader; more are opened when more read at once.
const READERS_KEPT: usize = 4;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long to wait for another program that has locked the file (a backup tool, a curious `sqlite3`).
    pub busy_timeout: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options { busy_timeout: Duration::from_secs(5) }
    }
}

/// How large a store is, on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The database.
    pub database_bytes: u64,
    /// Its write-ahead log: what was written lately.
    pub wal_bytes: u64,
}

/// All that is remembered. Shared between threads by reference.
#[derive(Debug)]
pub struct Store {
    /// `None`: in memory.
    path: Option<PathBuf>,
    options: Options,
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Connection>,
    codes: function_code::Kept,
    awakening: awakening::Awakening,
    pretended: Pretended,
    /// Given back last, when the connections are closed.
    _lock: Option<lock::Lock>,
}

impl Store {
    /// Opens the database at this path, or makes it; migrates it to the schema known here. Refused while another process,
    /// or another `Store`, has it open; and if it was not closed the last time and is found to be damaged.
    pub fn open(path: impl AsRef<Path>, options: &Options) -> Result<Store, StoreError> {
        let path = path.as_ref();
        let lock = lock::take(path)?;
        let was_closed = connection::was_closed(path);
        let mut writer = connection::open_writer(path, options)?;
        if !was_closed {
            connection::check(&writer, path)?;
        }
        schema::migrate(&mut writer, path)?;
        Ok(Store {
            path: Some(path.to_owned()),
            options: options.clone(),
            readers: Mutex::default(),
            writer: Mutex::new(writer),
            codes: Default::default(),
            awakening: Default::default(),
            pretended: Pretended::default(),
            _lock: Some(lock),
        })
    }

    /// Asks something of the database at this path as it lies there, whoever has it open: nothing is made, migrated or put right.
    /// `None`: there is none. What is asked for must have been in the first schema already.
    pub fn look_into<T>(
        path: impl AsRef<Path>,
        ask: impl FnOnce(&Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let path = path.as_ref();
        if !path.exists() {
            return Ok(None);
        }
        let reader = connection::open_passing(path)?;
        match schema::version(&reader, path)? {
            Some(_) => ask(&Reader { connection: &reader }).map(Some),
            None => Ok(None),
        }
    }

    /// A store that is gone when dropped. For tests: readers wait for the writer.
    pub fn in_memory() -> Result<Store, StoreError> {
        let mut writer = connection::open_in_memory()?;
        schema::migrate(&mut writer, Path::new(":memory:"))?;
        let options = Options::default();
        Ok(Store {
            path: None,
            options,
            readers: Mutex::default(),
            writer: Mutex::new(writer),
            codes: Default::default(),
            awakening: Default::default(),
            pretended: Pretended::default(),
            _lock: None,
        })
    }

    /// Where the database is; `None` in memory.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// How large the files are, on the disk.
    pub fn sizes(&self) -> Result<Sizes, StoreError> {
        let Some(path) = &self.path else { return Ok(Sizes::default()) };
        let size = |path: &Path| -> Result<u64, Cause> {
            match std::fs::metadata(path) {
                Ok(file) => Ok(file.len()),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
                Err(error) => Err(error.into()),
            }
        };
        doing(
            || format!("look at `{}`", path.display()),
            || Ok(Sizes { database_bytes: size(path)?, wal_bytes: size(&connection::wal_of(path))? }),
        )
    }

    /// Asks something; all answers are as of the same moment. Do not call the store from within.
    pub fn read<T>(&self, ask: impl FnOnce(&Reader<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.try_read(ask)
    }

    /// As [`read`](Store::read), with an error of the caller's own.
    pub fn try_read<T, E: From<StoreError>>(&self, ask: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        let Some(path) = &self.path else {
            return ask(&Reader { connection: &self.writer() });
        };
        let kept = self.readers().pop();
        let mut connection = match kept {
            Some(connection) => connection,
            None => connection::open_reader(path, &self.options)?,
        };
        let answer = {
            let begun = doing(
                || format!("read `{}`", path.display()),
                || Ok(connection.transaction_with_behavior(TransactionBehavior::Deferred)?),
            )?;
            // Nothing was written: that the transaction is rolled back as it goes changes nothing.
            ask(&Reader { connection: &begun })
        };
        let mut readers = self.readers();
        if readers.len() < READERS_KEPT {
            readers.push(connection);
        }
        answer
    }

    /// Changes something: all of it, or nothing if the closure fails. Do not call the store from within.
    pub fn write<T>(&self, change: impl FnOnce(&Writer<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.try_write(change)
    }

    /// As [`write`](Store::write), with an error of the caller's own: it, too, calls all of it off.
    pub fn try_write<T, E: From<StoreError>>(&self, change: impl FnOnce(&Writer<'_>) -> Result<T, E>) -> Result<T, E> {
        let (changed, news) = write_with(&mut self.writer(), &self.pretended, change)?;
        self.awaken(news);
        Ok(changed)
    }

    /// As [`write`](Store::write), and waits until the disk has it: not even a power failure undoes it then, nor anything
    /// that was written before. For what somebody is told is safe, and cannot be asked for again.
    pub fn write_through<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.writer();
        let wait = |connection: &Connection, is_waiting| {
            doing(|| "wait for the disk".into(), || connection::wait_for_the_disk(connection, is_waiting))
        };
        wait(&connection, true)?;
        let written = write_with(&mut connection, &self.pretended, change);
        wait(&connection, false)?;
        drop(connection);
        let (changed, news) = written?;
        self.awaken(news);
        Ok(changed)
    }

    /// A panic while writing was rolled back as the transaction was dropped: the connection is as good as before.
    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For simulations: from now on there is no room on the disk, or there is again.
    #[doc(hidden)]
    pub fn pretend_the_disk_is_full(&self, is_full: bool) {
        connection::limit_pages(&self.writer(), is_full).expect("a pragma that takes no room");
    }

    /// For simulations: so many more steps of transactions go well (beginnings, parts, commits), and none after them, until
    /// it is said otherwise. A process that ends at the first that fails was killed there.
    #[doc(hidden)]
    pub fn pretend_writes_fail(&self, after: Option<u64>) {
        self.pretended.fail_after(after);
    }

    /// For simulations: from now on the file can only be read, or can be written again.
    #[doc(hidden)]
    pub fn pretend_it_is_read_only(&self, is_read_only: bool) {
        connection::only_read(&self.writer(), is_read_only).expect("a pragma that writes nothing");
    }
}
