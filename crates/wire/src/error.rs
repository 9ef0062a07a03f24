//! An error as AWS tells it: a code, a sentence, whose fault it is. Which bytes that makes is the protocols' affair.

use std::borrow::Cow;

use crate::service::{Addressee, Protocol, Service};
use crate::value::Value;

/// What went wrong, in AWS's words.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/CommonErrors.html>
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// `TrailNotFoundException`: what programs look at.
    pub code: Cow<'static, str>,
    /// What people read.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// Whether who asked is to blame, and not the server.
    pub is_sender: bool,
    /// What some errors say besides: `Reason`, `RetryAfterSeconds`.
    pub fields: Vec<(Cow<'static, str>, Value)>,
}

impl ApiError {
    /// A fault of the sender with status 400, as most are.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> ApiError {
        ApiError { code: code.into(), message: message.into(), status: 400, is_sender: true, fields: Vec::new() }
    }

    /// A fault of ours: `InternalFailure`, status 500.
    pub fn internal(message: impl Into<String>) -> ApiError {
        ApiError { status: 500, is_sender: false, ..ApiError::new("InternalFailure", message) }
    }

    /// The same with another status. From 500 on it is the server's fault.
    pub fn with_status(self, status: u16) -> ApiError {
        ApiError { status, is_sender: status < 500, ..self }
    }

    /// The same, saying something besides.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> ApiError {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Who asks too often, in the words of the service: its clients wait, and ask again.
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
    pub fn throttled(to: &Addressee) -> ApiError {
        let said = "Rate exceeded";
        match (to.service, to.protocol) {
            (Some(Service::S3), _) => ApiError::new("SlowDown", "Please reduce your request rate.").with_status(503),
            // <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors>
            (Some(Service::Lambda), _) => ApiError::new("TooManyRequestsException", said)
                .with_status(429)
                .with("Reason", "CallerRateLimitExceeded"),
            (_, Protocol::Query | Protocol::Ec2Query) => ApiError::new("Throttling", said),
            (_, Protocol::RestXml) => ApiError::new("SlowDown", said).with_status(503),
            (_, Protocol::RestJson) => ApiError::new("ThrottlingException", said).with_status(429),
            (_, Protocol::AwsJson10 | Protocol::AwsJson11 | Protocol::RpcV2Cbor) => {
                ApiError::new("ThrottlingException", said)
            }
        }
    }

    /// Who sends a body too slowly, in the words of the service.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
    pub fn too_slow(to: &Addressee) -> ApiError {
        let said = "Your socket connection to the server was not read from or written to within the timeout period.";
        match to.protocol {
            Protocol::RestXml => ApiError::new("RequestTimeout", said),
            _ => ApiError::new("RequestTimeoutException", said).with_status(408),
        }
    }

    /// What cannot be read as the protocol says.
    pub(crate) fn serialization(message: impl Into<String>) -> ApiError {
        ApiError::new("SerializationException", message)
    }

    /// What is larger than anything AWS takes.
    pub(crate) fn too_large(bytes: usize, limit: usize) -> ApiError {
        let message = format!("Request must be smaller than {limit} bytes, and has {bytes}");
        ApiError::new("RequestEntityTooLargeException", message).with_status(413)
    }
}
