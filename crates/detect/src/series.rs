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

use record::time::{Minute, Minutes};
use serde::{Deserialize, Serialize};

use crate::clumpiness::Clumpiness;
use crate::decay::{DECAYS, Decays};
use crate::expectation::{Expectation, Usual};
use crate::guard::Guard;
use crate::history::History;
pub use crate::judged::{Judged, Listener, Verdict};
use crate::silence::Silence;
use crate::watch::{WHOLE_HOUR, Watch};
use crate::windows::{Calls, Means, WINDOWS, runs};

mod judging;
mod learning;
mod may_decrease;

use may_decrease::Decreases;

/// A minute is learned so many minutes after it: what turns out to be unusual until then is not.
const LAG: i32 = 15;
/// Nothing has a rarity before 36 hours are known; for a week it is lowered by 1 falling to 0.
pub(crate) const WARM: i32 = 2160;
/// No rarity is more than the surprise less this.
pub(crate) const SURPRISE_OVER_RARITY: f64 = 4.0;
/// Decreases and silence are looked for every fifth minute.
const LOOK_EVERY: i32 = 5;

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
}
