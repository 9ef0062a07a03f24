//! One series: the calls of one API (or its failed calls of one code), minute by minute, and how rare each minute is.
//!
//! ```text
//!   minute ──► windows ──► surprise ──► history ──► rarity ──► listener
//!     │           ▲                                    │
//!     │      expectation ◄── learning, 15 min later ◄──┴── guard: what is unusual is not learned
//!     └──► silence
//! ```
//!
//! Nobody calls most APIs in most minutes, so minutes without calls are not stepped through. What is learned of them has
//! a closed form between the points where something changes, and is learned only when somebody asks: at the start of an
//! hour and at minutes that need a look. **When that is depends on the series alone, never on how its time is cut into
//! calls of [`Series::advance`]**: so cutting changes nothing, to the last bit.

use record::insight::Evidence;
use record::time::{Minute, Minutes};
use serde::{Deserialize, Serialize};

use crate::clumpiness::Clumpiness;
use crate::decay::{DECAYS, Decay, Decays};
use crate::expectation::{Expectation, Usual};
use crate::guard::{GUARD_RARITY, Guard};
use crate::history::{FLOOR, History, Row, rarity};
use crate::judged::rarer;
pub use crate::judged::{Judged, Listener, Verdict};
use crate::silence::Silence;
use crate::size::{size_above, size_below};
use crate::surprise::{is_surprise_above, surprise_above, surprise_below};
use crate::watch::{WHOLE_HOUR, Watch};
use crate::windows::{COUNT, Calls, Means, WINDOWS, runs};

/// A minute is learned so many minutes after it: what turns out to be unusual until then is not.
const LAG: i32 = 15;
/// Nothing has a rarity before 36 hours are known; for a week it is lowered by 1 falling to 0.
pub(crate) const WARM: i32 = 2160;
const GROWN: i32 = 10_080;
/// An increase has at least so many calls in its window.
const MIN_CALLS: u64 = 3;
/// … and so many clumps expected, except within an hour: there anything counts.
const MIN_EXPECTED: f64 = 0.3;
const ANY_EXPECTED: usize = 3;
/// Surprises below this are nothing.
const TAIL_GATE: f64 = 2.0;
const TEN_TO_TAIL_GATE: f64 = 100.0;
/// No rarity is more than the surprise less this.
pub(crate) const SURPRISE_OVER_RARITY: f64 = 4.0;
/// Nor is a minute judged that has less than this.
const LEAST_RARITY: f64 = -4.0;
/// Decreases and silence are looked for every fifth minute.
const LOOK_EVERY: i32 = 5;
/// Expected calls a minute from which bounds on decreases are not worth their price.
const DENSE: f64 = 0.1;

/// All that is kept of one series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Series {
    frontier: Minute,
    /// The next minute to be learned.
    learned: Minute,
    calls: Calls,
    means: Means,
    usual: Usual,
    clumpiness: Clumpiness,
    silence: Silence,
    guard: Guard,
    history: History,
    decreases: Decreases,
}

/// From how many expected calls on a window can be a decrease.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Decreases {
    /// In this hour no window can.
    NotThisHour,
    /// Before the next call or hour no window can.
    NotNow,
    /// Before the next call or hour, each window from so many on.
    From([f64; COUNT]),
    /// In this hour, from so many on whatever comes: twice the least clumpiness.
    Anyhow,
}

impl Series {
    /// A key never called, as of the first minute that was watched.
    pub fn new(watch: &Watch) -> Series {
        let first = watch.first();
        Series {
            frontier: first,
            learned: first.hour_start(),
            calls: Calls::new(),
            means: Means::new(first.hour_start() - Minutes(60)),
            usual: Usual::new(),
            clumpiness: Clumpiness::new(),
            silence: Silence::new(),
            guard: Guard::new(first),
            history: History::default(),
            decreases: Decreases::NotThisHour,
        }
    }

