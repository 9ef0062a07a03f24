//! Windows: the calls of the last 1 to 360 minutes, and what was expected of them.
//!
//! Calls are kept minute by minute where there were any; what is expected is constant within an hour, so it is kept
//! hour by hour, with the minutes of the hour that are known.

use std::collections::VecDeque;

use record::time::Minute;
use serde::{Deserialize, Serialize};

use crate::watch::WHOLE_HOUR;

/// How many windows there are.
pub(crate) const COUNT: usize = 5;
/// Their minutes.
pub(crate) const WINDOWS: [i32; COUNT] = [1, 5, 15, 60, 360];
/// Spread of the logarithm of counts over expected ones that no number of calls takes away.
pub(crate) const TAU_UP: f64 = 0.35;
pub(crate) const TAU_DOWN: f64 = 0.30;
/// So many minutes can be asked for, back from the frontier.
const KEPT_MINUTES: i32 = 1024;
/// Hours that hold that many minutes, wherever the frontier lies in its hour.
const KEPT_HOURS: usize = 20;

/// The minutes with calls, and the sums of the windows that end at the newest one looked at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Calls {
    kept: VecDeque<(Minute, u32)>,
    /// How many were dropped from the front.
    dropped: u32,
    /// The first minute of each window, and of what is not yet learned, counted from the first one ever kept.
    starts: [u32; COUNT],
    learned: u32,
    sums: [u64; COUNT],
}

impl Calls {
    pub(crate) fn new() -> Calls {
        Calls { kept: VecDeque::new(), dropped: 0, starts: [0; COUNT], learned: 0, sums: [0; COUNT] }
    }

    pub(crate) fn push(&mut self, minute: Minute, calls: u32) {
        self.slide(minute);
        while self.kept.front().is_some_and(|&(kept, _)| minute.0 - kept.0 >= KEPT_MINUTES)
            && self.dropped < self.learned
        {
            self.kept.pop_front();
            self.dropped += 1;
        }
        self.kept.push_back((minute, calls));
        for sum in &mut self.sums {
            *sum += u64::from(calls);
        }
    }

    /// The windows end with this minute.
    pub(crate) fn slide(&mut self, minute: Minute) {
        for (window, length) in WINDOWS.into_iter().enumerate() {
            let start = &mut self.starts[window];
            while let Some(&(kept, calls)) = self.kept.get((*start - self.dropped) as usize)
                && minute.0 - kept.0 >= length
            {
                self.sums[window] -= u64::from(calls);
                *start += 1;
            }
        }
    }

    /// Calls within a window that ends with the minute slid to.
    pub(crate) fn sum(&self, window: usize) -> u64 {
        self.sums[window]
    }

    /// The next minute with calls before `until` that is not yet learned: it is now.
    pub(crate) fn learn_next(&mut self, until: Minute) -> Option<(Minute, u32)> {
        let next = *self.kept.get((self.learned - self.dropped) as usize)?;
        (next.0 < until).then(|| {
            self.learned += 1;
            next
        })
    }

    /// Calls that are not yet learned.
    pub(crate) fn unlearned(&self) -> u64 {
        self.kept.range((self.learned - self.dropped) as usize..).map(|&(_, calls)| u64::from(calls)).sum()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (Minute, u32)> {
        self.kept.iter().copied()
    }
}

/// What was expected of a minute, hour by hour.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Means {
    hours: [Hour; KEPT_HOURS],
    /// The start of the newest hour, and where it is kept.
    newest: Minute,
    at: usize,
    /// Calls expected of the five hours before it.
    five_hours: f64,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Hour {
    pub(crate) per_minute: f64,
    /// The minutes of which something is known, one bit each.
    pub(crate) known: u64,
}

impl Hour {
    #[inline]
    fn expected(&self, from: i32, to: i32) -> f64 {
        if from >= to {
            return 0.0;
        }
        let known = if self.known == WHOLE_HOUR {
            to - from
        } else {
            ((self.known >> from) & ((1u64 << (to - from)) - 1)).count_ones() as i32
        };
        self.per_minute * f64::from(known)
    }
}

impl Means {
    /// Nothing is expected of the hours up to and with `newest`.
    pub(crate) fn new(newest: Minute) -> Means {
        Means { hours: [Hour::default(); KEPT_HOURS], newest, at: 0, five_hours: 0.0 }
    }

    /// The next hour.
    pub(crate) fn enter_hour(&mut self, start: Minute, per_minute: f64) {
        self.newest = start;
        self.at = if self.at + 1 < KEPT_HOURS { self.at + 1 } else { 0 };
        self.hours[self.at] = Hour { per_minute, known: 0 };
        self.five_hours = (1..=5).map(|back| self.back(back).expected(0, 60)).sum();
    }

    /// Says which minutes of the newest hour are known.
    pub(crate) fn know(&mut self, known: u64) {
        self.hours[self.at].known = known;
    }

    /// The start of the newest hour.
    pub(crate) fn newest(&self) -> Minute {
        self.newest
    }

    /// The newest hour, or one at most 19 hours back.
    #[inline]
    pub(crate) fn back(&self, hours: usize) -> &Hour {
        let at = if self.at >= hours { self.at - hours } else { self.at + KEPT_HOURS - hours };
        &self.hours[at]
    }

    /// The hour that starts with this minute, one of those kept.
    pub(crate) fn hour(&self, start: Minute) -> &Hour {
        self.back(((self.newest.0 - start.0) / 60) as usize)
    }

