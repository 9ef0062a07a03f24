//! A web server that subscribed to a topic: a message, or the question whether it wants any, as a POST.
//!
//! What it answers decides: 2xx is good, 4xx (but 429) will not get better, all else may.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html>

use std::time::Duration;

use jiff::Timestamp;
use route::retry::{DeliveryPolicy, Failure, GiveUp, Policy, retry_after};
use store::deliveries::{Delivery, NewDelivery};

use super::dead_letter::{Died, of_subscription};
use super::pace::keep_pace;
use super::{Target, read};
use crate::deliver::{Arrived, Delivering, Failed};
use crate::sns::{SubscriptionDelivery, forms};
use crate::world::{WebError, WebReply, WebRequest};

/// SNS waits so long for an answer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Deliveries of one kind: messages and questions are kept apart, so that one can look at either.
pub(crate) struct Http(pub(crate) &'static str);

impl Target for Http {
    fn kind(&self) -> &'static str {
        self.0
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let told: SubscriptionDelivery = read(delivery)?;
        if let Some(per_second) = told.receives_per_second {
            keep_pace(cx, delivery, per_second)?;
        }
        let form = forms::http(&told, &cx.sender());
        let request = WebRequest {
            method: "POST".into(),
            url: told.endpoint,
            headers: form.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: form.body.into_bytes(),
            timeout: TIMEOUT,
        };
        let reply = cx.world.web.send(&request).map_err(failed)?;
        match reply.status {
            200..=299 => Ok(Arrived::with(format!("answered {}", reply.status))),
            status => Err(Failed::new(Failure::Status(status, None), format!("answered {status}"))),
        }
    }

    fn policy(&self, delivery: &Delivery) -> Policy {
        read(delivery).map_or(Policy::Sns(DeliveryPolicy::HTTP), |told: SubscriptionDelivery| told.retry_policy())
    }

    fn given_up(&self, cx: &Delivering<'_>, delivery: &Delivery, failed: &Failed, why: GiveUp) -> Vec<NewDelivery> {
        of_subscription(cx, delivery, &Died { failed, why, attempts: delivery.attempts + 1 })
    }
}

/// What it means that there was no answer.
pub(super) fn failed(error: WebError) -> Failed {
    let failure = match error {
        WebError::Refused(_) => Failure::InvalidParameter,
        WebError::Unreachable(_) => Failure::ConnectionFailure,
        WebError::Timeout(_) => Failure::Timeout,
    };
    Failed::new(failure, error.to_string())
}

/// What it means that the answer is no success, with how long it asks to wait.
pub(super) fn unsuccessful(reply: &WebReply, now: Timestamp) -> Failure {
    let wait = reply.headers.iter().find(|(name, _)| name == "retry-after");
    Failure::Status(reply.status, wait.and_then(|(_, value)| retry_after(value, now)))
}
