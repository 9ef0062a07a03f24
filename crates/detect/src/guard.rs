//! Guard: what is unusual is not learned, until it has lasted.
//!
//! Minutes of some rarity are learned as what was expected of them, so that an attack does not become the usual. Some
//! seventeen hours of it are a new usual: it is adopted, and fast, until there is hardly any of it left.

use record::time::Minute;
use serde::{Deserialize, Serialize};

use crate::watch::Watch;
use crate::windows::Means;

/// Minutes of this rarity are not learned.
pub(crate) const GUARD_RARITY: f64 = 0.5;
/// Unusual minutes (decayed by one in 1440 a minute) from which a new usual is adopted, and below which it has been.
const ADOPT: f64 = 720.0;
const UNADOPT: f64 = 216.0;
const LEFT_AFTER_A_MINUTE: f64 = 1.0 - 1.0 / 1440.0;
/// Minutes after an unusual one that count as unusual.
const AFTERWARDS: i32 = 60;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Guard {
    /// The last minute that was unusual.
    flagged: Minute,
    /// Unusual minutes, decayed, as of `until`; and the known minutes before that.
    activity: f64,
    until: Minute,
    age: i32,
    is_adopting: bool,
    /// Minutes that are not learned whatever they are: what was expected of them was said.
    held: (Minute, Minute),
}

impl Guard {
    pub(crate) fn new(first: Minute) -> Guard {
        Guard {
            flagged: Minute(i32::MIN / 2),
            activity: 0.0,
            until: first,
            age: 0,
            is_adopting: false,
            held: (first, first),
        }
    }

    /// Whether this minute, a quarter of an hour after which we are, is not learned as it was.
    pub(crate) fn covers(&self, minute: Minute) -> bool {
        self.flagged >= minute || self.holds(minute)
    }

    /// Whether this minute is learned as what was expected of it, however long that has lasted.
    pub(crate) fn holds(&self, minute: Minute) -> bool {
        self.held.0 <= minute && minute < self.held.1
    }

    /// These minutes are. What was held shortly before and is not learned yet stays so.
    pub(crate) fn hold(&mut self, from: Minute, until: Minute) {
        let goes_on = from.0 - self.held.1.0 <= 2 * AFTERWARDS && self.held.0 < self.held.1;
        self.held = (if goes_on { self.held.0 } else { from }, until);
    }

    pub(crate) fn is_adopting(&self) -> bool {
        self.is_adopting
    }

    /// This minute is unusual.
    pub(crate) fn flag(&mut self, minute: Minute, watch: &Watch, means: &Means) {
        self.pass(minute, watch, means);
        self.flagged = minute;
    }

    /// The hour before this one is over. After an unusual minute every hour is passed, later none until the next one.
    pub(crate) fn enter_hour(&mut self, start: Minute, watch: &Watch, means: &Means) {
        if self.until.0 - self.flagged.0 <= AFTERWARDS {
            self.pass(start, watch, means);
        }
    }

    /// Counts the minutes up to `until`.
    pub(crate) fn pass(&mut self, until: Minute, watch: &Watch, means: &Means) {
        let unusual_until = until.min(Minute(self.flagged.0.saturating_add(AFTERWARDS + 1)));
        if self.until < unusual_until {
            for _ in means.known_minutes(self.until, unusual_until) {
                self.age += 1;
                self.count(self.activity * LEFT_AFTER_A_MINUTE + 1.0);
            }
            self.until = unusual_until;
        }
        if self.until < until {
            let age = watch.age_at(until).0;
            if self.activity > 0.0 {
                self.count(self.activity * LEFT_AFTER_A_MINUTE.powi(age - self.age));
            }
            self.age = age;
            self.until = until;
        }
    }

    fn count(&mut self, activity: f64) {
        self.activity = activity;
        if activity >= ADOPT {
            self.is_adopting = true;
        } else if activity < UNADOPT {
            self.is_adopting = false;
        }
    }
}
