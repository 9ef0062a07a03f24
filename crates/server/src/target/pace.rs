//! Pace: no target gets more a second than it may, and what has to wait is given a turn, so that it is looked at once more
//! and not once a moment.
//!
//! What is kept of a target is one moment: when its next request would be due if they came evenly. A second's worth may
//! come at once. (The generic cell rate algorithm.)

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::deliveries::Delivery;
use store::{Key, Resource, StoreError};

use crate::deliver::{Delivering, Failed};

/// What is noted of a delivery that was given a turn.
const ITS_TURN: &str = "waits for its turn";

/// Its key: the target.
#[derive(Serialize, Deserialize)]
struct Pace {
    /// When the next request would be due, in microseconds.
    next: i64,
}

impl Resource for Pace {
    const KIND: &'static str = "pace";
}

/// Whether it is this delivery's turn; if not, the failure that says when it is.
pub(super) fn keep_pace(cx: &Delivering<'_>, delivery: &Delivery, per_second: u32) -> Result<(), Failed> {
    if delivery.last_error.as_deref() == Some(ITS_TURN) {
        return Ok(());
    }
    let key = Key::new(&cx.place.account, &cx.place.region, &*delivery.target);
    let turn = cx.store.write(|w| {
        let next = w.get::<Pace>(&key)?.map_or(0, |found| found.value.next);
        let (turn, next) = turn(cx.now.as_microsecond(), next, per_second);
        w.put(&key, &Pace { next }, cx.now)?;
        Ok::<_, StoreError>(turn)
    });
    match turn.map_err(Failed::of_store)? {
        None => Ok(()),
        Some(turn) => Err(Failed::postponed(turn, ITS_TURN)),
    }
}

/// When a request may be made (none: now), and what is due after it.
fn turn(now: i64, next: i64, per_second: u32) -> (Option<Timestamp>, i64) {
    const SECOND: i64 = 1_000_000;
    let interval = SECOND / i64::from(per_second.max(1));
    let next = next.max(now);
    let turn = next - (SECOND - interval);
    let at = (turn > now).then(|| Timestamp::from_microsecond(turn).unwrap_or(Timestamp::MAX));
    // The store knows milliseconds: not a moment too early.
    (at.map(|at| at + SignedDuration::from_millis(1)), next + interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_s_worth_comes_at_once_and_all_else_evenly() {
        let now = 1_770_000_000_000_000;
        let mut next = 0;
        let mut turns = Vec::new();
        for _ in 0..9 {
            let (turn, then) = turn(now, next, 4);
            turns.push(turn.map_or(0, |turn| (turn.as_microsecond() - now) / 1000));
            next = then;
        }
        assert_eq!(turns, [0, 0, 0, 0, 251, 501, 751, 1001, 1251]);
        // Who was silent for long has no more than that.
        assert_eq!(turn(now + 3_600_000_000, next, 4), (None, now + 3_600_250_000));
        assert!(turn(now, now, 1).0.is_none() && turn(now, now + 1, 1).0.is_some());
    }
}
