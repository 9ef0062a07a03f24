//! Forms: what each protocol gets of what a subscription is told.
//!
//! ```text
//!  http, https   the envelope as a POST's body; the message alone if the delivery is raw
//!  sqs           the envelope as a message; the message with its attributes if the delivery is raw
//!  lambda        an event with one record, whose names differ in their case
//!  email         plain text with a link to end it;  email-json  the envelope
//! ```
//!
//! Envelopes are signed (`forms/signature.rs`), raw messages are not.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html>

use std::collections::BTreeMap;

use route::transformer::email_text;
use serde::Serialize;
use wire::Timestamp;

use super::message::{Message, MessageAttribute, Question, Said, SubscriptionDelivery};
use super::protocol::Protocol;
use envelope::envelope;
use signature::{Signature, Signed};

pub(crate) use lambda::lambda;
pub(crate) use signature::{Sender, certificate_path};

mod envelope;
mod lambda;
mod signature;

const USER_AGENT: &str = "Amazon Simple Notification Service Agent";
const CONFIRMATION_CONTENT_TYPE: &str = "text/plain; charset=UTF-8";
const DEFAULT_SUBJECT: &str = "AWS Notification Message";

/// A POST.
#[derive(Debug, PartialEq)]
pub(crate) struct HttpForm {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// A message in a queue.
#[derive(Debug, PartialEq)]
pub(crate) struct SqsForm {
    pub(crate) body: String,
    pub(crate) attributes: BTreeMap<String, MessageAttribute>,
    pub(crate) group_id: Option<String>,
}

/// A mail.
#[derive(Debug, PartialEq)]
pub(crate) struct MailForm {
    pub(crate) subject: String,
    pub(crate) text: String,
    /// Of a notification: where to end it.
    pub(crate) unsubscribe_url: Option<String>,
}

/// What goes over HTTP/S.
pub(crate) fn http(delivery: &SubscriptionDelivery, sender: &Sender<'_>) -> HttpForm {
    let (kind, id) = kind_and_id(&delivery.said);
    let raw = raw(delivery);
    let is_confirmation = matches!(delivery.said, Said::SubscriptionConfirmation(_));
    let content_type = match delivery.said {
        Said::Notification(_) => delivery.content_type.as_str(),
        Said::SubscriptionConfirmation(_) | Said::UnsubscribeConfirmation(_) => CONFIRMATION_CONTENT_TYPE,
    };
    let mut headers = vec![
        ("content-type", content_type.to_owned()),
        ("user-agent", USER_AGENT.to_owned()),
        ("x-amz-sns-message-type", kind.to_owned()),
        ("x-amz-sns-message-id", id.to_owned()),
        ("x-amz-sns-topic-arn", delivery.topic_arn.clone()),
    ];
    if !is_confirmation {
        headers.push(("x-amz-sns-subscription-arn", delivery.subscription_arn.clone()));
    }
    if raw.is_some() {
        headers.push(("x-amz-sns-rawdelivery", "true".to_owned()));
    }
    let body = raw.map_or_else(|| envelope(delivery, sender), |message| message.body.clone());
    HttpForm { headers, body }
}

/// What goes into a queue.
pub(crate) fn sqs(delivery: &SubscriptionDelivery, sender: &Sender<'_>) -> SqsForm {
    let group_id = match &delivery.said {
        Said::Notification(message) => message.group_id.clone(),
        Said::SubscriptionConfirmation(_) | Said::UnsubscribeConfirmation(_) => None,
    };
    match raw(delivery) {
        Some(message) => SqsForm { body: message.body.clone(), attributes: message.attributes.clone(), group_id },
        None => SqsForm { body: envelope(delivery, sender), attributes: BTreeMap::new(), group_id },
    }
}

/// What a person gets.
pub(crate) fn mail(delivery: &SubscriptionDelivery, sender: &Sender<'_>) -> MailForm {
    let told = Told::of(delivery, sender.public_url);
    let link = told.subscribe_url.as_deref().or(told.unsubscribe_url.as_deref()).unwrap_or_default();
    let (subject, text) = match &delivery.said {
        Said::Notification(message) => (
            message.subject.as_deref().unwrap_or(DEFAULT_SUBJECT),
            format!("{}\n\n-- \nTo get no more of these mails, open this link:\n{link}\n", email_text(&message.body)),
        ),
        Said::SubscriptionConfirmation(_) => (
            "AWS Notification - Subscription Confirmation",
            format!(
                "Somebody asked that this address be told of the topic\n{}\n\nIf you want that, open this link within two \
                 days:\n{link}\n\nIf you do not, do nothing: no more mails will come.\n",
                delivery.topic_arn
            ),
        ),
        Said::UnsubscribeConfirmation(_) => (
            "AWS Notification - Unsubscribe Confirmation",
            format!(
                "This address is no longer told of the topic\n{}\n\nIf that was a mistake, open this link within two \
                 days:\n{link}\n",
                delivery.topic_arn
            ),
        ),
    };
    let text = match delivery.protocol {
        Protocol::EmailJson => envelope(delivery, sender),
        _ => text,
    };
    MailForm { subject: subject.to_owned(), text, unsubscribe_url: told.unsubscribe_url }
}

/// The message alone, of a notification that is delivered so.
fn raw(delivery: &SubscriptionDelivery) -> Option<&Message> {
    match &delivery.said {
        Said::Notification(message) if delivery.is_raw => Some(message),
        _ => None,
    }
}

fn kind_and_id(said: &Said) -> (&'static str, &str) {
    match said {
        Said::Notification(message) => ("Notification", &message.id),
        Said::SubscriptionConfirmation(question) => ("SubscriptionConfirmation", &question.id),
        Said::UnsubscribeConfirmation(question) => ("UnsubscribeConfirmation", &question.id),
    }
}

/// What an envelope has in it, whatever its look.
struct Told<'d> {
    kind: &'static str,
    id: &'d str,
    token: Option<&'d str>,
    subject: Option<&'d str>,
    message: std::borrow::Cow<'d, str>,
    time: Timestamp,
    subscribe_url: Option<String>,
    unsubscribe_url: Option<String>,
    attributes: Option<&'d BTreeMap<String, MessageAttribute>>,
}

