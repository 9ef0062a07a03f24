//! An audit event: what its data must be like, and what becomes of it, as CloudTrail's own fields around the data.
//!
//! | part of `eventData` | |
//! |---|---|
//! | `version`, `UID`, `eventSource`, `eventName`, `eventTime`, `recipientAccountId`, `userIdentity.type`, `.principalId` | must be there |
//! | `userAgent`, `sourceIPAddress`, `errorCode`, `errorMessage` | texts |
//! | `userIdentity.details`, `requestParameters`, `responseElements`, `additionalEventData` | objects |
//!
//! Whatever else it has is kept, and is in `eventJson`. Its time is within what its stores keep, and at most a day ahead.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-integration-event-schema.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use record::event_id::EventId;
use record::names::{AccountId, Region};
use route::json::{Value, write_string};
use sha2::{Digest, Sha256};

use super::put_audit_events::AuditEvent;
use crate::hashed_uuid::hashed_uuid;

/// What is known of the events of one request.
pub(super) struct Facts<'f> {
    pub(super) channel_arn: String,
    pub(super) account: &'f AccountId,
    pub(super) region: &'f Region,
    /// The ids of the stores that they go to.
    pub(super) stores: Vec<&'f str>,
    /// The oldest moment that one of these keeps.
    pub(super) oldest: Timestamp,
    pub(super) now: Timestamp,
}

/// Why an event is not taken: AWS's code, and a sentence.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// AWS's limit on one event.
const MAX_BYTES: usize = 256 << 10;
/// Clocks differ, but not by more.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// A sentence is no longer, in letters.
const MAX_MESSAGE: usize = 1024;

/// Texts within the data: where, whether they must be there, and their letters at most.
const TEXTS: &[(&[&str], bool, usize)] = &[
    (&["version"], true, 256),
    (&["userIdentity", "type"], true, 128),
    (&["userIdentity", "principalId"], true, 1024),
    (&["userAgent"], false, 1024),
    (&["eventSource"], true, 1024),
    (&["eventName"], true, 1024),
    (&["eventTime"], true, 32),
    (&["UID"], true, 1024),
    (&["errorCode"], false, 256),
    (&["errorMessage"], false, 256),
    (&["sourceIPAddress"], false, 256),
    (&["recipientAccountId"], true, 32),
];

/// Objects within the data, and their bytes at most.
const OBJECTS: &[(&[&str], usize)] = &[
    (&["userIdentity"], MAX_BYTES),
    (&["userIdentity", "details"], MAX_BYTES),
    (&["requestParameters"], 100 << 10),
    (&["responseElements"], 100 << 10),
    (&["additionalEventData"], 28 << 10),
];

/// The event's id, and the event as it is kept: JSON.
pub(super) fn read(event: &AuditEvent, facts: &Facts<'_>) -> Result<(EventId, String), Refusal> {
    let text = &event.event_data;
    if text.len() > MAX_BYTES {
        let message = format!("eventData has {} bytes, and an event at most {MAX_BYTES}.", text.len());
        return Err(refusal("FieldTooLong", message));
    }
    if let Some(checksum) = &event.event_data_checksum
        && STANDARD.decode(checksum.trim()).ok().as_deref() != Some(Sha256::digest(text).as_slice())
    {
        let message = "eventDataChecksum is not the SHA-256 of eventData in base64.";
        return Err(refusal("InvalidChecksum", message));
    }
    let data = match Value::parse(text) {
        Ok(data @ Value::Object(_)) => data,
        Ok(_) => return Err(refusal("InvalidData", "eventData is not a JSON object.")),
        Err(error) => return Err(refusal("InvalidData", format!("eventData is not JSON: {error}"))),
    };
    check(&data)?;
    let time = time_of(&data, facts)?;
    let said = data.get("recipientAccountId").and_then(as_text).unwrap_or_default();
    if said != facts.account.as_str() {
        let message = format!("recipientAccountId must be {}, the account that owns the channel.", facts.account);
        return Err(refusal("InvalidRecipient", message));
    }
    let data = data.to_json();
    let id = hashed_uuid(&format!("audit event {} of {}: {data}", event.id, facts.channel_arn));
    Ok((id, record(id, time, &data, facts)))
}

