//! `FilterLogEvents`: what was logged to a group, to all of its streams or some, that matches a filter pattern.
//!
//! A page may be short or empty and yet have a token: so much is looked at for one page and no more.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>

use serde::{Deserialize, Serialize};
use store::log_events::{LogBegin, LogEvent, LogEventList};
use wire::check::{Member, Shape};

use super::filter_pattern::FilterPattern;
use super::group::{
    GROUP_IDENTIFIER, GROUP_NAME, NEXT_TOKEN, STREAM_NAME, TIME, group, invalid, named_group, no_stream,
};
use super::page::{EVENTS_LIMIT, Room, begin, moment};
use super::token::{Direction, event_id, of_place, place_of};
use crate::{Context, Failure, Operation};

/// Events that are looked at for one page.
const MAX_LOOKED_AT: usize = 100_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilterLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
    start_from_head: Option<bool>,
    /// Events of several streams always come in the order of time, as on AWS.
    #[serde(rename = "interleaved")]
    _interleaved: Option<bool>,
    /// Nothing is masked.
    #[serde(rename = "unmask")]
    _unmask: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilteredLogEvents {
    events: Vec<FilteredLogEvent>,
    /// AWS has told none for years.
    searched_log_streams: [(); 0],
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FilteredLogEvent {
    log_stream_name: String,
    timestamp: i64,
    message: String,
    ingestion_time: i64,
    event_id: String,
}

impl Operation for FilterLogEvents {
    const NAME: &'static str = "FilterLogEvents";
    const SHAPE: &'static Shape = &Shape::structure(
        "FilterLogEventsRequest",
        &[
            Member::optional("logGroupName", GROUP_NAME),
            Member::optional("logGroupIdentifier", GROUP_IDENTIFIER),
            Member::optional("logStreamNames", Shape::list(&STREAM_NAME).length(1, 100)),
            Member::optional("logStreamNamePrefix", STREAM_NAME),
            Member::optional("startTime", TIME),
            Member::optional("endTime", TIME),
            Member::optional("filterPattern", Shape::string().at_most_long(1024)),
            Member::optional("nextToken", NEXT_TOKEN),
            Member::optional("limit", EVENTS_LIMIT),
        ],
    );
    type Output = FilteredLogEvents;

    fn run(self, cx: &Context<'_>) -> Result<FilteredLogEvents, Failure> {
        let name = named_group(cx, self.log_group_name.as_deref(), self.log_group_identifier.as_deref())?;
        if self.log_stream_names.is_some() && self.log_stream_name_prefix.is_some() {
            let message = "LogStream names and LogStream name prefix are mutually exclusive parameters.";
            return Err(invalid(message).into());
        }
        let pattern = FilterPattern::of(self.filter_pattern.as_deref().unwrap_or_default())
            .map_err(|error| invalid(format!("Invalid filter pattern: {error}")))?;
        let given = self.next_token.as_deref().map(place_of).transpose()?;
        let begin = begin(given, self.start_from_head.unwrap_or(true));
        let list = LogEventList {
            streams: self.log_stream_names.unwrap_or_default(),
            stream_prefix: self.log_stream_name_prefix.unwrap_or_default(),
            from: self.start_time.map(moment),
            until: self.end_time.map(moment),
            begin,
        };
        let is_backward = matches!(begin, LogBegin::Last | LogBegin::Before(_));
        let (mut events, mut room) = (Vec::new(), Room::new(self.limit));
        // The last event that was looked at and the page is done with; and whether there are more.
        let (mut last, mut has_more, mut looked_at) = (None, false, 0);
        cx.store.try_read(|r| {
            group(r, &name)?;
            for stream in &list.streams {
                r.log_stream(&name.stream(&**stream))?.ok_or_else(no_stream)?;
            }
            r.each_log_event(&name, &list, |event| {
                let is_wanted = pattern.matches(&event.message);
                has_more = looked_at == MAX_LOOKED_AT || (is_wanted && !room.take(&event.message));
                looked_at += 1;
                if !has_more {
                    last = Some(event.place);
                    events.extend(is_wanted.then(|| told(event)));
                }
                !has_more
            })?;
            Ok::<_, Failure>(())
        })?;
        let next = last.filter(|_| has_more);
        let direction = if is_backward { Direction::Backward } else { Direction::Forward };
        Ok(FilteredLogEvents {
            events,
            searched_log_streams: [],
            next_token: next.map(|place| of_place(direction, place)),
        })
    }
}

fn told(event: LogEvent) -> FilteredLogEvent {
    FilteredLogEvent {
        event_id: event_id(event.place),
        timestamp: event.at.as_millisecond(),
        ingestion_time: event.ingested_at.as_millisecond(),
        log_stream_name: event.stream,
        message: event.message,
    }
}
