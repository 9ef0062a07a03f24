//! What is due: the longest first, and no more of one target or kind than there is room for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use super::{Delivery, DeliveryId};
use crate::error::{Cause, StoreError, doing};
use crate::moment::{maybe_moment, millis};
use crate::{Reader, Writer};

/// How many deliveries are taken, so that what hangs holds up nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtOnce {
    /// Now.
    pub all: usize,
    /// Of one target, with those that were taken before.
    pub per_target: usize,
    /// Of one kind, with those that were taken before: all mails go to one server, and many hooks to one host.
    pub per_kind: usize,
}

/// What is taken, and may be besides.
#[derive(Clone)]
struct Room {
    at_once: AtOnce,
    targets: BTreeMap<String, usize>,
    kinds: BTreeMap<String, usize>,
}

impl Room {
    /// Takes one more, if there is room for it.
    fn take(&mut self, kind: String, target: String) -> bool {
        let (of_kind, of_target) = (self.kinds.entry(kind).or_default(), self.targets.entry(target).or_default());
        let has_room = *of_kind < self.at_once.per_kind && *of_target < self.at_once.per_target;
        if has_room {
            *of_kind += 1;
            *of_target += 1;
        }
        has_room
    }

    fn left_of(&self, target: &str) -> usize {
        self.at_once.per_target.saturating_sub(self.targets.get(target).copied().unwrap_or(0)).min(self.at_once.all)
    }
}

/// Waiting, not taken, and none before it in its order. Asked for along an index that has all of these columns: without statistics
/// SQLite would rather read every row that waits.
const IS_FREE: &str = "state = 0 AND (taken_until IS NULL OR taken_until <= ?1) AND (in_order IS NULL OR NOT EXISTS \
                       (SELECT 1 FROM delivery AS earlier WHERE earlier.in_order = delivery.in_order \
                        AND earlier.state = 0 AND earlier.id < delivery.id))";

/// Rows that may not be given, after which what is due is sought target by target.
const PASSED_OVER: usize = 64;

impl Writer<'_> {
    /// Takes what is due, the longest due first: until `until` nobody else is given it.
    pub fn take_due(&self, now: Timestamp, until: Timestamp, at_once: AtOnce) -> Result<Vec<Delivery>, StoreError> {
        let work = || {
            let mut taken = Vec::new();
            for id in self.free(now, at_once)? {
                self.execute(
                    "UPDATE delivery SET taken_until = ?2, first_attempt_at = ifnull(first_attempt_at, ?3) WHERE id = ?1",
                    (id, millis(until), millis(now)),
                )?;
                taken.extend(self.find_delivery(DeliveryId(id))?);
            }
            Ok(taken)
        };
        self.doing(|| "take the deliveries that are due".into(), work)
    }
}

impl Reader<'_> {
    /// The longest due first. Where the backlog of one that may be given no more stands before all else, it is sought target by
    /// target: what a target has behind those that it may be given is not looked at, however much that is.
    fn free(&self, now: Timestamp, at_once: AtOnce) -> Result<Vec<i64>, Cause> {
        let mut room = Room { at_once, targets: BTreeMap::new(), kinds: BTreeMap::new() };
        let mut taken = self.prepare(
            "SELECT kind, target FROM delivery INDEXED BY delivery_taken WHERE state = 0 AND taken_until > ?1",
        )?;
        let mut rows = taken.query([millis(now)])?;
        while let Some(row) = rows.next()? {
            room.take(row.get(0)?, row.get(1)?);
        }
        match self.free_by_time(now, room.clone())? {
            Some(free) => Ok(free),
            None => self.free_by_target(now, room),
        }
    }

    /// As they are due. `None`: too many of those that are looked at may not be given, and others could be.
    fn free_by_time(&self, now: Timestamp, mut room: Room) -> Result<Option<Vec<i64>>, Cause> {
        let mut due = self.prepare(&format!(
            "SELECT id, kind, target FROM delivery INDEXED BY delivery_due WHERE {IS_FREE} AND next_attempt_at <= ?1 \
             ORDER BY next_attempt_at, id"
        ))?;
        let mut rows = due.query([millis(now)])?;
        let (mut free, mut passed_over) = (Vec::new(), 0);
        while free.len() < room.at_once.all
            && let Some(row) = rows.next()?
        {
            if room.take(row.get(1)?, row.get(2)?) {
                free.push(row.get(0)?);
                continue;
            }
            passed_over += 1;
            if passed_over > PASSED_OVER {
                return Ok(None);
            }
        }
        Ok(Some(free))
    }

    fn free_by_target(&self, now: Timestamp, mut room: Room) -> Result<Vec<i64>, Cause> {
        let mut next_target = self.prepare(
            "SELECT target FROM delivery INDEXED BY delivery_due_of_target WHERE state = 0 AND target > ?1 \
             ORDER BY target LIMIT 1",
        )?;
        let mut due = self.prepare(&format!(
            "SELECT next_attempt_at, id, kind FROM delivery INDEXED BY delivery_due_of_target \
             WHERE target = ?2 AND {IS_FREE} AND next_attempt_at <= ?1 ORDER BY next_attempt_at, id LIMIT ?3"
        ))?;
        let (mut found, mut target) = (Vec::new(), String::new());
        while let Some(next) = next_target.query_row([&target], |row| row.get(0)).optional()? {
            target = next;
            let mut rows = due.query((millis(now), &target, room.left_of(&target) as i64))?;
            while let Some(row) = rows.next()? {
                found.push((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?, target.clone()));
            }
        }
        found.sort_unstable();
        let all = room.at_once.all;
        let free = found.into_iter().filter_map(|(_, id, kind, target)| room.take(kind, target).then_some(id));
        Ok(free.take(all).collect())
    }

    /// When something will be due next: of what waits, is not taken, and waits for nothing before it.
    pub fn next_due_at(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let work = || {
            let sql = format!(
                "SELECT next_attempt_at FROM delivery INDEXED BY delivery_due WHERE {IS_FREE} \
                 ORDER BY next_attempt_at LIMIT 1"
            );
            let mut next = self.prepare(&sql)?;
            let mut rows = next.query([millis(now)])?;
            maybe_moment(rows.next()?.map(|row| row.get(0)).transpose()?)
        };
        doing(|| "look for the next delivery".into(), work)
    }
}
