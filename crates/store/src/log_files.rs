//! The ledger of log files: which were seen, which were counted and in which batch, which were refused and why.
//!
//! ```text
//!   notice ──► new ──► counted, in batch n      with the counts, in one transaction
//!                 └──► refused, for a reason    set aside: it holds up nothing
//! ```
//!
//! A file is counted once. [`Writer::mark_counted`] fails for one that was, and with it the whole transaction, counts and
//! all: whoever comes second keeps nothing. A refused file may be tried again, with a newer program for example.

mod left_out;
mod listing;

use jiff::Timestamp;
use record::names::{AccountId, Region};
use record::time::Minute;
use rusqlite::OptionalExtension;

use crate::error::{Cause, StoreError, doing};
use crate::moment::millis;
use crate::{Reader, Writer};

pub use listing::{LedgerPart, LedgerPlace};

/// A log file: an object, and what its name tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogFile {
    /// The bucket, or whatever the source calls the place where it lies.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Its ETag; empty where the source has none.
    pub etag: String,
    /// Its size in bytes, as it lies there.
    pub size: u64,
    /// Whose calls it tells, and in which Region, if its name says so.
    pub account_region: Option<(AccountId, Region)>,
    /// When it was delivered, if its name says so.
    pub delivered: Option<Minute>,
}

/// What has become of a log file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogFileState {
    /// Seen, not yet read.
    New,
    /// Its records are counted.
    Counted {
        /// In which batch.
        batch: u64,
        /// How many records it had.
        records: u64,
    },
    /// It cannot be read.
    Refused {
        /// Why not.
        reason: String,
    },
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// The file.
    pub file: LogFile,
    /// What has become of it.
    pub state: LogFileState,
    /// When it was first seen.
    pub noticed_at: Timestamp,
    /// When that last changed.
    pub changed_at: Timestamp,
}

/// How many files are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LedgerCounts {
    /// Seen, not yet read.
    pub new: u64,
    /// Counted ones.
    pub counted: u64,
    /// Refused ones.
    pub refused: u64,
}

const NEW: i64 = 0;
const COUNTED: i64 = 1;
const REFUSED: i64 = 2;

/// The number of the newest batch.
const NEWEST_BATCH: &str = "batch";

impl Writer<'_> {
    /// Notes a file that was seen. Says whether it is the first time.
    pub fn notice_log_file(&self, file: &LogFile, now: Timestamp) -> Result<bool, StoreError> {
        let work = || Ok(self.put_log_file(file, NEW, None, 0, None, now, "DO NOTHING")? > 0);
        self.doing(|| format!("note log file `{}`", file.key), work)
    }

    /// Marks files as counted in this batch, each with its number of records. Fails if one of them was counted before, in
    /// this batch or another.
    pub fn mark_counted<'f>(
        &self,
        batch: u64,
        files: impl IntoIterator<Item = (&'f LogFile, u64)>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let work = || {
            for (file, records) in files {
                let unless_counted = "DO UPDATE SET etag = excluded.etag, size = excluded.size, region = excluded.region, \
                                      delivered = excluded.delivered, changed_at = excluded.changed_at, state = 1, \
                                      batch = excluded.batch, records = excluded.records, reason = NULL WHERE state <> 1";
                if self.put_log_file(file, COUNTED, Some(batch), records, None, now, unless_counted)? == 0 {
                    let batch = self.batch_of(&file.bucket, &file.key)?.unwrap_or_default();
                    let (bucket, key) = (file.bucket.clone(), file.key.clone());
                    return Err(StoreError::AlreadyCounted { bucket, key, batch }.into());
                }
                if let (Some((account, region)), Some(delivered)) = (&file.account_region, file.delivered) {
                    let number = self.region(account, region)?;
                    // A name may tell any day: none was delivered later than it is counted. What was told so before is set right.
                    let came = Minute::of_seconds(now.as_second());
                    self.execute(
                        "UPDATE region SET newest_delivered = max(min(ifnull(newest_delivered, ?2), ?3), ?2) WHERE id = ?1",
                        (number, delivered.min(came).0, came.0),
                    )?;
                }
            }
            self.reach(NEWEST_BATCH, batch as i64)
        };
        self.doing(|| format!("mark the log files of batch {batch} as counted"), work)
    }

    /// Sets a file aside that cannot be read. One that was counted stays so.
    pub fn mark_refused(&self, file: &LogFile, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        let work = || {
            let unless_counted = "DO UPDATE SET etag = excluded.etag, size = excluded.size, reason = excluded.reason, \
                                  changed_at = excluded.changed_at, state = 2 WHERE state <> 1";
            self.put_log_file(file, REFUSED, None, 0, Some(reason), now, unless_counted).map(drop)
        };
        self.doing(|| format!("set log file `{}` aside", file.key), work)
    }

    /// Lets refused files be read again: they are new. Says how many there were.
    pub fn retry_refused(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.doing(
            || "let the refused log files be read again".into(),
            || {
                self.execute(
                    "UPDATE log_file SET state = 0, reason = NULL, changed_at = ?1 WHERE state = 2",
                    [millis(now)],
                )
            },
        )
    }

    /// Forgets counted and refused files that were delivered before this minute. Whoever lists their bucket from the start
    /// after that would find them new.
    pub fn expire_log_files(&self, before: Minute) -> Result<usize, StoreError> {
        let work = || {
            let forgotten = self.execute("DELETE FROM log_file WHERE delivered < ?1 AND state <> 0", [before.0])?;
            self.execute("DELETE FROM log_folder WHERE id NOT IN (SELECT folder FROM log_file)", [])?;
            Ok(forgotten)
        };
        self.doing(|| format!("forget the log files delivered before {before}"), work)
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of one row")]
    fn put_log_file(
        &self,
        file: &LogFile,
        state: i64,
        batch: Option<u64>,
        records: u64,
        reason: Option<&str>,
        now: Timestamp,
        if_known: &str,
    ) -> Result<usize, Cause> {
        let (path, name) = folder_and_name(&file.key);
        let folder = self.folder(&file.bucket, path)?;
        let region = file.account_region.as_ref().map(|(account, region)| self.region(account, region)).transpose()?;
        self.execute(
            &format!(
                "INSERT INTO log_file (folder, name, etag, size, region, delivered, noticed_at, changed_at, state, batch, \
                 records, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11) \
                 ON CONFLICT (folder, name) {if_known}"
            ),
            rusqlite::params![
                folder,
                name,
                file.etag,
                file.size as i64,
                region,
                file.delivered.map(|minute| minute.0),
                millis(now),
                state,
                batch.map(|batch| batch as i64),
                records as i64,
                reason,
            ],
        )
    }

    fn folder(&self, bucket: &str, path: &str) -> Result<i64, Cause> {
        let mut find = self.prepare("SELECT id FROM log_folder WHERE bucket = ?1 AND path = ?2")?;
        if let Some(number) = find.query_row([bucket, path], |row| row.get(0)).optional()? {
            return Ok(number);
        }
        let mut add = self.prepare("INSERT INTO log_folder (bucket, path) VALUES (?1, ?2) RETURNING id")?;
        Ok(add.query_row([bucket, path], |row| row.get(0))?)
    }
}

