//! Who was behind it, and what was different.
//!
//! Calls are counted by the values of eight attributes in three spans: the first five minutes from the Start, the whole
//! insight, and its baseline. A value that the insight has more of than its share of the baseline would give is different.

use record::insight::{Attribute, Attribution, Difference, Direction, InsightType, Share};
use rustc_hash::FxHashMap;

use crate::identities::Identities;
use crate::surprise::surprise_above;

/// Values told of an attribute.
const TOLD: usize = 5;
/// Differences told of an insight.
const DIFFERENCES_TOLD: usize = 12;
/// -log10 of the Poisson tail that a value must reach to be called different.
const DIFFERENT: f64 = 3.0;
/// A change is somebody's doing if so much of it is their calls, or calls that they make no more.
const DOING: f64 = 0.9;
/// What AWS writes where a call has no such value.
const NONE: &str = "null";

/// The values of one call, by [`Attribute`]; `None` where it has none.
pub type Values<'a> = [Option<&'a str>; Attribute::ALL.len()];

/// Calls by value, of each attribute.
#[derive(Clone, Debug, Default)]
pub struct ValueCounts {
    calls: u64,
    counts: [FxHashMap<Box<str>, u64>; Attribute::ALL.len()],
}

impl ValueCounts {
    /// Counts so many calls with these values.
    pub fn add(&mut self, values: &Values<'_>, calls: u64) {
        self.add_calls(calls);
        for (attribute, value) in Attribute::ALL.into_iter().zip(values) {
            self.add_value(attribute, *value, calls);
        }
    }

    /// Counts so many calls, whatever their values: of those that are not said by [`add_value`](ValueCounts::add_value) they
    /// are *other*.
    pub fn add_calls(&mut self, calls: u64) {
        self.calls += calls;
    }

    /// Says that so many of the calls have this value of one attribute, or none.
    pub fn add_value(&mut self, attribute: Attribute, value: Option<&str>, calls: u64) {
        if calls == 0 {
            return;
        }
        let (counts, value) = (&mut self.counts[attribute as usize], value.unwrap_or(NONE));
        match counts.get_mut(value) {
            Some(count) => *count += calls,
            None => drop(counts.insert(value.into(), calls)),
        }
    }

    /// Calls in all.
    pub fn calls(&self) -> u64 {
        self.calls
    }

    fn of(&self, attribute: Attribute, value: &str) -> u64 {
        self.counts[attribute as usize].get(value).copied().unwrap_or(0)
    }

    /// The most frequent values, and the calls of all others.
    fn top(&self, attribute: Attribute) -> (Vec<Share>, u64) {
        let mut all: Vec<(&str, u64)> =
            self.counts[attribute as usize].iter().map(|(value, &calls)| (&**value, calls)).collect();
        let order = |a: &(&str, u64), b: &(&str, u64)| (b.1, a.0).cmp(&(a.1, b.0));
        if all.len() > TOLD {
            all.select_nth_unstable_by(TOLD - 1, order);
            all.truncate(TOLD);
        }
        all.sort_unstable_by(order);
        let told: u64 = all.iter().map(|value| value.1).sum();
        (all.into_iter().map(|(value, calls)| Share { value: value.to_owned(), calls }).collect(), self.calls - told)
    }

    /// Calls of some identities.
    fn by(&self, identities: &Identities) -> u64 {
        let all = self.counts[Attribute::UserIdentityArn as usize].iter();
        all.filter(|(arn, _)| identities.include(arn)).map(|(_, calls)| calls).sum()
    }

    fn has(&self, attribute: Attribute) -> bool {
        self.counts[attribute as usize].keys().any(|value| &**value != NONE)
    }
}

/// The calls of one insight, by value.
#[derive(Clone, Debug, Default)]
pub struct Contributions {
    /// Of the first five minutes from the Start.
    pub start: ValueCounts,
    /// Of the whole insight.
    pub insight: ValueCounts,
    /// Of its baseline.
    pub baseline: ValueCounts,
}

impl Contributions {
    /// The five most frequent values of each attribute: AWS's always, ours where any call has them.
    ///
    /// The error code is told of call rates only
    /// (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html>).
    pub fn attributions(&self, insight_type: InsightType) -> Vec<Attribution> {
        let is_told = |attribute: &Attribute| match attribute {
            Attribute::UserIdentityArn | Attribute::UserAgent => true,
            Attribute::ErrorCode => insight_type == InsightType::ApiCallRateInsight,
            _ => [&self.start, &self.insight, &self.baseline].iter().any(|counts| counts.has(*attribute)),
        };
        let told = Attribute::ALL.into_iter().filter(is_told);
        told.map(|attribute| {
            let (insight, insight_other) = self.insight.top(attribute);
            let (baseline, baseline_other) = self.baseline.top(attribute);
            Attribution {
                attribute,
                start: self.start.top(attribute).0,
                insight,
                baseline,
                insight_other,
                baseline_other,
            }
        })
        .collect()
    }

    /// Whether the insight is the doing of some identities: nine tenths, at least, of what it has more calls than usual, or
    /// fewer, are theirs. `length`: how long it is, in lengths of its baseline.
    pub fn is_doing_of(&self, identities: &Identities, direction: Direction, length: f64) -> bool {
        let change = |insight: u64, baseline: u64| match (direction, insight as f64 - length * baseline as f64) {
            (Direction::Increase, more) => more,
            (Direction::Decrease, more) => -more,
        };
        let all = change(self.insight.calls, self.baseline.calls);
        all > 0.0 && change(self.insight.by(identities), self.baseline.by(identities)) >= DOING * all
    }

