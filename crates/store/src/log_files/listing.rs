//! The lines of the ledger, as they are listed: by key, by state, by delivery, by batch.

use record::names::{AccountId, Region};
use record::time::Minute;
use rusqlite::{OptionalExtension, Row};

use super::{COUNTED, LedgerLine, LogFile, LogFileState, NEW, REFUSED, folder_and_name};
use crate::Reader;
use crate::error::{Cause, StoreError, doing};
use crate::moment::moment;

/// Where the next page of a listing begins: after this line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerPlace {
    changed_at: i64,
    id: i64,
}

/// Which lines are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerPart {
    /// Seen, not yet read.
    New,
    /// Counted ones.
    Counted,
    /// Refused ones.
    Refused,
}

const COLUMNS: &str = "bucket, path || name, etag, size, account, region.region, delivered, noticed_at, changed_at, \
                       state, batch, records, reason, log_file.id";
const TABLES: &str =
    "log_file JOIN log_folder ON log_folder.id = folder LEFT JOIN region ON region.id = log_file.region";

impl Reader<'_> {
    /// What is known of a file.
    pub fn log_file(&self, bucket: &str, key: &str) -> Result<Option<LedgerLine>, StoreError> {
        let work = || {
            let (path, name) = folder_and_name(key);
            let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE bucket = ?1 AND path = ?2 AND name = ?3");
            let mut find = self.prepare(&sql)?;
            find.query_row([bucket, path, name], |row| Ok(line(row))).optional()?.transpose()
        };
        doing(|| format!("look for log file `{key}`"), work)
    }

    /// A page of the lines in one state, those that changed last first; where the next page begins, if there may be one.
    pub fn log_files(
        &self,
        part: LedgerPart,
        after: Option<&LedgerPlace>,
        limit: usize,
    ) -> Result<(Vec<LedgerLine>, Option<LedgerPlace>), StoreError> {
        let work = || {
            let state = match part {
                LedgerPart::New => NEW,
                LedgerPart::Counted => COUNTED,
                LedgerPart::Refused => REFUSED,
            };
            let sql = format!(
                "SELECT {COLUMNS} FROM {TABLES} WHERE state = ?1 AND (changed_at, log_file.id) < (?2, ?3) \
                 ORDER BY changed_at DESC, log_file.id DESC LIMIT ?4"
            );
            let mut all = self.prepare(&sql)?;
            let (changed_at, id) = after.map_or((i64::MAX, i64::MAX), |place| (place.changed_at, place.id));
            let mut rows = all.query((state, changed_at, id, limit as i64))?;
            let (mut lines, mut place) = (Vec::new(), None);
            while let Some(row) = rows.next()? {
                lines.push(line(row)?);
                place = Some(LedgerPlace { changed_at: row.get(8)?, id: row.get(13)? });
            }
            let place = if lines.len() < limit { None } else { place };
            Ok((lines, place))
        };
        doing(|| "list the log files".into(), work)
    }

    /// Counted files of an account-Region that were delivered within [from, until), in the order of their delivery, at most so
    /// many. Where a file's name does not tell, it is not among them.
    pub fn log_files_delivered(
        &self,
        account: &AccountId,
        region: &Region,
        from: Minute,
        until: Minute,
        limit: usize,
    ) -> Result<Vec<LedgerLine>, StoreError> {
        let work = || {
            let Some(number) = self.find_region(account, region)? else { return Ok(Vec::new()) };
            let mut all = self.prepare(&delivered_sql())?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut rows = all.query((number, from.0, until.0, limit))?;
            let mut lines = Vec::new();
            while let Some(row) = rows.next()? {
                lines.push(line(row)?);
            }
            Ok(lines)
        };
        doing(|| format!("list the log files of account {account} in {region}"), work)
    }

    /// The files of one batch, in the order of their keys.
    pub fn log_files_of_batch(&self, batch: u64) -> Result<Vec<LedgerLine>, StoreError> {
        let work = || {
            let mut all =
                self.prepare(&format!("SELECT {COLUMNS} FROM {TABLES} WHERE batch = ?1 ORDER BY bucket, path, name"))?;
            let mut rows = all.query([batch as i64])?;
            let mut lines = Vec::new();
            while let Some(row) = rows.next()? {
                lines.push(line(row)?);
            }
            Ok(lines)
        };
        doing(|| format!("list the log files of batch {batch}"), work)
    }
}

/// Counted files of a Region by when they were delivered: wherever they lie, and without a look at any other.
fn delivered_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE log_file.region = ?1 AND state = 1 AND delivered >= ?2 AND delivered < ?3 \
         ORDER BY delivered, path || name, bucket LIMIT ?4"
    )
}

fn line(row: &Row<'_>) -> Result<LedgerLine, Cause> {
    let account: Option<String> = row.get(4)?;
    let region: Option<String> = row.get(5)?;
    let file = LogFile {
        bucket: row.get(0)?,
        key: row.get(1)?,
        etag: row.get(2)?,
        size: row.get::<_, i64>(3)? as u64,
        account_region: account.zip(region).map(|(account, region)| (account.as_str().into(), region.as_str().into())),
        delivered: row.get::<_, Option<i32>>(6)?.map(Minute),
    };
    let state = match row.get::<_, i64>(9)? {
        NEW => LogFileState::New,
        COUNTED => LogFileState::Counted {
            batch: row.get::<_, Option<i64>>(10)?.ok_or(Cause::Damaged("a counted file without a batch"))? as u64,
            records: row.get::<_, i64>(11)? as u64,
        },
        REFUSED => LogFileState::Refused { reason: row.get::<_, Option<String>>(12)?.unwrap_or_default() },
        _ => return Err(Cause::Damaged("a state of a log file that is none")),
    };
    Ok(LedgerLine { file, state, noticed_at: moment(row.get(7)?)?, changed_at: moment(row.get(8)?)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    /// It is asked for every account-Region of a step, of a ledger that may have millions of files.
    #[test]
    fn files_are_found_by_their_delivery_without_a_look_at_others() {
        let store = Store::in_memory().expect("there is memory");
        let plan = store.read(|r| {
            let work = || {
                let mut explain = r.prepare(&format!("EXPLAIN QUERY PLAN {}", delivered_sql()))?;
                let steps = explain.query_map((1, 0, 60, 9), |row| row.get::<_, String>("detail"))?;
                Ok(steps.collect::<Result<Vec<_>, _>>()?)
            };
            doing(|| "explain".into(), work)
        });
        let plan = plan.expect("it is a statement");
        let by_delivery = "SEARCH log_file USING INDEX log_file_by_delivery (region=? AND delivered>? AND delivered<?)";
        assert_eq!(plan[0], by_delivery, "{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("SCAN")), "{plan:#?}");
    }
}
