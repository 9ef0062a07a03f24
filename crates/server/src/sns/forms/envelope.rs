//! The envelope of HTTP/S, queues and email-json.

use std::collections::BTreeMap;

use route::json::write_string;
use serde::Serialize;
use wire::Blob;

use super::{MessageAttribute, Sender, SubscriptionDelivery, Told, json};

/// The envelope, a field a line, as AWS writes it.
pub(super) fn envelope(delivery: &SubscriptionDelivery, sender: &Sender<'_>) -> String {
    let told = Told::of(delivery, sender.public_url);
    let mut lines = Lines::default();
    lines.text("Type", told.kind);
    lines.text("MessageId", told.id);
    lines.maybe("Token", told.token);
    lines.text("TopicArn", &delivery.topic_arn);
    lines.maybe("Subject", told.subject);
    lines.text("Message", &told.message);
    lines.maybe("SubscribeURL", told.subscribe_url.as_deref());
    lines.text("Timestamp", &told.time.iso());
    if let Some(signature) = told.signature(delivery, sender) {
        lines.text("SignatureVersion", &delivery.signature_version);
        lines.text("Signature", &signature.text);
        lines.text("SigningCertURL", &signature.certificate_url);
    }
    lines.maybe("UnsubscribeURL", told.unsubscribe_url.as_deref());
    if let Some(attributes) = told.attributes {
        let mut inner = Lines::default();
        for (name, attribute) in attributes_told(attributes) {
            inner.json(&name, &json(&attribute));
        }
        lines.json("MessageAttributes", &inner.closed("  "));
    }
    lines.closed("")
}

/// An object that has a line for each of its fields.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn json(&mut self, name: &str, value: &str) {
        let mut line = String::from("  ");
        write_string(name, &mut line);
        line.push_str(" : ");
        line.push_str(value);
        self.0.push(line);
    }

    fn text(&mut self, name: &str, value: &str) {
        let mut text = String::new();
        write_string(value, &mut text);
        self.json(name, &text);
    }

    fn maybe(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// The whole, moved to the right by `indent`.
    fn closed(self, indent: &str) -> String {
        format!("{{\n{indent}{}\n{indent}}}", self.0.join(&format!(",\n{indent}")))
    }
}

/// An attribute in an envelope: `{"Type":"String","Value":"…"}`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AttributeTold {
    r#type: String,
    value: AttributeValueTold,
}

#[derive(Serialize)]
#[serde(untagged)]
enum AttributeValueTold {
    Text(String),
    Bytes(Blob),
}

pub(super) fn attributes_told(attributes: &BTreeMap<String, MessageAttribute>) -> BTreeMap<String, AttributeTold> {
    let told = attributes.iter().map(|(name, attribute)| {
        let value = match &attribute.binary_value {
            Some(bytes) => AttributeValueTold::Bytes(bytes.clone()),
            None => AttributeValueTold::Text(attribute.string_value.clone().unwrap_or_default()),
        };
        (name.clone(), AttributeTold { r#type: attribute.data_type.clone(), value })
    });
    told.collect()
}
