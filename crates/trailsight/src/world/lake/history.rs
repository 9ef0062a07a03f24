//! History that an import brings in: of its events those that the lake has not, whichever way these came.
//!
//! The files are read twice: for which ids they have, and from when to when; then, but for what is in the table of that time, to be
//! kept. A record without an id is known by its bytes.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use lake::LakeError;
use lake::arrivals::Arrivals;
use lake::query::Query;
use lake::results::texts;
use lake::schema::Kind;
use lake::table::Table;
use record::event_id::EventId;
use record::log_file::{Limits as FileLimits, Reader};
use record::selection::{Part, Window};
use server::world::lake::KeptFile;

use super::DataLake;
use super::writing::each_call;

/// Ids of all events of some time.
const IDS: &str = "SELECT eventID, CASE WHEN eventID IS NULL THEN eventJson END FROM events";

impl DataLake {
    pub(super) fn import_part(&self, part: u64, files: &[KeptFile]) -> Result<(), LakeError> {
        let events = &self.tables()?.events;
        if events.snapshot().imported >= part {
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
        drop(reader);
        let mut known = self.runtime.get().block_on(self.known(events, &ids, first, last))?;
        drop(ids);
        let arrivals = Arrivals::new(Kind::Events).of_history();
        // Copies within the files are kept once, too.
        let written = self.write(events, files, arrivals, |call| known.insert(call.event_id))?;
        self.runtime.get().block_on(events.commit_import(part, &written))?;
        self.keep_up();
        Ok(())
    }

    /// Which of these ids are in the table, from one second to another.
    async fn known(
        &self,
        events: &Arc<Table>,
        ids: &HashSet<EventId>,
        first: i64,
        last: i64,
    ) -> Result<HashSet<EventId>, LakeError> {
        let mut known = HashSet::new();
        let moment = |second| Timestamp::from_second(second).ok();
        let (Some(from), Some(until)) = (moment(first), moment(last.saturating_add(1))) else { return Ok(known) };
        let part = Part { windows: vec![Window { from, until: Some(until) }], ..Part::default() };
        let planned = Query::plan(IDS, |_| Some(events.part(part.clone())), self.limits.clone()).await?;
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
