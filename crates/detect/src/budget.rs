//! The budget: from promised false alarms to the rarity that is asked for.
//!
//! Over N series about c·N·10^-R alarms of rarity R or more come a month, so that the promise of B false alarms an account
//! and month, half for each direction, asks for R ≥ log10(c·N·q / (B/2)). An account whose own record shows more alarms
//! than that gets a correction q > 1. N and q are taken anew at 00:00 UTC.
//!
//! N of one day is no more than twice what it was on average in the weeks before: whoever makes one refused call of each of a thousand
//! APIs must not make the account deaf to the next day.

use std::collections::VecDeque;

use record::insight::Direction;
use record::time::{DAY, Minute, Minutes};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::tally::SeriesId;

/// c: alarms of rarity R or more a month and series, times 10^R.
const ALARMS_UP: f64 = 1.0;
const ALARMS_DOWN: f64 = 0.1;
/// Alarms of one series and direction this close together are one.
pub(crate) const MERGE: Minutes = Minutes(60);
/// How far back an account's own record, and its active series, are looked for.
pub(crate) const MEMORY: Minutes = Minutes(28 * 1440);

/// What is asked of one direction on one day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// R that makes an insight.
    pub rarity: f64,
    /// R without the account's own correction, less one: what counts as an alarm for the correction.
    pub noted: f64,
    /// N: active series.
    pub series: u32,
    /// q: how much more often than promised this account alarms; 1 to 20.
    pub correction: f64,
    /// log10(c·N·q): rarity on the account is R less this.
    pub account_offset: f64,
}

impl Asked {
    /// What to ask, of so many active series, under this promise (false alarms an account and month).
    pub fn new(direction: Direction, series: u32, false_alarms_per_month: f64, correction: f64) -> Asked {
        let half = (false_alarms_per_month / 2.0).max(1e-9);
        let account = alarms_per_series(direction) * f64::from(series.max(1));
        Asked {
            rarity: (account * correction / half).log10(),
            noted: (account / half).log10() - 1.0,
            series,
            correction,
            account_offset: (account * correction).log10(),
        }
    }
}

/// Days with series after which their number is held against what it was.
const STEADY: usize = 7;

/// N, of so many active series, after those of the days before, the newest last.
pub(crate) fn believed(before: impl DoubleEndedIterator<Item = u32>, series: u32) -> u32 {
    let days = (MEMORY.0 / DAY.0) as usize;
    let before: Vec<u64> = before.rev().take(days).filter(|series| *series > 0).map(u64::from).collect();
    if before.len() < STEADY {
        return series;
    }
    let most = 2 * before.iter().sum::<u64>() / before.len() as u64;
    series.min(u32::try_from(most).unwrap_or(u32::MAX).max(1))
}

fn alarms_per_series(direction: Direction) -> f64 {
    match direction {
        Direction::Increase => ALARMS_UP,
        Direction::Decrease => ALARMS_DOWN,
    }
}

/// The alarms that an account has had: the peaks of runs of noted minutes, an hour apart at least.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Alarms {
    open: FxHashMap<(SeriesId, Direction), Alarm>,
    closed: VecDeque<(Direction, Alarm)>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Alarm {
    last: Minute,
    peak: f64,
}

impl Alarms {
    /// Notes a minute of this rarity.
    pub(crate) fn note(&mut self, series: SeriesId, direction: Direction, minute: Minute, rarity: f64) {
        let alarm = self.open.entry((series, direction)).or_insert(Alarm { last: minute, peak: rarity });
        if minute - alarm.last > MERGE {
            self.closed.push_back((direction, *alarm));
            *alarm = Alarm { last: minute, peak: rarity };
        }
        alarm.last = minute;
        alarm.peak = alarm.peak.max(rarity);
    }

    /// The same, as another tally numbers its series; of series that it does not have, what goes on is left out.
    pub(crate) fn renumber(&mut self, number: impl Fn(SeriesId) -> Option<SeriesId>) {
        let open = std::mem::take(&mut self.open);
        self.open = open.into_iter().filter_map(|((id, way), alarm)| Some(((number(id)?, way), alarm))).collect();
    }

