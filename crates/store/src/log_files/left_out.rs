//! Records of counted files that were not counted: where they stand in their file.

use std::collections::BTreeMap;

use super::{LogFile, folder_and_name};
use crate::coding::{Packed, put_number};
use crate::error::{Cause, StoreError, doing};
use crate::{Reader, Writer};

impl Writer<'_> {
    /// Notes which records of a counted file were not counted, because they are copies of others or of impossible times: where
    /// they stand in the file, from 0, in order.
    pub fn leave_out(&self, file: &LogFile, records: &[u32]) -> Result<(), StoreError> {
        let work = || {
            let (mut packed, mut before) = (Vec::new(), 0);
            for record in records {
                put_number(&mut packed, u64::from(record - before));
                before = *record;
            }
            let (path, name) = folder_and_name(&file.key);
            let folder = self.folder(&file.bucket, path)?;
            self.execute(
                "INSERT INTO log_file_left_out (file, records) SELECT id, ?3 FROM log_file WHERE folder = ?1 AND name = ?2",
                (folder, name, packed),
            )
        };
        self.doing(|| format!("note the copies in log file `{}`", file.key), work).map(drop)
    }
}

impl Reader<'_> {
    /// Of the files of one batch, by bucket and key, the records that were not counted: where they stand in the file, from 0.
    /// Files of which all were are not named.
    pub fn left_out_of_batch(&self, batch: u64) -> Result<BTreeMap<(String, String), Vec<u32>>, StoreError> {
        let work = || {
            let mut all = self.prepare(
                "SELECT bucket, path || name, log_file_left_out.records FROM log_file JOIN log_folder ON log_folder.id = folder \
                 JOIN log_file_left_out ON file = log_file.id WHERE batch = ?1",
            )?;
            let mut rows = all.query([batch as i64])?;
            let mut files = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let blob = row.get_ref(2)?.as_blob().map_err(|_| Cause::Damaged("records that are no blob"))?;
                files.insert((row.get(0)?, row.get(1)?), places(blob)?);
            }
            Ok(files)
        };
        doing(|| format!("read the copies in the log files of batch {batch}"), work)
    }
}

/// Where records stand, of the distances between them.
fn places(blob: &[u8]) -> Result<Vec<u32>, Cause> {
    let (mut packed, mut places, mut before) = (Packed(blob), Vec::new(), 0u32);
    while !packed.is_empty() {
        let place = u32::try_from(packed.number()?).ok().and_then(|distance| before.checked_add(distance));
        before = place.ok_or(Cause::Damaged("a record that no file can have"))?;
        places.push(before);
    }
    Ok(places)
}
