//! Judged: what is said of a minute that is out of the ordinary, and who listens.

use record::insight::{Direction, Evidence};
use record::time::{Minute, Minutes};
use serde::{Deserialize, Serialize};

use crate::said::Remember;
use crate::series::Series;

/// Listens to a series that advances. `()` does not care.
pub trait Listener {
    /// The expectation of an hour has been made: so many calls in each of its minutes. Every hour, in order.
    fn hour(&mut self, start: Minute, expected_per_minute: f64) {
        let _ = (start, expected_per_minute);
    }

    /// A minute of any rarity (above -4). The series is as of this minute, its calls included.
    fn judged(&mut self, series: &Series, judged: &Judged) {
        let _ = (series, judged);
    }

    /// What is expected of a series in this direction begins at this minute, or is over: all minutes before it have been told.
    fn edge(&mut self, at: Minute, direction: Direction) {
        let _ = (at, direction);
    }

    /// How unusual a minute is to be taken for when it is learned: what is unusual is not.
    fn unusual(&self, judged: &Judged) -> f64 {
        judged.rarity()
    }

    /// How a surprise is to be remembered that a window of this length shows at this minute.
    fn remember(&self, direction: Direction, minute: Minute, window: Minutes) -> Remember {
        let _ = (direction, minute, window);
        Remember::Usual
    }
}

impl Listener for () {}

/// A minute that is out of the ordinary, in one direction or the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// Which minute.
    pub minute: Minute,
    /// More calls than usual: what says so most.
    pub increase: Option<Verdict>,
    /// Fewer calls than usual, or none for too long: what says so most.
    pub decrease: Option<Verdict>,
}

impl Judged {
    /// Once in 10^this months something like this minute happens on this series.
    pub fn rarity(&self) -> f64 {
        let rarity = |verdict: &Option<Verdict>| verdict.as_ref().map_or(f64::NEG_INFINITY, |verdict| verdict.rarity);
        rarity(&self.increase).max(rarity(&self.decrease))
    }
}

/// How rare, and why.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// R: on this series, once in 10^R months.
    pub rarity: f64,
    /// The calls within a window, or the time since the last call.
    pub evidence: Evidence,
    /// The length of that window, or the time since the last call.
    pub window: Minutes,
    /// Calls within it.
    pub calls: f64,
    /// Calls expected within it.
    pub expected: f64,
    /// Variance over mean of such counts.
    pub clumpiness: f64,
    /// Relative variance of what is expected: how little it is known.
    pub uncertainty: f64,
    /// -log10 of the tail of the negative binomial (of the gamma distribution, for decreases and silence).
    pub surprise: f64,
    /// Size, in the usual sizes of surprises.
    pub size: f64,
    /// Surprises that this series had before; older ones weigh less.
    pub past_exceedances: f64,
    /// The largest size of those.
    pub largest_past_size: f64,
}

/// The higher rarity; the first one of two that are equal.
pub(crate) fn rarer(best: Option<Verdict>, other: Option<Verdict>) -> Option<Verdict> {
    match (&best, &other) {
        (Some(one), Some(two)) if two.rarity > one.rarity => other,
        (Some(_), _) => best,
        (None, _) => other,
    }
}
