//! Insights as they stand now: of one that goes on, what was told is of its first minutes, and what has come since is counted anew.

use record::insight::{Direction, Insight, Statistics};
use record::time::Minute;
use store::insights::StoredInsight;
use store::{Reader, StoreError};

use crate::evaluate::attribute;

/// Counts what has come since. An increase lasts up to its last call: that it is over is said an hour later, and an hour without
/// calls is none of it. A decrease lasts as long as there are calls of others.
pub(super) fn up_to_now(r: &Reader<'_>, stored: &mut StoredInsight, now: Minute) -> Result<(), StoreError> {
    if stored.insight.end.is_some() {
        return Ok(());
    }
    let (start, subject) = (stored.insight.start, stored.insight.subject.clone());
    let counts = r.counts(&subject, start, now.next())?;
    let until = match stored.insight.direction {
        Direction::Increase => counts.last().map(|last| last.0.next()),
        Direction::Decrease => {
            r.activity(&subject.account, &subject.region, start, now.next())?.last().map(|last| last.0.next())
        }
    };
    let until = until.unwrap_or(start.next()).max(start.next());
    let within = counts.iter().filter(|pair| pair.0 < until);
    let calls = within.map(|pair| u64::from(pair.1)).sum();
    let insight = &mut stored.insight;
    insight.statistics = Statistics { insight_calls: calls, insight_minutes: until - start, ..insight.statistics };
    attribute(r, insight, until).map(drop)
}

/// The minute after the last that an insight covers, so far.
pub(super) fn until(insight: &Insight) -> Minute {
    insight.end.unwrap_or(insight.start + insight.statistics.insight_minutes)
}
