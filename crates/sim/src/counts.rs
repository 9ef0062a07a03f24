//! Made-up accounts as minute counts: eight weeks of a whole account, with the truth beside it.
//!
//! A detector is judged by what it says about accounts whose truth is known, and by how often it says something about
//! accounts where nothing is wrong. Both need hundreds of account-months: far more than log files can be written for.
//! So here the same traffic that [the log files](crate) hold is drawn as counts, one series an API.
//!
//! An account is drawn in three steps that do not disturb each other: surroundings (clock, people, gaps), traffic of each
//! series by its [kind](kinds), and, only where asked for, two incidents a series. The same account with and without
//! incidents is otherwise the same, call by call. So are an account with a [`Decoy`] and the one without, as far as
//! the decoy does not reach.

pub mod calendar;
pub mod decoy;
pub mod dice;
pub mod incident;
pub mod kinds;
pub mod people;

use std::ops::Range;

use calendar::Calendar;
use decoy::{DECOY_START, Decoy};
use dice::Dice;
use incident::{Truth, strike_twice};
use kinds::{Surroundings, mix};
use record::time::Minute;

/// Days of an account.
pub const DAYS: usize = 56;
/// Hours of an account.
pub const HOURS: usize = DAYS * 24;
/// Minutes of an account.
pub const MINUTES: usize = DAYS * 1440;
/// Incidents come, and results are counted, from the fourth week on; before, there is only learning.
pub const REPORTED_FROM: usize = 21 * 1440;
/// Minute 0 of every account: Monday 2026-01-05T00:00Z.
pub const FIRST: Minute = Minute(29_459_520);

/// One series of an account.
#[derive(Clone, Debug)]
pub struct CountsSeries {
    /// Its kind and number: `cron-12`.
    pub name: String,
    /// The minutes that have calls, and how many; ascending.
    pub calls: Vec<(u32, u32)>,
    /// What was done to it, in order of time.
    pub truths: Vec<Truth>,
    /// When it really changes, without anything being wrong: being told of that is neither right nor wrong.
    pub changes: Vec<(Range<usize>, &'static str)>,
    /// The decoy reaches this series.
    pub is_decoy: bool,
}

impl CountsSeries {
    /// Calls of every minute, the empty ones too.
    pub fn dense(&self) -> Vec<u32> {
        let mut minutes = vec![0; MINUTES];
        for &(minute, calls) in &self.calls {
            minutes[minute as usize] = calls;
        }
        minutes
    }
}

/// One account.
#[derive(Clone, Debug)]
pub struct CountsAccount {
    /// The account's name: its size and seed.
    pub name: String,
    /// Its series, each kind in one block.
    pub series: Vec<CountsSeries>,
    /// Minutes in which its logging failed: nothing came.
    pub gaps: Vec<Range<usize>>,
}

impl CountsAccount {
    /// An account in which nothing is wrong.
    pub fn quiet(seed: u64, series: usize) -> CountsAccount {
        draw(seed, series, false, None)
    }

    /// The same account, with two incidents a series.
    pub fn struck(seed: u64, series: usize) -> CountsAccount {
        draw(seed, series, true, None)
    }

