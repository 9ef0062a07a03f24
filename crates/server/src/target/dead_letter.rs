//! Dead letters: what could not be delivered, put into the queue that its sender named for that.
//!
//! ```text
//!  a rule's target    the event as it was, with RULE_ARN, TARGET_ARN, ERROR_CODE, ERROR_MESSAGE, … as attributes
//!  a subscription     the message as the subscriber would have had it, with RequestID, ErrorCode, ErrorMessage
//! ```
//!
//! The letter is a delivery of its own, added in the transaction that gives the first one up.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>,
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html>

use std::collections::BTreeMap;

use jiff::Timestamp;
use route::retry::{DeliveryPolicy, Failure, GiveUp, Policy};
use serde::{Deserialize, Serialize};
use store::deliveries::{Delivery, NewDelivery};

use super::{Target, queue, read};
use crate::bus::TargetDelivery;
use crate::deliver::{Arrived, Delivering, Failed};
use crate::sns::{SubscriptionDelivery, forms};

/// How a delivery ended.
pub(crate) struct Died<'f> {
    /// The last failure.
    pub(crate) failed: &'f Failed,
    /// Why there is no further attempt.
    pub(crate) why: GiveUp,
    /// How many were made.
    pub(crate) attempts: u32,
}

/// A message for a queue, as it is kept until it is there.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DeadLetter {
    queue_arn: String,
    body: String,
    /// Type and value, by name.
    attributes: BTreeMap<String, (String, String)>,
}

impl DeadLetter {
    /// Of what was to be told to the target of a rule.
    pub(super) fn of_rule_target(told: TargetDelivery, died: &Died<'_>) -> Option<DeadLetter> {
        let said = [
            ("RULE_ARN", told.rule_arn),
            ("TARGET_ARN", told.target_arn),
            ("ERROR_CODE", died.failed.failure.error_code().into()),
            ("ERROR_MESSAGE", died.failed.text.clone()),
            ("EXHAUSTED_RETRY_CONDITION", died.why.exhausted_retry_condition().unwrap_or_default().into()),
            ("RETRY_ATTEMPTS", died.attempts.saturating_sub(1).to_string()),
        ];
        let body = told.event.unwrap_or(told.text);
        Some(DeadLetter { queue_arn: told.dead_letter_arn?, body, attributes: texts(said) })
    }

    /// As a delivery.
    pub(crate) fn delivery(&self, due_at: Timestamp) -> NewDelivery {
        NewDelivery {
            kind: DeadLetters.kind().into(),
            target: self.queue_arn.clone(),
            in_order: None,
            payload: serde_json::to_vec(self).expect("texts and maps of texts are always JSON"),
            due_at,
        }
    }
}

/// Of what was to be told to a subscription; nothing if it names no queue.
pub(super) fn of_subscription(cx: &Delivering<'_>, delivery: &Delivery, died: &Died<'_>) -> Vec<NewDelivery> {
    let Ok(told) = read::<SubscriptionDelivery>(delivery) else { return Vec::new() };
    let Some(queue_arn) = told.dead_letter_arn.clone() else { return Vec::new() };
    let form = forms::sqs(&told, &cx.sender());
    let mut attributes = texts([
        ("RequestID", cx.world.dice.uuid()),
        ("ErrorCode", sns_code(died.failed.failure).into()),
        ("ErrorMessage", died.failed.text.clone()),
    ]);
    // What is said of the error has room in any case.
    let room = queue::MAX_ATTRIBUTES - attributes.len();
    let own = queue::attributes(form.attributes).into_iter().take(room);
    attributes.extend(own.map(|(name, attribute)| (name, (attribute.data_type, attribute.value))));
    vec![DeadLetter { queue_arn, body: form.body, attributes }.delivery(cx.now)]
}

/// Texts that are not empty; a queue takes no empty ones.
fn texts<const N: usize>(said: [(&str, String); N]) -> BTreeMap<String, (String, String)> {
    let said = said.into_iter().filter(|(_, text)| !text.is_empty());
    said.map(|(name, text)| (name.to_owned(), ("String".to_owned(), text))).collect()
}

/// AWS tells an example only: `ClientError`, where the endpoint refuses for good.
fn sns_code(failure: Failure) -> &'static str {
    match failure {
        Failure::NoPermissions | Failure::NoResource | Failure::InvalidJson | Failure::InvalidParameter => {
            "ClientError"
        }
        Failure::Status(400..=499, _) => "ClientError",
        Failure::Throttling
        | Failure::Timeout
        | Failure::ConnectionFailure
        | Failure::InternalError
        | Failure::FunctionError
        | Failure::Status(..) => "ServerError",
    }
}

/// Deliveries of dead letters.
pub(crate) struct DeadLetters;

impl Target for DeadLetters {
    fn kind(&self) -> &'static str {
        "dead-letter"
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let letter: DeadLetter = read(delivery)?;
        queue::send_kept(cx, &letter.queue_arn, letter.body, letter.attributes)
    }

    fn policy(&self, _: &Delivery) -> Policy {
        // AWS tries once and counts what is lost; what is kept here can wait for its queue to come back.
        Policy::Sns(DeliveryPolicy::AWS_MANAGED)
    }
}
