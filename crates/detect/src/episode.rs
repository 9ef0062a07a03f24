//! Episodes: where an insight starts and where it ends.
//!
//! One rare minute opens it, dated back to the minute since which another rate than the expected one is most likely.
//! One usual minute does not close it: evidence gathers while the rate stays unusual, and the insight ends after the peak
//! of the evidence, once enough of that is lost again, or after an hour without news, or after three days.
//!
//! ```text
//!   Quiet ──rarity ≥ asked──► Open ──evidence lost, or an hour without news──► Ended ──an hour more──► Quiet
//!                              ▲                                                 │
//!                              └────────────── another rare minute ──────────────┘
//! ```
//!
//! For hours after a burst the long windows still have it in them: echoes, which are not told again.
//!
//! AWS documents the two records, not when they are cut; all constants are ours.

use record::insight::{Direction, Evidence};
use record::time::{Minute, Minutes};
use serde::{Deserialize, Serialize};

use crate::budget::{Asked, MERGE};
use crate::expectation::Expectation;
use crate::judged::Verdict;
use crate::said::OfSeries;
use crate::series::{SURPRISE_OVER_RARITY, Series};
use crate::surprise::{surprise_above, surprise_below, variance_of};
use crate::watch::Watch;

mod run;
mod since;

use run::Run;
use since::{seen_between, start_of, sums};

/// An insight lasts so long at most, unless it is called again.
const LIMIT: Minutes = Minutes(3 * 1440);
/// Minutes before the Start and after the End whose expectation is kept, for charts.
const AROUND: Minutes = Minutes(180);

/// The most telling minute of an insight, and all that was known at it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Peak {
    /// The minute.
    pub minute: Minute,
    /// What was seen.
    pub verdict: Verdict,
    /// What was expected.
    pub expectation: Expectation,
    /// What was asked for.
    pub asked: Asked,
    /// How many minutes had been watched.
    pub minutes_learned: Minutes,
}

/// A run of unusual minutes of one series, in one direction.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Episode {
    /// Which way.
    pub direction: Direction,
    /// The first unusual minute.
    pub start: Minute,
    /// The minute after the last unusual one; `None` while it goes on.
    pub end: Option<Minute>,
    /// The minute at which it was called unusual.
    pub called: Minute,
    /// Its most telling minute.
    pub peak: Peak,
    /// It was taken for the new usual before it ended.
    pub new_usual: bool,
    /// Somebody had said that such a change is expected: it is no alarm.
    pub is_expected: bool,
    /// Calls a minute expected of the hours around it: each hour's first minute (or later, where the record begins), and the mean.
    pub expected: Vec<(Minute, f64)>,
}

/// The episodes of one series in one direction, as they come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Track {
    direction: Direction,
    run: Option<Run>,
    /// The end of the run before, and whether that was a new usual: no later one starts earlier.
    ended: Option<(Minute, bool)>,
    /// Echoes are told, as the reference does.
    with_echoes: bool,
}

/// What is known of the minutes that a track goes through: the hour's mean, the calls, the gaps.
pub(crate) struct Surroundings<'a> {
    pub(crate) watch: &'a Watch,
    pub(crate) calls: &'a [(Minute, u32)],
    /// First minutes of gaps that were told of: an episode ends there.
    pub(crate) gaps: &'a [Minute],
    pub(crate) per_minute: f64,
    /// What was said of the series.
    pub(crate) said: Option<&'a OfSeries>,
}

impl Track {
    pub(crate) fn new(direction: Direction) -> Track {
        Track { direction, run: None, ended: None, with_echoes: false }
    }

    /// One that tells echoes, too.
    pub(crate) fn with_echoes(direction: Direction) -> Track {
        Track { with_echoes: true, ..Track::new(direction) }
    }

    /// There is something to go on with.
    pub(crate) fn is_busy(&self) -> bool {
        self.run.is_some()
    }

