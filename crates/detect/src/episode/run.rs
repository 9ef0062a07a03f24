//! A run: the episode that a track is in, its evidence weighed minute by minute, until it is known where it ends.

use record::insight::Direction;
use record::time::{Minute, Minutes};
use serde::{Deserialize, Serialize};

use super::since::{seen_between, sums};
use super::{AROUND, Episode, LIMIT, Peak, Surroundings};
use crate::series::Series;

/// Nats of evidence that must be lost again before an insight is over.
const DROP: f64 = 28.0;
/// Minutes without a new peak of evidence after which an insight is over.
const QUIET: Minutes = Minutes(60);

/// The episode that a track is in, or was in a moment ago.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) episode: Episode,
    /// The last minute that called it.
    called: Minute,
    /// The minute at which its end was known.
    pub(super) known: Option<Minute>,
    /// ln of (calls over expected calls) from the Start to `called`, and that ratio.
    log_ratio: f64,
    ratio: f64,
    evidence: f64,
    best: f64,
    best_at: Minute,
    /// Calls and expected calls from the Start on, minute by minute.
    minutes: Vec<(f64, f64)>,
    /// How many of them are weighed.
    weighed: usize,
}

impl Run {
    pub(super) fn open(direction: Direction, start: Minute, peak: Peak, series: &Series) -> Run {
        let called = peak.minute;
        let first = start - AROUND;
        let mut expected = vec![(first, series.expected_at(first))];
        let mut hour = first.hour_start() + Minutes(60);
        while hour <= called {
            expected.push((hour, series.expected_at(hour)));
            hour += Minutes(60);
        }
        let new_usual = series.is_adopting();
        let episode = Episode { direction, start, end: None, called, peak, new_usual, is_expected: false, expected };
        let mut run = Run {
            episode,
            called,
            known: None,
            log_ratio: 0.0,
            ratio: 1.0,
            evidence: 0.0,
            best: f64::NEG_INFINITY,
            best_at: start,
            minutes: seen_between(series, start, called.next()),
            weighed: 0,
        };
        run.weigh_anew();
        run
    }

    /// It was over, and is called again: all is weighed anew.
    pub(super) fn goes_on(&mut self, series: &Series, called: Minute) {
        let from = self.episode.start + Minutes(self.minutes.len() as i32);
        self.minutes.extend(seen_between(series, from, called.next()));
        (self.called, self.known, self.episode.end) = (called, None, None);
        self.weigh_anew();
    }

    /// Nothing is weighed yet, by the ratio of all minutes so far.
    fn weigh_anew(&mut self) {
        let (calls, expected) = sums(&self.minutes);
        let least = match self.episode.direction {
            Direction::Increase => 1.0,
            Direction::Decrease => 0.5,
        };
        self.ratio = f64::max(calls, least) / f64::max(expected, 1e-9);
        self.log_ratio = self.ratio.ln();
        (self.evidence, self.best, self.best_at) = (0.0, f64::NEG_INFINITY, self.episode.start);
        self.weighed = 0;
    }

    /// Weighs the minutes up to `until` (excluded), as long as the end is not known.
    pub(super) fn weigh(&mut self, until: Minute, around: &Surroundings<'_>) {
        let start = self.episode.start;
        while self.known.is_none() {
            let minute = start + Minutes(self.weighed as i32);
            if minute >= until {
                return;
            }
            if self.weighed == self.minutes.len() {
                let at = around.calls.binary_search_by_key(&minute, |pair| pair.0);
                let calls = at.map_or(0.0, |at| f64::from(around.calls[at].1));
                let known = around.watch.is_known(minute);
                if !known && minute > self.called && around.gaps.contains(&minute) {
                    return self.end(minute, minute);
                }
                self.minutes.push(if known { (calls, around.per_minute) } else { (0.0, 0.0) });
            }
            let (calls, expected) = self.minutes[self.weighed];
            self.weighed += 1;
            self.evidence += calls * self.log_ratio - (self.ratio - 1.0) * expected;
            if self.evidence > self.best {
                (self.best, self.best_at) = (self.evidence, minute);
            }
            let is_over = minute > self.called && (self.best - self.evidence >= DROP || minute - self.best_at >= QUIET);
            let last = (start + LIMIT).max(self.called.next()) - Minutes(1);
            if is_over || minute >= last {
                self.end(self.best_at.next(), minute);
            }
        }
    }

    pub(super) fn end(&mut self, end: Minute, known: Minute) {
        self.episode.end = Some(end);
        self.known = Some(known);
    }
}
