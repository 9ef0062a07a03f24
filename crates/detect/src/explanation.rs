//! Why: the numbers behind a decision, as data. Sentences are made from these fields and nothing else.

use record::insight::Explanation;

use crate::episode::Peak;
use crate::surprise::{quantile, variance_of};

/// Why the most telling minute of an episode was called unusual, under this promise (false alarms an account and month).
pub fn explanation(peak: &Peak, false_alarms_per_month: f64) -> Explanation {
    let (verdict, asked) = (&peak.verdict, &peak.asked);
    let variance = variance_of(verdict.expected, verdict.clumpiness, verdict.uncertainty);
    Explanation {
        kind: verdict.evidence,
        minute: peak.minute,
        window: verdict.window,
        calls: verdict.calls,
        expected: verdict.expected,
        expected_low: quantile(verdict.expected, variance, 0.05),
        expected_high: quantile(verdict.expected, variance, 0.95),
        ratio: verdict.calls / verdict.expected.max(1e-9),
        rarity: verdict.rarity,
        account_rarity: verdict.rarity - asked.account_offset,
        series_count: asked.series,
        false_alarms_per_month,
        threshold: asked.rarity,
        correction: asked.correction,
        minutes_learned: peak.minutes_learned,
        mean_per_minute: peak.expectation.mean_per_minute,
        hour_factor: peak.expectation.hour_factor,
        level_factor: peak.expectation.level,
        clumpiness: verdict.clumpiness,
        past_exceedances: verdict.past_exceedances,
        size: verdict.size,
        largest_past_size: verdict.largest_past_size,
    }
}