    /// The values that the insight has more of than its baseline would give, most telling first.
    pub fn differences(&self, insight_type: InsightType) -> Vec<Difference> {
        let calls = self.insight.calls as f64;
        if calls == 0.0 {
            return Vec::new();
        }
        let least = 0.5 / calls;
        let mut all: Vec<(f64, Difference)> = Vec::new();
        for attribute in Attribute::ALL {
            if attribute == Attribute::ErrorCode && insight_type == InsightType::ApiErrorRateInsight {
                continue;
            }
            for (value, &count) in &self.insight.counts[attribute as usize] {
                if &**value == NONE {
                    continue;
                }
                let share = count as f64 / calls;
                let before = self.baseline.of(attribute, value);
                let baseline_share = before as f64 / self.baseline.calls.max(1) as f64;
                let excess = count as f64 - calls * baseline_share;
                let lift = (share + least) / (baseline_share + least);
                let is_new = before == 0;
                if excess <= 0.0
                    || (!is_new && surprise_above(count, calls * baseline_share, calls * baseline_share) < DIFFERENT)
                {
                    continue;
                }
                let value = value.to_string();
                let difference =
                    Difference { attribute, value, calls: count, share, baseline_share, excess, lift, is_new };
                all.push((excess * lift.log2(), difference));
            }
        }
        all.sort_by(|(a, first), (b, second)| {
            b.total_cmp(a).then_with(|| (first.attribute, &first.value).cmp(&(second.attribute, &second.value)))
        });
        all.truncate(DIFFERENCES_TOLD);
        all.into_iter().map(|(_, difference)| difference).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(calls: &[(&str, &str, u64)]) -> ValueCounts {
        let mut counts = ValueCounts::default();
        for &(arn, agent, calls) in calls {
            counts.add(&[Some(arn), Some(agent), None, None, None, None, None, None], calls);
        }
        counts
    }

    #[test]
    fn five_values_are_told_and_the_rest_is_other() {
        let insight = counts(&[
            ("a", "x", 9),
            ("b", "x", 9),
            ("c", "x", 3),
            ("d", "x", 2),
            ("e", "x", 2),
            ("f", "x", 1),
            ("g", "x", 1),
        ]);
        let contributions = Contributions { insight, ..Contributions::default() };
        let told = contributions.attributions(InsightType::ApiCallRateInsight);
        let names: Vec<_> = told.iter().map(|told| told.attribute.as_str()).collect();
        assert_eq!(names, ["userIdentityArn", "userAgent", "errorCode"]);
        let values: Vec<_> = told[0].insight.iter().map(|share| (share.value.as_str(), share.calls)).collect();
        assert_eq!(values, [("a", 9), ("b", 9), ("c", 3), ("d", 2), ("e", 2)]);
        assert_eq!(told[0].insight_other, 2);
        assert_eq!(told[2].insight, [Share { value: "null".into(), calls: 27 }]);
        assert_eq!(contributions.attributions(InsightType::ApiErrorRateInsight).len(), 2);
    }

    #[test]
    fn calls_whose_value_nobody_kept_are_other() {
        let mut insight = ValueCounts::default();
        insight.add_calls(10);
        insight.add_value(Attribute::UserAgent, Some("curl"), 4);
        insight.add_value(Attribute::UserAgent, None, 3);
        let contributions = Contributions { insight, ..Contributions::default() };
        let told = &contributions.attributions(InsightType::ApiErrorRateInsight)[1];
        let values: Vec<_> = told.insight.iter().map(|share| (share.value.as_str(), share.calls)).collect();
        assert_eq!((values, told.insight_other), (vec![("curl", 4), ("null", 3)], 3));
    }

    #[test]
    fn a_change_is_the_doing_of_those_whose_calls_are_nine_tenths_of_it() {
        let of = |insight: &[(&str, u64)], baseline: &[(&str, u64)]| {
            let all = |calls: &[(&str, u64)]| {
                counts(&calls.iter().map(|(arn, calls)| (*arn, "x", *calls)).collect::<Vec<_>>())
            };
            Contributions { insight: all(insight), baseline: all(baseline), ..Contributions::default() }
        };
        let scanner = Identities::read("*:role/scan*").unwrap();
        // A tenth of the baseline's length: twenty calls of the deployment are usual, and twenty of the scanner.
        let usual = [("a:role/scanner", 200), ("a:role/deploy", 200)];
        for (direction, scans, deploys, is_theirs) in [
            (Direction::Increase, 500, 20, true),
            (Direction::Increase, 500, 73, true),
            (Direction::Increase, 500, 74, false),
            (Direction::Increase, 20, 500, false),
            (Direction::Increase, 500, 0, true),
            (Direction::Increase, 10, 10, false),
            (Direction::Decrease, 0, 20, true),
            (Direction::Decrease, 0, 10, false),
            (Direction::Decrease, 20, 0, false),
            (Direction::Decrease, 500, 20, false),
        ] {
            let who = of(&[("a:role/scanner", scans), ("a:role/deploy", deploys)], &usual);
            let told = who.is_doing_of(&scanner, direction, 0.1);
            assert_eq!(told, is_theirs, "{direction:?}: {scans} of the scanner, {deploys} of others");
        }
    }

    #[test]
    fn what_was_always_there_is_no_difference() {
        let baseline = counts(&[("usual", "console", 900), ("other", "console", 100)]);
        let insight = counts(&[("usual", "console", 60), ("other", "console", 40), ("thief", "curl", 200)]);
        let different = Contributions { insight, baseline, ..Contributions::default() }
            .differences(InsightType::ApiCallRateInsight);
        let told: Vec<_> = different.iter().map(|d| (d.value.as_str(), d.is_new)).collect();
        assert_eq!(told, [("thief", true), ("curl", true)]);
        assert!((different[0].share - 2.0 / 3.0).abs() < 1e-9);
    }
}
