//! Messages, and how they come into the outbox: whoever publishes, does it in the transaction of what it tells of.

use std::collections::BTreeMap;

use route::AttributeValue;
use route::json::Value;
use route::retry::{DeliveryPolicy, Policy};
use serde::{Deserialize, Serialize};
use store::deliveries::NewDelivery;
use store::{Reader, StoreError, Stored, Writer};
use wire::Blob;

use super::delivery_policy::{RetryPolicy, SubscriptionPolicy, TopicPolicy};
use super::protocol::Protocol;
use super::subscription::{Subscription, Token};
use super::topic::{Topic, key_of, sns_arn, under};

/// What is published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Message {
    /// A UUID.
    pub(crate) id: String,
    pub(crate) subject: Option<String>,
    pub(crate) body: String,
    pub(crate) structure: Structure,
    pub(crate) attributes: BTreeMap<String, MessageAttribute>,
    /// For queues that are fair to groups.
    pub(crate) group_id: Option<String>,
    /// When it was published.
    pub(crate) time: wire::Timestamp,
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Structure {
    /// The same for all.
    Plain,
    /// A JSON object with a text for each protocol, and a `default` for all others.
    PerProtocol,
}

/// `{"DataType": "String", "StringValue": "…"}`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MessageAttribute {
    pub(crate) data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) binary_value: Option<Blob>,
}

/// A delivery's payload: all that is needed to tell one subscription one thing, whatever has become of it since.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SubscriptionDelivery {
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: String,
    pub(crate) topic_arn: String,
    pub(crate) subscription_arn: String,
    /// What a mail names as its sender; empty if the topic has no name for it.
    pub(crate) display_name: String,
    /// `1` or `2`.
    pub(crate) signature_version: String,
    /// The message alone, without its envelope.
    pub(crate) is_raw: bool,
    /// What a message is called over HTTP/S.
    pub(crate) content_type: String,
    /// How HTTP/S is tried again.
    pub(crate) retries: RetryPolicy,
    /// How many an endpoint gets a second by HTTP/S, if that is limited.
    #[serde(default)]
    pub(crate) receives_per_second: Option<u32>,
    /// The queue for what could not be delivered.
    pub(crate) dead_letter_arn: Option<String>,
    pub(crate) said: Said,
}

/// What a subscription is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Said {
    Notification(Message),
    /// Whether it wants messages.
    SubscriptionConfirmation(Question),
    /// That it gets no more, and how to get them again.
    UnsubscribeConfirmation(Question),
}

/// What is asked, and the token to answer with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) time: wire::Timestamp,
}

impl Message {
    /// The same as one protocol gets it.
    fn to(&self, protocol: Protocol) -> Message {
        let body = match self.structure {
            Structure::Plain => None,
            Structure::PerProtocol => body_of(&self.body, protocol.name()).or_else(|| body_of(&self.body, "default")),
        };
        let body = body.unwrap_or_else(|| self.body.clone());
        Message { body, structure: Structure::Plain, ..self.clone() }
    }
}

/// The text for one protocol.
pub(crate) fn body_of(body: &str, protocol: &str) -> Option<String> {
    match Value::parse(body).ok()?.get(protocol)? {
        Value::String(text) => Some(text.to_string()),
        _ => None,
    }
}

impl MessageAttribute {
    /// As filter policies see it.
    fn value(&self) -> AttributeValue<'_> {
        let text = self.string_value.as_deref().unwrap_or_default();
        match self.data_type.as_str() {
            "String.Array" => AttributeValue::StringArray(text),
            _ if self.string_value.is_none() => AttributeValue::Binary,
            kind if kind.starts_with("Number") => AttributeValue::Number(text),
            _ => AttributeValue::String(text),
        }
    }
}

