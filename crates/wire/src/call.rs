//! A call: which operation of which service, with which input; and the way back.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::ApiError;
use crate::request::{Limits, Request};
use crate::rest_json::{self, Route};
use crate::service::{Addressee, Protocol, Service};
use crate::value::Value;
use crate::{aws_json, aws_query, reply};

/// What a request asks for, free of its protocol.
#[derive(Clone, Debug)]
pub struct Call {
    /// The service.
    pub service: Service,
    /// The operation: `PutRule`. It need not be one that exists.
    pub operation: String,
    /// Its input. An operation reads it with [`Call::input`], and its constraints are held with [`check`](crate::check).
    pub input: Value,
    pub(crate) protocol: Protocol,
    pub(crate) route: Option<&'static Route>,
}

impl Call {
    /// Reads a request. `addressee` is what [`Addressee::of`] said of it.
    ///
    /// A service that is not spoken here is an error too, so that its clients are told in their own words.
    pub fn read(request: &Request<'_>, addressee: &Addressee, limits: &Limits) -> Result<Call, ApiError> {
        let Some(service) = addressee.service else { return Err(stranger(&addressee.name)) };
        let body_bytes = limits.body_bytes_of(addressee);
        if request.body.len() > body_bytes {
            return Err(ApiError::too_large(request.body.len(), body_bytes));
        }
        let protocol = addressee.protocol;
        let mut route = None;
        let (operation, input) = match protocol {
            Protocol::AwsJson10 | Protocol::AwsJson11 => aws_json::read(request, limits)?,
            Protocol::Query => aws_query::read(request, limits)?,
            Protocol::RestJson => {
                let (found, input) = rest_json::read(request, service, limits)?;
                route = Some(found);
                (found.operation.to_owned(), input)
            }
            Protocol::RestXml | Protocol::Ec2Query | Protocol::RpcV2Cbor => {
                return Err(ApiError::new("NotImplemented", "This protocol is spoken elsewhere.").with_status(501));
            }
        };
        Ok(Call { service, operation, input, protocol, route })
    }

    /// The input as the operation's own type.
    ///
    /// What is of another type is a `SerializationException`, what must be there and is not a validation error.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        T::deserialize(&self.input).map_err(|misread| match misread.api_error() {
            // The older protocol has older names.
            error if self.protocol == Protocol::Query => match error.code.as_ref() {
                "SerializationException" => ApiError { code: "MalformedInput".into(), ..error },
                _ => ApiError { code: "ValidationError".into(), ..error },
            },
            error => error,
        })
    }

    /// What to say if there is no such operation.
    pub fn unknown_operation(&self) -> ApiError {
        match self.protocol {
            Protocol::Query => aws_query::unknown_operation(&self.operation),
            _ => aws_json::unknown_operation(&self.operation),
        }
    }

    /// How to speak to who asked: for [`error_reply`](crate::error_reply).
    pub fn addressee(&self) -> Addressee {
        let name = self.service.signing_name().to_owned();
        Addressee { service: Some(self.service), name, protocol: self.protocol }
    }

    /// The answer as the reply's head and body. An answer of `()` is no body at all.
    ///
    /// An answer that cannot be written (a map whose keys are no texts) is a fault of ours, and told as such.
    pub fn reply<T: Serialize + ?Sized>(&self, answer: &T, request_id: &str) -> http::Response<Vec<u8>> {
        match Value::of(answer) {
            Ok(answer) => reply::reply(self, answer, request_id),
            Err(error) => {
                let error = ApiError::internal(format!("the answer cannot be written: {error}"));
                reply::error_reply(&self.addressee(), &error, request_id)
            }
        }
    }
}

fn stranger(name: &str) -> ApiError {
    // It is a header's text: what is no name is not repeated.
    let is_name = name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let name = if is_name { name } else { "that" };
    ApiError::new("UnknownOperationException", format!(
        "Trailsight answers for CloudTrail, EventBridge, SNS, Lambda, S3, CloudWatch Logs, IAM, STS and Organizations, not \
         for {name}. To ask AWS, leave AWS_ENDPOINT_URL out of that call, or set AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"
    )).with_status(404)
}