    /// The same account, with something harmless happening to it.
    pub fn with_decoy(seed: u64, series: usize, decoy: Decoy) -> CountsAccount {
        draw(seed, series, false, Some(decoy))
    }
}

fn draw(seed: u64, series: usize, strike: bool, decoy: Option<Decoy>) -> CountsAccount {
    let around = surroundings(seed, series, decoy);
    let gaps = gaps(&mut Dice::of(seed, 1, 0));
    let kinds = mix(series);
    let draw_series = |(number, kind): (usize, &&kinds::Kind)| {
        let mut traffic = (kind.draw)(&mut Dice::of(seed, 2, number as u64), &around);
        let is_decoy = decoy.is_some_and(|decoy| {
            decoy::begin_cron(decoy, &mut Dice::of(seed, 3, number as u64), number, &mut traffic)
                || decoy.reaches(kind.name, traffic.nature)
        });
        for gap in &gaps {
            traffic.calls[gap.clone()].fill(0);
        }
        let truths = if strike {
            // Two stretches of the reported weeks, days apart, so that the first is past when the second comes.
            let stretches = [REPORTED_FROM + 60..37 * 1440, 40 * 1440..55 * 1440];
            strike_twice(&mut Dice::of(seed, 4, number as u64), &mut traffic, &gaps, stretches)
        } else {
            Vec::new()
        };
        let calls = traffic.calls.iter().enumerate().filter(|(_, n)| **n > 0).map(|(at, n)| (at as u32, *n)).collect();
        CountsSeries { name: format!("{}-{number}", kind.name), calls, truths, changes: traffic.changes, is_decoy }
    };
    let series: Vec<CountsSeries> = kinds.iter().enumerate().map(draw_series).collect();
    CountsAccount { name: format!("{}-series-{seed}", kinds.len()), series, gaps }
}

fn surroundings(seed: u64, series: usize, decoy: Option<Decoy>) -> Surroundings {
    let dice = &mut Dice::of(seed, 0, 0);
    let mut calendar = Calendar::new(dice);
    // More people where more APIs are used, but by far not in proportion.
    let per_day = dice.lognormal(2.5, 0.5) * libm::pow(series as f64 / 250.0, 0.3);
    if decoy == Some(Decoy::DaylightSaving) {
        calendar.daylight_saving = Some(DECOY_START);
    }
    let sessions = people::sessions(dice, &calendar, per_day);
    Surroundings { calendar, sessions, decoy }
}

/// A few times in eight weeks the logs of an account are missing for some minutes.
fn gaps(dice: &mut Dice) -> Vec<Range<usize>> {
    let mut gaps: Vec<Range<usize>> = (0..4)
        .map(|part| {
            let start = part * MINUTES / 4 + dice.whole(0, MINUTES as u32 / 4 - 60) as usize;
            start..start + dice.whole(5, 46) as usize
        })
        .collect();
    gaps.sort_by_key(|gap| gap.start);
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_is_the_same_account() {
        let (a, b) = (CountsAccount::struck(7, 30), CountsAccount::struck(7, 30));
        assert!(a.series.iter().zip(&b.series).all(|(a, b)| a.calls == b.calls && a.truths == b.truths));
        assert!(FIRST.hour_of_week() == 0 && FIRST.to_string() == "2026-01-05T00:00:00Z");
    }

    #[test]
    fn incidents_change_nothing_else() {
        let (quiet, struck) = (CountsAccount::quiet(3, 30), CountsAccount::struck(3, 30));
        for (quiet, struck) in quiet.series.iter().zip(&struck.series) {
            let inside = |minute: usize| struck.truths.iter().any(|truth| (truth.start..truth.end).contains(&minute));
            let (before, after) = (quiet.dense(), struck.dense());
            assert!((0..MINUTES).all(|minute| inside(minute) || before[minute] == after[minute]), "{}", quiet.name);
            assert!(struck.truths.iter().all(|truth| truth.start >= REPORTED_FROM && truth.end < MINUTES));
        }
        let truths: usize = struck.series.iter().map(|series| series.truths.len()).sum();
        assert!(truths >= 50, "{truths} of 60");
    }

    #[test]
    fn traffic_is_as_clumpy_as_it_really_is() {
        // Half of the keys, and nine tenths of them, have a variance / mean of no more than this.
        let accounts: Vec<CountsAccount> = (0..4).map(|seed| CountsAccount::quiet(seed, 250)).collect();
        let clumpiness = |kinds: &[&str], window: usize| {
            let all = accounts.iter().flat_map(|account| &account.series);
            let of_kind = all.filter(|series| {
                let is_in_use = series.calls.iter().map(|(_, calls)| calls).sum::<u32>() > 150;
                kinds.iter().any(|kind| series.name.starts_with(kind)) && is_in_use
            });
            let mut of: Vec<f64> = of_kind
                .map(|series| {
                    let dense = series.dense();
                    let sums: Vec<f64> =
                        dense.chunks(window).map(|chunk| f64::from(chunk.iter().sum::<u32>())).collect();
                    let mean = sums.iter().sum::<f64>() / sums.len() as f64;
                    sums.iter().map(|sum| (sum - mean).powi(2)).sum::<f64>() / sums.len() as f64 / mean
                })
                .collect();
            of.sort_by(f64::total_cmp);
            (of[of.len() / 2], of[of.len() * 9 / 10])
        };
        let near = |(half, most): (f64, f64), real: (f64, f64)| {
            let is_near = |made: f64, real: f64| (0.6..1.6).contains(&(made / real));
            assert!(is_near(half, real.0) && is_near(most, real.1), "{half} {most} beside {real:?}");
        };
        near(clumpiness(&["rare", "console"], 1), (3.9, 14.0));
        near(clumpiness(&["rare", "console"], 5), (9.0, 29.0));
        near(clumpiness(&["rare", "console"], 60), (28.0, 110.0));
        near(clumpiness(&["steady"], 1), (1.1, 1.2));
        near(clumpiness(&["batch"], 1), (5.4, 5.4));
    }
}
