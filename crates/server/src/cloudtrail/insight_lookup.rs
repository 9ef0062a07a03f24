//! Looking up Insight events: a page of them, the newest first. They are the store's.

use record::insight_record::{Options, insight_record};
use record::time::Minute;
use store::insight_events::{InsightEvent, Lookup, LookupPlace};
use wire::{ApiError, Timestamp};

use super::lookup_page::{Asked, EventTold, KEPT, LookupPage, Place, Question};
use super::trail_tags::EXTRA_FIELDS;
use crate::{Context, Failure};

/// Looks up.
pub(crate) fn look_up(
    asked: &Asked<Lookup>,
    cx: &Context<'_>,
    wrong_token: impl FnOnce() -> ApiError,
) -> Result<LookupPage, Failure> {
    let Asked { what, start, end, next_token, .. } = asked;
    let question = Question::of((&what.id, &what.name, &what.source, what.category, &what.account, start, end));
    let after = question.after(next_token.as_deref(), wrong_token)?.and_then(store_place);
    let oldest = minute_of((cx.now - KEPT).into());
    let from = start.map_or(oldest, first_minute_from);
    let lookup = Lookup {
        from: Some(from.max(oldest)),
        until: end.map(|end| Minute(minute_of(end).0.saturating_add(1))),
        ..what.clone()
    };
    let limit = asked.limit();
    // One more than asked for tells whether there is a next page.
    let (events, strict) = cx.store.read(|r| {
        let has_extra_fields = r.tagged(EXTRA_FIELDS)?.values().any(|value| value == "true");
        Ok((r.insight_events(&lookup, after.as_ref(), limit + 1)?.0, !has_extra_fields))
    })?;
    let place = |last: &InsightEvent| Place { at: i64::from(last.at.0), id: last.id.clone() };
    Ok(question.page(events, limit, place, |event| event_told(event, strict)))
}

fn store_place(Place { at, id }: Place) -> Option<LookupPlace> {
    Some(LookupPlace { at: Minute(i32::try_from(at).ok()?), id })
}

fn event_told(event: InsightEvent, strict: bool) -> EventTold {
    let subject = &event.insight.subject;
    EventTold {
        event_name: subject.name.to_string(),
        event_source: subject.source.to_string(),
        event_time: Timestamp::of_seconds(event.at.seconds() as f64).unwrap_or(event.created_at.into()),
        cloud_trail_event: insight_record(&event.insight, event.state, &Options { strict }),
        event_id: event.id,
        read_only: None,
        access_key_id: None,
        username: None,
        resources: Vec::new(),
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
