//! What a function is invoked with: an event of one record, whose names differ in their case from the envelope's.

use std::collections::BTreeMap;

use serde::Serialize;

use super::envelope::{AttributeTold, attributes_told};
use super::{Sender, SubscriptionDelivery, Told, json};

/// What a function is invoked with.
pub(crate) fn lambda(delivery: &SubscriptionDelivery, sender: &Sender<'_>) -> String {
    let told = Told::of(delivery, sender.public_url);
    let signature = told.signature(delivery, sender);
    let record = LambdaRecord {
        event_source: "aws:sns",
        event_version: "1.0",
        event_subscription_arn: &delivery.subscription_arn,
        sns: LambdaSns {
            kind: told.kind,
            message_id: told.id,
            topic_arn: &delivery.topic_arn,
            subject: told.subject,
            message: &told.message,
            timestamp: told.time.iso(),
            signature_version: signature.as_ref().map(|_| delivery.signature_version.as_str()),
            signature: signature.as_ref().map(|signature| signature.text.as_str()),
            signing_cert_url: signature.as_ref().map(|signature| signature.certificate_url.as_str()),
            token: told.token,
            subscribe_url: told.subscribe_url,
            unsubscribe_url: told.unsubscribe_url,
            message_attributes: told.attributes.map_or_else(BTreeMap::new, attributes_told),
        },
    };
    json(&LambdaEvent { records: [record] })
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LambdaEvent<'d> {
    records: [LambdaRecord<'d>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LambdaRecord<'d> {
    event_source: &'static str,
    event_version: &'static str,
    event_subscription_arn: &'d str,
    sns: LambdaSns<'d>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LambdaSns<'d> {
    #[serde(rename = "Type")]
    kind: &'static str,
    message_id: &'d str,
    topic_arn: &'d str,
    /// There also without one.
    subject: Option<&'d str>,
    message: &'d str,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_version: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_cert_url: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscribe_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unsubscribe_url: Option<String>,
    /// There also without any.
    message_attributes: BTreeMap<String, AttributeTold>,
}