fn check(data: &Value<'_>) -> Result<(), Refusal> {
    no_name_twice(data, "")?;
    no_name_twice(data.get("userIdentity").unwrap_or(&Value::Null), "userIdentity.")?;
    for (path, most_bytes) in OBJECTS {
        let name = path.join(".");
        match within(data, path) {
            None | Some(Value::Null) => {}
            Some(object @ Value::Object(_)) => {
                let bytes = object.to_json().len();
                if bytes > *most_bytes {
                    let message = format!("{name} has {bytes} bytes, and at most {most_bytes}.");
                    return Err(refusal("FieldTooLong", message));
                }
            }
            Some(_) => return Err(refusal("InvalidData", format!("{name} is not a JSON object."))),
        }
    }
    for (path, is_required, most) in TEXTS {
        let name = path.join(".");
        match within(data, path) {
            None | Some(Value::Null) if *is_required => {
                return Err(refusal("FieldNotFound", format!("{name} is missing.")));
            }
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if *is_required && text.is_empty() => {
                return Err(refusal("FieldNotFound", format!("{name} is empty.")));
            }
            Some(Value::String(text)) => {
                let length = text.chars().count();
                if length > *most {
                    let message = format!("{name} has {length} characters, and at most {most}.");
                    return Err(refusal("FieldTooLong", message));
                }
            }
            Some(_) => return Err(refusal("InvalidData", format!("{name} is not a string."))),
        }
    }
    Ok(())
}

/// Columns do not tell `uid` from `UID`: which of two would count, nobody could say.
fn no_name_twice(value: &Value<'_>, within: &str) -> Result<(), Refusal> {
    let Value::Object(fields) = value else { return Ok(()) };
    let mut names: Vec<String> = fields.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(refusal("InvalidData", format!("{within}{} is there twice.", pair[0]))),
        None => Ok(()),
    }
}

fn within<'v, 'd>(data: &'v Value<'d>, path: &[&str]) -> Option<&'v Value<'d>> {
    path.iter().try_fold(data, |value, name| value.get(name))
}

fn as_text<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// When it happened: `yyyy-MM-ddTHH:mm:ss`, in UTC, with or without a Z.
fn time_of(data: &Value<'_>, facts: &Facts<'_>) -> Result<Timestamp, Refusal> {
    let text = data.get("eventTime").and_then(as_text).unwrap_or_default();
    let plain = text.strip_suffix('Z').unwrap_or(text);
    let is_so_written = plain.len() == 19 && plain.as_bytes()[10] == b'T';
    let time = is_so_written.then(|| plain.parse::<DateTime>().ok()).flatten();
    let time = time.and_then(|time| TimeZone::UTC.to_timestamp(time).ok());
    let invalid = |why: String| refusal("InvalidData", format!("eventTime {why}"));
    match time {
        None => Err(invalid("is not a moment like 2026-02-10T18:02:00Z, in UTC.".into())),
        Some(time) if time > facts.now + AHEAD => Err(invalid("is more than a day ahead.".into())),
        Some(time) if time < facts.oldest => {
            Err(invalid(format!("is before {:.0}, from when on the event data stores keep events.", facts.oldest)))
        }
        Some(time) => Ok(time),
    }
}

/// The event with what CloudTrail says of it. The data comes last: whatever is in it, the rest is read.
fn record(id: EventId, time: Timestamp, data: &str, facts: &Facts<'_>) -> String {
    let mut record = String::with_capacity(data.len() + 600);
    let mut put = |name: &str, text: &str| {
        record.push_str(name);
        write_string(text, &mut record);
    };
    put(r#"{"eventVersion":"#, "1.0");
    put(r#","eventCategory":"#, "ActivityAuditLog");
    put(r#","eventType":"#, "ActivityLog");
    put(r#","eventID":"#, &id.to_string());
    put(r#","eventTime":"#, &format!("{time:.0}"));
    put(r#","awsRegion":"#, facts.region.as_str());
    put(r#","recipientAccountId":"#, facts.account.as_str());
    put(r#","metadata":{"ingestionTime":"#, &format!("{:.0}", facts.now));
    put(r#","channelARN":"#, &facts.channel_arn);
    record.push_str(r#"},"eventDataStores":["#);
    for (at, store) in facts.stores.iter().enumerate() {
        record.push_str(if at > 0 { "," } else { "" });
        write_string(store, &mut record);
    }
    record.push_str(r#"],"eventData":"#);
    record.push_str(data);
    record.push('}');
    record
}

fn refusal(code: &'static str, message: impl Into<String>) -> Refusal {
    let mut message: String = message.into();
    if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
        message.truncate(end);
    }
    Refusal { code, message }
}
