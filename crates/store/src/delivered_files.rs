//! Delivered files: log files that we put into buckets ourselves, until digests have listed them.
//!
//! They are numbered in the order in which they came to lie there. Whoever lists them remembers the last number, so that each
//! is listed once, whatever the clock does.

use jiff::Timestamp;
use record::digest::DigestedFile;
use record::names::{AccountId, Region};
use rusqlite::Row;

use crate::error::{Cause, StoreError, doing};
use crate::moment::{millis, moment};
use crate::{Reader, Writer};

/// Where log files lie that belong together: a bucket, and what stands before `AWSLogs/` in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilePlace {
    /// The bucket.
    pub bucket: String,
    /// What stands before `/AWSLogs/`, if anything does.
    pub prefix: Option<String>,
}

/// A log file that was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveredFile {
    /// Where it lies.
    pub place: FilePlace,
    /// Whose events it tells.
    pub account: AccountId,
    /// And of where.
    pub region: Region,
    /// When it came to lie there.
    pub delivered_at: Timestamp,
    /// What a digest says of it.
    pub file: DigestedFile,
}

impl Writer<'_> {
    /// A file was delivered. Gives its number.
    pub fn add_delivered_file(&self, delivered: &DeliveredFile) -> Result<i64, StoreError> {
        let work = || {
            let mut add = self.prepare(
                "INSERT INTO delivered_file \
                 (bucket, prefix, account, region, delivered_at, oldest_event, newest_event, hash, key) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id",
            )?;
            let DeliveredFile { place, account, region, delivered_at, file } = delivered;
            let row = (
                &place.bucket,
                place.prefix.as_deref().unwrap_or_default(),
                account.as_str(),
                region.as_str(),
                millis(*delivered_at),
                file.times.map(|(oldest, _)| oldest),
                file.times.map(|(_, newest)| newest),
                &file.hash,
                &file.key,
            );
            Ok(add.query_row(row, |row| row.get(0))?)
        };
        self.doing(|| format!("note that `{}` was delivered", delivered.file.key), work)
    }

    /// Forgets the files that were delivered before this moment. Says how many there were.
    pub fn expire_delivered_files(&self, before: Timestamp) -> Result<usize, StoreError> {
        self.doing(
            || format!("forget the files that were delivered before {before}"),
            || self.execute("DELETE FROM delivered_file WHERE delivered_at < ?1", [millis(before)]),
        )
    }
}

impl Reader<'_> {
    /// The files of one account-Region in a place, with a number above this one, by their numbers.
    pub fn delivered_files(
        &self,
        place: &FilePlace,
        account: &AccountId,
        region: &Region,
        after: i64,
    ) -> Result<Vec<(i64, DeliveredFile)>, StoreError> {
        let work = || {
            let mut all = self.prepare(
                "SELECT id, delivered_at, oldest_event, newest_event, hash, key FROM delivered_file \
                 WHERE bucket = ?1 AND prefix = ?2 AND account = ?3 AND region = ?4 AND id > ?5 ORDER BY id",
            )?;
            let prefix = place.prefix.as_deref().unwrap_or_default();
            let mut rows = all.query((&place.bucket, prefix, account.as_str(), region.as_str(), after))?;
            let mut files = Vec::new();
            while let Some(row) = rows.next()? {
                files.push((row.get(0)?, delivered(row, place, account, region)?));
            }
            Ok(files)
        };
        doing(|| format!("list what was delivered to `{}`", place.bucket), work)
    }

    /// The account-Regions of files in a place with a number above this one, and when the first of each was delivered.
    pub fn delivered_regions(
        &self,
        place: &FilePlace,
        after: i64,
    ) -> Result<Vec<(AccountId, Region, Timestamp)>, StoreError> {
        let work = || {
            let mut all = self.prepare(
                "SELECT account, region, min(delivered_at) FROM delivered_file \
                 WHERE bucket = ?1 AND prefix = ?2 AND id > ?3 GROUP BY account, region ORDER BY account, region",
            )?;
            let mut rows = all.query((&place.bucket, place.prefix.as_deref().unwrap_or_default(), after))?;
            let mut regions = Vec::new();
            while let Some(row) = rows.next()? {
                let (account, region): (String, String) = (row.get(0)?, row.get(1)?);
                regions.push((AccountId::from(&*account), Region::from(&*region), moment(row.get(2)?)?));
            }
            Ok(regions)
        };
        doing(|| format!("list what was delivered to `{}`", place.bucket), work)
    }

    /// The number of the newest file that was delivered before this moment; 0 if there is none.
    pub fn newest_delivered_file(&self, before: Timestamp) -> Result<i64, StoreError> {
        let work = || {
            let sql = "SELECT coalesce(max(id), 0) FROM delivered_file WHERE delivered_at < ?1";
            Ok(self.prepare(sql)?.query_row([millis(before)], |row| row.get(0))?)
        };
        doing(|| "look for the newest file that was delivered".into(), work)
    }
}

fn delivered(row: &Row<'_>, place: &FilePlace, account: &AccountId, region: &Region) -> Result<DeliveredFile, Cause> {
    let (oldest, newest): (Option<i64>, Option<i64>) = (row.get(2)?, row.get(3)?);
    Ok(DeliveredFile {
        place: place.clone(),
        account: account.clone(),
        region: region.clone(),
        delivered_at: moment(row.get(1)?)?,
        file: DigestedFile {
            bucket: place.bucket.clone(),
            key: row.get(5)?,
            hash: row.get(4)?,
            times: oldest.zip(newest),
        },
    })
}
