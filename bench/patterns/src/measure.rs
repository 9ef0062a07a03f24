//! Measuring: everybody in turn, round after round, so that what disturbs one disturbs all.
//!
//! Processor time of this thread, not time passed: the machine has other users.

use anyhow::{Result, ensure};
use rustix::time::{ClockId, clock_gettime};

use crate::engine::{ENGINES, Engine};
use crate::set::Set;

/// How often everybody has their turn.
const ROUNDS: usize = 9;

/// What came of one engine on one set.
pub(crate) struct Figure {
    pub(crate) engine: &'static str,
    /// Matches found, all events together.
    pub(crate) matches: usize,
    /// Nanoseconds an event in each round, in ascending order.
    nanoseconds: Vec<f64>,
}

impl Figure {
    /// Nanoseconds an event: the median of the rounds.
    pub(crate) fn median(&self) -> f64 {
        self.nanoseconds[self.nanoseconds.len() / 2]
    }

    pub(crate) fn least(&self) -> f64 {
        self.nanoseconds[0]
    }

    pub(crate) fn most(&self) -> f64 {
        self.nanoseconds[self.nanoseconds.len() - 1]
    }

    pub(crate) fn events_per_second(&self) -> f64 {
        1e9 / self.median()
    }
}

/// An engine, and what is known of it so far.
struct Runner {
    engine: Box<dyn Engine>,
    /// How often it runs over all events in one round.
    runs: usize,
    figure: Figure,
}

/// Measures everybody, or only one, on a set.
pub(crate) fn all(set: &Set, taken: &[u32], only: Option<&str>, seconds: f64) -> Result<Vec<Figure>> {
    let mut runners = Vec::new();
    for (name, make) in ENGINES.iter().filter(|(name, _)| only.is_none_or(|only| only == *name)) {
        let mut engine = make(set, taken)?;
        // Once to warm up, once to learn how long a run takes.
        let matches = engine.run(&set.events)?;
        let one = processor_time(|| engine.run(&set.events))?.0;
        let runs = (seconds / ROUNDS as f64 / one).ceil().max(1.0) as usize;
        let figure = Figure { engine: name, matches, nanoseconds: Vec::new() };
        runners.push(Runner { engine, runs, figure });
    }
    for _ in 0..ROUNDS {
        for runner in &mut runners {
            let (taken, matches) = processor_time(|| {
                let mut matches = 0;
                for _ in 0..runner.runs {
                    matches += runner.engine.run(&set.events)?;
                }
                Ok(matches)
            })?;
            ensure!(matches == runner.runs * runner.figure.matches, "{} changes its mind", runner.figure.engine);
            runner.figure.nanoseconds.push(taken * 1e9 / (runner.runs * set.events.len()) as f64);
        }
    }
    let sorted = runners.into_iter().map(|runner| {
        let mut figure = runner.figure;
        figure.nanoseconds.sort_by(f64::total_cmp);
        figure
    });
    Ok(sorted.collect())
}

/// How many seconds of processor time something takes.
fn processor_time<T>(work: impl FnOnce() -> Result<T>) -> Result<(f64, T)> {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
    };
    let before = now();
    let result = work()?;
    Ok((now() - before, result))
}
