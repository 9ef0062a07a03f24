//! A log group as the target of a rule: what is told becomes a log event.
//!
//! | what is told | message | time |
//! |---|---|---|
//! | the event | the event | its `time` |
//! | `{"timestamp": …, "message": …}`, as AWS asks of an input transformer | the `message` | the `timestamp` |
//! | anything else: a part of the event, a constant | just that | now |
//!
//! AWS names a new stream for whatever comes and says nowhere how. Here a rule has one stream a day, so that its events are
//! found together: `rule/2026-02-12`.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html>

use jiff::Timestamp;
use route::retry::Failure;
use serde_json::Value;
use store::log_events::NewLogEvent;

use crate::bus::TargetDelivery;
use crate::deliver::{Arrived, Delivering, Failed};
use crate::logs::group_of_arn;

pub(super) fn deliver(cx: &Delivering<'_>, told: TargetDelivery) -> Result<Arrived, Failed> {
    let no_group = || Failed::new(Failure::NoResource, format!("there is no log group `{}`", told.target_arn));
    let group = group_of_arn(&told.target_arn).ok_or_else(no_group)?;
    if cx.store.read(|r| r.log_group(&group)).map_err(Failed::of_store)?.is_none() {
        return Err(no_group());
    }
    let rule = told.rule_arn.rsplit('/').next().unwrap_or_default();
    let stream = group.stream(format!("{rule}/{}", cx.now.strftime("%Y-%m-%d")));
    let outcome = format!("logged to {}", stream.stream);
    let (event, now) = (log_event(told.text, cx.now), cx.now);
    // A group that was deleted meanwhile has nobody to read it: it is not made again.
    let also = Box::new(move |w: &store::Writer<'_>| match w.log_group(&group)? {
        Some(_) => w.add_log_events(&stream, &[event], now),
        None => Ok(()),
    });
    Ok(Arrived { outcome, also: Some(also) })
}

fn log_event(text: String, now: Timestamp) -> NewLogEvent {
    let Ok(Value::Object(mut members)) = serde_json::from_str::<Value>(&text) else {
        return NewLogEvent { at: now, message: text };
    };
    if members.len() == 2
        && let Some(at) = members.get("timestamp").and_then(moment)
        && let Some(message) = members.remove("message")
    {
        let message = if let Value::String(message) = message { message } else { message.to_string() };
        return NewLogEvent { at, message };
    }
    let is_event = members.contains_key("detail-type");
    let at = members.get("time").and_then(moment).filter(|_| is_event).unwrap_or(now);
    NewLogEvent { at, message: text }
}

/// Milliseconds since 1970, as a number or a text, or a time as events have it.
fn moment(value: &Value) -> Option<Timestamp> {
    let of_millis = |millis: i64| Timestamp::from_millisecond(millis).ok();
    match value {
        Value::Number(millis) => millis.as_i64().and_then(of_millis),
        Value::String(text) => text.parse().ok().or_else(|| text.parse().ok().and_then(of_millis)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_and_its_time_are_what_was_told() {
        let now = "2026-02-12T14:30:00Z".parse().unwrap();
        for (text, at, message) in [
            (r#"{"timestamp":1770906600000,"message":"hi"}"#, "2026-02-12T14:30:00Z", "hi"),
            (r#"{"timestamp":"1770906600001","message":"hi"}"#, "2026-02-12T14:30:00.001Z", "hi"),
            (r#"{"message":{"a":1},"timestamp":"2026-02-12T14:00:00Z"}"#, "2026-02-12T14:00:00Z", r#"{"a":1}"#),
            (
                r#"{"timestamp":"soon","message":"hi"}"#,
                "2026-02-12T14:30:00Z",
                r#"{"timestamp":"soon","message":"hi"}"#,
            ),
            (
                r#"{"detail-type":"x","time":"2026-02-12T10:00:00Z"}"#,
                "2026-02-12T10:00:00Z",
                r#"{"detail-type":"x","time":"2026-02-12T10:00:00Z"}"#,
            ),
            (r#""a part""#, "2026-02-12T14:30:00Z", r#""a part""#),
            ("no JSON", "2026-02-12T14:30:00Z", "no JSON"),
        ] {
            let event = log_event(text.into(), now);
            assert_eq!((event.at, &*event.message), (at.parse().unwrap(), message), "{text}");
        }
    }
}
