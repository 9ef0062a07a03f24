//! Kinds of traffic: the table of what lives in an account, and how much of it.
//!
//! Each kind is one short function from dice to counts, written from what was measured on real logs; none of them
//! knows of the detector.

pub(in crate::counts) use jobs::add_cron;

mod jobs;
mod people;
mod services;

use super::calendar::Calendar;
use super::decoy::Decoy;
use super::dice::Dice;
use super::people::Session;

/// What all series of one account share.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Clock and special days.
    pub calendar: Calendar,
    /// The sessions of its people.
    pub sessions: Vec<Session>,
    /// Something harmless that happens to the whole account.
    pub decoy: Option<Decoy>,
}

/// What the incidents need to know of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nature {
    /// Nobody ever called it.
    Never,
    /// It comes in sessions or runs.
    Clumps,
    /// It is there most of the time.
    Service,
    /// Every so many minutes, at this minute of the period.
    Cron {
        /// Minutes between two batches.
        period: usize,
        /// Minute of the first batch.
        first: usize,
    },
}

/// One series, before incidents.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// Calls of every minute.
    pub calls: Vec<u32>,
    /// What it is like.
    pub nature: Nature,
    /// When it really changes, and how that is called.
    pub changes: Vec<(std::ops::Range<usize>, &'static str)>,
}

impl Traffic {
    fn of(calls: Vec<u32>, nature: Nature) -> Traffic {
        Traffic { calls, nature, changes: Vec::new() }
    }
}

/// One kind of traffic.
pub struct Kind {
    /// Its name, as series are called.
    pub name: &'static str,
    /// Its share of an account's series.
    pub share: f64,
    /// Draws a series of it.
    pub draw: fn(&mut Dice, &Surroundings) -> Traffic,
}

/// Every kind. Shares add up to 1.
pub static KINDS: &[Kind] = &[
    Kind { name: "rare", share: 0.34, draw: people::rare },
    Kind { name: "console", share: 0.22, draw: people::console },
    Kind { name: "cron", share: 0.11, draw: jobs::cron },
    Kind { name: "ci", share: 0.04, draw: jobs::ci },
    Kind { name: "steady", share: 0.05, draw: services::steady },
    Kind { name: "business", share: 0.05, draw: services::business },
    Kind { name: "diurnal", share: 0.04, draw: services::diurnal },
    Kind { name: "storm", share: 0.04, draw: services::storm },
    Kind { name: "growth", share: 0.02, draw: services::growth },
    Kind { name: "batch", share: 0.02, draw: services::batch },
    Kind { name: "shift", share: 0.02, draw: services::shift },
    Kind { name: "never", share: 0.04, draw: people::never },
    Kind { name: "monthly", share: 0.01, draw: jobs::monthly },
];

/// The kind of each of so many series: shares kept as exactly as they can be, each kind's series in one block.
pub fn mix(series: usize) -> Vec<&'static Kind> {
    let mut upto = 0.0;
    let mut all = Vec::with_capacity(series);
    for kind in KINDS {
        upto += kind.share;
        all.resize((upto * series as f64).round() as usize, kind);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_series_has_a_kind() {
        for series in [1, 30, 250, 1000] {
            assert_eq!(mix(series).len(), series);
        }
        assert_eq!(mix(1000).iter().filter(|kind| kind.name == "rare").count(), 340);
    }
}