    /// q of this direction at this midnight, for an account watched since `first`.
    pub(crate) fn correction(
        &mut self,
        direction: Direction,
        midnight: Minute,
        first: Minute,
        series: u32,
        per_month: f64,
    ) -> f64 {
        let closed = &mut self.closed;
        self.open.retain(|key, alarm| {
            let goes_on = midnight - alarm.last <= MERGE;
            if !goes_on {
                closed.push_back((key.1, *alarm));
            }
            goes_on
        });
        self.closed.retain(|(_, alarm)| midnight - alarm.last <= MEMORY);
        let asked = Asked::new(direction, series, per_month, 1.0);
        let seen =
            self.closed.iter().filter(|(of, alarm)| *of == direction && alarm.peak >= asked.noted).count() as f64;
        let days = days_remembered(midnight, first);
        let promised = alarms_per_series(direction) * f64::from(series.max(1)) * 10f64.powf(-asked.noted) * days / 30.0;
        over(5.0, seen, promised)
    }
}

/// q of this direction at this midnight by what people said: the insights that were called false alarms, by their Starts, over
/// those that were promised. That is little to go by, so it weighs a tenth of the account's own record; it raises only.
pub(crate) fn said_correction(
    false_alarms: &[(Direction, Minute)],
    direction: Direction,
    midnight: Minute,
    first: Minute,
    per_month: f64,
) -> f64 {
    let is_counted = |at: Minute| at < midnight && midnight - at <= MEMORY;
    let seen = false_alarms.iter().filter(|(of, at)| *of == direction && is_counted(*at)).count() as f64;
    over(0.5, seen, per_month / 2.0 * days_remembered(midnight, first) / 30.0)
}

fn days_remembered(midnight: Minute, first: Minute) -> f64 {
    f64::from((midnight - first).0.clamp(0, MEMORY.0)) / f64::from(DAY.0)
}

/// How much more was seen than was promised; as many of either are thought of besides as `weight` says.
fn over(weight: f64, seen: f64, promised: f64) -> f64 {
    ((weight + seen) / (weight + promised)).clamp(1.0, 20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_series_ask_for_more_and_a_larger_promise_for_less() {
        let asked = |series, promise| Asked::new(Direction::Increase, series, promise, 1.0).rarity;
        assert!((asked(250, 10.0) - 50f64.log10()).abs() < 1e-12);
        assert!(asked(251, 10.0) > asked(250, 10.0));
        assert!(asked(250, 11.0) < asked(250, 10.0));
        let down = Asked::new(Direction::Decrease, 250, 10.0, 1.0);
        assert!((down.rarity - 5f64.log10()).abs() < 1e-12);
    }

    #[test]
    fn an_account_that_alarms_too_often_is_asked_for_more() {
        let (first, midnight) = (Minute(0), Minute(28 * 1440));
        let q = |count: u32| {
            let mut alarms = Alarms::default();
            for series in 0..count {
                alarms.note(SeriesId(series), Direction::Increase, Minute(27 * 1440), 3.0);
                alarms.note(SeriesId(series), Direction::Increase, Minute(27 * 1440 + 50), 2.5);
            }
            alarms.correction(Direction::Increase, midnight, first, 250, 3.0)
        };
        // 250 series at a promise of 1.5 a direction: about 14 alarms a tenth as rare are to be expected in 28 days.
        assert_eq!(q(0), 1.0);
        assert_eq!(q(14), 1.0);
        assert!((q(119) - 124.0 / 19.0).abs() < 0.01);
        assert_eq!(q(5000), 20.0);
    }

    #[test]
    fn a_day_of_many_new_series_does_not_make_the_account_deaf() {
        let steady = vec![200; 10];
        let after = |before: &[u32], series| believed(before.iter().copied(), series);
        assert_eq!(after(&steady, 210), 210);
        assert_eq!(after(&steady, 2_200), 400);
        // It grows, and so what is believed grows.
        let mut days = steady.clone();
        (0..60).for_each(|_| days.push(after(&days, 2_200)));
        assert!(days.windows(2).all(|two| two[0] <= two[1] && two[1] <= 2 * two[0]) && days[69] > 1_000, "{days:?}");
        // A young account, and one that was silent for weeks, are what they are.
        assert_eq!(after(&steady[..6], 2_200), 2_200);
        assert_eq!(after(&[&steady[..], &[0; 28]].concat(), 300), 300);
    }
}
