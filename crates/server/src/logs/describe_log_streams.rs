//! `DescribeLogStreams`: the streams of a log group, by name or by their last event.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::log_events::{LogStream, LogStreamList};
use wire::check::{Member, Shape};

use super::group::{
    GROUP_IDENTIFIER, GROUP_NAME, LIMIT, NEXT_TOKEN, PAGE, STREAM_NAME, group, group_arn, invalid, named_group,
};
use super::token;
use crate::page::cut;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeLogStreams {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: Option<bool>,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribedLogStreams {
    log_streams: Vec<LogStreamTold>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogStreamTold {
    log_stream_name: String,
    creation_time: i64,
    first_event_timestamp: Option<i64>,
    last_event_timestamp: Option<i64>,
    last_ingestion_time: Option<i64>,
    arn: String,
    /// AWS tells this of groups only: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogStream.html>
    stored_bytes: u64,
}

impl Operation for DescribeLogStreams {
    const NAME: &'static str = "DescribeLogStreams";
    const SHAPE: &'static Shape = &Shape::structure(
        "DescribeLogStreamsRequest",
        &[
            Member::optional("logGroupName", GROUP_NAME),
            Member::optional("logGroupIdentifier", GROUP_IDENTIFIER),
            Member::optional("logStreamNamePrefix", STREAM_NAME),
            Member::optional("orderBy", Shape::string().one_of(&["LogStreamName", "LastEventTime"])),
            Member::optional("nextToken", NEXT_TOKEN),
            Member::optional("limit", LIMIT),
        ],
    );
    type Output = DescribedLogStreams;

    fn run(self, cx: &Context<'_>) -> Result<DescribedLogStreams, Failure> {
        let name = named_group(cx, self.log_group_name.as_deref(), self.log_group_identifier.as_deref())?;
        let by_last_event = self.order_by.as_deref() == Some("LastEventTime");
        let token = self.next_token.as_deref();
        let list = match self.log_stream_name_prefix {
            Some(_) if by_last_event => {
                return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix.").into());
            }
            _ if by_last_event => LogStreamList::ByLastEvent { after: token.map(token::stream_of).transpose()? },
            prefix => LogStreamList::ByName { prefix: prefix.unwrap_or_default(), after: token::name_of(token)? },
        };
        let limit = self.limit.unwrap_or(PAGE);
        let is_descending = self.descending.unwrap_or(false);
        let streams = cx.store.try_read(|r| {
            group(r, &name)?;
            Ok::<_, Failure>(r.log_streams(&name, &list, is_descending, limit + 1)?)
        })?;
        let (streams, next_token) = cut(streams, limit, |last| match by_last_event {
            true => token::of_stream(last.last_at, &last.name),
            false => token::of_name(&last.name),
        });
        let arn = group_arn(&name);
        let log_streams = streams.into_iter().map(|stream| told(stream, &arn)).collect();
        Ok(DescribedLogStreams { log_streams, next_token })
    }
}

fn told(stream: LogStream, group_arn: &str) -> LogStreamTold {
    let millis = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
    LogStreamTold {
        creation_time: stream.created_at.as_millisecond(),
        first_event_timestamp: millis(stream.first_at),
        last_event_timestamp: millis(stream.last_at),
        last_ingestion_time: millis(stream.last_ingested_at),
        arn: format!("{group_arn}:log-stream:{}", stream.name),
        stored_bytes: 0,
        log_stream_name: stream.name,
    }
}
