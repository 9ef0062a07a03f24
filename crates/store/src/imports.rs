//! Imports: which log files were brought into the lake without being counted, part by part, and which could not be.
//!
//! A part is named before it is brought in, with its files: whoever dies amid it does the same part again, and the lake knows
//! its number. What an import is, and how far it has come, is a [`resource`](crate::resource) of the service's.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::error::doing;
use crate::moment::{millis, moment};
use crate::{Reader, StoreError, Writer};

/// A log file that an import could not bring in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFailure {
    /// Its key.
    pub key: String,
    /// When that was noted.
    pub at: Timestamp,
    /// What kind of fault it is, in a word.
    pub kind: String,
    /// The fault, in a sentence.
    pub message: String,
}

/// The number of the newest part of all imports.
pub(crate) const NEWEST_PART: &str = "import";

impl Writer<'_> {
    /// Begins the next part of all imports, with these files of a bucket. Says its number.
    pub fn begin_import_part<'k>(
        &self,
        bucket: &str,
        keys: impl IntoIterator<Item = &'k str>,
    ) -> Result<u64, StoreError> {
        let work = || {
            let part = self.reach_next(NEWEST_PART)?;
            for key in keys {
                self.execute(
                    "INSERT OR IGNORE INTO imported_file (bucket, key, part) VALUES (?1, ?2, ?3)",
                    (bucket, key, part),
                )?;
            }
            Ok(part as u64)
        };
        self.doing(|| format!("begin to import log files of bucket `{bucket}`"), work)
    }

    /// Forgets the files of a part that the lake has not, and nobody brings in any more: who counts them keeps them.
    pub fn forget_import_part(&self, part: u64) -> Result<(), StoreError> {
        let work = || self.execute("DELETE FROM imported_file WHERE part = ?1", [part as i64]);
        self.doing(|| format!("forget part {part} of an import"), work).map(drop)
    }

    /// Notes what an import could not bring in, in place of what was noted of the same file.
    pub fn add_import_failure(&self, import: &str, failure: &ImportFailure) -> Result<(), StoreError> {
        let ImportFailure { key, at, kind, message } = failure;
        let work = || {
            self.execute(
                "INSERT OR REPLACE INTO import_failure (import, key, at, kind, message) VALUES (?1, ?2, ?3, ?4, ?5)",
                (import, key, millis(*at), kind, message),
            )
        };
        self.doing(|| format!("note that log file `{key}` was not imported"), work).map(drop)
    }

    /// Forgets what an import could not bring in: it is tried again.
    pub fn forget_import_failures(&self, import: &str) -> Result<(), StoreError> {
        let work = || self.execute("DELETE FROM import_failure WHERE import = ?1", [import]);
        self.doing(|| format!("forget what import {import} could not bring in"), work).map(drop)
    }
}

impl Reader<'_> {
    /// Whether a log file was brought in by an import.
    pub fn was_imported(&self, bucket: &str, key: &str) -> Result<bool, StoreError> {
        let work = || {
            let mut find = self.prepare("SELECT 1 FROM imported_file WHERE bucket = ?1 AND key = ?2")?;
            Ok(find.query_row([bucket, key], |_| Ok(())).optional()?.is_some())
        };
        doing(|| format!("look whether log file `{key}` was imported"), work)
    }

    /// What an import could not bring in, in the order of the keys, from after one on, at most so much.
    pub fn import_failures(
        &self,
        import: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ImportFailure>, StoreError> {
        let work = || {
            let mut all = self.prepare(
                "SELECT key, at, kind, message FROM import_failure WHERE import = ?1 AND key > ?2 ORDER BY key LIMIT ?3",
            )?;
            let mut rows = all.query((import, after.unwrap_or_default(), limit as i64))?;
            let mut failures = Vec::new();
            while let Some(row) = rows.next()? {
                failures.push(ImportFailure {
                    key: row.get(0)?,
                    at: moment(row.get(1)?)?,
                    kind: row.get(2)?,
                    message: row.get(3)?,
                });
            }
            Ok(failures)
        };
        doing(|| format!("list what import {import} could not bring in"), work)
    }
}
