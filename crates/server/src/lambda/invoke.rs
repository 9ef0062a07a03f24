//! `Invoke`: runs a function and waits for it, or takes an event for it, or says whether it could.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};
use wire::{ApiError, Blob};

use super::asynchronous::{AsyncInvocation, hand_over};
use super::function::version;
use super::invocation::run;
use super::name::Named;
use super::shapes;
use super::words::{no_function, not_here, too_large};
use crate::world::{Invocation, InvokeError};
use crate::{Context, Failure, Operation};

/// Bytes of an event, if one waits for the answer and if not.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_BYTES: usize = 6 << 20;
const MAX_EVENT_BYTES: usize = 1 << 20;
/// Bytes of the log that are told.
const TAIL_BYTES: usize = 4 << 10;
/// Characters of what a client says of itself.
const MAX_CONTEXT_LENGTH: usize = 3_583;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Invoke {
    function_name: String,
    qualifier: Option<String>,
    invocation_type: Option<String>,
    log_type: Option<String>,
    client_context: Option<String>,
    durable_execution_name: Option<String>,
    tenant_id: Option<String>,
    payload: Option<Blob>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InvokeReply {
    status_code: i64,
    function_error: Option<String>,
    log_result: Option<String>,
    executed_version: Option<String>,
    payload: Option<Blob>,
}

impl Operation for Invoke {
    const NAME: &'static str = "Invoke";
    const SHAPE: &'static Shape = &Shape::structure(
        "InvocationRequest",
        &[
            Member::required("FunctionName", shapes::ANY_FUNCTION),
            Member::optional("InvocationType", Shape::string().one_of(&["Event", "RequestResponse", "DryRun"])),
            Member::optional("LogType", Shape::string().one_of(&["None", "Tail"])),
            Member::optional("Qualifier", shapes::QUALIFIER),
        ],
    );
    type Output = InvokeReply;

    fn run(self, cx: &Context<'_>) -> Result<InvokeReply, Failure> {
        let named = Named::of(cx, &self.function_name, self.qualifier.as_deref())?;
        if self.durable_execution_name.is_some() {
            return Err(not_here("Durable functions are not there: leave DurableExecutionName out.").into());
        }
        if self.tenant_id.is_some() {
            return Err(not_here("Tenants are not kept apart here: leave TenantId out.").into());
        }
        let missing = || no_function(named.with_version());
        let (function, version) = cx.store.try_read(|r| version(r, &named)).map_err(|failure| match failure {
            Failure::Refused(_) => missing().into(),
            failure => failure,
        })?;
        let kind = self.invocation_type.as_deref().unwrap_or("RequestResponse");
        let invocation = Invocation {
            request_id: cx.request_id.clone(),
            payload: event(self.payload, if kind == "Event" { MAX_EVENT_BYTES } else { MAX_BYTES })?,
            client_context: self.client_context.as_deref().map(client_context).transpose()?,
        };
        match kind {
            "DryRun" => Ok(InvokeReply { status_code: 204, ..InvokeReply::default() }),
            "Event" => {
                let invocation = AsyncInvocation {
                    function_arn: named.told(),
                    event: String::from_utf8_lossy(&invocation.payload).into_owned(),
                    request_id: invocation.request_id,
                    client_context: invocation.client_context,
                    ..AsyncInvocation::default()
                };
                match cx.store.write(|w| hand_over(w, invocation, None, cx.now))? {
                    true => Ok(InvokeReply { status_code: 202, ..InvokeReply::default() }),
                    false => Err(missing().into()),
                }
            }
            _ => {
                if function.reserved_concurrency == Some(0) {
                    return Err(too_many(true).into());
                }
                let ran = run(cx.store, cx.world, &named, (&function, &version), &invocation)?;
                let invoked = ran.map_err(|error| refused(error, function.reserved_concurrency.is_some()))?;
                let wants_log = self.log_type.as_deref() == Some("Tail");
                Ok(InvokeReply {
                    status_code: 200,
                    function_error: invoked.error,
                    log_result: wants_log.then(|| tail(&invoked.log)),
                    executed_version: Some(version.version),
                    payload: Some(Blob(invoked.payload)),
                })
            }
        }
    }
}

/// The event: JSON, and an empty object where nothing was sent.
fn event(payload: Option<Blob>, max_bytes: usize) -> Result<Vec<u8>, ApiError> {
    let Blob(bytes) = payload.unwrap_or_default();
    if bytes.len() > max_bytes {
        let message = format!("Request must be smaller than {max_bytes} bytes for the InvokeFunction operation");
        return Err(too_large(message));
    }
    if bytes.is_empty() {
        return Ok(b"{}".to_vec());
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(&bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => {
            let message = format!("Could not parse request body into json: Could not parse payload into json: {error}");
            Err(ApiError::new("InvalidRequestContentException", message))
        }
    }
}

fn client_context(text: &str) -> Result<String, ApiError> {
    let json = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let json = json.filter(|json| serde_json::from_str::<serde::de::IgnoredAny>(json).is_ok());
    json.filter(|_| text.len() <= MAX_CONTEXT_LENGTH).ok_or_else(|| {
        let message = format!(
            "Client context must be a valid Base64-encoded JSON object of at most {MAX_CONTEXT_LENGTH} characters."
        );
        ApiError::new("InvalidRequestContentException", message)
    })
}

fn too_many(is_reserved: bool) -> ApiError {
    let reason = match is_reserved {
        true => "ReservedFunctionConcurrentInvocationLimitExceeded",
        false => "ConcurrentInvocationLimitExceeded",
    };
    ApiError::new("TooManyRequestsException", "Rate Exceeded.").with_status(429).with("Reason", reason)
}

fn refused(error: InvokeError, is_reserved: bool) -> ApiError {
    match error {
        InvokeError::TooMany(_) => too_many(is_reserved),
        InvokeError::CannotRun(sentence) => ApiError::new("InvalidRuntimeException", sentence).with_status(502),
        InvokeError::Other(sentence) => ApiError::new("ServiceException", sentence).with_status(500),
    }
}

/// The end of a log, in base64.
fn tail(log: &[(jiff::Timestamp, String)]) -> String {
    let mut text = String::new();
    for (_, line) in log {
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push('\n');
        }
    }
    let bytes = text.as_bytes();
    STANDARD.encode(&bytes[bytes.len().saturating_sub(TAIL_BYTES)..])
}
