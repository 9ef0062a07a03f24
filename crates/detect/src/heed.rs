//! Heed: a series of which somebody expects a change.
//!
//! As long as a change is expected, its minutes are learned as they are, and none of them is a surprise to be remembered. But
//! nobody knows whether it will last. A deployment does; a load test does not, and who has learned of it takes what is as
//! ever for a decrease. So another one goes along, which learned nothing of that time, and for three days after it only what
//! both are surprised by is a surprise:
//!
//! ```text
//!             ┌── expected: learned ──┬── three days: rare for both, or not rare ──┐
//!   series ───┤                       │                                            ├── series
//!             └── as it was before ───┴────────────────────────────────────────────┘ (forgotten)
//! ```

use record::insight::Direction;
use record::time::{Minute, Minutes};

use crate::judged::{Judged, Listener, Verdict};
use crate::said::{OfSeries, Remember};
use crate::series::Series;
use crate::watch::Watch;

/// How long after an expected change a surprise must be one for who did not learn of it, too: by then the level has forgotten it.
const AFTERWARDS: Minutes = Minutes(3 * 1440);

/// As [`Series::advance`]. `before`: the series as it was before what is expected, while it goes along.
pub(crate) fn advance<L: Listener>(
    series: &mut Series,
    before: &mut Option<Box<Series>>,
    watch: &Watch,
    until: Minute,
    calls: &[(Minute, u32)],
    said: Option<&OfSeries>,
    listener: &mut L,
) {
    let Some(said) = said else {
        *before = None;
        return series.advance(watch, until, calls, listener);
    };
    let (mut calls, mut heard) = (calls, Vec::new());
    while series.frontier() < until {
        let at = series.frontier();
        said.edges_at(at).for_each(|direction| listener.edge(at, direction));
        let mut end = said.next_edge(at).map_or(until, |edge| edge.min(until));
        let expected = said.expected_around(at);
        if let Some(span) = expected {
            if before.is_none() {
                match calls.first() {
                    // A key never called begins with its first call, whenever it is looked at.
                    Some(&(first, _)) if first > at && !series.is_called() => end = end.min(first),
                    None if !series.is_called() => {}
                    _ => *before = Some(Box::new(series.clone())),
                }
            }
            if let Some(before) = before {
                before.hold(span.from, end);
            }
        } else {
            let over = said.was_expected_until(at).map(|until| until + AFTERWARDS);
            match over {
                Some(over) if at < over => end = end.min(over),
                _ => *before = None,
            }
        }
        let now = calls.partition_point(|pair| pair.0 < end);
        let (of_now, later) = calls.split_at(now);
        heard.clear();
        let is_held = expected.is_some();
        if let Some(before) = before {
            before.advance(watch, end, of_now, &mut Hears { said, heard: &mut heard, is_held });
        }
        let heard = (before.is_some() && !is_held).then_some(&heard[..]);
        series.advance(watch, end, of_now, &mut Heeds { said, heard, listener });
        calls = later;
    }
}

/// The rarities of increase and decrease.
type Rarities = [Option<f64>; 2];

/// Listens to the one that goes along.
struct Hears<'a> {
    said: &'a OfSeries,
    heard: &'a mut Vec<(Minute, Rarities)>,
    /// It is held as it was: nothing that it sees is anything.
    is_held: bool,
}

impl Listener for Hears<'_> {
    fn judged(&mut self, _: &Series, judged: &Judged) {
        if !self.is_held {
            self.heard.push((judged.minute, rarities(judged)));
        }
    }

    fn unusual(&self, judged: &Judged) -> f64 {
        if self.is_held { f64::NEG_INFINITY } else { judged.rarity() }
    }

    fn remember(&self, direction: Direction, minute: Minute, window: Minutes) -> Remember {
        if self.is_held { Remember::Not } else { self.said.remember(direction, minute, window) }
    }
}

/// Listens to the series itself, and passes on what is to be heeded.
struct Heeds<'a, L> {
    said: &'a OfSeries,
    /// What the other one said of the minutes that both must be surprised by.
    heard: Option<&'a [(Minute, Rarities)]>,
    listener: &'a mut L,
}

impl<L> Heeds<'_, L> {
    /// No rarer than it is for the other one.
    fn agreed(&self, minute: Minute, direction: Direction, verdict: Option<Verdict>) -> Option<Verdict> {
        let (verdict, Some(heard)) = (verdict?, self.heard) else { return verdict };
        let rarity = rarity_of(heard, minute, direction)?;
        Some(Verdict { rarity: verdict.rarity.min(rarity), ..verdict })
    }

    fn heeded(&self, judged: &Judged) -> Judged {
        let Judged { minute, increase, decrease } = *judged;
        Judged {
            minute,
            increase: self.agreed(minute, Direction::Increase, increase),
            decrease: self.agreed(minute, Direction::Decrease, decrease),
        }
    }
}

impl<L: Listener> Listener for Heeds<'_, L> {
    fn hour(&mut self, start: Minute, expected_per_minute: f64) {
        self.listener.hour(start, expected_per_minute);
    }

    fn judged(&mut self, series: &Series, judged: &Judged) {
        self.listener.judged(series, &self.heeded(judged));
    }

    fn unusual(&self, judged: &Judged) -> f64 {
        let heeded = self.heeded(judged);
        let of = |direction, verdict: Option<Verdict>| match verdict {
            Some(verdict) if !self.said.expects(direction, judged.minute) => verdict.rarity,
            _ => f64::NEG_INFINITY,
        };
        of(Direction::Increase, heeded.increase).max(of(Direction::Decrease, heeded.decrease))
    }

    fn remember(&self, direction: Direction, minute: Minute, window: Minutes) -> Remember {
        if self.heard.is_some_and(|heard| rarity_of(heard, minute, direction).is_none()) {
            return Remember::Not;
        }
        self.said.remember(direction, minute, window)
    }
}

/// How rare the other one found a minute.
fn rarity_of(heard: &[(Minute, Rarities)], minute: Minute, direction: Direction) -> Option<f64> {
    let at = heard.binary_search_by_key(&minute, |heard| heard.0).ok()?;
    heard[at].1[direction as usize]
}

fn rarities(judged: &Judged) -> Rarities {
    [judged.increase, judged.decrease].map(|verdict| verdict.map(|verdict| verdict.rarity))
}
