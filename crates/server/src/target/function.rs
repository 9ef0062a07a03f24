//! Functions: an event that was handed over is run, and run again if it fails; and a topic's subscription hands its message
//! over.
//!
//! Handing over and running are two things, as on AWS: who hands over (a rule, a topic) tries again only if there is nobody to
//! hand over to. What comes after is Lambda's own affair, with its own retries and destinations.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>

use route::retry::{Failure, FunctionPolicy, GiveUp, Policy};
use store::deliveries::{Delivery, NewDelivery};

use super::destination::{DestinationDelivery, dead_letter};
use super::{Target, read};
use crate::deliver::{Arrived, Delivering, Failed};
use crate::lambda::{
    ASYNCHRONOUS, AsyncInvocation, Condition, Named, Telling, event_invoke_config, find_version, hand_over, run,
};
use crate::sns::{SubscriptionDelivery, forms};
use crate::world::{Invocation, InvokeError};

/// Characters of a function's error that are kept with the delivery.
const ERROR_LENGTH: usize = 1_024;

/// An invocation that nobody waits for.
pub(crate) struct Asynchronous;

impl Target for Asynchronous {
    fn kind(&self) -> &'static str {
        ASYNCHRONOUS
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let told = read::<AsyncInvocation>(delivery)?;
        let named = Named::of_arn(&told.function_arn).ok_or_else(|| no_function(&told.function_arn))?;
        let found = cx.store.read(|r| match find_version(r, &named)? {
            Some(found) => Ok(Some((found, event_invoke_config(r, &named)?))),
            None => Ok(None),
        });
        let ((function, version), config) =
            found.map_err(Failed::of_store)?.ok_or_else(|| no_function(&told.function_arn))?;
        if function.reserved_concurrency == Some(0) {
            return Err(Failed::new(Failure::InvalidParameter, "the function's reserved concurrency is 0"));
        }
        let invocation = Invocation {
            request_id: told.request_id.clone(),
            payload: told.event.clone().into_bytes(),
            client_context: told.client_context.clone(),
        };
        let ran = run(cx.store, cx.world, &named, (&function, &version), &invocation).map_err(Failed::of_store)?;
        let invoked = ran.map_err(|error| match error {
            InvokeError::TooMany(text) => Failed::new(Failure::Throttling, text),
            InvokeError::CannotRun(text) | InvokeError::Other(text) => Failed::new(Failure::InternalError, text),
        })?;
        if invoked.error.is_some() {
            let text = String::from_utf8_lossy(&invoked.payload).chars().take(ERROR_LENGTH).collect::<String>();
            return Err(Failed { answer: Some(invoked.payload), ..Failed::new(Failure::FunctionError, text) });
        }
        let outcome = format!("request {}", told.request_id);
        let Some(destination) = config.on_success else { return Ok(Arrived::with(outcome)) };
        let telling = Telling {
            invocation: &told,
            function_arn: named.with_version(),
            version: &version.version,
            condition: Condition::Success,
            runs: delivery.runs + 1,
            answer: Some(&invoked.payload),
            at: cx.now,
        };
        let (now, next) = (cx.now, DestinationDelivery::of(destination, &telling).delivery(cx.now));
        Ok(Arrived { outcome, also: Some(Box::new(move |w| w.add_delivery(&next, now).map(drop))) })
    }

    fn policy(&self, delivery: &Delivery) -> Policy {
        let told = read::<AsyncInvocation>(delivery).unwrap_or_default();
        Policy::Function(FunctionPolicy::new(told.max_age_seconds, told.max_attempts).unwrap_or_default())
    }

    fn given_up(&self, cx: &Delivering<'_>, delivery: &Delivery, failed: &Failed, why: GiveUp) -> Vec<NewDelivery> {
        let Ok(told) = read::<AsyncInvocation>(delivery) else { return Vec::new() };
        let Some(named) = Named::of_arn(&told.function_arn) else { return Vec::new() };
        let condition = match (why, failed.failure) {
            (GiveUp::MaximumEventAgeInSeconds, _) => Condition::EventAgeExceeded,
            (GiveUp::MaximumRetryAttempts, _) => Condition::RetriesExhausted,
            (GiveUp::NotRetried, Failure::InvalidParameter) => Condition::ZeroReservedConcurrency,
            // There is no function that could say whom to tell.
            (GiveUp::NotRetried, _) => return Vec::new(),
        };
        let found = cx.store.read(|r| match find_version(r, &named)? {
            Some((_, version)) => Ok(Some((version, event_invoke_config(r, &named)?))),
            None => Ok(None),
        });
        let (version, config) = match found {
            Ok(Some(found)) => found,
            Ok(None) => return Vec::new(),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(function = named.arn, error, "nobody is told of an event that was given up");
                return Vec::new();
            }
        };
        let telling = Telling {
            invocation: &told,
            function_arn: named.with_version(),
            version: &version.version,
            condition,
            runs: delivery.runs + u32::from(failed.failure == Failure::FunctionError),
            answer: failed.answer.as_deref(),
            at: cx.now,
        };
        let destination = config.on_failure.map(|arn| DestinationDelivery::of(arn, &telling));
        let dead_letter = version.dead_letter_arn.map(|arn| dead_letter(arn, &telling, &failed.text));
        destination.into_iter().chain(dead_letter).map(|delivery| delivery.delivery(cx.now)).collect()
    }
}

/// A subscription of a topic: its message is handed over.
pub(crate) struct Subscriber;

impl Target for Subscriber {
    fn kind(&self) -> &'static str {
        "sns-lambda"
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let told = read::<SubscriptionDelivery>(delivery)?;
        let event = forms::lambda(&told, &cx.sender());
        handed_over(cx, told.endpoint, event, delivery)
    }

    fn policy(&self, delivery: &Delivery) -> Policy {
        let told = read::<SubscriptionDelivery>(delivery);
        told.map_or_else(|_| Policy::Function(FunctionPolicy::default()), |told| told.retry_policy())
    }
}

/// Hands an event over, in the transaction that notes its arrival. What is delivered in an order is run in it, too: on AWS a function may be told
/// of an End before its Start, here it is not.
pub(crate) fn handed_over(
    cx: &Delivering<'_>,
    function_arn: String,
    event: String,
    delivery: &Delivery,
) -> Result<Arrived, Failed> {
    let named = Named::of_arn(&function_arn).ok_or_else(|| no_function(&function_arn))?;
    if cx.store.read(|r| find_version(r, &named)).map_err(Failed::of_store)?.is_none() {
        return Err(no_function(&function_arn));
    }
    if serde_json::from_str::<serde::de::IgnoredAny>(&event).is_err() {
        return Err(Failed::new(Failure::InvalidJson, "what the function is to be told is no JSON"));
    }
    let invocation =
        AsyncInvocation { function_arn, event, request_id: cx.world.dice.uuid(), ..AsyncInvocation::default() };
    let (now, outcome) = (cx.now, format!("request {}", invocation.request_id));
    let in_order = delivery.in_order.as_ref().map(|order| format!("{order} run"));
    // A function that was deleted meanwhile has nothing to be told.
    Ok(Arrived { outcome, also: Some(Box::new(move |w| hand_over(w, invocation, in_order, now).map(drop))) })
}

fn no_function(arn: &str) -> Failed {
    Failed::new(Failure::NoResource, format!("there is no function `{arn}`"))
}
