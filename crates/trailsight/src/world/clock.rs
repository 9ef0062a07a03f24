//! The clock of this machine.

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl server::world::Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that is plugged in; everybody else is given the time"
    )]
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
}
