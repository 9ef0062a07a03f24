//! `GET insights/{id}/events`: the calls behind an insight, a minute before to a minute after, out of the log files themselves.
//!
//! Counts keep no calls, so the files are read again: those of the account-Region that were delivered in that time and the
//! quarter of an hour after it. How many are read is bounded, and what was left out is said.

use std::collections::BTreeSet;

use record::api_call::{ApiCall, Record};
use record::insight::Attribute;
use record::log_file::{Limits, Reader};
use record::time::{Minute, Minutes};
use serde::Serialize;
use serde_json::value::Value;

use super::current::until;
use super::insight::find;
use super::query::Query;
use crate::Failure;
use crate::http::FrontDoor;

/// Files that are read.
const FILES: usize = 120;
/// Bytes of one file, and of all of them.
const FILE_BYTES: u64 = 32 << 20;
const ALL_BYTES: u64 = 96 << 20;
/// CloudTrail delivers within so many minutes, on average in five; late ones are not sought.
const LATE: Minutes = Minutes(20);

/// The calls.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Events {
    from: i64,
    until: i64,
    /// Calls that were found, of which so many are told.
    total: u64,
    events: Vec<Event>,
    files_read: usize,
    /// Files that were not read: they are too many, too large, or gone.
    files_left_out: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_id: String,
    event_time: i64,
    name: String,
    source: String,
    identity: Option<String>,
    source_ip_address: Option<String>,
    user_agent: Option<String>,
    error_code: Option<String>,
    read_only: bool,
    record: Value,
}

pub(super) fn events(door: &FrontDoor, id: &str, query: &Query) -> Result<Events, Failure> {
    query.only(&["limit", "all"])?;
    let limit = query.number("limit", 50, 1, 200)?;
    let every_api = query.word("all", &["true", "false"])? == Some("true");
    let now = Minute::of_seconds(door.world.clock.now().as_second());
    let (insight, files) = door.store.try_read(|r| {
        let insight = find(r, id, now)?.insight;
        let (from, end) = (Minute(insight.start.0 - 1), until(&insight).next());
        let subject = &insight.subject;
        let files = r.log_files_delivered(&subject.account, &subject.region, from, end + LATE, FILES + 1000)?;
        Ok::<_, Failure>((insight, files))
    })?;
    let (from, end) = (Minute(insight.start.0 - 1), until(&insight).next());
    let subject = &insight.subject;
    let (mut events, mut total, mut seen) = (Vec::new(), 0, BTreeSet::new());
    let (mut files_read, mut bytes_read) = (0, 0);
    let mut reader = Reader::new(Limits::default());
    for line in &files {
        let file = &line.file;
        if files_read >= FILES || bytes_read + file.size > ALL_BYTES {
            break;
        }
        let Ok(bytes) = door.world.buckets.get(&file.bucket, &file.key, FILE_BYTES) else { continue };
        (files_read, bytes_read) = (files_read + 1, bytes_read + bytes.len() as u64);
        // What is damaged behind its first records was counted as far, and is told as far.
        let _ = reader.read(&bytes, Some(subject.account.as_str()), |record| {
            let Ok(Record::Call(call)) = record else { return };
            let minute = Minute::of_seconds(call.event_time);
            let is_of_api = call.source == subject.source.as_str() && call.name == subject.name.as_str();
            let is_of_error = subject.error.as_ref().is_none_or(|code| call.plain_error_code() == Some(code.as_str()));
            let is_here = call.account == subject.account.as_str() && call.region == subject.region.as_str();
            if !is_here || minute < from || minute >= end || !(every_api || is_of_api && is_of_error) {
                return;
            }
            let event = Event::of(&call);
            if seen.insert(event.event_id.clone()) {
                total += 1;
                events.push(event);
                // Room for all would be room for anything.
                if events.len() > 4 * limit {
                    keep_first(&mut events, limit);
                }
            }
        });
    }
    keep_first(&mut events, limit);
    Ok(Events {
        from: from.seconds(),
        until: end.seconds(),
        total,
        events,
        files_read,
        files_left_out: files.len() - files_read,
    })
}

fn keep_first(events: &mut Vec<Event>, limit: usize) {
    events.sort_by(|a, b| (a.event_time, &a.event_id).cmp(&(b.event_time, &b.event_id)));
    events.truncate(limit);
}

impl Event {
    fn of(call: &ApiCall<'_>) -> Event {
        let text = |attribute| call.attribute(attribute).map(str::to_owned);
        let record: Value = serde_json::from_slice(call.raw).unwrap_or_default();
        let event_id = record.get("eventID").and_then(Value::as_str).map(str::to_owned);
        Event {
            event_id: event_id.unwrap_or_else(|| format!("{:?}", call.event_id)),
            event_time: call.event_time,
            name: call.name.to_string(),
            source: call.source.to_string(),
            identity: text(Attribute::UserIdentityArn),
            source_ip_address: text(Attribute::SourceIpAddress),
            user_agent: text(Attribute::UserAgent),
            error_code: text(Attribute::ErrorCode),
            read_only: call.read_only,
            record,
        }
    }
}