impl SubscriptionDelivery {
    fn new(topic: &Topic, subscription: &Subscription, said: Said) -> SubscriptionDelivery {
        let policy: SubscriptionPolicy = subscription.delivery_policy().effective(TopicPolicy::of(topic));
        SubscriptionDelivery {
            protocol: subscription.protocol,
            endpoint: subscription.endpoint.clone(),
            topic_arn: topic.arn.clone(),
            subscription_arn: subscription.arn.clone(),
            display_name: topic.display_name().to_owned(),
            signature_version: topic.signature_version().to_owned(),
            is_raw: subscription.is_raw(),
            content_type: policy.content_type().to_owned(),
            retries: policy.retries(),
            receives_per_second: policy.receives_per_second(),
            dead_letter_arn: subscription.dead_letter_arn(),
            said,
        }
    }

    /// How it is tried again when it fails.
    pub(crate) fn retry_policy(&self) -> Policy {
        Policy::Sns(match self.protocol {
            Protocol::Http | Protocol::Https => self.retries.schedule(),
            Protocol::Sqs | Protocol::Lambda => DeliveryPolicy::AWS_MANAGED,
            Protocol::Email | Protocol::EmailJson | Protocol::Sms => DeliveryPolicy::SMTP,
        })
    }
}

/// Puts a message into the outbox: once for each confirmed subscription of the topic whose filter policy wants it. Messages of
/// one `order` come to a subscription one after the other. Says whether there is such a topic.
pub(crate) fn publish(
    w: &Writer<'_>,
    topic_arn: &str,
    message: &Message,
    order: Option<&str>,
    now: jiff::Timestamp,
) -> Result<bool, StoreError> {
    let Ok(arn) = sns_arn(topic_arn, "TopicArn") else { return Ok(false) };
    let key = key_of(&arn);
    let Some(Stored { value: topic, .. }) = w.get::<Topic>(&key)? else { return Ok(false) };
    for Stored { value: subscription, .. } in w.list::<Subscription>(&under(&key))? {
        if !subscription.is_confirmed() {
            continue;
        }
        let message = message.to(subscription.protocol);
        let attributes = message.attributes.iter().map(|(name, attribute)| (name.as_str(), attribute.value()));
        if subscription.wants(&message.body, attributes) {
            let kind = subscription.protocol.delivery_kind();
            let order = order.map(|order| format!("{order} {}", subscription.arn));
            add(w, kind, &topic, &subscription, (Said::Notification(message), order), now)?;
        }
    }
    Ok(true)
}

/// Whether there is such a topic.
pub(crate) fn has_topic(r: &Reader<'_>, topic_arn: &str) -> Result<bool, StoreError> {
    match sns_arn(topic_arn, "TopicArn") {
        Ok(arn) => Ok(r.get::<Topic>(&key_of(&arn))?.is_some()),
        Err(_) => Ok(false),
    }
}

/// Asks an endpoint something: whether it wants messages, or, when it gets no more, whether it wants them again.
pub(crate) fn ask(
    w: &Writer<'_>,
    topic: &Topic,
    subscription: &Subscription,
    asks: fn(Question) -> Said,
    (id, token): (String, &Token),
    now: jiff::Timestamp,
) -> Result<(), StoreError> {
    let question = asks(Question { id, token: token.text.clone(), time: now.into() });
    let kind = subscription.protocol.confirmation_kind();
    add(w, kind, topic, subscription, (question, None), now)
}

fn add(
    w: &Writer<'_>,
    kind: &str,
    topic: &Topic,
    subscription: &Subscription,
    (said, in_order): (Said, Option<String>),
    now: jiff::Timestamp,
) -> Result<(), StoreError> {
    let payload = SubscriptionDelivery::new(topic, subscription, said);
    let delivery = NewDelivery {
        kind: kind.to_owned(),
        target: subscription.arn.clone(),
        in_order,
        payload: serde_json::to_vec(&payload).expect("texts and maps of texts are always JSON"),
        due_at: now,
    };
    w.add_delivery(&delivery, now).map(drop)
}