    /// An episode goes on: no other begins before it ends.
    pub(crate) fn is_open(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.episode.end.is_none())
    }

    /// Goes on to `until` (excluded), through minutes in which nothing rare is known yet; all within one hour.
    pub(crate) fn pass(&mut self, until: Minute, around: &Surroundings<'_>) -> Option<Episode> {
        let run = self.run.as_mut()?;
        run.weigh(until, around);
        let end = run.episode.end?;
        (until - end > AROUND).then(|| self.finish()).flatten()
    }

    /// A minute that is rare enough. All minutes before it have been passed.
    pub(crate) fn called(&mut self, series: &Series, peak: Peak, around: &Surroundings<'_>) -> Option<Episode> {
        let minute = peak.minute;
        let mut before = None;
        if let Some(run) = &mut self.run {
            run.weigh(minute.next(), around);
            let inside = run.known.is_none_or(|known| minute <= known);
            if inside || run.episode.end.is_none_or(|end| minute - end <= MERGE) {
                if !inside && !self.with_echoes && minute - run.episode.start >= LIMIT {
                    // It is told for three days; whoever has not acted by then knows.
                    return None;
                }
                run.episode.new_usual |= series.is_adopting();
                if peak.verdict.rarity > run.episode.peak.verdict.rarity {
                    run.episode.peak = peak;
                }
                if !inside {
                    run.goes_on(series, minute);
                    run.weigh(minute.next(), around);
                }
                return None;
            }
            before = self.finish();
        }
        let edge = around.said.and_then(|said| said.edge(self.direction, minute));
        if let Some(edge) = edge.filter(|edge| self.ended.is_none_or(|ended| ended.0 < *edge)) {
            self.ended = Some((edge, false));
        }
        if !self.with_echoes && self.is_echo(series, &peak) {
            return before;
        }
        let earliest = self.ended.map_or(around.watch.first(), |ended| ended.0);
        // What was expected until then is no part of it.
        let first = edge.unwrap_or(around.watch.first()).max(around.watch.first());
        let start = start_of(series, minute, self.direction, first).max(earliest);
        let mut run = Run::open(self.direction, start, peak, series);
        run.episode.is_expected = around.said.is_some_and(|said| said.expects(self.direction, minute));
        run.weigh(minute.next(), around);
        self.run = Some(run);
        before
    }

    /// Whether it is the episode before that is heard once more: a long window still has its minutes, and what came after it
    /// would not be rare by itself; or it is the new usual, not quite learned yet.
    fn is_echo(&self, series: &Series, peak: &Peak) -> bool {
        let Some((ended, new_usual)) = self.ended else { return false };
        if new_usual && series.is_adopting() {
            return true;
        }
        let verdict = &peak.verdict;
        if peak.minute.next() - verdict.window >= ended {
            return false;
        }
        if verdict.evidence == Evidence::Silence {
            // The same silence: there was no call since.
            return true;
        }
        let since = seen_between(series, ended, peak.minute.next());
        let (calls, expected) = sums(&since);
        let variance = variance_of(expected, verdict.clumpiness, verdict.uncertainty);
        let surprise = match self.direction {
            Direction::Increase => surprise_above(calls as u64, expected, variance),
            Direction::Decrease if expected > 0.0 => surprise_below(calls, expected, variance),
            Direction::Decrease => 0.0,
        };
        surprise - SURPRISE_OVER_RARITY < peak.asked.rarity
    }

    /// What is expected begins at this minute, or is over: whatever went on until then is over, too. All minutes before it have
    /// been passed.
    pub(crate) fn cut(&mut self, at: Minute) -> Option<Episode> {
        let run = self.run.as_mut()?;
        if run.episode.end.is_none() {
            run.end(at, at);
        }
        self.finish()
    }

    /// A new hour has begun.
    pub(crate) fn hour(&mut self, start: Minute, per_minute: f64) {
        if let Some(run) = &mut self.run {
            run.episode.expected.push((start, per_minute));
        }
    }

    /// The episode as it stands: open unless its end is known.
    pub(crate) fn finish(&mut self) -> Option<Episode> {
        let run = self.run.take()?;
        self.ended = run.episode.end.map(|end| (end, run.episode.new_usual));
        Some(run.episode)
    }
}
