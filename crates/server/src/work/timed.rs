//! What happens because it is time: digests of log files, and the schedules of rules.
//!
//! One thread does it, so that no two do the same.

use jiff::{SignedDuration, Timestamp};
use store::StoreError;

use super::is_due;
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
    digests_at: Option<Timestamp>,
    heeds_at: Option<Timestamp>,
}

impl Timed {
    /// Does what is due.
    pub fn look(&mut self, cx: &Delivering<'_>) {
        let comes_up = |next: Option<Timestamp>, every| next.is_none_or(|next| is_due(cx.now, next, every));
        // While the service was down it may have been turned back, too; and between two looks forward and back again.
        if comes_up(self.heeds_at, BETWEEN_HEEDINGS) {
            match heed_clock(cx) {
                Ok(()) => self.heeds_at = Some(cx.now + BETWEEN_HEEDINGS),
                Err(error) => tell(cx, &error, "the clock cannot be heeded"),
            }
        }
        if let Err(error) = self.schedules.fire(cx) {
            tell(cx, &error, "schedules cannot be followed");
        }
        if comes_up(self.digests_at, BETWEEN_DIGESTS) {
            self.digests_at = Some(cx.now + BETWEEN_DIGESTS);
            if let Err(error) = make_due(cx) {
                tell(cx, &error, "digests cannot be made");
            }
        }
    }
}

fn tell(cx: &Delivering<'_>, error: &StoreError, what: &str) {
    cx.metrics.failed(Part::Clockwork);
    tracing::error!(error = error as &dyn std::error::Error, "{what}");
}
