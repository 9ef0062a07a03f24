//! History that an import brings in: of its events those that the lake has not, whichever way these came.
//!
//! The files are read twice: for which ids they have, and from when to when; then, but for what is in the table of that time, to be
//! kept. A record without an id is known by its bytes.

use std::collections::HashSet;

use jiff::Timestamp;
use lake::LakeError;
use lake::arrivals::Arrivals;
use lake::query::Query;
use lake::results::texts;
use lake::schema::Kind;
use lake::table::DataFile;
use record::event_id::EventId;
use record::log_file::{Limits as FileLimits, Reader};
use record::selection::{Part, Window};
use server::world::lake::KeptFile;

use super::{DataLake, HELD_BYTES, each_call};

/// Ids of all events of some time.
const IDS: &str = "SELECT eventID, CASE WHEN eventID IS NULL THEN eventJson END FROM events";

impl DataLake {
    pub(super) fn import_part(&self, part: u64, files: &[KeptFile]) -> Result<(), LakeError> {
        if self.events.snapshot().imported >= part {
            return Ok(());
        }
        let mut reader = Reader::new(FileLimits::default());
        let (mut ids, mut first, mut last) = (HashSet::new(), i64::MAX, i64::MIN);
        for file in files {
            each_call(&mut reader, file, |call| {
                ids.insert(call.event_id);
                (first, last) = (first.min(call.event_time), last.max(call.event_time));
            });
        }
        let mut known = self.runtime.get().block_on(self.known(&ids, first, last))?;
        drop(ids);
        let one_of_them = self.writing.blocking_lock();
        let mut arrivals = Arrivals::new(Kind::Events).of_history();
        let mut written: Vec<DataFile> = Vec::new();
        for file in files {
            each_call(&mut reader, file, |call| {
                // Copies within the files are kept once, too.
                if known.insert(call.event_id) {
                    arrivals.add_call(call);
                }
            });
            if arrivals.bytes() >= HELD_BYTES {
                written.extend(self.runtime.get().block_on(self.events.write(&mut arrivals))?);
            }
        }
        written.extend(self.runtime.get().block_on(self.events.write(&mut arrivals))?);
        drop((reader, arrivals, one_of_them));
        self.runtime.get().block_on(self.events.commit_import(part, &written))?;
        self.keep_up();
        Ok(())
    }

    /// Which of these ids are in the table, from one second to another.
    async fn known(&self, ids: &HashSet<EventId>, first: i64, last: i64) -> Result<HashSet<EventId>, LakeError> {
        let mut known = HashSet::new();
        let moment = |second| Timestamp::from_second(second).ok();
        let (Some(from), Some(until)) = (moment(first), moment(last.saturating_add(1))) else { return Ok(known) };
        let part = Part { windows: vec![Window { from, until: Some(until) }], ..Part::default() };
        let planned = Query::plan(IDS, |_| Some(self.events.part(part.clone())), self.limits.clone()).await?;
        planned
            .run(|batch| {
                let id = |row: Vec<Option<String>>| match &*row {
                    [Some(id), _] => Some(EventId::of_text(id)),
                    [None, Some(record)] => Some(EventId::of_record(record.as_bytes())),
                    _ => None,
                };
                known.extend(texts(&batch).filter_map(id).filter(|id| ids.contains(id)));
                Ok(())
            })
            .await?;
        Ok(known)
    }
}
