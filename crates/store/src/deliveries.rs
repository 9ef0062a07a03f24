//! Deliveries: the outbox. One row for each thing that somebody is still to be told.
//!
//! ```text
//!   add ──► waiting ──take_due──► taken ──┬─► done
//!              ▲                          ├─► again, at a time
//!              └────────── replay ◄─ dead ◄┘
//! ```
//!
//! A row is written in the transaction of what it tells of, so that nothing is forgotten and nothing invented. Whoever
//! delivers takes what is due until some moment; a process that was killed amid it has taken it too long, and it is due
//! again: at least once, then. Rows that share a key ([`NewDelivery::in_order`]) are delivered one after the other, an End
//! after its Start, and none is taken while one before it waits.

mod backlog;
mod due;

use jiff::{SignedDuration, Timestamp};
use route::retry::{Failure, GiveUp, Next};
use rusqlite::Row;
use rusqlite::types::Value;

use crate::error::{Cause, StoreError, doing};
use crate::moment::{maybe_moment, millis, moment};
use crate::{Reader, Writer};

pub use backlog::{BacklogTotals, DeliveryCount, FailingTarget, FailingTargets};
pub use due::AtOnce;

/// What is to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// Which kind of target: `rule-target`, `sns-email`.
    pub kind: String,
    /// To whom: an ARN, or whatever the kind knows its targets by.
    pub target: String,
    /// Those that share it are delivered one after the other.
    pub in_order: Option<String>,
    /// What.
    pub payload: Vec<u8>,
    /// Not before this moment.
    pub due_at: Timestamp,
}

/// Names a delivery; later ones have higher numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub i64);

/// What has become of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// To be tried, at once or again.
    Waiting,
    /// Arrived.
    Done,
    /// Given up.
    Dead,
}

impl DeliveryState {
    fn code(self) -> i64 {
        match self {
            DeliveryState::Waiting => 0,
            DeliveryState::Done => 1,
            DeliveryState::Dead => 2,
        }
    }

    fn of_code(code: i64) -> Result<DeliveryState, Cause> {
        match code {
            0 => Ok(DeliveryState::Waiting),
            1 => Ok(DeliveryState::Done),
            2 => Ok(DeliveryState::Dead),
            _ => Err(Cause::Damaged("a state of a delivery that is none")),
        }
    }
}

/// A delivery as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// Which kind of target.
    pub kind: String,
    /// To whom.
    pub target: String,
    /// Those that share it are delivered one after the other.
    pub in_order: Option<String>,
    /// What; empty once it is done.
    pub payload: Vec<u8>,
    /// When it was added.
    pub created_at: Timestamp,
    /// What has become of it.
    pub state: DeliveryState,
    /// Attempts that failed so far.
    pub attempts: u32,
    /// Those of them in which a function ran, and failed: they count apart.
    pub runs: u32,
    /// When the first attempt was made.
    pub first_attempt_at: Option<Timestamp>,
    /// When the next one is due; of one that is over, when the last was.
    pub next_attempt_at: Timestamp,
    /// Somebody is at it until then.
    pub taken_until: Option<Timestamp>,
    /// How the last attempt failed.
    pub last_error: Option<String>,
    /// Of one that is over: what came of it, or why it was given up.
    pub outcome: Option<String>,
    /// When any of this last changed.
    pub changed_at: Timestamp,
}

/// Which deliveries are listed.
#[derive(Clone, Debug, Default)]
pub struct DeliveryList {
    /// In this state.
    pub state: Option<DeliveryState>,
    /// To this target.
    pub target: Option<String>,
    /// Those before this one.
    pub before: Option<DeliveryId>,
}

const COLUMNS: &str = "id, kind, target, in_order, payload, created_at, state, attempts, runs, first_attempt_at, \
                       next_attempt_at, taken_until, last_error, outcome, changed_at";

