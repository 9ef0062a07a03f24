//! The clock of this machine, and one that shows another time.

use jiff::{SignedDuration, Timestamp};
use server::world::Clock;

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that is plugged in; everybody else is given the time"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The machine's clock, put forward or back: what happened on a day that is over can be lived through again.
#[derive(Clone, Copy, Debug)]
pub struct MovedClock {
    by: SignedDuration,
}

impl MovedClock {
    /// A clock that shows this time now, and goes on at the machine's pace. `None`: the machine's own time.
    pub fn showing(time: Option<Timestamp>) -> MovedClock {
        MovedClock { by: time.map_or(SignedDuration::ZERO, |time| time.duration_since(SystemClock.now())) }
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.by
    }
}
