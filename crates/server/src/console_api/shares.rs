//! Who was behind an insight, value by value, beside who used to be.

use record::insight::{Attribute, Attribution, Insight, Share};
use record::words::{label, short_value};
use serde::Serialize;

/// One attribute.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shares {
    attribute: &'static str,
    label: &'static str,
    /// Whether AWS's records have it.
    is_of_aws: bool,
    /// How much of the calls lies elsewhere than it used to, 0 to 1.
    difference: f64,
    values: Vec<Value>,
}

/// One value, or all the others together.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Value {
    value: String,
    short: String,
    is_other: bool,
    is_new: bool,
    calls: u64,
    share: f64,
    per_minute: f64,
    /// `None`: it is among the others, and how much of them is not known.
    baseline_calls: Option<u64>,
    baseline_share: Option<f64>,
    baseline_per_minute: Option<f64>,
}

impl Shares {
    /// All that was counted, in the order in which it is told.
    pub(super) fn of(insight: &Insight) -> Vec<Shares> {
        insight.attributions.iter().map(|attribution| Shares::of_attribute(insight, attribution)).collect()
    }

    fn of_attribute(insight: &Insight, told: &Attribution) -> Shares {
        let account = &insight.subject.account;
        let minutes = f64::from(insight.statistics.insight_minutes.0.max(1));
        let baseline_minutes = f64::from(insight.statistics.baseline_minutes.0.max(1));
        let sum = |shares: &[Share], other: u64| shares.iter().map(|share| share.calls).sum::<u64>() + other;
        let (now, before) = (sum(&told.insight, told.insight_other), sum(&told.baseline, told.baseline_other));
        let share = |calls: u64, all: u64| if all == 0 { 0.0 } else { calls as f64 / all as f64 };
        let value = |text: &str, calls: u64, baseline: Option<u64>, is_other: bool| Value {
            value: text.to_owned(),
            short: if is_other { "Other".to_owned() } else { short_value(told.attribute, text, account) },
            is_other,
            is_new: !is_other && calls > 0 && baseline == Some(0),
            calls,
            share: share(calls, now),
            per_minute: calls as f64 / minutes,
            baseline_calls: baseline,
            baseline_share: baseline.map(|calls| share(calls, before)),
            baseline_per_minute: baseline.map(|calls| calls as f64 / baseline_minutes),
        };
        let find = |shares: &[Share], other: u64, text: &str| match shares.iter().find(|share| share.value == text) {
            Some(share) => Some(share.calls),
            None if other == 0 => Some(0),
            None => None,
        };
        let difference_of = |text: &str| {
            let mut all = insight.differences.iter();
            all.find(|different| different.attribute == told.attribute && different.value == text)
        };
        let mut values: Vec<Value> = Vec::new();
        for now in &told.insight {
            let known = difference_of(&now.value);
            let mut baseline = find(&told.baseline, told.baseline_other, &now.value);
            // What is said to be different was looked up, though it is not among the first five.
            if baseline.is_none()
                && let Some(known) = known
            {
                baseline = Some((known.baseline_share * before as f64).round() as u64);
            }
            values.push(value(&now.value, now.calls, baseline, false));
        }
        for before in told.baseline.iter().filter(|before| !told.insight.iter().any(|now| now.value == before.value)) {
            if told.insight_other == 0 {
                values.push(value(&before.value, 0, Some(before.calls), false));
            }
        }
        let listed: u64 = values.iter().filter_map(|value| value.baseline_calls).sum();
        let baseline_other = before.saturating_sub(listed);
        if told.insight_other > 0 || baseline_other > 0 {
            values.push(value("", told.insight_other, Some(baseline_other), true));
        }
        let moved =
            values.iter().map(|value| (value.share - value.baseline_share.unwrap_or(0.0)).max(0.0)).sum::<f64>();
        Shares {
            attribute: told.attribute.as_str(),
            label: label(told.attribute),
            is_of_aws: matches!(
                told.attribute,
                Attribute::UserIdentityArn | Attribute::UserAgent | Attribute::ErrorCode
            ),
            difference: if now == 0 { 0.0 } else { moved.min(1.0) },
            values,
        }
    }
}