    /// The first minute that is still to come.
    pub fn frontier(&self) -> Minute {
        self.frontier
    }

    /// Advances to `until`, which must not be beyond the watch's frontier. `calls` are the minutes with calls from the
    /// series' frontier on, ascending; calls in minutes of which nothing is known do not occur, and are not counted.
    pub fn advance<L: Listener>(&mut self, watch: &Watch, until: Minute, calls: &[(Minute, u32)], listener: &mut L) {
        let decays = &*DECAYS;
        let mut calls = calls;
        while self.frontier < until {
            let hour = self.frontier.hour_start();
            if self.means.newest() != hour {
                self.enter_hour(hour, watch, decays, listener);
            }
            let known = watch.hour(hour).known;
            self.means.know(known);
            let end = until.min(hour + Minutes(60));
            if known == WHOLE_HOUR {
                calls = self.pass(self.frontier, end, calls, watch, decays, listener);
            } else {
                calls = self.pass_with_gaps(hour, known, end, calls, watch, decays, listener);
            }
            self.frontier = end;
        }
    }

    /// Minutes of [from, until) are learned as what was expected of them: what they are was said to be expected.
    pub(crate) fn hold(&mut self, from: Minute, until: Minute) {
        self.guard.hold(from, until);
    }

    /// Whether it was ever called.
    pub(crate) fn is_called(&self) -> bool {
        self.calls.iter().next().is_some()
    }

    /// What is expected of the hour that the frontier was last in, and why.
    pub fn expectation(&self) -> Expectation {
        self.usual.expectation()
    }

    /// Minutes with calls, ascending: at least those of the last 1024 minutes.
    pub fn recent_calls(&self) -> impl DoubleEndedIterator<Item = (Minute, u32)> {
        self.calls.iter()
    }

    /// Variance over mean of a window's counts (by its place among the windows), and the relative variance of what is expected.
    pub(crate) fn spread(&self, window: usize) -> (f64, f64) {
        (self.clumpiness.of(window), self.usual.uncertainty())
    }

    /// Calls expected of this minute, one of the last 1024; 0 where nothing is known.
    pub fn expected_at(&self, minute: Minute) -> f64 {
        if minute < self.frontier { self.means.expected_at(minute) } else { 0.0 }
    }

    /// Calls that would be expected of a minute still to come, as things stand: at the level of the hour last entered.
    pub fn forecast(&self, watch: &Watch, minute: Minute) -> f64 {
        if minute.hour_start() == self.means.newest() {
            return self.usual.expectation().per_minute;
        }
        let hour = minute.hour_of_week();
        self.usual.forecast(hour, &watch.as_it_stands(hour))
    }

    /// How surely something would have come where so many calls are expected: -ln of the chance that none comes, calls being
    /// as clumpy as they are at worst, and what is expected being known as badly as it is.
    pub fn nats_of_none(&self, expected: f64) -> f64 {
        if expected <= 0.0 {
            return 0.0;
        }
        let clumpiness = (0..WINDOWS.len()).map(|window| self.clumpiness.of(window)).fold(1.0, f64::max);
        let over = clumpiness + expected * self.usual.uncertainty();
        if over <= 1.0 + 1e-9 { expected } else { expected * over.ln() / (over - 1.0) }
    }

    /// Whether unusual minutes have gone on for so long that they are taken for the new usual, as of the last of them.
    pub fn is_adopting(&self) -> bool {
        self.guard.is_adopting()
    }

    fn enter_hour<L: Listener>(&mut self, hour: Minute, watch: &Watch, decays: &Decays, listener: &mut L) {
        self.learn(hour - Minutes(LAG - 1), watch, decays);
        self.silence.pass_hour(self.means.newest(), self.means.back(0).per_minute);
        self.guard.enter_hour(hour, watch, &self.means);
        let watched = watch.hour(hour);
        let per_minute = self.usual.enter_hour(hour.hour_of_week(), watched, self.clumpiness.of(2));
        self.means.enter_hour(hour, per_minute);
        self.means.know(watched.known);
        self.enter_decreases();
        listener.hour(hour, per_minute);
    }

