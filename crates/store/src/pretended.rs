//! Faults for simulations: a disk that fails amid a transaction, at a point that was drawn.
//!
//! A store that nobody tells to fail asks one number a step of a transaction.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Cause;

/// Nothing fails.
const NEVER: u64 = u64::MAX;

/// How many more steps of transactions go well.
#[derive(Debug)]
pub(crate) struct Pretended(AtomicU64);

impl Default for Pretended {
    fn default() -> Pretended {
        Pretended(AtomicU64::new(NEVER))
    }
}

impl Pretended {
    /// From now on so many steps go well, and none after them; `None`: all of them do.
    pub(crate) fn fail_after(&self, steps: Option<u64>) {
        self.0.store(steps.unwrap_or(NEVER), Ordering::Relaxed);
    }

    /// One step more.
    pub(crate) fn step(&self) -> Result<(), Cause> {
        let left = |left: u64| if left == NEVER { None } else { Some(left.saturating_sub(1)) };
        match self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left) {
            Ok(0) => Err(io::Error::other("a fault that was asked for").into()),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
