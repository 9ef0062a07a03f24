//! Memory of one query, shared by its operators: who needs much has much, as long as others need little.
//!
//! DataFusion's own fair pool gives each operator that can spill the same share, needed or not: on two threads a group had a quarter of the
//! memory, and went to disk with what was no problem on one. Here an operator goes beyond its share as long as a quarter of all stays
//! free for others, which have their shares of it. What cannot spill may have all that is left.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use datafusion::common::resources_datafusion_err;
use datafusion::error::Result;
use datafusion::execution::memory_pool::{
    MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation, human_readable_size,
};

/// The memory of a query.
#[derive(Debug)]
pub(crate) struct Shared {
    bytes: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Operators that can spill.
    spilling: usize,
    used: usize,
    /// By those that cannot spill.
    held: usize,
}

impl Shared {
    pub(crate) fn new(bytes: usize) -> Shared {
        Shared { bytes, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the query's {}", human_readable_size(self.bytes))
    }
}

impl MemoryPool for Shared {
    fn name(&self) -> &str {
        "shared"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.state().spilling += usize::from(consumer.can_spill());
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.state().spilling -= usize::from(consumer.can_spill());
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        let mut state = self.state();
        state.used += additional;
        state.held += if reservation.consumer().can_spill() { 0 } else { additional };
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        let mut state = self.state();
        state.used -= shrink;
        state.held -= if reservation.consumer().can_spill() { 0 } else { shrink };
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        {
            let mut state = self.state();
            let can_spill = reservation.consumer().can_spill();
            let share = self.bytes.saturating_sub(state.held) / state.spilling.max(1);
            let is_beyond = can_spill && reservation.size() + additional > share;
            let most = if is_beyond { self.bytes / 4 * 3 } else { self.bytes };
            if state.used + additional <= most {
                state.used += additional;
                state.held += if can_spill { 0 } else { additional };
                return Ok(());
            }
        }
        Err(resources_datafusion_err!(
            "{} needs {} more than the {} that it has, and {self} are used",
            reservation.consumer().name(),
            human_readable_size(additional),
            human_readable_size(reservation.size())
        ))
    }

    fn reserved(&self) -> usize {
        self.state().used
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// So many operators of a query that has a thousand bytes.
    fn operators(can_spill: &[bool]) -> Vec<MemoryReservation> {
        let pool: Arc<dyn MemoryPool> = Arc::new(Shared::new(1000));
        let of = |can_spill: &bool| MemoryConsumer::new("an operator").with_can_spill(*can_spill).register(&pool);
        can_spill.iter().map(of).collect()
    }

    #[test]
    fn who_is_alone_has_all_and_who_is_not_leaves_a_quarter() {
        let alone = operators(&[true]);
        assert!(alone[0].try_grow(1000).is_ok() && alone[0].try_grow(1).is_err());
        let two = operators(&[true, true]);
        assert!(two[0].try_grow(750).is_ok() && two[0].try_grow(1).is_err());
        assert!(two[1].try_grow(250).is_ok() && two[1].try_grow(1).is_err());
        // What one gives back the other may have, up to its share.
        two[0].shrink(600);
        assert!(two[1].try_grow(251).is_ok() && two[1].try_grow(100).is_err() && two[1].try_grow(99).is_ok());
        assert_eq!(two[0].size() + two[1].size(), 750);
    }

    #[test]
    fn what_cannot_spill_has_what_is_left_and_makes_shares_smaller() {
        let three = operators(&[true, true, false]);
        assert!(three[2].try_grow(800).is_ok());
        assert!(three[0].try_grow(100).is_ok() && three[0].try_grow(1).is_err(), "half of what can be shared");
        assert!(three[2].try_grow(101).is_err() && three[2].try_grow(100).is_ok());
        drop(three);
        let again = operators(&[false]);
        let error = again[0].try_grow(1001).expect_err("it is too much").to_string();
        assert!(error.contains("an operator needs 1001.0 B more than the 0.0 B that it has"), "{error}");
    }
}
