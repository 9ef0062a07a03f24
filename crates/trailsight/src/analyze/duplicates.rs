//! Duplicates: the same record delivered twice counts once.
//!
//! Two trails deliver every event twice, and plain re-deliveries happen. Copies have the same eventID and the same
//! eventTime, so that an id is looked for among those of its own hour only; an hour is forgotten once files that were
//! delivered 26 hours later are being read. Files whose name does not tell when they were delivered forget nothing.

use std::hash::{BuildHasherDefault, Hasher};

use hashbrown::HashSet;

/// Seconds after which no copy is expected any more.
const SOUGHT: i64 = 26 * 3600;

/// The ids of the records that were counted.
#[derive(Default)]
pub struct Seen {
    hours: Vec<Hour>,
    /// The one that was asked for last: the next record is nearly always of the same hour.
    last: usize,
}

struct Hour {
    hour: i64,
    ids: HashSet<u64, BuildHasherDefault<AsIs>>,
}

impl Seen {
    /// Whether this record (a hash of its account and eventID) is the first of its kind.
    pub fn is_first(&mut self, id: u64, event_time: i64) -> bool {
        let hour = event_time.div_euclid(3600);
        if self.hours.get(self.last).is_none_or(|last| last.hour != hour) {
            self.last = self.hours.partition_point(|one| one.hour < hour);
            if self.hours.get(self.last).is_none_or(|found| found.hour != hour) {
                self.hours.insert(self.last, Hour { hour, ids: HashSet::default() });
            }
        }
        self.hours[self.last].ids.insert(id)
    }

    /// Files delivered at this second (since 1970) come now.
    pub fn forget_long_before(&mut self, delivered: i64) {
        let kept_from = (delivered - SOUGHT).div_euclid(3600);
        let gone = self.hours.partition_point(|one| one.hour < kept_from);
        if gone > 0 {
            self.hours.drain(..gone);
            self.last = 0;
        }
    }
}

/// The ids are hashes already.
#[derive(Default)]
pub struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_known_until_26_hours_later() {
        let mut seen = Seen::default();
        assert!(seen.is_first(7, 100 * 3600));
        assert!(!seen.is_first(7, 100 * 3600));
        assert!(seen.is_first(8, 100 * 3600 + 59));
        seen.forget_long_before(126 * 3600);
        assert!(!seen.is_first(7, 100 * 3600));
        seen.forget_long_before(127 * 3600);
        assert!(seen.is_first(7, 100 * 3600));
    }
}
