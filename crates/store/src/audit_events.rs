//! Audit events: what came through channels and is not in the lake yet, and the ids of what came lately.
//!
//! ```text
//!   add ──► waiting, numbered ──► the lake keeps them up to a number ──► forgotten up to that number
//!     └───► ids, known for a while: what is sent again is not added again
//! ```
//!
//! Numbers are never given twice, and are above those that the lake has: also of a database that is older than the lake, as after
//! a restore. So what waits with a number that the lake has kept is in the lake.

use jiff::Timestamp;
use record::event_id::EventId;
use rusqlite::OptionalExtension;

use crate::error::{Cause, doing};
use crate::moment::{maybe_moment, millis, moment};
use crate::{Reader, StoreError, Writer};

/// An event that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its number.
    pub number: u64,
    /// When it came.
    pub at: Timestamp,
    /// The event as it is to be kept: JSON.
    pub record: String,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Bytes of records.
    pub bytes: u64,
    /// When the oldest of them came.
    pub oldest_at: Option<Timestamp>,
}

/// The name under which the last number stands among how far things have come.
const LAST: &str = "audit-event";

impl Writer<'_> {
    /// Adds events, each with its id, with numbers above this one: the last that the lake has kept. Those whose ids are known are
    /// passed over. Says how many were added.
    pub fn add_audit_events<'e>(
        &self,
        above: u64,
        events: impl IntoIterator<Item = (EventId, &'e str)>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let work = || {
            let first = self.reached(LAST)?.unwrap_or(0).max(above as i64);
            let (mut number, mut bytes) = (first, self.last_audit_event_bytes()?.unwrap_or(0));
            for (id, record) in events {
                let is_new = self.execute(
                    "INSERT INTO audit_event_id (id, number, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                    (id.0.to_be_bytes(), number + 1, millis(now)),
                )?;
                if is_new == 0 {
                    continue;
                }
                number += 1;
                bytes += record.len() as i64;
                self.execute(
                    "INSERT INTO audit_event (number, at, bytes, record) VALUES (?1, ?2, ?3, ?4)",
                    (number, millis(now), bytes, record),
                )?;
            }
            self.reach(LAST, number)?;
            Ok((number - first) as usize)
        };
        self.doing(|| "note audit events".into(), work)
    }

    /// Forgets the events up to this number: the lake has them. Says how many there were.
    pub fn forget_audit_events(&self, through: u64) -> Result<usize, StoreError> {
        let work = || self.execute("DELETE FROM audit_event WHERE number <= ?1", [through as i64]);
        self.doing(|| format!("forget the audit events up to {through}"), work)
    }

    /// Forgets the ids of what came before this moment, and of all but the last so many. Says how many there were.
    pub fn expire_audit_event_ids(&self, before: Timestamp, most: u64) -> Result<usize, StoreError> {
        let work = || {
            // By number, in the order of which they came: the first that is young enough ends it.
            let mut first_kept =
                self.prepare("SELECT number FROM audit_event_id WHERE at >= ?1 ORDER BY number LIMIT 1")?;
            let first_kept = first_kept.query_row([millis(before)], |row| row.get(0)).optional()?.unwrap_or(i64::MAX);
            let mut last = self.prepare("SELECT ifnull(max(number), 0) FROM audit_event_id")?;
            let last = last.query_row([], |row| row.get::<_, i64>(0))?;
            let first_kept = first_kept.max(last.saturating_sub(most as i64).saturating_add(1));
            self.execute("DELETE FROM audit_event_id WHERE number < ?1", [first_kept])
        };
        self.doing(|| format!("forget the ids of audit events before {before}"), work)
    }
}

impl Reader<'_> {
    /// Events that wait behind the one with this number, in order: at most so many, and one at least but no more than so many bytes.
    pub fn audit_events_after(
        &self,
        number: u64,
        most: usize,
        most_bytes: usize,
    ) -> Result<Vec<AuditEvent>, StoreError> {
        let work = || {
            let mut all =
                self.prepare("SELECT number, at, record FROM audit_event WHERE number > ?1 ORDER BY number LIMIT ?2")?;
            let mut rows = all.query((number as i64, most as i64))?;
            let (mut events, mut bytes) = (Vec::new(), 0);
            while let Some(row) = rows.next()? {
                let record: String = row.get(2)?;
                bytes += record.len();
                if bytes > most_bytes && !events.is_empty() {
                    break;
                }
                events.push(AuditEvent { number: row.get::<_, i64>(0)? as u64, at: moment(row.get(1)?)?, record });
            }
            Ok(events)
        };
        doing(|| "list the audit events that wait".into(), work)
    }

    /// How much waits, whatever of it the lake has meanwhile.
    pub fn audit_events_waiting(&self) -> Result<Waiting, StoreError> {
        let work = || {
            let mut first = self
                .prepare("SELECT bytes - length(CAST(record AS BLOB)), at FROM audit_event ORDER BY number LIMIT 1")?;
            let first = first.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))).optional()?;
            let (before, at) = first.unzip();
            let bytes = self.last_audit_event_bytes()?.unwrap_or(0) - before.unwrap_or(0);
            Ok(Waiting { bytes: bytes as u64, oldest_at: maybe_moment(at)? })
        };
        doing(|| "look how many audit events wait".into(), work)
    }

    fn last_audit_event_bytes(&self) -> Result<Option<i64>, Cause> {
        let mut last = self.prepare("SELECT bytes FROM audit_event ORDER BY number DESC LIMIT 1")?;
        Ok(last.query_row([], |row| row.get(0)).optional()?)
    }
}
