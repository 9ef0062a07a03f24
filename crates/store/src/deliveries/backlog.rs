//! The backlog: how many deliveries wait, how many were given up, and to whom.

use jiff::Timestamp;

use super::{Delivery, DeliveryId, DeliveryState};
use crate::Reader;
use crate::error::{StoreError, doing};
use crate::moment::moment;

/// How many deliveries of one kind are in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryCount {
    /// The kind.
    pub kind: String,
    /// The state.
    pub state: DeliveryState,
    /// How many.
    pub count: u64,
    /// When the oldest of them was added.
    pub oldest: Timestamp,
}

/// How many deliveries there are to look after, of all kinds together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BacklogTotals {
    /// Those that wait.
    pub waiting: u64,
    /// When the oldest of those was added.
    pub oldest_waiting: Option<Timestamp>,
    /// Those that were given up.
    pub dead: u64,
}

/// A target that something could not be delivered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailingTarget {
    /// How many deliveries to it wait, whether or not they were tried.
    pub waiting: u64,
    /// How many were given up.
    pub dead: u64,
    /// The newest that failed.
    pub newest: Delivery,
}

/// The targets that something could not be delivered to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailingTargets {
    /// How many there are.
    pub targets: u64,
    /// Those of them to which something failed last.
    pub newest: Vec<FailingTarget>,
}

impl Reader<'_> {
    /// The targets to which deliveries fail, or failed and were given up, at most so many with what is told of them.
    pub fn failing_targets(&self, limit: usize) -> Result<FailingTargets, StoreError> {
        let work = || {
            let mut all = self.prepare(
                "SELECT sum(state = 0), sum(state = 2), max(CASE WHEN attempts > 0 THEN id END) AS newest \
                 FROM delivery INDEXED BY delivery_of_state WHERE state IN (0, 2) \
                 GROUP BY target HAVING newest IS NOT NULL ORDER BY newest DESC",
            )?;
            let mut rows = all.query([])?;
            let mut failing = FailingTargets::default();
            while let Some(row) = rows.next()? {
                failing.targets += 1;
                if failing.newest.len() < limit
                    && let Some(newest) = self.find_delivery(DeliveryId(row.get(2)?))?
                {
                    let (waiting, dead) = (row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64);
                    failing.newest.push(FailingTarget { waiting, dead, newest });
                }
            }
            Ok(failing)
        };
        doing(|| "look for targets that nothing can be delivered to".into(), work)
    }

    /// How many deliveries of which kind wait, or were given up. Those that arrived, which are many, are not looked at.
    pub fn delivery_backlog(&self) -> Result<Vec<DeliveryCount>, StoreError> {
        let work = || {
            let mut all = self.prepare(
                "SELECT kind, state, count(*), min(created_at) FROM delivery INDEXED BY delivery_of_state \
                 WHERE state IN (0, 2) GROUP BY kind, state ORDER BY kind, state",
            )?;
            let mut rows = all.query([])?;
            let mut counts = Vec::new();
            while let Some(row) = rows.next()? {
                counts.push(DeliveryCount {
                    kind: row.get(0)?,
                    state: DeliveryState::of_code(row.get(1)?)?,
                    count: row.get::<_, i64>(2)? as u64,
                    oldest: moment(row.get(3)?)?,
                });
            }
            Ok(counts)
        };
        doing(|| "count the deliveries that wait".into(), work)
    }

    /// How many deliveries wait, or were given up, of all kinds together.
    pub fn backlog_totals(&self) -> Result<BacklogTotals, StoreError> {
        let mut totals = BacklogTotals::default();
        for DeliveryCount { state, count, oldest, .. } in self.delivery_backlog()? {
            match state {
                DeliveryState::Waiting => {
                    totals.waiting += count;
                    totals.oldest_waiting = Some(totals.oldest_waiting.map_or(oldest, |at| at.min(oldest)));
                }
                DeliveryState::Dead => totals.dead += count,
                DeliveryState::Done => {}
            }
        }
        Ok(totals)
    }
}
