//! The event of an Insight record.
//!
//! AWS keeps the type in `detail.insightDetails.insightType` and the moment in `detail.eventTime`. Many rules and
//! functions look for `detail.insightType` and for `insightContext.startTime` and `.endTime`. So where a record lacks
//! these they are added, behind AWS's fields, which its versioning rule lets a reader ignore; our own records have them
//! already and stay as they are.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html>

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::{EnvelopeError, Facts, write_event};
use crate::json::Value;

/// Writes the event of an Insight record over what is in `event`, with this id, or else the record's `eventID`.
pub fn write_insight_event(record: &str, id: Option<&str>, event: &mut Vec<u8>) -> Result<(), EnvelopeError> {
    event.clear();
    let read = Value::parse(record).map_err(|error| no_insight(error.to_string()))?;
    let time = time_of(&read)?;
    let detail = with_added(record, read.clone())?;
    let facts = Facts {
        id: id.or_else(|| text(&read, "eventID")).unwrap_or_default(),
        event_type: Some("AwsCloudTrailInsight"),
        event_source: "cloudtrail.amazonaws.com",
        event_time: time.as_second(),
        account: text(&read, "recipientAccountId").unwrap_or_default(),
        region: text(&read, "awsRegion").unwrap_or_default(),
    };
    write_event(detail.as_bytes(), &facts, event)
}

/// The `detail` of an Insight record's event: the record, with what it lacks of our additions.
pub fn insight_detail(record: &str) -> Result<Cow<'_, str>, EnvelopeError> {
    with_added(record, Value::parse(record).map_err(|error| no_insight(error.to_string()))?)
}

fn with_added<'r>(record: &'r str, mut read: Value<'r>) -> Result<Cow<'r, str>, EnvelopeError> {
    if text(&read, "eventType") != Some("AwsCloudTrailInsight") {
        return Err(no_insight("its eventType is not AwsCloudTrailInsight"));
    }
    let time = time_of(&read)?;
    let details = read.get("insightDetails").ok_or_else(|| no_insight("it has no insightDetails"))?;
    let insight_type = details.get("insightType").cloned().ok_or_else(|| no_insight("it has no insightType"))?;
    let is_end = text(details, "state") == Some("End");
    let context = details.get("insightContext").ok_or_else(|| no_insight("it has no insightContext"))?;
    let start = if is_end { minutes(context).and_then(|minutes| time.checked_sub(minutes).ok()) } else { Some(time) };

    let mut has_added = false;
    let mut add = |to: &mut Value<'r>, name: &'static str, value: Value<'r>| match to {
        Value::Object(fields) if fields.iter().all(|(known, _)| known != name) => {
            fields.push((name.into(), value));
            has_added = true;
        }
        _ => {}
    };
    if let Some(context) = field(&mut read, "insightDetails").and_then(|details| field(details, "insightContext")) {
        add(context, "startTime", start.map_or(Value::Null, moment));
        add(context, "endTime", if is_end { moment(time) } else { Value::Null });
    }
    add(&mut read, "insightType", insight_type);
    Ok(if has_added { Cow::Owned(read.to_json()) } else { Cow::Borrowed(record) })
}

fn time_of(record: &Value<'_>) -> Result<Timestamp, EnvelopeError> {
    let time = text(record, "eventTime").ok_or_else(|| no_insight("it has no eventTime"))?;
    time.parse().map_err(|_| no_insight("its eventTime is no time"))
}

/// An End is as many minutes after its Start as it says.
fn minutes(context: &Value<'_>) -> Option<SignedDuration> {
    match context.get("statistics")?.get("insightDuration")? {
        Value::Number(minutes) => Some(SignedDuration::from_mins(minutes.parse::<u32>().ok()?.into())),
        _ => None,
    }
}

fn moment(time: Timestamp) -> Value<'static> {
    Value::String(format!("{time:.0}").into())
}

fn text<'v>(value: &'v Value<'_>, name: &str) -> Option<&'v str> {
    match value.get(name)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn field<'v, 'a>(value: &'v mut Value<'a>, name: &str) -> Option<&'v mut Value<'a>> {
    match value {
        Value::Object(fields) => fields.iter_mut().rev().find(|(known, _)| known == name).map(|(_, value)| value),
        _ => None,
    }
}

fn no_insight(reason: impl Into<String>) -> EnvelopeError {
    EnvelopeError::NoInsight { reason: reason.into() }
}
