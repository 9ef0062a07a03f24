//! The band: what one series was expected to have, and what would have been usual, whenever somebody asks.
//!
//! It is a replay: the series is stepped through its counts again, as it was when they came, so that what is drawn is what was
//! judged by. Nothing but the series and the activity of its account-Region is needed, which is what makes it quick.

use record::time::{Minute, Minutes};

use crate::heed;
use crate::region::Region;
use crate::said::{OfSeries, Said};
use crate::series::Series;
use crate::surprise::{quantile, variance_of};
use crate::tally::{SeriesId, Tally};
use crate::windows::WINDOWS;

/// Calls that were expected, in equal steps. Sums of each step, as counts are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    /// Calls expected of each step; 0 where nothing is known.
    pub expected: Vec<f64>,
    /// 5 % of such steps would have fewer calls.
    pub low: Vec<f64>,
    /// 5 % of such steps would have more.
    pub high: Vec<f64>,
    /// Whether anything is known of the step: there were logs.
    pub is_known: Vec<bool>,
}

/// How long the steps may be.
pub const STEPS: [Minutes; 4] = [Minutes(1), Minutes(5), Minutes(15), Minutes(60)];

/// The band of a series within [from, until), in steps that are one of [`STEPS`]; `from` is a whole one. The tally holds the
/// activity of its account-Region and its counts, both from their first minute on; `counted` is the end of what was counted.
/// What was `said` is heeded.
pub fn band(
    tally: &Tally,
    id: SeriesId,
    (from, until): (Minute, Minute),
    step: Minutes,
    counted: Minute,
    said: &Said,
) -> Band {
    let (mut band, counts) = (Band::default(), tally.counted(id));
    let of_region = tally.region_tally(counts.region);
    let first = of_region.span().map_or(until, |span| span.0);
    let mut region = Region::new(counts.region, first);
    region.decide(&of_region.activity, counted);
    let watch = region.watch();
    let (mut series, mut before) = (Series::new(watch), None);
    let said = OfSeries::of(said, &counts.subject);
    let window = WINDOWS.iter().position(|length| *length == step.0).unwrap_or_default();
    for at in (from.0..until.0).step_by(step.0 as usize).map(Minute) {
        let last = at + Minutes(step.0 - 1);
        if last < first {
            band.push(0.0, 0.0, false);
            continue;
        }
        // Hour by hour: of each, what was expected stands as long as it lasts.
        let hour_end = (at.hour_start() + Minutes(60)).min(watch.frontier());
        if hour_end > series.frontier() {
            let mut calls = counts.counts.within(series.frontier(), hour_end);
            calls.retain(|pair| watch.is_known(pair.0));
            heed::advance(&mut series, &mut before, watch, hour_end, &calls, said.as_deref(), &mut ());
        }
        let per_minute = match at < watch.frontier() {
            true => series.expectation().per_minute,
            false => series.forecast(watch, at),
        };
        let is_known = (at.0..=last.0).map(Minute).any(|minute| minute >= watch.frontier() || watch.is_known(minute));
        let mean = per_minute * f64::from(step.0);
        let (clumpiness, uncertainty) = series.spread(window);
        band.push(mean, variance_of(mean, clumpiness, uncertainty), is_known);
    }
    band
}

impl Band {
    fn push(&mut self, mean: f64, variance: f64, is_known: bool) {
        self.expected.push(mean);
        self.low.push(if mean > 0.0 { quantile(mean, variance, 0.05) } else { 0.0 });
        self.high.push(if mean > 0.0 { quantile(mean, variance, 0.95) } else { 0.0 });
        self.is_known.push(is_known);
    }
}

#[cfg(test)]
mod tests {
    use record::insight::Subject;
    use record::names::EventCategory;

    use super::*;

    /// Twelve calls a minute, all day, for ten days.
    fn steady() -> (Tally, SeriesId) {
        let subject = Subject {
            account: "123456789012".into(),
            region: "us-east-1".into(),
            source: "ec2.amazonaws.com".into(),
            name: "RunInstances".into(),
            error: None,
            category: EventCategory::Management,
        };
        let mut tally = Tally::new();
        for minute in 0..14_400 {
            tally.count(&subject, Minute(minute), 12, false);
        }
        let id = tally.find(&subject).expect("it was counted");
        (tally, id)
    }

    #[test]
    fn what_is_steady_is_expected_and_lies_within_its_band() {
        let (tally, id) = steady();
        for step in STEPS {
            let band = band(&tally, id, (Minute(12_960), Minute(14_400)), step, Minute(14_400), &Said::default());
            let calls = 12.0 * f64::from(step.0);
            assert_eq!(band.expected.len() as i32, 1440 / step.0);
            for ((expected, low), high) in band.expected.iter().zip(&band.low).zip(&band.high) {
                assert!(
                    (expected / calls - 1.0).abs() < 0.1 && *low <= calls && calls <= *high,
                    "{expected} {low} {high}"
                );
            }
            assert!(band.is_known.iter().all(|known| *known));
        }
    }

    #[test]
    fn before_it_was_watched_nothing_is_known_and_what_is_to_come_is_a_forecast() {
        let (tally, id) = steady();
        let band = band(&tally, id, (Minute(-60), Minute(15_000)), Minutes(60), Minute(14_400), &Said::default());
        assert_eq!((band.is_known[0], band.is_known[1], band.expected[0]), (false, true, 0.0));
        let forecast = *band.expected.last().expect("there are steps");
        assert!((forecast / 720.0 - 1.0).abs() < 0.1, "{forecast}");
    }
}