impl Writer<'_> {
    /// Adds a delivery.
    pub fn add_delivery(&self, delivery: &NewDelivery, now: Timestamp) -> Result<DeliveryId, StoreError> {
        let work = || {
            let mut add = self.prepare(
                "INSERT INTO delivery (kind, target, in_order, payload, created_at, state, attempts, runs, \
                 next_attempt_at, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, ?6, ?5) RETURNING id",
            )?;
            let NewDelivery { kind, target, in_order, payload, due_at } = delivery;
            let row = (kind, target, in_order, payload, millis(now), millis(*due_at));
            let id = DeliveryId(add.query_row(row, |row| row.get(0))?);
            self.has_delivery.set(true);
            Ok(id)
        };
        self.doing(|| format!("note what is to be delivered to `{}`", delivery.target), work)
    }

    /// Gives back everything that was taken: when a process starts, nobody is at anything.
    pub fn release_taken(&self) -> Result<usize, StoreError> {
        self.doing(
            || "give back the deliveries of the last run".into(),
            || self.execute("UPDATE delivery INDEXED BY delivery_taken SET taken_until = NULL WHERE state = 0 AND taken_until IS NOT NULL", []),
        )
    }

    /// Heeds that the clock was turned back: what was put off until a moment that it named then is due now, and nobody is at
    /// anything for longer than `taken_for`. Says how many there were.
    pub fn heed_clock(&self, now: Timestamp, taken_for: SignedDuration) -> Result<usize, StoreError> {
        let work = || {
            let (now, taken_until) = (millis(now), millis(now + taken_for));
            self.execute(
                "UPDATE delivery SET taken_until = ?2 WHERE state = 0 AND taken_until > ?2",
                (now, taken_until),
            )?;
            self.execute(
                "UPDATE delivery SET next_attempt_at = min(next_attempt_at, ?1), \
                 first_attempt_at = min(first_attempt_at, ?1), changed_at = ?1 WHERE state = 0 AND changed_at > ?1",
                [now],
            )
        };
        self.doing(|| "heed that the clock was turned back".into(), work)
    }

    /// It arrived. What follows from that (a topic's subscriptions) is added in the same transaction.
    pub fn delivered(&self, id: DeliveryId, outcome: &str, now: Timestamp) -> Result<(), StoreError> {
        let work = || {
            self.change(
                "UPDATE delivery SET state = 1, outcome = ?2, payload = x'', taken_until = NULL, changed_at = ?3 \
                 WHERE id = ?1 AND state = 0",
                (id.0, outcome, millis(now)),
            )
        };
        self.doing(|| format!("note that delivery {} arrived", id.0), work)
    }

    /// An attempt failed: it is tried again, or given up, as [`route::retry::next_attempt`] says.
    pub fn attempt_failed(
        &self,
        id: DeliveryId,
        failure: Failure,
        error: &str,
        next: Next,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, next_at, outcome) = match next {
            Next::At(at) => (DeliveryState::Waiting, Some(millis(at)), None),
            Next::GiveUp(why) => (DeliveryState::Dead, None, Some(reason(why))),
        };
        let work = || {
            self.change(
                "UPDATE delivery SET attempts = attempts + 1, runs = runs + ?2, last_error = ?3, state = ?4, \
                 next_attempt_at = ifnull(?5, next_attempt_at), outcome = ?6, taken_until = NULL, changed_at = ?7 \
                 WHERE id = ?1 AND state = 0",
                (id.0, failure == Failure::FunctionError, error, state.code(), next_at, outcome, millis(now)),
            )
        };
        self.doing(|| format!("note that delivery {} failed", id.0), work)
    }

    /// Gives a delivery back untried: it has to wait until then. Its attempts stay as many as they are.
    pub fn postpone_delivery(
        &self,
        id: DeliveryId,
        why: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let work = || {
            self.change(
                "UPDATE delivery SET last_error = ?2, next_attempt_at = ?3, taken_until = NULL, changed_at = ?4 \
                 WHERE id = ?1 AND state = 0",
                (id.0, why, millis(until), millis(now)),
            )
        };
        self.doing(|| format!("postpone delivery {}", id.0), work)
    }

    /// Tries a dead delivery again, from the start.
    pub fn replay_delivery(&self, id: DeliveryId, now: Timestamp) -> Result<(), StoreError> {
        let work = || {
            self.change(
                "UPDATE delivery SET state = 0, attempts = 0, runs = 0, first_attempt_at = NULL, outcome = NULL, \
                 next_attempt_at = ?2, changed_at = ?2 WHERE id = ?1 AND state = 2",
                (id.0, millis(now)),
            )
        };
        self.doing(|| format!("replay delivery {}", id.0), work)
    }

    /// Drops what waits for a target that is gone. Says how many there were.
    pub fn drop_deliveries(&self, target: &str, now: Timestamp) -> Result<usize, StoreError> {
        self.doing(
            || format!("drop what waits for `{target}`"),
            || {
                self.execute(
                    "UPDATE delivery SET state = 2, outcome = 'TargetDeleted', taken_until = NULL, changed_at = ?2 \
                     WHERE target = ?1 AND state = 0",
                    (target, millis(now)),
                )
            },
        )
    }

    /// Forgets those in this state that were over before this moment.
    pub fn expire_deliveries(&self, state: DeliveryState, before: Timestamp) -> Result<usize, StoreError> {
        self.doing(
            || format!("forget the deliveries before {before}"),
            || {
                self.execute(
                    "DELETE FROM delivery WHERE state = ?1 AND state <> 0 AND changed_at < ?2",
                    (state.code(), millis(before)),
                )
            },
        )
    }

    /// Changes one row, which must be there.
    fn change(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), Cause> {
        if self.execute(sql, values)? == 1 { Ok(()) } else { Err(Cause::NotThere) }
    }
}

