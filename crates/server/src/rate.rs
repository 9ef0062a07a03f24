//! How often somebody may ask: a bucket of tokens for each, filled at a steady rate, each request takes one.
//!
//! Pure but for its lock: the time is an argument. Who has not asked for as long as a bucket takes to fill is forgotten.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rustc_hash::FxHashMap;

/// So many are remembered at once.
const MAX_REMEMBERED: usize = 10_000;
/// A bucket holds the tokens of so many seconds: a program that does much at once, and then nothing, is not slowed down.
const SECONDS_HELD: f64 = 2.0;

/// How often each may ask.
#[derive(Debug)]
pub(crate) struct Rate {
    /// `None`: as often as they like.
    per_second: Option<NonZeroU32>,
    buckets: Mutex<FxHashMap<String, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Timestamp,
}

impl Rate {
    /// So often a second, each; `None` is no limit.
    pub(crate) fn new(per_second: Option<NonZeroU32>) -> Rate {
        Rate { per_second, buckets: Mutex::default() }
    }

    /// Whether somebody may ask now.
    pub(crate) fn allows(&self, who: &str, now: Timestamp) -> bool {
        let Some(per_second) = self.per_second.map(|rate| f64::from(rate.get())) else { return true };
        let holds = per_second * SECONDS_HELD;
        let filled = |bucket: &Bucket| {
            // A clock that was put back fills nothing.
            let seconds = now.duration_since(bucket.at).as_secs_f64().max(0.0);
            (bucket.tokens + seconds * per_second).min(holds)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(who) {
            *bucket = Bucket { tokens: filled(bucket), at: now };
            let is_allowed = bucket.tokens >= 1.0;
            bucket.tokens -= f64::from(u8::from(is_allowed));
            return is_allowed;
        }
        if buckets.len() >= MAX_REMEMBERED {
            buckets.retain(|_, bucket| filled(bucket) < holds);
        }
        // So many names at once are made up: whoever comes next begins anew, as all do who were forgotten.
        if buckets.len() >= MAX_REMEMBERED {
            buckets.clear();
        }
        buckets.insert(who.to_owned(), Bucket { tokens: holds - 1.0, at: now });
        true
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, ToSpan};

    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        "2026-02-12T14:30:00Z".parse::<Timestamp>().expect("it is a moment") + milliseconds.milliseconds()
    }

    fn allowed(rate: &Rate, who: &str, now: Timestamp) -> usize {
        (0..100).take_while(|_| rate.allows(who, now)).count()
    }

    #[test]
    fn a_bucket_empties_and_fills_again_and_is_nobody_else_s() {
        let rate = Rate::new(NonZeroU32::new(10));
        assert_eq!(allowed(&rate, "a", at(0)), 20);
        assert_eq!(allowed(&rate, "b", at(0)), 20);
        assert_eq!(allowed(&rate, "a", at(50)), 0);
        assert_eq!(allowed(&rate, "a", at(500)), 5);
        assert_eq!(allowed(&rate, "a", at(3_600_000)), 20, "no more than it holds");
        assert_eq!(allowed(&rate, "a", at(0)), 0, "a clock put back gives nothing");
        assert_eq!(allowed(&rate, "a", at(1_000)), 10);
        assert_eq!(allowed(&Rate::new(None), "a", at(0)), 100);
    }

    #[test]
    fn made_up_names_take_no_memory_without_end() {
        let rate = Rate::new(NonZeroU32::new(1));
        for number in 0..5 * MAX_REMEMBERED {
            rate.allows(&number.to_string(), at(0));
        }
        let remembered = || rate.buckets.lock().expect("nobody panics with it").len();
        assert!(remembered() <= MAX_REMEMBERED);
        // Who is full again is forgotten first.
        for number in 0..MAX_REMEMBERED {
            rate.allows(&number.to_string(), at(0) + SignedDuration::from_hours(1));
        }
        assert!(remembered() <= MAX_REMEMBERED);
    }
}
