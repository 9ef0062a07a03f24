//! Merging: what the cores have read, put together in the order of the files.
//!
//! Only here is it decided whether a record is a copy of one before, and only here is it counted. Batches may be finished in
//! any order; they are merged in theirs, so that the same files give the same result on any number of cores.

use detect::tally::{RegionId, SeriesId, Tally};
use record::insight::Subject;
use record::texts::NO_TEXT;

use super::batch::Batch;
use super::call_log::LoggedCall;
use super::duplicates::Seen;
use super::reconciliation::Reconciliation;

/// All that was counted so far.
#[derive(Default)]
pub struct Merged {
    /// The counts.
    pub tally: Tally,
    /// What became of every record.
    pub reconciliation: Reconciliation,
    seen: Seen,
}

/// A merged batch, and those of its calls that are to be logged.
pub struct ToLog {
    /// The batch: the calls' values are numbers of its texts.
    pub batch: Batch,
    /// The calls.
    pub calls: Vec<LoggedCall>,
}

impl Merged {
    /// Counts a batch; all before it were counted.
    pub fn merge(&mut self, mut batch: Batch) -> ToLog {
        // The oldest file's time: small files make a batch of days, and copies may lie on both sides of where it ends.
        if let Some(delivered) = batch.delivered {
            self.seen.forget_long_before(delivered.seconds());
        }
        let (apis, failures) = self.series_of(&batch);
        let mut calls = Vec::with_capacity(batch.values.len());
        let (mut counted, mut duplicates) = (0, 0);
        for row in &batch.rows {
            let api = &apis[row.api as usize];
            let minute = row.minute();
            let is_first = self.seen.is_first(row.id, row.event_time);
            if is_first {
                self.tally.add_activity(api.1, minute, 1);
            }
            match (row.only_heard, is_first) {
                (true, _) => continue,
                (false, false) => {
                    duplicates += 1;
                    continue;
                }
                (false, true) => counted += 1,
            }
            self.tally.add(api.0, minute, 1);
            if row.failure > 0 {
                self.tally.add(failures[row.failure as usize - 1], minute, 1);
            }
            if row.values != NO_TEXT {
                calls.push(LoggedCall { api: api.0, values: batch.values[row.values as usize], minute });
            }
        }
        batch.reconciliation.counted = counted;
        batch.reconciliation.duplicates = duplicates;
        self.reconciliation.add(&batch.reconciliation);
        ToLog { batch, calls }
    }

    /// The series of the batch's APIs and failures. A failure's series changes something if its API does: errors are watched
    /// all the same.
    fn series_of(&mut self, batch: &Batch) -> (Vec<(SeriesId, RegionId)>, Vec<SeriesId>) {
        let subject = |api: u32| {
            let (api, _) = &batch.apis[api as usize];
            Subject {
                account: batch.texts.text(api.account).into(),
                region: batch.texts.text(api.region).into(),
                source: batch.texts.text(api.source).into(),
                name: batch.texts.text(api.name).into(),
                error: None,
                category: api.category,
            }
        };
        let apis = batch.apis.iter().enumerate().map(|(at, (_, writes))| {
            let series = self.tally.series(&subject(at as u32));
            if *writes {
                self.tally.has_writes(series);
            }
            (series, self.tally.counted(series).region)
        });
        let apis = apis.collect();
        let failures = batch.failures.iter().map(|&(api, code)| {
            self.tally.series(&Subject { error: Some(batch.texts.text(code).into()), ..subject(api) })
        });
        (apis, failures.collect())
    }
}
