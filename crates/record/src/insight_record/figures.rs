//! Numbers and times as our JSON shows them, and the explanation in its camelCase words.
//!
//! Averages have ten decimals at most, as AWS's have; all other figures six significant digits, which is more than any of
//! them is known to. What is whole is written without a point, what is not a number as null.

use serde::{Serialize, Serializer};

use crate::insight::{Difference, Evidence, Explanation, FailedShare};
use crate::time::{Minute, Minutes};
use crate::words::is_misleading;

/// One line of JSON. Control and direction-changing characters within strings are escaped, also those that JSON itself
/// would let pass (DEL, C1, bidirectional overrides): a line can be shown on a terminal whatever an attacker wrote into it.
pub fn json_line(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).expect("our own types have string keys and no failing parts");
    if !text.chars().any(is_misleading) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if is_misleading(letter) {
            // All of them are below U+10000: one unit of UTF-16. They can only stand within strings.
            escaped.push_str(&format!("\\u{:04x}", u32::from(letter)));
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

/// Calls a minute, to ten decimals.
#[derive(Clone, Copy, Debug)]
pub struct Average(pub f64);

/// Any other number, to six significant digits.
#[derive(Clone, Copy, Debug)]
pub struct Figure(pub f64);

/// A whole minute, as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug)]
pub struct Time(pub Minute);

impl Serialize for Average {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        shortest(format!("{:.10}", self.0), serializer)
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        shortest(format!("{:.5e}", self.0), serializer)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

fn shortest<S: Serializer>(rounded: String, serializer: S) -> Result<S::Ok, S::Error> {
    let number: f64 = rounded.parse().unwrap_or(f64::NAN);
    if !number.is_finite() {
        serializer.serialize_none()
    } else if number.fract() == 0.0 && number.abs() < 1e15 {
        serializer.serialize_i64(number as i64)
    } else {
        serializer.serialize_f64(number)
    }
}

/// The fields of an explanation, in its own order, in camelCase.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExplanationFields {
    kind: Evidence,
    minute: Time,
    window: Minutes,
    calls: Figure,
    expected: Figure,
    expected_low: Figure,
    expected_high: Figure,
    ratio: Figure,
    rarity: Figure,
    account_rarity: Figure,
    series_count: u32,
    false_alarms_per_month: Figure,
    threshold: Figure,
    correction: Figure,
    minutes_learned: Minutes,
    mean_per_minute: Figure,
    hour_factor: Figure,
    level_factor: Figure,
    clumpiness: Figure,
    past_exceedances: Figure,
    size: Figure,
    largest_past_size: Figure,
}

/// The explanation as JSON shows it.
pub fn explanation_fields(why: &Explanation) -> ExplanationFields {
    let Explanation {
        kind,
        minute,
        window,
        calls,
        expected,
        expected_low,
        expected_high,
        ratio,
        rarity,
        account_rarity,
        series_count,
        false_alarms_per_month,
        threshold,
        correction,
        minutes_learned,
        mean_per_minute,
        hour_factor,
        level_factor,
        clumpiness,
        past_exceedances,
        size,
        largest_past_size,
    } = *why;
    ExplanationFields {
        kind,
        minute: Time(minute),
        window,
        calls: Figure(calls),
        expected: Figure(expected),
        expected_low: Figure(expected_low),
        expected_high: Figure(expected_high),
        ratio: Figure(ratio),
        rarity: Figure(rarity),
        account_rarity: Figure(account_rarity),
        series_count,
        false_alarms_per_month: Figure(false_alarms_per_month),
        threshold: Figure(threshold),
        correction: Figure(correction),
        minutes_learned,
        mean_per_minute: Figure(mean_per_minute),
        hour_factor: Figure(hour_factor),
        level_factor: Figure(level_factor),
        clumpiness: Figure(clumpiness),
        past_exceedances: Figure(past_exceedances),
        size: Figure(size),
        largest_past_size: Figure(largest_past_size),
    }
}

/// The fields of a difference, in camelCase.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceFields {
    attribute: &'static str,
    value: String,
    calls: u64,
    share: Figure,
    baseline_share: Figure,
    excess: Figure,
    lift: Figure,
    is_new: bool,
}

/// A difference as JSON shows it.
pub fn difference_fields(difference: &Difference) -> DifferenceFields {
    DifferenceFields {
        attribute: difference.attribute.as_str(),
        value: difference.value.clone(),
        calls: difference.calls,
        share: Figure(difference.share),
        baseline_share: Figure(difference.baseline_share),
        excess: Figure(difference.excess),
        lift: Figure(difference.lift),
        is_new: difference.is_new,
    }
}

/// The share of calls that failed, before and during.
#[derive(Serialize)]
pub struct FailedShareFields {
    before: Option<Figure>,
    during: Option<Figure>,
}

/// Failed shares as JSON shows them.
pub fn failed_share_fields(share: &FailedShare) -> FailedShareFields {
    FailedShareFields { before: share.before.map(Figure), during: share.during.map(Figure) }
}
