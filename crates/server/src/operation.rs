//! Operations: one type each, found in their service's table.

use serde::Serialize;
use serde::de::DeserializeOwned;
use store::StoreError;
use wire::check::{Shape, check};
use wire::{Addressee, ApiError, Call, Limits, Request, error_reply};

use crate::context::Context;
use crate::metrics::Answered;
use crate::{cloudtrail, cloudtrail_data, events, iam, lambda, logs, organizations, refusal, sns, sts};

pub use wire::Service;

/// An operation: its fields are its input.
pub trait Operation: DeserializeOwned {
    /// AWS's name of it.
    const NAME: &'static str;
    /// Why it is not done, of what is known and refused in a sentence: for the list of operations.
    const REFUSED: Option<&'static str> = None;
    /// What its input must be like.
    const SHAPE: &'static Shape;
    /// What it answers. `()` is an answer without anything in it.
    type Output: Serialize;

    /// Does it.
    fn run(self, cx: &Context<'_>) -> Result<Self::Output, Failure>;
}

/// Why an operation did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// In AWS's words; most often the caller's fault.
    #[error("{0}")]
    Refused(ApiError),
    /// Ours: what is remembered could not be read or written.
    #[error("what is remembered could not be read or written")]
    Store(#[from] StoreError),
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Failure {
        Failure::Refused(error)
    }
}

/// How an operation is read, done and answered.
type Answer = fn(&Call, &Context<'_>) -> Result<::http::Response<Vec<u8>>, Failure>;

/// An operation in its service's table.
pub struct OperationEntry {
    /// AWS's name of it.
    pub name: &'static str,
    /// Why it is not done, if it is only refused.
    pub refused: Option<&'static str>,
    /// What its input must be like.
    pub shape: &'static Shape,
    answer: Answer,
}

impl OperationEntry {
    /// The entry of an operation.
    pub const fn of<O: Operation>() -> OperationEntry {
        OperationEntry { name: O::NAME, refused: O::REFUSED, shape: O::SHAPE, answer: run::<O> }
    }
}

fn run<O: Operation>(call: &Call, cx: &Context<'_>) -> Result<::http::Response<Vec<u8>>, Failure> {
    check(O::SHAPE, &call.input, call.service)?;
    let output = call.input::<O>()?.run(cx)?;
    Ok(call.reply(&output, &cx.request_id))
}

/// Every operation of a service.
pub fn operations(service: Service) -> &'static [OperationEntry] {
    match service {
        Service::CloudTrail => cloudtrail::OPERATIONS,
        Service::CloudTrailData => cloudtrail_data::OPERATIONS,
        Service::Events => events::OPERATIONS,
        Service::Lambda => lambda::OPERATIONS,
        Service::Sns => sns::OPERATIONS,
        Service::Sts => sts::OPERATIONS,
        Service::Iam => iam::OPERATIONS,
        Service::Logs => logs::OPERATIONS,
        Service::Organizations => organizations::OPERATIONS,
        Service::Sqs | Service::Kms | Service::S3 => &[],
    }
}

/// Answers a request that was let in. Whatever happens, what comes back is a reply in the request's own protocol.
pub fn answer(
    request: &Request<'_>,
    addressee: &Addressee,
    limits: &Limits,
    cx: &Context<'_>,
) -> ::http::Response<Vec<u8>> {
    let call = match Call::read(request, addressee, limits) {
        Ok(call) => call,
        Err(error) => return error_reply(addressee, &error, &cx.request_id),
    };
    let entry = operations(call.service).iter().find(|entry| entry.name == call.operation);
    let answered = match entry {
        Some(entry) => (entry.answer)(&call, cx),
        None => Err(refusal::of(&call).into()),
    };
    let mut reply = match answered {
        Ok(reply) => reply,
        Err(Failure::Refused(error)) => error_reply(&call.addressee(), &error, &cx.request_id),
        Err(Failure::Store(error)) => {
            tracing::error!(
                operation = call.operation,
                request = cx.request_id,
                error = &error as &dyn std::error::Error,
                "cannot do it"
            );
            error_reply(
                &call.addressee(),
                &ApiError::internal("What is remembered could not be read or written; see the service's log."),
                &cx.request_id,
            )
        }
    };
    let operation = entry.map_or("other", |entry| entry.name);
    reply.extensions_mut().insert(Answered { service: call.service, operation });
    reply
}
