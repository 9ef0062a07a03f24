//! One insight as a line of a table: the numbers, and the words that are made of them.

use record::insight::{Attribute, Direction, Evidence, Insight};
use record::sentences;
use record::time::Minute;
use record::words::{Level, capital, level, short_value, who, who_before};
use serde::Serialize;
use store::insights::StoredInsight;

use super::expected::Calls;
use crate::status::origin_word;

/// Values of the small picture, at most.
const SPARK: usize = 40;

/// An insight in a table.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) source: String,
    pub(super) name: String,
    pub(super) error_code: Option<String>,
    pub(super) category: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) direction: &'static str,
    pub(super) state: &'static str,
    pub(super) origin: &'static str,
    pub(super) start: i64,
    pub(super) end: Option<i64>,
    /// How long it lasted, or has lasted so far: an increase that goes on, up to its last call.
    pub(super) minutes: i32,
    pub(super) baseline_average: f64,
    pub(super) insight_average: f64,
    /// Calls over expected calls, in the most telling window.
    pub(super) ratio: f64,
    pub(super) change: String,
    /// How loud it is shown: `high`, `medium`, `low`.
    pub(super) level: &'static str,
    /// 1 to 100: 30 is once a month in the account, and each power of ten rarer is 20 more.
    pub(super) score: u8,
    pub(super) account_rarity: f64,
    /// How rare in the account, in words.
    pub(super) rarity_words: String,
    pub(super) title: String,
    pub(super) what: String,
    pub(super) top_identity: Option<Who>,
    /// What held it back, by its id: it was told to nobody.
    pub(super) held_by: Option<String>,
    /// What somebody called it: `falseAlarm` or `real`.
    pub(super) verdict: Option<&'static str>,
    pub(super) spark: Spark,
}

/// Who most likely did it; of a decrease, who made most of the calls before, and that share of them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Who {
    pub(super) value: String,
    pub(super) short: String,
    pub(super) share: f64,
    pub(super) is_new: bool,
}

/// A small picture of the calls around it, and which of its values are the insight's.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spark {
    values: Vec<f64>,
    first: usize,
    last: usize,
}

impl Row {
    pub(super) fn of(stored: &StoredInsight, calls: &Calls) -> Row {
        let insight = &stored.insight;
        let (subject, why) = (&insight.subject, &insight.explanation);
        let top = match insight.direction {
            Direction::Increase => who(&insight.differences, &insight.attributions, Attribute::UserIdentityArn),
            Direction::Decrease => who_before(&insight.attributions, Attribute::UserIdentityArn),
        };
        // Calls of nobody who is named: of a service, most often.
        let top = top.filter(|(value, _)| value != "null");
        Row {
            id: stored.id.clone(),
            account: subject.account.to_string(),
            region: subject.region.to_string(),
            source: subject.source.to_string(),
            name: subject.name.to_string(),
            error_code: subject.error.as_ref().map(ToString::to_string),
            category: subject.category.as_str(),
            kind: subject.insight_type().as_str(),
            direction: insight.direction.as_str(),
            state: if insight.end.is_none() { "ongoing" } else { "ended" },
            origin: origin_word(stored.origin),
            start: insight.start.seconds(),
            end: insight.end.map(|end| end.seconds()),
            minutes: insight.statistics.insight_minutes.0,
            baseline_average: insight.statistics.baseline_average(),
            insight_average: insight.statistics.insight_average(),
            ratio: why.ratio,
            change: sentences::change(insight),
            level: level_word(why.account_rarity),
            score: score(why.account_rarity),
            account_rarity: why.account_rarity,
            rarity_words: sentences::frequency(why.account_rarity),
            title: sentences::title(subject),
            what: format!("{}.", capital(&sentences::what(insight))),
            top_identity: top.map(|(value, share)| Who {
                short: short_value(Attribute::UserIdentityArn, &value, &subject.account),
                is_new: insight
                    .differences
                    .iter()
                    .any(|it| it.attribute == Attribute::UserIdentityArn && it.value == value && it.is_new),
                value,
                share,
            }),
            held_by: stored.held_by.clone(),
            verdict: calls.of(&stored.id),
            spark: Spark::of(insight),
        }
    }
}

/// How much it asks for a look.
pub(super) fn score(account_rarity: f64) -> u8 {
    if account_rarity.is_nan() {
        return 1;
    }
    (30.0 + 20.0 * account_rarity).clamp(1.0, 100.0).round() as u8
}

/// How loud it is shown.
pub(super) fn level_word(account_rarity: f64) -> &'static str {
    match level(account_rarity) {
        Level::High => "high",
        Level::Medium => "medium",
        Level::Low => "low",
    }
}

impl Spark {
    fn of(insight: &Insight) -> Spark {
        let timeline = &insight.timeline;
        let group = timeline.calls.len().div_ceil(SPARK).max(1);
        let minutes = f64::from(timeline.step.0.max(1));
        let values: Vec<f64> = timeline
            .calls
            .chunks(group)
            .map(|chunk| chunk.iter().sum::<u64>() as f64 / (chunk.len() as f64 * minutes))
            .collect();
        let at = |minute: Minute| {
            let step = (minute - timeline.from).0.max(0) / (timeline.step.0.max(1) * group as i32);
            (step as usize).min(values.len().saturating_sub(1))
        };
        // A silence that goes on has no end to be shown.
        let end = match (insight.end, insight.explanation.kind) {
            (None, Evidence::Silence) => None,
            (end, _) => Some(end.unwrap_or(insight.start + insight.statistics.insight_minutes)),
        };
        let last = end.map_or(values.len().saturating_sub(1), |end| at(Minute(end.0 - 1)));
        let first = at(insight.start);
        Spark { first, last: last.max(first), values }
    }
}
