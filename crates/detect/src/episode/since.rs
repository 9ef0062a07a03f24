//! Since when: what a series remembers of the minutes up to a rare one, and from which of them on its rate was another.

use record::insight::Direction;
use record::time::{Minute, Minutes};

use crate::series::Series;

/// How far back a Start is looked for.
const LOOK_BACK: Minutes = Minutes(720);

/// Calls and expected calls of the minutes [from, until), as a series remembers them.
pub(super) fn seen_between(series: &Series, from: Minute, until: Minute) -> Vec<(f64, f64)> {
    let length = (until - from).0.max(0) as usize;
    let mut minutes: Vec<_> = (0..length).map(|at| (0.0, series.expected_at(from + Minutes(at as i32)))).collect();
    for (minute, calls) in series.recent_calls().rev() {
        if minute < from {
            break;
        }
        if let Some(seen) = minutes.get_mut((minute - from).0 as usize) {
            seen.0 = f64::from(calls);
        }
    }
    minutes
}

/// All calls, and all expected calls, of such minutes.
pub(super) fn sums(minutes: &[(f64, f64)]) -> (f64, f64) {
    minutes.iter().fold((0.0, 0.0), |sum, minute| (sum.0 + minute.0, sum.1 + minute.1))
}

/// The minute from which, up to the minute it was called, "another rate than expected" is most likely.
pub(super) fn start_of(series: &Series, called: Minute, direction: Direction, first: Minute) -> Minute {
    let from = (called - LOOK_BACK).max(first);
    let (mut best, mut start, mut calls, mut expected) = (0.0, called, 0.0, 0.0);
    for (back, seen) in seen_between(series, from, called.next()).into_iter().rev().enumerate() {
        calls += seen.0;
        expected += seen.1;
        let usual = f64::max(expected, 1e-9);
        let is_off = match direction {
            Direction::Increase => calls > usual,
            Direction::Decrease => calls < usual,
        };
        if is_off {
            let gained = if calls > 0.0 { calls * (calls / usual).ln() } else { 0.0 };
            let evidence = gained - (calls - usual);
            if evidence > best {
                (best, start) = (evidence, called - Minutes(back as i32));
            }
        }
    }
    start
}
