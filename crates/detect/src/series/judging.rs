//! Judging: how rare a minute is, by its windows and by how long nobody called, against what this series did before.

use record::insight::Evidence;
use record::time::{Minute, Minutes};

use super::may_decrease::Decreases;
use super::{LAG, LOOK_EVERY, SURPRISE_OVER_RARITY, Series, WARM};
use crate::decay::Decays;
use crate::guard::GUARD_RARITY;
use crate::history::{FLOOR, Row, rarity};
use crate::judged::{Judged, Listener, Verdict, rarer};
use crate::size::{size_above, size_below};
use crate::surprise::{is_surprise_above, surprise_above, surprise_below, variance_of};
use crate::watch::Watch;
use crate::windows::{COUNT, Calls, WINDOWS};

/// Until a week is known, a rarity is lowered by 1 falling to 0.
const GROWN: i32 = 10_080;
/// An increase has at least so many calls in its window.
const MIN_CALLS: u64 = 3;
/// … and so many clumps expected, except within an hour: there anything counts.
const MIN_EXPECTED: f64 = 0.3;
const ANY_EXPECTED: usize = 3;
/// Surprises below this are nothing.
const TAIL_GATE: f64 = 2.0;
const TEN_TO_TAIL_GATE: f64 = 100.0;
/// Of a minute that is less rare nobody hears.
const LEAST_RARITY: f64 = -4.0;

impl Series {
    /// Judges a minute, and tells if it is anything.
    pub(super) fn judge<L: Listener>(
        &mut self,
        minute: Minute,
        is_called: bool,
        watch: &Watch,
        decays: &Decays,
        listener: &mut L,
    ) {
        let mut judged = Judged { minute, increase: None, decrease: None };
        if is_called && self.calls.sum(COUNT - 1) >= MIN_CALLS {
            judged.increase = self.increase(minute, watch, decays, listener);
        }
        if minute.0.rem_euclid(LOOK_EVERY) == LOOK_EVERY - 1 {
            judged.decrease = match self.decreases {
                Decreases::NotThisHour | Decreases::NotNow => None,
                Decreases::From(from) => self.decrease(minute, &from, watch, decays, listener),
                Decreases::Anyhow => self.decrease(minute, &[2.0; COUNT], watch, decays, listener),
            };
            if !is_called {
                judged.decrease = rarer(judged.decrease, self.silence(minute, watch, decays, listener));
            }
        }
        let rarity = judged.rarity();
        if rarity > LEAST_RARITY {
            if rarity >= GUARD_RARITY && listener.unusual(&judged) >= GUARD_RARITY {
                self.guard.flag(minute, watch, &self.means);
            }
            self.frontier = minute.next();
            listener.judged(self, &judged);
        }
    }

    fn increase<L: Listener>(
        &mut self,
        minute: Minute,
        watch: &Watch,
        decays: &Decays,
        listener: &L,
    ) -> Option<Verdict> {
        let mut best = None;
        let means = self.means.sums(minute);
        let is_more =
            |calls: &Calls, window: usize| calls.sum(window) >= MIN_CALLS && calls.sum(window) as f64 > means[window];
        if !(0..COUNT).any(|window| is_more(&self.calls, window)) {
            return None;
        }
        self.learn(minute - Minutes(LAG - 1), watch, decays);
        for window in 0..COUNT {
            let (calls, mean) = (self.calls.sum(window), means[window].max(1e-12));
            if !is_more(&self.calls, window) {
                continue;
            }
            let beyond = calls as f64 - mean;
            if self.clumpiness.covers(window, beyond, mean) {
                continue;
            }
            let clumpiness = self.clumpiness.of(window);
            let clumps = mean / clumpiness;
            if window != ANY_EXPECTED && clumps < MIN_EXPECTED {
                continue;
            }
            let uncertainty = self.usual.uncertainty();
            let variance = variance_of(mean, clumpiness, uncertainty);
            if beyond * beyond <= 2.0 * variance
                || !is_surprise_above(calls, mean, variance, TAIL_GATE, TEN_TO_TAIL_GATE)
            {
                continue;
            }
            let seen = Verdict {
                rarity: 0.0,
                evidence: Evidence::Window,
                window: Minutes(WINDOWS[window]),
                calls: calls as f64,
                expected: mean,
                clumpiness,
                uncertainty,
                surprise: 0.0,
                size: size_above(calls as f64, mean, clumps),
                past_exceedances: 0.0,
                largest_past_size: 0.0,
            };
            let verdict = self.remember(Row::Increase(window), minute, watch, seen, listener, || {
                surprise_above(calls, mean, variance)
            });
            best = rarer(best, verdict);
        }
        best
    }

