//! History: from surprise to rarity, by the series' own past surprises.
//!
//! Real traffic has heavier tails than any formula, and every series its own. So each row (a window and a direction, or
//! silence) remembers how many exceedances this series has had and by how much they passed the floor. Before it has any,
//! it is taken for a series like all others.
//!
//! Exceedances within an hour are one, of the largest size; and each is capped, so that one attack does not teach the
//! series to expect attacks.

use std::f64::consts::{LN_2, LN_10};

use record::insight::Direction;
use record::time::{Minute, Minutes};
use serde::{Deserialize, Serialize};

use crate::said::Remember;
use crate::windows::COUNT;

/// Minutes of a month: rarity is told in months.
const MONTH: f64 = 43_200.0;
/// Sizes up to this are nothing.
pub(crate) const FLOOR: f64 = 0.5;
/// By how much exceedances of any series pass the floor, on the whole.
pub(crate) const SCALE_UP: f64 = 0.7;
pub(crate) const SCALE_DOWN: f64 = 1.2;
pub(crate) const SCALE_SILENCE: f64 = 0.8;
/// How many exceedances' worth that is believed.
const RECORD_WEIGHT: f64 = 10.0;
/// Exceedances that are believed of any series, and in how many minutes.
const RATE_CALLS: f64 = 0.05;
const RATE_MINUTES: f64 = 43_200.0;
/// Minutes after which an exceedance counts half.
const RECORD_HALF_LIFE: f64 = 80_640.0;
/// The most that one exceedance adds, in mean exceedances.
const RECORD_CAP: f64 = 6.0;
/// Exceedances not more than so many minutes apart are one.
const MERGE: i32 = 60;

/// Increases, then decreases, then silence.
const ROWS: usize = 2 * COUNT + 1;

/// Which row of the history.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Row {
    Increase(usize),
    Decrease(usize),
    Silence,
}

impl Row {
    fn index(self) -> usize {
        match self {
            Row::Increase(window) => window,
            Row::Decrease(window) => COUNT + window,
            Row::Silence => 2 * COUNT,
        }
    }

    pub(crate) fn direction(self) -> Direction {
        match self {
            Row::Increase(_) => Direction::Increase,
            Row::Decrease(_) | Row::Silence => Direction::Decrease,
        }
    }

    fn scale(self) -> f64 {
        match self {
            Row::Increase(_) => SCALE_UP,
            Row::Decrease(_) => SCALE_DOWN,
            Row::Silence => SCALE_SILENCE,
        }
    }
}

/// All that one series remembers; most never have anything to remember.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct History(Option<Box<[Record; ROWS]>>);

/// What one row remembers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Exceedances, decayed to `decayed_at`.
    pub(crate) count: f64,
    /// Their capped sizes over the floor, in units of the row's scale.
    excess: f64,
    decayed_at: Minute,
    /// The exceedance that goes on, if one does.
    open: Option<Open>,
    /// The largest size of those that are over.
    pub(crate) largest: f64,
}

/// An exceedance that goes on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Open {
    /// Its largest size.
    peak: f64,
    /// Its last minute.
    last: Minute,
    /// It was a false alarm: all of its size counts.
    is_whole: bool,
}

impl Record {
    const NONE: Record = Record { count: 0.0, excess: 0.0, decayed_at: Minute(0), open: None, largest: 0.0 };

    fn close(&mut self, Open { peak, last, is_whole }: Open, scale: f64) {
        let left = 0.5f64.powf(f64::from(last.0 - self.decayed_at.0) / RECORD_HALF_LIFE);
        self.count *= left;
        self.excess *= left;
        self.decayed_at = last;
        if peak > FLOOR {
            let most = RECORD_CAP * (RECORD_WEIGHT + self.excess) / (RECORD_WEIGHT + self.count);
            let most = if is_whole { f64::INFINITY } else { most };
            self.excess += ((peak - FLOOR) / scale).min(most);
            self.count += 1.0;
            self.largest = self.largest.max(peak);
        }
    }
}

impl History {
    /// An exceedance of this size: remembered as is said, and what was known of the row before it.
    pub(crate) fn exceed(&mut self, row: Row, minute: Minute, size: f64, how: Remember) -> &Record {
        let records = self.0.get_or_insert_with(|| Box::new([Record::NONE; ROWS]));
        let record = &mut records[row.index()];
        if let Some(open) = record.open.filter(|open| minute.0 - open.last.0 > MERGE) {
            record.close(open, row.scale());
            record.open = None;
        }
        if how != Remember::Not {
            let open = record.open.unwrap_or(Open { peak: size, last: minute, is_whole: false });
            let is_whole = open.is_whole || how == Remember::Whole;
            record.open = Some(Open { peak: open.peak.max(size), last: minute, is_whole });
        }
        record
    }
}

/// -log10 of how often a month this row shows this size or more: Gamma-Poisson rate, exponential excesses of Gamma scale.
pub(crate) fn rarity(row: Row, record: &Record, size: f64, age: Minutes) -> f64 {
    let minutes = f64::from(age.0).min(RECORD_HALF_LIFE / LN_2) + RATE_MINUTES;
    let rate = (record.count + RATE_CALLS) / minutes * MONTH;
    let excess = (size - FLOOR) / row.scale() / (RECORD_WEIGHT + record.excess);
    -rate.log10() + (RECORD_WEIGHT + record.count) * excess.ln_1p() / LN_10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_before_is_less_rare() {
        let mut history = History::default();
        let row = Row::Increase(2);
        let age = Minutes(40_000);
        let first = rarity(row, history.exceed(row, Minute(10_000), 3.0, Remember::Usual), 3.0, age);
        // Within the hour it is the same one; later it is the second.
        let same = rarity(row, history.exceed(row, Minute(10_060), 3.0, Remember::Usual), 3.0, age);
        let second = rarity(row, history.exceed(row, Minute(12_000), 3.0, Remember::Usual), 3.0, age);
        assert_eq!(first, same);
        assert!(second < first - 1.0, "{first} {second}");
        assert_eq!(history.exceed(row, Minute(12_000), 3.0, Remember::Usual).largest, 3.0);
    }
}
