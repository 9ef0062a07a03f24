//! awsJson 1.0 and 1.1: the operation in `X-Amz-Target`, its input as the body, its answer as the body.
//!
//! An error is an answer with a status and a `__type`. The sentence is under `message`, but for Organizations, whose model
//! says `Message`; clients take either.
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>

use std::borrow::Cow;

use crate::error::ApiError;
use crate::request::{Limits, Request};
use crate::service::Service;
use crate::value::{Members, Value};

/// The operation and its input.
pub(crate) fn read(request: &Request<'_>, limits: &Limits) -> Result<(String, Value), ApiError> {
    let target = request.header("x-amz-target").unwrap_or_default();
    let operation = target.rsplit_once('.').map_or(target, |(_, operation)| operation);
    if operation.is_empty() || !operation.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(unknown_operation(operation));
    }
    Ok((operation.to_owned(), body(request.body, limits)?))
}

/// What is said to an operation that a service does not have.
pub(crate) fn unknown_operation(operation: &str) -> ApiError {
    // What is no name is not repeated.
    let is_name =
        !operation.is_empty() && operation.len() <= 128 && operation.bytes().all(|b| b.is_ascii_alphanumeric());
    let message = match is_name {
        true => format!("The operation {operation} is unknown"),
        false => "The request names no operation".to_owned(),
    };
    ApiError::new("UnknownOperationException", message).with_status(404)
}

/// A structure as JSON; no body is an empty one.
pub(crate) fn body(bytes: &[u8], limits: &Limits) -> Result<Value, ApiError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Map(Members::new()));
    }
    match Value::of_json(bytes, limits.value_count) {
        Ok(input @ Value::Map(_)) => Ok(input),
        Ok(other) => {
            Err(ApiError::serialization(format!("Start of structure or map expected, found {}", other.kind())))
        }
        Err(error) => Err(ApiError::serialization(format!("The body is no JSON: {error}"))),
    }
}

/// An answer's body.
pub(crate) fn written(answer: &Value) -> Vec<u8> {
    match answer {
        Value::Null => Vec::new(),
        answer => serde_json::to_vec(answer).expect("memory takes all that is written, and names are texts"),
    }
}

/// An error's body.
pub(crate) fn error(error: &ApiError, service: Option<Service>) -> Vec<u8> {
    let message = if service == Some(Service::Organizations) { "Message" } else { "message" };
    let mut members: Members = vec![
        (Cow::Borrowed("__type"), Value::from(error.code.as_ref())),
        (Cow::Borrowed(message), Value::from(error.message.as_str())),
    ];
    members.extend(error.fields.iter().cloned());
    written(&Value::Structure(members))
}
