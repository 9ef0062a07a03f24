//! A message in a queue: of a rule, or of a subscription. Queues are elsewhere: [`crate::world::Queues`].

use std::collections::BTreeMap;

use route::retry::{DeliveryPolicy, Failure, GiveUp, Policy};
use store::deliveries::{Delivery, NewDelivery};

use super::dead_letter::{Died, of_subscription};
use super::{Target, read};
use crate::bus::TargetDelivery;
use crate::deliver::{Arrived, Delivering, Failed};
use crate::sns::{MessageAttribute, SubscriptionDelivery, forms};
use crate::world::{QueueAttribute, QueueError, QueueMessage};

/// What a queue takes with a message.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>
pub(super) const MAX_ATTRIBUTES: usize = 10;

/// A subscription of the protocol `sqs`: messages and goodbyes are kept apart.
pub(crate) struct SubscribedQueue(pub(crate) &'static str);

impl Target for SubscribedQueue {
    fn kind(&self) -> &'static str {
        self.0
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let told: SubscriptionDelivery = read(delivery)?;
        let form = forms::sqs(&told, &cx.sender());
        let message = QueueMessage {
            body: form.body,
            attributes: attributes(form.attributes),
            group_id: form.group_id,
            deduplication_id: deduplication_id(&told.endpoint, delivery),
        };
        send(cx, &told.endpoint, &message)
    }

    fn policy(&self, delivery: &Delivery) -> Policy {
        let told = read::<SubscriptionDelivery>(delivery);
        told.map_or(Policy::Sns(DeliveryPolicy::AWS_MANAGED), |told| told.retry_policy())
    }

    fn given_up(&self, cx: &Delivering<'_>, delivery: &Delivery, failed: &Failed, why: GiveUp) -> Vec<NewDelivery> {
        of_subscription(cx, delivery, &Died { failed, why, attempts: delivery.attempts + 1 })
    }
}

/// The target of a rule.
pub(super) fn to_queue(cx: &Delivering<'_>, delivery: &Delivery, told: TargetDelivery) -> Result<Arrived, Failed> {
    let message = QueueMessage {
        body: told.text,
        attributes: BTreeMap::new(),
        group_id: told.message_group,
        deduplication_id: deduplication_id(&told.target_arn, delivery),
    };
    send(cx, &told.target_arn, &message)
}

/// Puts a message into a queue that was kept with the type and value of its attributes.
pub(super) fn send_kept(
    cx: &Delivering<'_>,
    queue_arn: &str,
    body: String,
    attributes: BTreeMap<String, (String, String)>,
) -> Result<Arrived, Failed> {
    let attribute = |(name, (data_type, value))| (name, QueueAttribute { data_type, value });
    let attributes = attributes.into_iter().map(attribute).collect();
    send(cx, queue_arn, &QueueMessage { body, attributes, ..QueueMessage::default() })
}

fn send(cx: &Delivering<'_>, queue_arn: &str, message: &QueueMessage) -> Result<Arrived, Failed> {
    let sent = cx.world.queues.send(queue_arn, message);
    sent.map(|id| Arrived::with(format!("message {id}"))).map_err(|error| {
        let failure = match &error {
            QueueError::NoQueue(_) => Failure::NoResource,
            QueueError::NoPermission(_) => Failure::NoPermissions,
            QueueError::Throttled(_) => Failure::Throttling,
            QueueError::Invalid(_) => Failure::InvalidParameter,
            QueueError::Other(_) => Failure::ConnectionFailure,
        };
        Failed::new(failure, error.to_string())
    })
}

/// A message's attributes, as many as a queue takes.
pub(super) fn attributes(attributes: BTreeMap<String, MessageAttribute>) -> BTreeMap<String, QueueAttribute> {
    let told = attributes.into_iter().map(|(name, attribute)| {
        let value = match attribute.binary_value {
            Some(bytes) => bytes.base64(),
            None => attribute.string_value.unwrap_or_default(),
        };
        (name, QueueAttribute { data_type: attribute.data_type, value })
    });
    told.take(MAX_ATTRIBUTES).collect()
}

/// Of a queue that keeps an order: the same for every attempt, and for nothing else.
fn deduplication_id(queue_arn: &str, delivery: &Delivery) -> Option<String> {
    let is_fifo = queue_arn.ends_with(".fifo");
    is_fifo.then(|| format!("trailsight-{}-{}", delivery.id.0, delivery.created_at.as_millisecond()))
}