    fn decrease<L: Listener>(
        &mut self,
        minute: Minute,
        from: &[f64; COUNT],
        watch: &Watch,
        decays: &Decays,
        listener: &L,
    ) -> Option<Verdict> {
        let mut best = None;
        self.calls.slide(minute);
        let means = self.means.sums(minute);
        for window in 1..COUNT {
            let mean = means[window];
            if mean <= from[window] {
                continue;
            }
            let calls = self.calls.sum(window) as f64;
            // Half of `from` is the least clumpiness: a first bound on the variance.
            let lack = mean - calls;
            if lack <= 0.0 || lack * lack <= from[window] * mean {
                continue;
            }
            if watch.hour(self.means.newest()).known_run(minute.0.rem_euclid(60) as u32) < WINDOWS[window] {
                continue;
            }
            self.learn(minute - Minutes(LAG - 1), watch, decays);
            let clumpiness = (0..=window).map(|shorter| self.clumpiness.of(shorter)).fold(1.0, f64::max);
            let clumps = mean / clumpiness;
            let uncertainty = self.usual.uncertainty();
            let variance = variance_of(mean, clumpiness, uncertainty);
            if clumps < 1.0 || lack * lack <= 2.0 * variance {
                continue;
            }
            let surprise = surprise_below(calls, mean, variance);
            if surprise < TAIL_GATE {
                continue;
            }
            let seen = Verdict {
                rarity: 0.0,
                evidence: Evidence::Window,
                window: Minutes(WINDOWS[window]),
                calls,
                expected: mean,
                clumpiness,
                uncertainty,
                surprise,
                size: size_below(calls, mean, clumps),
                past_exceedances: 0.0,
                largest_past_size: 0.0,
            };
            best = rarer(best, self.remember(Row::Decrease(window), minute, watch, seen, listener, || surprise));
        }
        best
    }

    fn silence<L: Listener>(
        &mut self,
        minute: Minute,
        watch: &Watch,
        decays: &Decays,
        listener: &L,
    ) -> Option<Verdict> {
        let silent = self.silence.look(minute, self.means.newest(), self.means.back(0).per_minute)?;
        if silent.surprise < TAIL_GATE {
            return None;
        }
        self.learn(minute - Minutes(LAG - 1), watch, decays);
        let seen = Verdict {
            rarity: 0.0,
            evidence: Evidence::Silence,
            window: Minutes(silent.since_call),
            calls: 0.0,
            expected: silent.expected,
            clumpiness: silent.clumpiness,
            uncertainty: self.usual.uncertainty(),
            surprise: silent.surprise,
            size: silent.size,
            past_exceedances: 0.0,
            largest_past_size: 0.0,
        };
        self.remember(Row::Silence, minute, watch, seen, listener, || silent.surprise)
    }

    /// Enters an exceedance into the history; it is a verdict if it is larger than nothing and enough is known.
    fn remember<L: Listener>(
        &mut self,
        row: Row,
        minute: Minute,
        watch: &Watch,
        seen: Verdict,
        listener: &L,
        surprise: impl FnOnce() -> f64,
    ) -> Option<Verdict> {
        let how = listener.remember(row.direction(), minute, seen.window);
        let record = self.history.exceed(row, minute, seen.size, how);
        let age = Minutes(watch.age_at(minute).0 + 1);
        if age.0 < WARM || seen.size <= FLOOR {
            return None;
        }
        let surprise = surprise();
        let youth = (f64::from(GROWN - age.0) / f64::from(GROWN - WARM)).max(0.0);
        let rarity = rarity(row, record, seen.size, age).min(surprise - SURPRISE_OVER_RARITY) - youth;
        Some(Verdict { rarity, surprise, past_exceedances: record.count, largest_past_size: record.largest, ..seen })
    }
}