impl Reader<'_> {
    /// Of each of these keys of a bucket, whether the file was counted.
    pub fn were_counted(&self, bucket: &str, keys: &[&str]) -> Result<Vec<bool>, StoreError> {
        let work = || keys.iter().map(|key| Ok(self.batch_of(bucket, key)?.is_some())).collect();
        doing(|| format!("look for log files of bucket `{bucket}`"), work)
    }

    /// The number of the newest batch, whether its files are still known or not; 0 if there was none.
    pub fn newest_batch(&self) -> Result<u64, StoreError> {
        let work = || Ok(self.reached(NEWEST_BATCH)?.unwrap_or(0) as u64);
        doing(|| "look for the newest batch".into(), work)
    }

    /// How many files are in which state.
    pub fn ledger_counts(&self) -> Result<LedgerCounts, StoreError> {
        let work = || {
            let mut counts = LedgerCounts::default();
            let mut all = self.prepare("SELECT state, count(*) FROM log_file GROUP BY state")?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                let count = row.get::<_, i64>(1)? as u64;
                match row.get::<_, i64>(0)? {
                    NEW => counts.new = count,
                    COUNTED => counts.counted = count,
                    _ => counts.refused = count,
                }
            }
            Ok(counts)
        };
        doing(|| "count the log files".into(), work)
    }

    /// When the newest counted file of each account-Region was delivered: how far its minutes are settled.
    pub fn newest_delivered(&self) -> Result<Vec<(AccountId, Region, Minute)>, StoreError> {
        let work = || self.minutes_of_regions("newest_delivered");
        doing(|| "read how far log files were delivered".into(), work)
    }

    /// Account-Regions, and a minute that is a column of theirs.
    pub(crate) fn minutes_of_regions(&self, column: &str) -> Result<Vec<(AccountId, Region, Minute)>, Cause> {
        let mut all = self.prepare(&format!(
            "SELECT account, region, {column} FROM region WHERE {column} IS NOT NULL ORDER BY account, region"
        ))?;
        let mut rows = all.query([])?;
        let mut minutes = Vec::new();
        while let Some(row) = rows.next()? {
            let (account, region) = (row.get::<_, String>(0)?, row.get::<_, String>(1)?);
            minutes.push((AccountId::from(&*account), Region::from(&*region), Minute(row.get(2)?)));
        }
        Ok(minutes)
    }

    fn batch_of(&self, bucket: &str, key: &str) -> Result<Option<u64>, Cause> {
        let (path, name) = folder_and_name(key);
        let mut find = self.prepare(
            "SELECT batch FROM log_file JOIN log_folder ON log_folder.id = folder \
             WHERE bucket = ?1 AND path = ?2 AND name = ?3 AND state = 1",
        )?;
        Ok(find.query_row([bucket, path, name], |row| row.get::<_, i64>(0)).optional()?.map(|batch| batch as u64))
    }
}

/// `a/b/c` is `c` in `a/b/`.
fn folder_and_name(key: &str) -> (&str, &str) {
    key.split_at(key.rfind('/').map_or(0, |slash| slash + 1))
}
