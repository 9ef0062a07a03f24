//! Writing what has come into the tables, with a bounded part of it in memory.

use jiff::SignedDuration;
use lake::LakeError;
use lake::arrivals::Arrivals;
use lake::table::{DataFile, Table};
use record::api_call::{ApiCall, Record};
use record::log_file::{Limits as FileLimits, Reader};
use server::world::lake::{KeptFile, LakeFault};

use super::DataLake;
use super::plugged_in::other;
use crate::allocator;

/// Bytes of records that are held until they are written; a few times as much is in memory then.
const HELD_BYTES: usize = 24 << 20;
/// From one time that memory is given back to the next.
const BETWEEN_GIVING_BACK: SignedDuration = SignedDuration::from_secs(10);

impl DataLake {
    /// Writes those calls of these files that are wanted into files that belong to nobody yet.
    pub(super) fn write(
        &self,
        events: &Table,
        files: &[KeptFile],
        mut arrivals: Arrivals,
        mut is_wanted: impl FnMut(&ApiCall<'_>) -> bool,
    ) -> Result<Vec<DataFile>, LakeError> {
        // Not one for all times: it keeps room for the largest file that it read.
        let mut reader = Reader::new(FileLimits::default());
        let mut written = Vec::new();
        let _one_of_them = self.writing.blocking_lock();
        for file in files {
            each_call(&mut reader, file, |call| {
                if is_wanted(call) {
                    arrivals.add_call(call);
                }
            });
            if arrivals.bytes() >= HELD_BYTES {
                written.extend(self.runtime.get().block_on(events.write(&mut arrivals))?);
            }
        }
        written.extend(self.runtime.get().block_on(events.write(&mut arrivals))?);
        Ok(written)
    }

    /// Keeps what has come, up to the one of this number.
    pub(super) fn keep_in(&self, table: &Table, through: u64, mut arrivals: Arrivals) -> Result<(), LakeFault> {
        let kept = async {
            let written = table.write(&mut arrivals).await?;
            table.commit(through, &written).await
        };
        self.runtime.get().block_on(kept).map_err(other)?;
        self.keep_up();
        Ok(())
    }

    /// Gives back the memory that writing took, before small files are put together, which takes as much. Not while one batch follows the other:
    /// they would have to ask for it again.
    pub(super) fn give_back(&self) {
        if self.gives_back.is_due(self.clock.now(), BETWEEN_GIVING_BACK) {
            allocator::give_back();
        }
    }
}

/// The calls of a file that are to be kept, as far as it can be read: what cannot be was told when it was counted, or by the import.
pub(super) fn each_call(reader: &mut Reader, file: &KeptFile, mut each: impl FnMut(&ApiCall<'_>)) {
    let account = file.account_region.as_ref().map(|(account, _)| account.as_str());
    let (mut place, mut left_out) = (0, file.left_out.iter().copied().peekable());
    let read = reader.read(&file.bytes, account, |record| {
        let is_left_out = left_out.next_if_eq(&place).is_some();
        place += 1;
        if let Ok(Record::Call(call)) = record
            && !is_left_out
        {
            each(&call);
        }
    });
    if let Err(why) = read {
        tracing::debug!(bucket = file.bucket, key = file.key, %why, "a log file is kept as far as it can be read");
    }
}
