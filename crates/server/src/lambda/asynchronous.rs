//! Asynchronous invocations: who hands one over is done with it; the function is run later, and again if it fails.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html>

use jiff::Timestamp;
use route::json::{Value, write_string};
use serde::{Deserialize, Serialize};
use store::deliveries::NewDelivery;
use store::{StoreError, Writer};

use super::event_invoke_config::event_invoke_config;
use super::function::find_version;
use super::name::Named;

/// The kind of the deliveries that are invocations.
pub(crate) const ASYNCHRONOUS: &str = "lambda-async";

/// A delivery's payload. Fields that come later must not be missed in older rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AsyncInvocation {
    /// The function, with the version if one was meant.
    pub(crate) function_arn: String,
    /// JSON.
    pub(crate) event: String,
    /// A UUID.
    pub(crate) request_id: String,
    /// What the client says of itself, as JSON.
    pub(crate) client_context: Option<String>,
    /// `MaximumRetryAttempts`, as it was when the event came.
    pub(crate) max_attempts: Option<i64>,
    /// `MaximumEventAgeInSeconds`, likewise.
    pub(crate) max_age_seconds: Option<i64>,
}

/// Takes an event for a function, which is told those of one `in_order` one after the other. Says whether there is such a function.
pub(crate) fn hand_over(
    w: &Writer<'_>,
    invocation: AsyncInvocation,
    in_order: Option<String>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(named) = Named::of_arn(&invocation.function_arn) else { return Ok(false) };
    if find_version(w, &named)?.is_none() {
        return Ok(false);
    }
    let config = event_invoke_config(w, &named)?;
    let invocation = AsyncInvocation {
        max_attempts: config.maximum_retry_attempts,
        max_age_seconds: config.maximum_event_age_in_seconds,
        ..invocation
    };
    let delivery = NewDelivery {
        kind: ASYNCHRONOUS.into(),
        target: named.arn,
        in_order,
        payload: serde_json::to_vec(&invocation).expect("texts and numbers are always JSON"),
        due_at: now,
    };
    w.add_delivery(&delivery, now)?;
    Ok(true)
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Success,
    RetriesExhausted,
    EventAgeExceeded,
    ZeroReservedConcurrency,
}

impl Condition {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Condition::Success => "Success",
            Condition::RetriesExhausted => "RetriesExhausted",
            Condition::EventAgeExceeded => "EventAgeExceeded",
            Condition::ZeroReservedConcurrency => "ZeroReservedConcurrency",
        }
    }
}

/// What a destination is told of an invocation.
pub(crate) struct Telling<'t> {
    pub(crate) invocation: &'t AsyncInvocation,
    /// The function's ARN with its version.
    pub(crate) function_arn: String,
    /// Which version was run.
    pub(crate) version: &'t str,
    pub(crate) condition: Condition,
    /// How often it was run.
    pub(crate) runs: u32,
    /// What the last run returned.
    pub(crate) answer: Option<&'t [u8]>,
    pub(crate) at: Timestamp,
}

impl Telling<'_> {
    /// The record, as JSON.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
    pub(crate) fn record(&self) -> String {
        let mut json = String::from(r#"{"version":"1.0","timestamp":"#);
        write_string(&format!("{:.3}", self.at), &mut json);
        json.push_str(r#","requestContext":{"requestId":"#);
        write_string(&self.invocation.request_id, &mut json);
        json.push_str(r#","functionArn":"#);
        write_string(&self.function_arn, &mut json);
        json.push_str(r#","condition":"#);
        write_string(self.condition.name(), &mut json);
        json.push_str(&format!(r#","approximateInvokeCount":{}}},"requestPayload":"#, self.runs));
        // It was read as JSON when it was taken.
        json.push_str(&self.invocation.event);
        if let Some(answer) = self.answer {
            json.push_str(r#","responseContext":{"statusCode":200,"executedVersion":"#);
            write_string(self.version, &mut json);
            if self.condition != Condition::Success {
                json.push_str(r#","functionError":"Unhandled""#);
            }
            json.push_str(r#"},"responsePayload":"#);
            let answer = String::from_utf8_lossy(answer);
            match Value::parse(&answer) {
                Ok(answer) => answer.write_to(&mut json),
                Err(_) => write_string(&answer, &mut json),
            }
        }
        json.push('}');
        json
    }
}