    /// Calls expected in the window that ends with this minute of the newest hour.
    #[inline]
    pub(crate) fn sum(&self, window: usize, minute: Minute) -> f64 {
        let end = minute.0 - self.newest.0 + 1;
        let length = WINDOWS[window];
        match window {
            0 => self.back(0).expected(end - 1, end),
            4 => self.back(6).expected(end, 60) + self.five_hours + self.back(0).expected(0, end),
            _ => {
                self.back(1).expected((60 + end - length).min(60), 60)
                    + self.back(0).expected((end - length).max(0), end)
            }
        }
    }

    /// Calls expected in each window that ends with this minute.
    #[inline]
    pub(crate) fn sums(&self, minute: Minute) -> [f64; COUNT] {
        let (now, before) = (self.back(0), self.back(1));
        if now.known != WHOLE_HOUR || before.known != WHOLE_HOUR {
            return std::array::from_fn(|window| self.sum(window, minute));
        }
        let end = minute.0 - self.newest.0 + 1;
        let mut sums = WINDOWS.map(|length| {
            before.per_minute * f64::from((length - end).max(0)) + now.per_minute * f64::from(length.min(end))
        });
        sums[COUNT - 1] = self.sum(COUNT - 1, minute);
        sums
    }

    /// No window of this kind that ends in the newest hour has more calls expected than this.
    pub(crate) fn at_most(&self, window: usize) -> f64 {
        let (now, before) = (self.back(0).per_minute, self.back(1).per_minute);
        match window {
            4 => self.five_hours + (60.0 * now).max(now + 59.0 * self.back(6).per_minute),
            _ => f64::from(WINDOWS[window]) * now.max(before),
        }
    }

    /// Calls expected of this minute; 0 where nothing is known, and of hours no longer kept.
    pub(crate) fn expected_at(&self, minute: Minute) -> f64 {
        let back = (self.newest.0 - minute.hour_start().0) / 60;
        if !(0..KEPT_HOURS as i32).contains(&back) {
            return 0.0;
        }
        let at = minute.0.rem_euclid(60);
        self.back(back as usize).expected(at, at + 1)
    }

    /// Those of these minutes that are known; all are of hours that are kept.
    pub(crate) fn known_minutes(&self, from: Minute, until: Minute) -> impl Iterator<Item = Minute> {
        (from.0..until.0)
            .map(Minute)
            .filter(|minute| self.hour(minute.hour_start()).known >> minute.0.rem_euclid(60) & 1 == 1)
    }
}

/// The known minutes of an hour between two of its minutes (`from` to `to`, excluded), run by run.
pub(crate) fn runs(known: u64, from: i32, to: i32) -> impl Iterator<Item = (i32, i32)> {
    let mut at = from;
    std::iter::from_fn(move || {
        if at >= to {
            return None;
        }
        let start = at + (known >> at).trailing_zeros().min(64) as i32;
        if start >= to {
            at = to;
            return None;
        }
        let end = (start + (known >> start).trailing_ones() as i32).min(to);
        at = end;
        Some((start, end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_the_ones_of_the_bits() {
        let known = 0b1110_0110_0001u64;
        assert_eq!(runs(known, 0, 60).collect::<Vec<_>>(), [(0, 1), (5, 7), (9, 12)]);
        assert_eq!(runs(known, 6, 10).collect::<Vec<_>>(), [(6, 7), (9, 10)]);
        assert_eq!(runs(0, 0, 60).count(), 0);
        assert_eq!(runs(WHOLE_HOUR, 0, 60).collect::<Vec<_>>(), [(0, 60)]);
    }

    #[test]
    fn a_window_is_the_sum_of_its_minutes() {
        let mut means = Means::new(Minute(-60));
        let mut calls = Calls::new();
        let mut truth: Vec<(f64, u64)> = Vec::new();
        for hour in 0..30 {
            let per_minute = 0.1 + f64::from(hour * 7 % 5);
            let known = if hour % 4 == 1 { 0x00ff_fff0_ffff_fff1 & WHOLE_HOUR } else { WHOLE_HOUR };
            means.enter_hour(Minute(hour * 60), per_minute);
            means.know(known);
            for at in 0..60 {
                let minute = Minute(hour * 60 + at);
                let is_known = known >> at & 1 == 1;
                let here = if is_known && minute.0 * minute.0 % 11 < 4 { (minute.0 % 13 + 1) as u32 } else { 0 };
                truth.push((if is_known { per_minute } else { 0.0 }, u64::from(here)));
                if here > 0 {
                    calls.push(minute, here);
                }
                calls.slide(minute);
                while calls.learn_next(minute).is_some() {}
                for (window, length) in WINDOWS.into_iter().enumerate() {
                    let from = truth.len().saturating_sub(length as usize);
                    let expected: f64 = truth[from..].iter().map(|of| of.0).sum();
                    assert!((means.sum(window, minute) - expected).abs() < 1e-9, "{window} {minute:?}");
                    assert_eq!(means.sums(minute)[window], means.sum(window, minute));
                    assert!(means.at_most(window) >= expected - 1e-9);
                    assert_eq!(calls.sum(window), truth[from..].iter().map(|of| of.1).sum::<u64>());
                }
                for back in 0..truth.len().min(KEPT_MINUTES as usize) {
                    assert_eq!(means.expected_at(Minute(minute.0 - back as i32)), truth[truth.len() - 1 - back].0);
                }
            }
        }
    }
}