    /// Passes minutes of an hour of which some are not known; returns the calls that come later.
    #[allow(clippy::too_many_arguments)]
    fn pass_with_gaps<'a, L: Listener>(
        &mut self,
        hour: Minute,
        known: u64,
        end: Minute,
        calls: &'a [(Minute, u32)],
        watch: &Watch,
        decays: &Decays,
        listener: &mut L,
    ) -> &'a [(Minute, u32)] {
        let mut calls = calls;
        let mut passed = self.frontier;
        for (from, to) in runs(known, passed.0 - hour.0, end.0 - hour.0) {
            let (from, to) = (hour + Minutes(from), hour + Minutes(to));
            if passed < from {
                self.silence.forget_last_call();
            }
            calls = self.pass(from, to, calls, watch, decays, listener);
            passed = to;
        }
        if passed < end {
            self.silence.forget_last_call();
        }
        calls
    }

    /// Passes known minutes of one hour; returns the calls that come later.
    fn pass<'a, L: Listener>(
        &mut self,
        from: Minute,
        to: Minute,
        calls: &'a [(Minute, u32)],
        watch: &Watch,
        decays: &Decays,
        listener: &mut L,
    ) -> &'a [(Minute, u32)] {
        let mut calls = calls;
        let mut passed = from;
        while let Some((&(minute, count), later)) = calls.split_first()
            && minute < to
        {
            calls = later;
            if minute < passed || count == 0 {
                continue;
            }
            self.pass_quiet(passed, minute, watch, decays, listener);
            self.calls.push(minute, count);
            self.silence.call(minute, self.means.newest(), self.means.back(0).per_minute);
            self.judge(minute, true, watch, decays, listener);
            self.call_decreases();
            passed = minute.next();
        }
        self.pass_quiet(passed, to, watch, decays, listener);
        calls
    }

    /// Passes minutes without calls, looking at every fifth where there can be anything to see.
    fn pass_quiet<L: Listener>(&mut self, from: Minute, to: Minute, watch: &Watch, decays: &Decays, listener: &mut L) {
        let may_decrease = matches!(self.decreases, Decreases::From(_) | Decreases::Anyhow);
        if !may_decrease && !self.silence.may_be_long(self.means.newest(), self.means.back(0).per_minute) {
            return;
        }
        let mut minute = from.0 + (LOOK_EVERY - 1 - from.0).rem_euclid(LOOK_EVERY);
        while minute < to.0 {
            self.judge(Minute(minute), false, watch, decays, listener);
            minute += LOOK_EVERY;
        }
    }

    /// Judges a minute, and tells if it is anything.
    fn judge<L: Listener>(
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
            let variance = clumpiness * mean + mean * mean * uncertainty;
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
            let variance = clumpiness * mean + mean * mean * uncertainty;
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

    /// Says in which windows there can be a decrease in this hour: a window without calls passes the gate
    /// `lack² > 2 variance` only if more than twice its clumpiness is expected.
    fn enter_decreases(&mut self) {
        if self.means.at_most(COUNT - 1) <= 2.0 {
            self.decreases = Decreases::NotThisHour;
        } else if self.busiest() > DENSE {
            self.decreases = Decreases::Anyhow;
        } else {
            self.bound_decreases();
        }
    }

    /// Says so again after a call, which may be learned and then make for less clumpiness.
    fn call_decreases(&mut self) {
        if matches!(self.decreases, Decreases::NotNow | Decreases::From(_)) {
            self.bound_decreases();
        }
    }

    fn bound_decreases(&mut self) {
        let learnable = self.calls.unlearned() as f64 + 2.0 * 60.0 * self.busiest();
        let mut worst = 1f64;
        let mut is_possible = false;
        let from = std::array::from_fn(|window| {
            worst = worst.max(self.clumpiness.at_least(window, learnable));
            is_possible |= window > 0 && self.means.at_most(window) > 2.0 * worst;
            2.0 * worst
        });
        self.decreases = if is_possible { Decreases::From(from) } else { Decreases::NotNow };
    }

    /// Calls expected a minute, of this hour or the one before.
    fn busiest(&self) -> f64 {
        self.means.back(0).per_minute.max(self.means.back(1).per_minute)
    }

    /// Learns the minutes before `until` that are not yet learned; they are of the newest hour or the one before.
    fn learn(&mut self, until: Minute, watch: &Watch, decays: &Decays) {
        while self.learned < until {
            let hour = self.learned.hour_start();
            let end = until.min(hour + Minutes(60));
            let known = self.means.hour(hour).known;
            if known == WHOLE_HOUR {
                self.learn_run(self.learned, end, hour, watch, decays);
            } else {
                for (from, to) in runs(known, self.learned.0 - hour.0, end.0 - hour.0) {
                    self.learn_run(hour + Minutes(from), hour + Minutes(to), hour, watch, decays);
                }
            }
            self.learned = end;
            if end == hour + Minutes(60) {
                self.usual.end_hour(hour.hour_of_week());
            }
        }
    }

    /// Learns known minutes of an hour.
    fn learn_run(&mut self, from: Minute, to: Minute, hour: Minute, watch: &Watch, decays: &Decays) {
        let mut at = from;
        while at < to && self.guard.covers(at) {
            self.learn_guarded(at, hour, watch, decays);
            at = at.next();
        }
        while let Some((minute, calls)) = self.calls.learn_next(to) {
            self.learn_quiet(at, minute, hour, watch, decays);
            self.learn_minute(minute, f64::from(calls), hour, &decays.level, watch, decays);
            at = minute.next();
        }
        self.learn_quiet(at, to, hour, watch, decays);
    }

    /// Learns a minute not long before an unusual one: as what was expected of it, or fast.
    fn learn_guarded(&mut self, minute: Minute, hour: Minute, watch: &Watch, decays: &Decays) {
        self.guard.pass(minute + Minutes(LAG), watch, &self.means);
        let calls = self.calls.learn_next(minute.next()).map_or(0.0, |(_, calls)| f64::from(calls));
        if self.guard.is_adopting() && !self.guard.holds(minute) {
            self.learn_minute(minute, calls, hour, &decays.level_adopting, watch, decays);
        } else {
            let expected = self.means.hour(hour).per_minute;
            self.learn_minute(minute, expected, hour, &decays.level, watch, decays);
        }
    }

    fn learn_minute(
        &mut self,
        minute: Minute,
        calls: f64,
        hour: Minute,
        level: &Decay,
        watch: &Watch,
        decays: &Decays,
    ) {
        self.usual.learn(calls, hour == self.means.newest(), level);
        let is_learned = minute.0 >= watch.clumps_from().0 - LAG;
        self.clumpiness.learn(calls, self.means.hour(hour).per_minute, is_learned, decays);
    }

    fn learn_quiet(&mut self, from: Minute, to: Minute, hour: Minute, watch: &Watch, decays: &Decays) {
        if from >= to {
            return;
        }
        let mean = self.means.hour(hour).per_minute;
        self.usual.learn_quiet((to.0 - from.0) as usize, hour == self.means.newest(), &decays.level);
        if from.0 >= watch.clumps_from().0 - LAG {
            self.clumpiness.learn_quiet((to.0 - from.0) as usize, mean, true, decays);
            return;
        }
        let first_learned = (watch.clumps_from().0 - LAG).min(to.0);
        for (from, to, is_learned) in [(from.0, first_learned, false), (first_learned, to.0, true)] {
            if from < to {
                self.clumpiness.learn_quiet((to - from) as usize, mean, is_learned, decays);
            }
        }
    }
}
