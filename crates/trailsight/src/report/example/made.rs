//! How an insight is made up: its numbers follow from the timeline, so that they add up.

use std::ops::Range;

use record::insight::{
    Attribute, Attribution, Difference, Direction, Evidence, Explanation, FailedShare, Insight, Share, Statistics,
    Subject, Timeline,
};
use record::names::EventCategory;
use record::time::{Minute, Minutes};

use super::SHOP;

/// Values, each with its per cent of the calls.
type Percents = Vec<(&'static str, u64)>;

/// What an insight is made up from; its numbers follow from the timeline.
pub(super) struct Made {
    pub(super) subject: Subject,
    pub(super) direction: Direction,
    /// Which steps of the timeline it lasts for.
    pub(super) steps: Range<usize>,
    pub(super) is_open: bool,
    /// Calls, and minutes.
    pub(super) baseline: (u64, i32),
    pub(super) timeline: Timeline,
    /// The values of the insight, and those of its baseline.
    pub(super) attributes: Vec<(Attribute, Percents, Percents)>,
    pub(super) why: Explanation,
    pub(super) failed_share: Option<FailedShare>,
}

impl Made {
    /// The insight, with all that follows.
    pub(super) fn insight(self) -> Insight {
        let step = self.timeline.step.0;
        let start = self.timeline.from + Minutes(self.steps.start as i32 * step);
        let end = self.timeline.from + Minutes(self.steps.end as i32 * step);
        let insight_calls: u64 = self.timeline.calls[self.steps.clone()].iter().sum();
        let window_steps = (self.why.window.0 / step).max(1) as usize;
        let last = (self.steps.start + window_steps).min(self.steps.end);
        let window_calls: u64 = self.timeline.calls[self.steps.start..last].iter().sum();
        let mut why = self.why;
        why.minute = self.timeline.from + Minutes(last as i32 * step - 1);
        why.calls = if why.kind == Evidence::Silence { 0.0 } else { window_calls as f64 };
        why.ratio = why.calls / why.expected;
        let statistics = Statistics {
            baseline_calls: self.baseline.0,
            baseline_minutes: Minutes(self.baseline.1),
            start_calls: self.timeline.calls[self.steps.start..].iter().take((5 / step).max(1) as usize).sum(),
            insight_calls,
            insight_minutes: end - start,
        };
        let attributions: Vec<Attribution> = self
            .attributes
            .iter()
            .map(|(attribute, insight, baseline)| attribution(*attribute, insight, baseline, &statistics))
            .collect();
        Insight {
            subject: self.subject,
            direction: self.direction,
            start,
            end: (!self.is_open).then_some(end),
            called: start + Minutes(2),
            statistics,
            differences: if self.direction == Direction::Increase {
                differences(&attributions, &statistics)
            } else {
                vec![]
            },
            attributions,
            explanation: why,
            failed_share: self.failed_share,
            new_usual: false,
            timeline: self.timeline,
        }
    }
}

/// Values in per cent of the calls → counts.
fn attribution(
    attribute: Attribute,
    insight: &[(&str, u64)],
    baseline: &[(&str, u64)],
    statistics: &Statistics,
) -> Attribution {
    let parts = |list: &[(&str, u64)], all: u64| -> (Vec<Share>, u64) {
        let shares: Vec<Share> = list
            .iter()
            .map(|(value, percent)| Share { value: (*value).to_owned(), calls: all * percent / 100 })
            .collect();
        let other = if list.is_empty() { 0 } else { all - shares.iter().map(|share| share.calls).sum::<u64>() };
        (shares, other)
    };
    let (insight, insight_other) = parts(insight, statistics.insight_calls);
    let (baseline, baseline_other) = parts(baseline, statistics.baseline_calls);
    let start = insight
        .iter()
        .map(|share| Share {
            calls: share.calls * statistics.start_calls / statistics.insight_calls.max(1),
            ..share.clone()
        })
        .collect();
    Attribution { attribute, start, insight, baseline, insight_other, baseline_other }
}

fn differences(attributions: &[Attribution], statistics: &Statistics) -> Vec<Difference> {
    let mut all = Vec::new();
    for told in attributions {
        for share in &told.insight {
            let before =
                told.baseline.iter().find(|before| before.value == share.value).map_or(0, |before| before.calls);
            let (now, then) = (statistics.insight_calls as f64, statistics.baseline_calls.max(1) as f64);
            let (share_now, share_then) = (share.calls as f64 / now, before as f64 / then);
            let excess = share.calls as f64 - now * share_then;
            let little = 0.5 / now;
            if excess > 5.0 {
                all.push(Difference {
                    attribute: told.attribute,
                    value: share.value.clone(),
                    calls: share.calls,
                    share: share_now,
                    baseline_share: share_then,
                    excess,
                    lift: (share_now + little) / (share_then + little),
                    is_new: before == 0,
                });
            }
        }
    }
    all.sort_by(|a, b| (b.excess * b.lift.log2()).total_cmp(&(a.excess * a.lift.log2())));
    all
}

pub(super) fn timeline(from: Minute, step: i32, calls: Vec<u64>, usual: impl Fn(u32) -> (f64, f64)) -> Timeline {
    let usual: Vec<(f64, f64)> = (0..calls.len() as u32).map(usual).collect();
    Timeline {
        from,
        step: Minutes(step),
        calls,
        expected: usual.iter().map(|(expected, _)| *expected).collect(),
        high: usual.iter().map(|(_, high)| *high).collect(),
    }
}

pub(super) fn subject(region: &str, source: &str, name: &str, error: Option<&str>) -> Subject {
    Subject {
        account: SHOP.into(),
        region: region.into(),
        source: source.into(),
        name: name.into(),
        error: error.map(Into::into),
        category: EventCategory::Management,
    }
}

/// Numbers that look thrown, the same every time.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}
