//! What can go wrong, said so that the person who runs this knows what to do.
//!
//! An error says what was being done, and to what. The ways in which a disk fails are told apart, because each asks for
//! something else: room, a permission, a backup, patience. In all of them nothing of the transaction was kept.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use rusqlite::{ErrorCode, ffi};

/// What lies below an error: SQLite's own words, mostly.
pub type Source = Box<dyn Error + Send + Sync + 'static>;

/// Why something was not remembered, or cannot be recalled.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the file.
    #[error("`{}` is in use by {holder}: stop that one first, or choose another data directory", path.display())]
    InUse {
        /// The database file.
        path: PathBuf,
        /// Who has it: `another trailsight (process 4711)`.
        holder: String,
    },
    /// A newer program wrote it.
    #[error(
        "`{}` was written by a newer trailsight (its schema is {found}, this one knows up to {known}): run that version or a newer one",
        path.display()
    )]
    TooNew {
        /// The database file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest one known here.
        known: u32,
    },
    /// A database, but none of ours.
    #[error("`{}` is a database of some other program: choose another data directory", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// A file is there that would be lost.
    #[error("`{}` is there already: move it away first", path.display())]
    IsThere {
        /// The file.
        path: PathBuf,
    },
    /// No room.
    #[error("cannot {doing}: the disk is full. Nothing of it was kept; free some space, then it can go on")]
    DiskFull {
        /// What was being done.
        doing: String,
        /// SQLite's words.
        source: Source,
    },
    /// No permission to write.
    #[error("cannot {doing}: the data directory can only be read. Let the user of this process write to it")]
    ReadOnly {
        /// What was being done.
        doing: String,
        /// SQLite's words.
        source: Source,
    },
    /// The file is damaged.
    #[error("cannot {doing}: the database is damaged. Stop, keep a copy of it, and restore the last backup")]
    Corrupted {
        /// What was being done.
        doing: String,
        /// Where the damage showed.
        source: Source,
    },
    /// Some other program holds a lock for too long.
    #[error("cannot {doing}: another program keeps the database locked. Nothing of it was kept; it can be tried again")]
    Locked {
        /// What was being done.
        doing: String,
        /// SQLite's words.
        source: Source,
    },
    /// The file cannot be reached, read, or written, for another reason of the machine's.
    #[error("cannot {doing}: its file cannot be reached. Look at the disk, and at who may read and write there")]
    Unreachable {
        /// What was being done.
        doing: String,
        /// The machine's words.
        source: Source,
    },
    /// A log file is in the ledger as counted already.
    #[error("log file `{key}` of bucket `{bucket}` was counted already, in batch {batch}: it is not counted twice")]
    AlreadyCounted {
        /// The bucket.
        bucket: String,
        /// The key of the file.
        key: String,
        /// The batch in which it was counted.
        batch: u64,
    },
    /// What should be changed is not there.
    #[error("cannot {doing}: it is not there")]
    NotThere {
        /// What was being done.
        doing: String,
    },
    /// Something failed within a transaction and was passed over: a half of it is not kept either.
    #[error("nothing was kept, because a part of it failed: {part}")]
    CalledOff {
        /// What failed first.
        part: String,
    },
    /// A value that cannot be stored, or a mistake of ours.
    #[error("cannot {doing}")]
    Failed {
        /// What was being done.
        doing: String,
        /// Why.
        source: Source,
    },
}

impl StoreError {
    /// Whether it stays as it is until somebody sees to it: trying again is of no use, and going on may do harm.
    pub fn is_for_good(&self) -> bool {
        matches!(self, StoreError::Corrupted { .. } | StoreError::TooNew { .. } | StoreError::NotOurs { .. })
    }
}

