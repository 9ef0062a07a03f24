//! Together: when one hand is behind many insights, say so once, first.

use std::collections::BTreeMap;

use crate::insight::{Attribute, Direction, Insight};
use crate::names::AccountId;
use crate::sentences::span;
use crate::time::{Minute, Minutes};
use crate::words::{clean, count, short_value, who};

/// Insights that make a sentence worth it.
const ENOUGH: usize = 3;
/// Share of an insight's calls that one identity must have made.
const MOST: f64 = 0.5;
/// Insights of one identity that start this far from the one before are another story.
const APART: Minutes = Minutes(6 * 60);

/// One sentence for each identity that is behind several increases within some hours, without its full stop.
pub fn together(told: &[&Insight]) -> Vec<String> {
    let mut by_hand: BTreeMap<(&AccountId, String), Vec<&Insight>> = BTreeMap::new();
    for &insight in told.iter().filter(|insight| insight.direction == Direction::Increase) {
        if let Some(hand) = mostly(insight, Attribute::UserIdentityArn) {
            by_hand.entry((&insight.subject.account, hand)).or_default().push(insight);
        }
    }
    let mut sentences = Vec::new();
    for ((account, hand), mut insights) in by_hand {
        insights.sort_by_key(|insight| (insight.start, insight.end));
        for story in insights.chunk_by(|a, b| b.start - a.start <= APART) {
            if story.len() < ENOUGH {
                continue;
            }
            let number = match story.len() {
                all if all == told.len() => "All of them are".to_owned(),
                some => format!("{} of them are", count(some as u64)),
            };
            let hand = short_value(Attribute::UserIdentityArn, &hand, account);
            let mut sentence = format!("{number} the work of {hand}");
            let addresses: Vec<_> =
                story.iter().filter_map(|insight| mostly(insight, Attribute::SourceIpAddress)).collect();
            if addresses.len() == story.len() && addresses.iter().all(|address| *address == addresses[0]) {
                sentence.push_str(&format!(" from {}", clean(&addresses[0])));
            }
            let end: Option<Minute> =
                story.iter().map(|insight| insight.end).max_by_key(|end| end.unwrap_or(Minute(i32::MAX))).flatten();
            sentence.push_str(&format!(", {}", span(story[0].start, end)));
            sentences.push(sentence);
        }
    }
    sentences
}

/// The value that most calls of an insight have.
fn mostly(insight: &Insight, attribute: Attribute) -> Option<String> {
    let (value, share) = who(&insight.differences, &insight.attributions, attribute)?;
    (share >= MOST && value != "null").then_some(value)
}
