//! Silence: a job that no longer comes.
//!
//! Time is told in calls that were expected, so that a night is not a silence. The series' own gaps (their mean, how
//! alike they are, and the largest) say how long one has to be to be worth a word.

use record::time::Minute;
use serde::{Deserialize, Serialize};

use crate::surprise::surprise_of_gap;
use crate::windows::TAU_UP;

/// Gaps (decayed) that must be known before silence is judged.
const GAPS_NEEDED: f64 = 8.0;
/// How alike they must be: mean² over variance.
const GAP_SHAPE_NEEDED: f64 = 2.0;
/// A silence worth a look is this much longer than the largest gap.
const GAP_OVER_LARGEST: f64 = 1.2;
/// … and this many mean gaps.
const RATIO_NEEDED: f64 = 2.0;
/// Calls not more than so many minutes apart are one call: no gap lies between them.
const TOGETHER: i32 = 3;
/// What a gap leaves of what was known of those before.
const KEPT: f64 = 0.99;
/// Minutes after which the largest gap counts half.
const LARGEST_HALF_LIFE: f64 = 40_320.0;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Silence {
    /// The last call, unless a gap in what is known lies behind it.
    last_call: Option<Minute>,
    /// Calls expected after it and before this hour.
    since: f64,
    /// Sum, sum of squares and number of the gaps, decayed.
    sum: f64,
    squares: f64,
    number: f64,
    /// The largest gap, in mean gaps, and when it ended.
    largest: f64,
    largest_at: Minute,
    /// Calls that must be expected since the last call before a look is worth it.
    needed: f64,
}

/// A silence beyond anything this series is used to.
pub(crate) struct Silent {
    pub(crate) since_call: i32,
    pub(crate) expected: f64,
    pub(crate) surprise: f64,
    pub(crate) size: f64,
    /// Variance over mean, in calls.
    pub(crate) clumpiness: f64,
}

impl Silence {
    pub(crate) fn new() -> Silence {
        Silence {
            last_call: None,
            since: 0.0,
            sum: 0.0,
            squares: 0.0,
            number: 0.0,
            largest: 1.0,
            largest_at: Minute(0),
            needed: f64::INFINITY,
        }
    }

    /// Calls expected after the last call, up to and with this minute of the hour.
    fn since(&self, last_call: Minute, minute: Minute, hour: Minute, per_minute: f64) -> f64 {
        self.since + per_minute * f64::from(minute.0 - last_call.0.max(hour.0 - 1))
    }

    /// The hour is over.
    pub(crate) fn pass_hour(&mut self, hour: Minute, per_minute: f64) {
        if let Some(last_call) = self.last_call {
            self.since = self.since(last_call, Minute(hour.0 + 59), hour, per_minute);
        }
    }

    /// Nothing is known of some minutes: whoever called in them is not known to be silent.
    pub(crate) fn forget_last_call(&mut self) {
        self.last_call = None;
        self.since = 0.0;
    }

    pub(crate) fn call(&mut self, minute: Minute, hour: Minute, per_minute: f64) {
        if let Some(last_call) = self.last_call
            && minute.0 - last_call.0 > TOGETHER
        {
            self.learn(self.since(last_call, minute, hour, per_minute), minute);
        }
        self.last_call = Some(minute);
        self.since = 0.0;
    }

    fn learn(&mut self, gap: f64, minute: Minute) {
        let mut gap = gap;
        if self.number >= GAPS_NEEDED {
            let left = 0.5f64.powf(f64::from(minute.0 - self.largest_at.0) / LARGEST_HALF_LIFE);
            self.largest = (self.largest * left).max(gap * self.number / self.sum).max(1.0);
            self.largest_at = minute;
            gap = gap.min(5.0 * self.sum / self.number);
        }
        self.sum = KEPT * self.sum + gap;
        self.squares = KEPT * self.squares + gap * gap;
        self.number = KEPT * self.number + 1.0;
        let is_judged = self.number >= GAPS_NEEDED && self.shape() >= GAP_SHAPE_NEEDED;
        let ratio = (GAP_OVER_LARGEST * self.largest).max(RATIO_NEEDED);
        self.needed = if is_judged { ratio * self.sum / self.number } else { f64::INFINITY };
    }

    /// Mean² over variance of the gaps, less while few are known.
    fn shape(&self) -> f64 {
        let mean = self.sum / self.number;
        let variance = self.squares / self.number - mean * mean;
        mean * mean / variance.max(0.02 * mean * mean) * self.number / (self.number + 8.0)
    }

    /// Whether the silence can be long enough before the hour ends.
    pub(crate) fn may_be_long(&self, hour: Minute, per_minute: f64) -> bool {
        self.last_call.is_some_and(|last_call| {
            self.since(last_call, Minute(hour.0 + 59), hour, per_minute) >= self.needed * (1.0 - 1e-9)
        })
    }

    /// Looks at a minute without a call.
    pub(crate) fn look(&self, minute: Minute, hour: Minute, per_minute: f64) -> Option<Silent> {
        let last_call = self.last_call?;
        let expected = self.since(last_call, minute, hour, per_minute);
        if expected < self.needed || minute.0 - last_call.0 <= TOGETHER {
            return None;
        }
        let (mean, shape) = (self.sum / self.number, self.shape());
        let ratio = expected / mean;
        Some(Silent {
            since_call: minute.0 - last_call.0,
            expected,
            surprise: surprise_of_gap(shape, ratio),
            size: ratio.ln() / TAU_UP.max((1.0 / shape).sqrt()) - 2.0,
            clumpiness: mean / shape,
        })
    }
}
