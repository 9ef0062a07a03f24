//! Looking up Insight events: a page of them, the newest first, and the token of the next.
//!
//! A token says where a page ended, and what was asked: with anything else asked it is refused. What comes in meanwhile is
//! newer than all tokens, so nothing is skipped or told twice.

use std::hash::{DefaultHasher, Hash, Hasher};

use record::insight_record::{Options, insight_record};
use record::time::{DAY, Minute, Minutes};
use serde::Serialize;
use store::insight_events::{InsightEvent, Lookup, LookupPlace};
use wire::Timestamp;

use super::trail_tags::EXTRA_FIELDS;
use crate::context::cut;
use crate::{Context, Failure};

/// A page.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InsightsPage {
    events: Vec<EventTold>,
    next_token: Option<String>,
}

/// An Insight event, as `LookupEvents` tells events. Nobody calls an insight, so nobody's name is told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EventTold {
    event_id: String,
    event_name: String,
    event_time: Timestamp,
    event_source: String,
    resources: [(); 0],
    cloud_trail_event: String,
}

/// What is looked up.
pub(crate) struct Asked {
    pub(crate) lookup: Lookup,
    pub(crate) start: Option<Timestamp>,
    pub(crate) end: Option<Timestamp>,
    pub(crate) max_results: Option<usize>,
    pub(crate) next_token: Option<String>,
}

/// AWS keeps them for so long.
const KEPT: Minutes = Minutes(90 * DAY.0);

const MOST_RESULTS: usize = 50;

impl InsightsPage {
    /// Looks up. Both ends of the time belong to it. `None`: the token is not one of this question's.
    pub(crate) fn read(asked: Asked, cx: &Context<'_>) -> Result<Option<InsightsPage>, Failure> {
        let Asked { mut lookup, start, end, max_results, next_token } = asked;
        let question = question(&lookup, start, end);
        let after = match next_token.map(|token| place_of(&token, question)) {
            Some(None) => return Ok(None),
            place => place.flatten(),
        };

        let oldest = Minute(minute_of(cx.now.into()).0 - KEPT.0);
        let from = start.map_or(oldest, first_minute_from);
        lookup.from = Some(from.max(oldest));
        lookup.until = end.map(|end| Minute(minute_of(end).0.saturating_add(1)));
        let limit = max_results.unwrap_or(MOST_RESULTS).clamp(1, MOST_RESULTS);
        // One more than asked for tells whether there is a next page.
        let (events, strict) = cx.store.read(|r| {
            let has_extra_fields = r.tagged(EXTRA_FIELDS)?.values().any(|value| value == "true");
            Ok((r.insight_events(&lookup, after.as_ref(), limit + 1)?.0, !has_extra_fields))
        })?;
        let (events, next_token) = cut(events, limit, |last| token(last, question));
        let events = events.into_iter().map(|event| EventTold::of(event, strict)).collect();
        Ok(Some(InsightsPage { events, next_token }))
    }
}

impl EventTold {
    fn of(event: InsightEvent, strict: bool) -> EventTold {
        let subject = &event.insight.subject;
        EventTold {
            event_name: subject.name.to_string(),
            event_source: subject.source.to_string(),
            event_time: Timestamp::of_seconds(event.at.seconds() as f64).unwrap_or(event.created_at.into()),
            resources: [],
            cloud_trail_event: insight_record(&event.insight, event.state, &Options { strict }),
            event_id: event.id,
        }
    }
}

fn minute_of(time: Timestamp) -> Minute {
    Minute::of_seconds(time.0.as_millisecond().div_euclid(1000))
}

fn first_minute_from(time: Timestamp) -> Minute {
    let minute = minute_of(time);
    let is_whole = minute.seconds() * 1000 == time.0.as_millisecond();
    if is_whole { minute } else { Minute(minute.0.saturating_add(1)) }
}

fn question(lookup: &Lookup, start: Option<Timestamp>, end: Option<Timestamp>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&lookup.id, &lookup.name, &lookup.source, lookup.category, &lookup.account, start, end).hash(&mut hasher);
    hasher.finish()
}

fn token(last: &InsightEvent, question: u64) -> String {
    format!("{question:016x}.{}.{}", last.at.0, last.id)
}

fn place_of(token: &str, question: u64) -> Option<LookupPlace> {
    let mut parts = token.splitn(3, '.');
    let (of, at, id) = (parts.next()?, parts.next()?, parts.next()?);
    let is_ours = u64::from_str_radix(of, 16).ok()? == question;
    is_ours.then_some(LookupPlace { at: Minute(at.parse().ok()?), id: id.to_owned() })
}