/// What went wrong below, before it is known what was being done.
#[derive(Debug)]
pub(crate) enum Cause {
    Sqlite(rusqlite::Error),
    Machine(io::Error),
    /// What is stored is not what we would have stored.
    Damaged(&'static str),
    Unreadable(serde_json::Error),
    Unwritable(serde_json::Error),
    NotThere,
    Told(StoreError),
}

impl From<rusqlite::Error> for Cause {
    fn from(error: rusqlite::Error) -> Cause {
        Cause::Sqlite(error)
    }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Cause {
        Cause::Machine(error)
    }
}

impl From<StoreError> for Cause {
    fn from(error: StoreError) -> Cause {
        Cause::Told(error)
    }
}

/// Does some work, and says of an error what the work was.
pub(crate) fn doing<T>(
    what: impl FnOnce() -> String,
    work: impl FnOnce() -> Result<T, Cause>,
) -> Result<T, StoreError> {
    work().map_err(|cause| cause.while_doing(what))
}

impl Cause {
    fn while_doing(self, what: impl FnOnce() -> String) -> StoreError {
        match self {
            Cause::Told(error) => error,
            Cause::NotThere => StoreError::NotThere { doing: what() },
            Cause::Damaged(what_is) => StoreError::Corrupted { doing: what(), source: what_is.into() },
            Cause::Unreadable(source) => StoreError::Corrupted { doing: what(), source: source.into() },
            Cause::Unwritable(source) => StoreError::Failed { doing: what(), source: source.into() },
            Cause::Machine(source) => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    StoreError::DiskFull { doing: what(), source: source.into() }
                }
                io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                    StoreError::ReadOnly { doing: what(), source: source.into() }
                }
                _ => StoreError::Unreachable { doing: what(), source: source.into() },
            },
            Cause::Sqlite(error) => of_sqlite(error, what()),
        }
    }
}

fn of_sqlite(error: rusqlite::Error, doing: String) -> StoreError {
    let code = match &error {
        // What is shared beside the log could not be made as long as it must be.
        rusqlite::Error::SqliteFailure(failure, _) if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => {
            ErrorCode::DiskFull
        }
        rusqlite::Error::SqliteFailure(failure, _) => failure.code,
        // A column of another type than the schema's: some other hand wrote it.
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::Utf8Error(..) => ErrorCode::DatabaseCorrupt,
        _ => ErrorCode::Unknown,
    };
    let source = match &error {
        // The library's error has itself as its cause, in other words.
        rusqlite::Error::SqliteFailure(failure, Some(words)) => {
            format!("{words} (SQLite {})", failure.extended_code).into()
        }
        rusqlite::Error::SqliteFailure(failure, None) => failure.to_string().into(),
        _ => error.into(),
    };
    match code {
        ErrorCode::DiskFull => StoreError::DiskFull { doing, source },
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => StoreError::ReadOnly { doing, source },
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupted { doing, source },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            StoreError::Locked { doing, source }
        }
        ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::NoLargeFileSupport => {
            StoreError::Unreachable { doing, source }
        }
        _ => StoreError::Failed { doing, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: i32) -> String {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        doing::<()>(|| "count batch 7".into(), || Err(error.into())).unwrap_err().to_string()
    }

    #[test]
    fn each_way_a_disk_fails_says_what_to_do() {
        assert!(told(ffi::SQLITE_FULL).contains("free some space"));
        assert!(told(ffi::SQLITE_IOERR_SHMSIZE).contains("free some space"));
        assert!(told(ffi::SQLITE_READONLY_DIRECTORY).contains("Let the user of this process write"));
        assert!(told(ffi::SQLITE_CORRUPT).contains("restore the last backup"));
        assert!(told(ffi::SQLITE_NOTADB).contains("restore the last backup"));
        assert!(told(ffi::SQLITE_BUSY).contains("it can be tried again"));
        assert!(told(ffi::SQLITE_IOERR_FSYNC).contains("Look at the disk"));
        assert!(told(ffi::SQLITE_CONSTRAINT).starts_with("cannot count batch 7"));
    }

    #[test]
    fn what_sqlite_says_is_said_once() {
        for words in [Some("database or disk is full".to_owned()), None] {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), words);
            let told = doing::<()>(|| "count batch 7".into(), || Err(error.into())).unwrap_err();
            let cause = told.source().expect("SQLite has words");
            assert!(cause.to_string().contains("full") && cause.to_string().contains("13"), "{cause}");
            assert!(cause.source().is_none(), "{:?}", cause.source());
        }
    }

    #[test]
    fn a_full_disk_is_a_full_disk_whoever_says_so() {
        let error = io::Error::from(io::ErrorKind::StorageFull);
        let told = doing::<()>(|| "write a backup".into(), || Err(error.into())).unwrap_err();
        assert!(matches!(told, StoreError::DiskFull { .. }));
    }
}
