//! `PutLogEvents`: logs events to a stream, in the order of time.
//!
//! What is too old, too new or beyond the group's retention is left out and told by its place; the rest is taken.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::log_events::{EVENT_BYTES, MAX_MESSAGE_BYTES, NewLogEvent};
use wire::check::{Member, Shape};

use super::group::{GROUP_NAME, STREAM_NAME, TIME, group, group_name, invalid, no_stream};
use crate::{Context, Failure, Operation};

/// Bytes of a batch: of each event its message, and 26.
const MAX_BYTES: usize = 1_048_576;
const MAX_AGE: SignedDuration = SignedDuration::from_hours(14 * 24);
const MAX_AHEAD: SignedDuration = SignedDuration::from_hours(2);
const MAX_SPAN_MILLIS: i64 = 24 * 60 * 60 * 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutLogEvents {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<InputLogEvent>,
    /// AWS, too, looks at it no more.
    #[serde(rename = "sequenceToken")]
    _sequence_token: Option<String>,
    #[serde(rename = "entity")]
    _entity: Option<Entity>,
}

/// Who logs, for consoles of AWS's: nobody asks for it here.
#[derive(Deserialize)]
struct Entity {
    #[serde(rename = "keyAttributes")]
    _key_attributes: Option<BTreeMap<String, String>>,
    #[serde(rename = "attributes")]
    _attributes: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct InputLogEvent {
    timestamp: i64,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutResult {
    next_sequence_token: String,
    rejected_log_events_info: Option<Rejected>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rejected {
    too_new_log_event_start_index: Option<usize>,
    too_old_log_event_end_index: Option<usize>,
    expired_log_event_end_index: Option<usize>,
}

const EVENT: Shape = Shape::structure(
    "InputLogEvent",
    &[Member::required("timestamp", TIME), Member::required("message", Shape::string().at_least_long(1))],
);

impl Operation for PutLogEvents {
    const NAME: &'static str = "PutLogEvents";
    const SHAPE: &'static Shape = &Shape::structure(
        "PutLogEventsRequest",
        &[
            Member::required("logGroupName", GROUP_NAME),
            Member::required("logStreamName", STREAM_NAME),
            Member::required("logEvents", Shape::list(&EVENT).length(1, 10_000)),
            Member::optional("sequenceToken", Shape::string().at_least_long(1)),
        ],
    );
    type Output = PutResult;

    fn run(self, cx: &Context<'_>) -> Result<PutResult, Failure> {
        let events = &self.log_events;
        if let Some(event) = events.iter().find(|event| event.message.len() > MAX_MESSAGE_BYTES) {
            let (bytes, limit) = (event.message.len() + EVENT_BYTES, MAX_BYTES);
            return Err(invalid(format!("Log event too large: {bytes} bytes exceeds limit of {limit}")).into());
        }
        let bytes: usize = events.iter().map(|event| event.message.len() + EVENT_BYTES).sum();
        if bytes > MAX_BYTES {
            return Err(invalid(format!("Upload too large: {bytes} bytes exceeds limit of {MAX_BYTES}")).into());
        }
        if !events.is_sorted_by_key(|event| event.timestamp) {
            let message = "Log events in a single PutLogEvents request must be in chronological order.";
            return Err(invalid(message).into());
        }
        let stream = group_name(cx, &self.log_group_name).stream(self.log_stream_name);
        cx.store.try_write(|w| {
            let group = group(w, &stream.log_group())?;
            w.log_stream(&stream)?.ok_or_else(no_stream)?;
            let before = |age: SignedDuration| cx.now.checked_sub(age).unwrap_or(Timestamp::MIN).as_millisecond();
            let too_old = events.partition_point(|event| event.timestamp < before(MAX_AGE));
            let kept = group.retention_days.map(|days| before(SignedDuration::from_hours(24 * i64::from(days))));
            let expired = kept.map_or(0, |kept| events.partition_point(|event| event.timestamp < kept));
            let ahead = (cx.now + MAX_AHEAD).as_millisecond();
            let too_new = events.partition_point(|event| event.timestamp <= ahead);
            let valid = events.get(too_old.max(expired)..too_new).unwrap_or_default();
            if let (Some(first), Some(last)) = (valid.first(), valid.last())
                && last.timestamp - first.timestamp > MAX_SPAN_MILLIS
            {
                let message =
                    "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.";
                return Err(invalid(message).into());
            }
            let valid: Vec<NewLogEvent> = valid
                .iter()
                .filter_map(|event| {
                    let at = Timestamp::from_millisecond(event.timestamp).ok()?;
                    Some(NewLogEvent { at, message: event.message.clone() })
                })
                .collect();
            w.add_log_events(&stream, &valid, cx.now)?;
            let rejected = Rejected {
                too_new_log_event_start_index: (too_new < events.len()).then_some(too_new),
                too_old_log_event_end_index: (too_old > 0).then_some(too_old),
                expired_log_event_end_index: (expired > too_old).then_some(expired),
            };
            let has_rejected = valid.len() < events.len();
            Ok(PutResult {
                // Nobody asks for it any more; AWS gives one still.
                next_sequence_token: format!("{:056}", cx.now.as_nanosecond().max(0)),
                rejected_log_events_info: has_rejected.then_some(rejected),
            })
        })
    }
}
