//! `GetLogEvents`: what was logged to one stream, a page in either direction.
//!
//! Tokens are never missing: the way forward goes on once more is logged. Whoever gets the token back that was given is at
//! the end. <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::log_events::{LogBegin, LogEventList, LogPlace};
use wire::check::{Member, Shape};

use super::group::{GROUP_IDENTIFIER, GROUP_NAME, NEXT_TOKEN, STREAM_NAME, TIME, group, named_group, no_stream};
use super::page::{EVENTS_LIMIT, Room, begin, moment};
use super::token::{Direction, of_place, place_of};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<usize>,
    start_from_head: Option<bool>,
    /// Nothing is masked.
    #[serde(rename = "unmask")]
    _unmask: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogEvents {
    events: Vec<OutputLogEvent>,
    next_forward_token: String,
    next_backward_token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OutputLogEvent {
    timestamp: i64,
    message: String,
    ingestion_time: i64,
}

impl Operation for GetLogEvents {
    const NAME: &'static str = "GetLogEvents";
    const SHAPE: &'static Shape = &Shape::structure(
        "GetLogEventsRequest",
        &[
            Member::optional("logGroupName", GROUP_NAME),
            Member::optional("logGroupIdentifier", GROUP_IDENTIFIER),
            Member::required("logStreamName", STREAM_NAME),
            Member::optional("startTime", TIME),
            Member::optional("endTime", TIME),
            Member::optional("nextToken", NEXT_TOKEN),
            Member::optional("limit", EVENTS_LIMIT),
        ],
    );
    type Output = LogEvents;

    fn run(self, cx: &Context<'_>) -> Result<LogEvents, Failure> {
        let name = named_group(cx, self.log_group_name.as_deref(), self.log_group_identifier.as_deref())?;
        let given = self.next_token.as_deref().map(place_of).transpose()?;
        let begin = begin(given, self.start_from_head.unwrap_or(false));
        let list = LogEventList {
            streams: vec![self.log_stream_name.clone()],
            from: self.start_time.map(moment),
            until: self.end_time.map(moment),
            begin,
            ..LogEventList::default()
        };
        let (mut events, mut room) = (Vec::new(), Room::new(self.limit));
        cx.store.try_read(|r| {
            group(r, &name)?;
            r.log_stream(&name.stream(&*self.log_stream_name))?.ok_or_else(no_stream)?;
            r.each_log_event(&name, &list, |event| {
                let has_room = room.take(&event.message);
                if has_room {
                    events.push(event);
                }
                has_room
            })?;
            Ok::<_, Failure>(())
        })?;
        if matches!(begin, LogBegin::Last | LogBegin::Before(_)) {
            events.reverse();
        }
        // Of an empty page, both are where it would have been.
        let place = given.map_or(LogPlace { at_millis: self.start_time.unwrap_or(0), number: 0 }, |(_, place)| place);
        let (first, last) =
            (events.first().map_or(place, |event| event.place), events.last().map_or(place, |event| event.place));
        Ok(LogEvents {
            next_forward_token: of_place(Direction::Forward, last),
            next_backward_token: of_place(Direction::Backward, first),
            events: events
                .into_iter()
                .map(|event| OutputLogEvent {
                    timestamp: Timestamp::as_millisecond(event.at),
                    message: event.message,
                    ingestion_time: Timestamp::as_millisecond(event.ingested_at),
                })
                .collect(),
        })
    }
}