impl<'d> Told<'d> {
    fn of(delivery: &'d SubscriptionDelivery, public_url: &str) -> Told<'d> {
        let (kind, id) = kind_and_id(&delivery.said);
        let (topic, subscription) = (&delivery.topic_arn, &delivery.subscription_arn);
        let asked = |question: &'d Question, message: String| Told {
            kind,
            id,
            token: Some(&question.token),
            subject: None,
            message: message.into(),
            time: question.time,
            subscribe_url: Some(format!(
                "{public_url}/?Action=ConfirmSubscription&TopicArn={topic}&Token={}",
                question.token
            )),
            unsubscribe_url: None,
            attributes: None,
        };
        match &delivery.said {
            Said::Notification(message) => Told {
                kind,
                id,
                token: None,
                subject: message.subject.as_deref(),
                message: message.body.as_str().into(),
                time: message.time,
                subscribe_url: None,
                unsubscribe_url: Some(format!("{public_url}/?Action=Unsubscribe&SubscriptionArn={subscription}")),
                attributes: Some(&message.attributes).filter(|attributes| !attributes.is_empty()),
            },
            Said::SubscriptionConfirmation(question) => asked(
                question,
                format!(
                    "You have chosen to subscribe to the topic {topic}.\nTo confirm the subscription, visit the \
                     SubscribeURL included in this message."
                ),
            ),
            Said::UnsubscribeConfirmation(question) => asked(
                question,
                format!(
                    "You have chosen to deactivate subscription {subscription}.\nTo cancel this operation and restore \
                     the subscription, visit the SubscribeURL included in this message."
                ),
            ),
        }
    }
}

impl Told<'_> {
    fn signature(&self, delivery: &SubscriptionDelivery, sender: &Sender<'_>) -> Option<Signature> {
        let signed = Signed {
            kind: self.kind,
            id: self.id,
            topic_arn: &delivery.topic_arn,
            subject: self.subject,
            message: &self.message,
            timestamp: &self.time.iso(),
            subscribe_url: self.subscribe_url.as_deref(),
            token: self.token,
        };
        sender.sign(&delivery.signature_version, &signed)
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and maps of texts are always JSON")
}

#[cfg(test)]
mod tests;