impl Reader<'_> {
    /// One delivery.
    pub fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        doing(|| format!("read delivery {}", id.0), || self.find_delivery(id))
    }

    fn find_delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, Cause> {
        let mut find = self.prepare(&format!("SELECT {COLUMNS} FROM delivery WHERE id = ?1"))?;
        let mut rows = find.query([id.0])?;
        rows.next()?.map(delivery).transpose()
    }

    /// Deliveries, the newest first: dead letters, or what waits for a target, or all.
    pub fn deliveries(&self, list: &DeliveryList, limit: usize) -> Result<Vec<Delivery>, StoreError> {
        let work = || {
            let mut sql = format!("SELECT {COLUMNS} FROM delivery WHERE id < ?1");
            let before = list.before.map_or(i64::MAX, |id| id.0);
            let mut values = vec![Value::Integer(before), Value::Integer(limit as i64)];
            if let Some(state) = list.state {
                values.push(Value::Integer(state.code()));
                sql += &format!(" AND state = ?{}", values.len());
            }
            if let Some(target) = &list.target {
                values.push(Value::Text(target.clone()));
                sql += &format!(" AND target = ?{}", values.len());
            }
            let mut all = self.prepare(&(sql + " ORDER BY id DESC LIMIT ?2"))?;
            let mut rows = all.query(rusqlite::params_from_iter(values))?;
            let mut deliveries = Vec::new();
            while let Some(row) = rows.next()? {
                deliveries.push(delivery(row)?);
            }
            Ok(deliveries)
        };
        doing(|| "list the deliveries".into(), work)
    }
}

/// AWS's word for it, as EventBridge writes it to a dead-letter queue.
fn reason(why: GiveUp) -> &'static str {
    match why {
        GiveUp::MaximumRetryAttempts => "MaximumRetryAttempts",
        GiveUp::MaximumEventAgeInSeconds => "MaximumEventAgeInSeconds",
        GiveUp::NotRetried => "NotRetried",
    }
}

fn delivery(row: &Row<'_>) -> Result<Delivery, Cause> {
    Ok(Delivery {
        id: DeliveryId(row.get(0)?),
        kind: row.get(1)?,
        target: row.get(2)?,
        in_order: row.get(3)?,
        payload: row.get(4)?,
        created_at: moment(row.get(5)?)?,
        state: DeliveryState::of_code(row.get(6)?)?,
        attempts: row.get(7)?,
        runs: row.get(8)?,
        first_attempt_at: maybe_moment(row.get(9)?)?,
        next_attempt_at: moment(row.get(10)?)?,
        taken_until: maybe_moment(row.get(11)?)?,
        last_error: row.get(12)?,
        outcome: row.get(13)?,
        changed_at: moment(row.get(14)?)?,
    })
}
