//! What happens because it is time: digests of log files, and the schedules of rules.
//!
//! One thread does it, so that no two do the same.

use jiff::{SignedDuration, Timestamp};

use crate::deliver::{Delivering, heed_clock};
use crate::digests::make_due;
use crate::metrics::Part;
use crate::schedules::Schedules;

/// How often it is looked whether digests are due.
const BETWEEN_DIGESTS: SignedDuration = SignedDuration::from_secs(5);

/// How often it is looked whether the clock was turned back.
const BETWEEN_HEEDINGS: SignedDuration = SignedDuration::from_mins(1);

/// What it remembers from one look to the next.
#[derive(Default)]
pub struct Timed {
    schedules: Schedules,
    digested_at: Option<Timestamp>,
    /// When the clock was last heeded.
    heeded_at: Option<Timestamp>,
}

impl Timed {
    /// Does what is due.
    pub fn look(&mut self, cx: &Delivering<'_>) {
        // While the service was down it may have been turned back, too; and between two looks forward and back again.
        let is_due = self.heeded_at.is_none_or(|at| cx.now < at || at + BETWEEN_HEEDINGS <= cx.now);
        match is_due.then(|| heed_clock(cx)).transpose() {
            Ok(Some(())) => self.heeded_at = Some(cx.now),
            Ok(None) => {}
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "the clock cannot be heeded"),
        }
        if let Err(error) = self.schedules.fire(cx) {
            cx.metrics.failed(Part::Clockwork);
            tracing::error!(error = &error as &dyn std::error::Error, "schedules cannot be followed");
        }
        // Where the clock was turned back, it is looked at once.
        if self.digested_at.is_none_or(|at| cx.now < at || at + BETWEEN_DIGESTS <= cx.now) {
            self.digested_at = Some(cx.now);
            if let Err(error) = make_due(cx) {
                cx.metrics.failed(Part::Clockwork);
                tracing::error!(error = &error as &dyn std::error::Error, "digests cannot be made");
            }
        }
    }
}
