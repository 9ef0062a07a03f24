//! Telling: what the rules of a bus, and the log groups of trails, are to have of the records of a batch.
//!
//! ```text
//!  records ──► held, so many bytes of it ─────────────────────► of those that are new ─┐
//!          └─► past that, the file that they are in ──read again, a piece at a time ───┴─► one transaction
//! ```
//!
//! Which records are new is known once the batch is written: then it is put, in the same transaction. A rule that matches everything makes
//! as much again of a log file, for each of its targets; so no more of that is held than a piece.

use jiff::Timestamp;
use record::api_call::{ApiCall, Record};
use record::names::{AccountId, EventCategory};
use route::Scratch;
use route::envelope::{Facts, is_read_only_management, write_event};
use store::deliveries::NewDelivery;
use store::{StoreError, Writer};

use super::rows::{Place, Rows};
use super::trail_logs::TrailLogs;
use super::{Listening, reader};
use crate::bus::Event;
use crate::watchers::Sources;

/// Bytes that are held, give or take a record's.
pub(crate) const PIECE: usize = 16 << 20;

/// What is held of it.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// What a record's rules make, by the record's row.
    deliveries: Vec<(usize, NewDelivery)>,
    logs: TrailLogs,
    bytes: usize,
    rest: Option<Rest>,
    event: Vec<u8>,
    scratch: Scratch,
}

/// A file of which more is to be told than is held.
#[derive(Debug)]
struct Rest {
    account: Option<AccountId>,
    bytes: Vec<u8>,
    /// Its number in the batch.
    file: u32,
    /// Its records from this row on.
    row: usize,
}

impl Telling {
    /// Bytes of it that are held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// No more of a file is held.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= PIECE
    }

    /// The records of this file, from this row on, are told when the batch is written: there is no other such file in it.
    pub(super) fn read_again(&mut self, file: u32, account: Option<&AccountId>, bytes: &[u8], row: usize) {
        self.rest = Some(Rest { account: account.cloned(), bytes: bytes.to_vec(), file, row });
    }

    /// Forgets what was put; the room for as much is kept.
    pub(super) fn clear(&mut self) {
        self.deliveries.clear();
        self.logs = TrailLogs::default();
        self.bytes = 0;
        self.rest = None;
    }

    /// What the rules make of the record in this row, and which log groups it goes to.
    pub(super) fn add(
        &mut self,
        row: usize,
        listening: Listening<'_>,
        sources: &Sources,
        call: &ApiCall<'_>,
        now: Timestamp,
    ) {
        let mut is_logged = false;
        for (watcher, source) in listening.watchers.logging(sources, call) {
            is_logged = true;
            self.bytes += self.logs.add(row, watcher, source, call);
        }
        if !is_logged || !listening.bus.has_rules() {
            return;
        }
        let id = call.event_id.to_string();
        let facts = Facts {
            id: &id,
            event_type: call.event_type.as_deref(),
            event_source: &call.source,
            event_time: call.event_time,
            account: &call.account,
            region: &call.region,
        };
        // A record too large for an event is counted all the same.
        if write_event(call.raw, &facts, &mut self.event).is_err() {
            return;
        }
        let is_management = call.category == EventCategory::Management;
        let event = Event {
            text: &self.event,
            is_read_only_management: is_read_only_management(is_management, call.read_only, &call.source, &call.name),
            insight: None,
        };
        let deliveries = listening.bus.deliveries(&event, &mut self.scratch, now);
        self.bytes += deliveries.iter().map(|delivery| delivery.payload.len()).sum::<usize>();
        self.deliveries.extend(deliveries.into_iter().map(|delivery| (row, delivery)));
    }

    /// Puts all of it, of those that are new.
    pub(super) fn put(
        &mut self,
        w: &Writer<'_>,
        listening: Listening<'_>,
        rows: &Rows,
        is_new: &[bool],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.put_piece(w, listening, is_new, now)?;
        let Some(Rest { account, bytes, file, mut row }) = self.rest.take() else { return Ok(()) };
        let (mut record, mut put) = (0, Ok(()));
        // How far it can be read was said when it was read first.
        let _ = reader().read(&bytes, account.as_ref().map(AccountId::as_str), |read| {
            let is_row = rows.place_of(row) == Some(Place { file, record });
            record += 1;
            let Ok(Record::Call(call)) = read else { return };
            if put.is_err() || !is_row {
                return;
            }
            if is_new[row] {
                self.add(row, listening, &rows.sources, &call, now);
            }
            row += 1;
            if self.is_full() {
                put = self.put_piece(w, listening, is_new, now);
            }
        });
        put?;
        self.put_piece(w, listening, is_new, now)
    }

    fn put_piece(
        &mut self,
        w: &Writer<'_>,
        listening: Listening<'_>,
        is_new: &[bool],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (row, delivery) in self.deliveries.drain(..) {
            if is_new[row] {
                w.add_delivery(&delivery, now)?;
            }
        }
        self.bytes = 0;
        std::mem::take(&mut self.logs).put(w, listening.watchers, is_new, now)
    }
}
