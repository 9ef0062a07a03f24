//! A post: what its body says. One event of EventBridge, or an array of them, each with a record of CloudTrail in its `detail`.

use record::api_call::Record;
use record::log_file::{Limits, Reader};
use record::names::{AccountId, Region};
use route::json::Value;

/// Events of one post.
const MAX_EVENTS: usize = 1_000;
/// Bytes of one event's record; EventBridge's own limit is far below.
const MAX_EVENT_BYTES: usize = 1 << 20;
/// Letters of an event's id that are said again.
const MAX_ID: usize = 64;

/// An event of a post.
#[derive(Debug)]
pub(super) struct Event {
    /// Its `id`, if it has one.
    pub(super) id: Option<String>,
    /// The record in it, or why there is none that is counted.
    pub(super) record: Result<Pushed, String>,
}

/// A record that was pushed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pushed {
    pub(super) account: AccountId,
    pub(super) region: Region,
    /// When it happened, in seconds.
    pub(super) event_time: i64,
    /// As it came, without room between its parts.
    pub(super) record: String,
}

/// The events of a post, or why it is none.
pub(super) fn events(body: &[u8]) -> Result<Vec<Event>, String> {
    let text = std::str::from_utf8(body).map_err(|_| "The body is not UTF-8.".to_owned())?;
    let events = match Value::parse(text) {
        Ok(Value::Array(events)) if events.len() > MAX_EVENTS => {
            return Err(format!("There are {} events: {MAX_EVENTS} at most are taken at once.", events.len()));
        }
        Ok(Value::Array(events)) => events,
        Ok(event @ Value::Object(_)) => vec![event],
        Ok(_) => return Err("The body is neither an EventBridge event nor an array of them.".into()),
        Err(error) => return Err(format!("The body is not JSON: {error}")),
    };
    let mut reader = Reader::new(Limits { record_bytes: MAX_EVENT_BYTES, ..Limits::default() });
    Ok(events.iter().map(|event| Event { id: id(event), record: pushed(&mut reader, event) }).collect())
}

fn id(event: &Value<'_>) -> Option<String> {
    match event.get("id") {
        Some(Value::String(id)) => Some(id.chars().take(MAX_ID).collect()),
        _ => None,
    }
}

fn pushed(reader: &mut Reader, event: &Value<'_>) -> Result<Pushed, String> {
    let Some(detail @ Value::Object(_)) = event.get("detail") else {
        return Err(
            "There is no `detail` with a CloudTrail record: send whole events, without an input transformer.".into()
        );
    };
    let record = detail.to_json();
    // As it will lie in a file: by itself it might be taken for a file of records.
    let file = format!("{{\"Records\":[{record}]}}");
    let mut found: Option<Result<Pushed, String>> = None;
    let read = reader.read(file.as_bytes(), None, |told| {
        found = Some(match told {
            Ok(Record::Call(call)) => Ok(Pushed {
                account: AccountId::from(&*call.account),
                region: Region::from(&*call.region),
                event_time: call.event_time,
                record: String::new(),
            }),
            Ok(Record::Insight { .. }) => Err("Insight events of AWS are not counted: send API calls.".into()),
            Err(rejection) => Err(format!(
                "`detail` is no CloudTrail record: {} ({})",
                rejection.reason.as_str(),
                rejection.reason.advice()
            )),
        });
    });
    match (found, read) {
        (Some(found), _) => found.map(|found| Pushed { record, ..found }),
        (None, Err(fault)) => Err(format!("`detail` is no CloudTrail record: {}", fault.as_str())),
        (None, Ok(())) => Err("`detail` is no CloudTrail record.".into()),
    }
}
