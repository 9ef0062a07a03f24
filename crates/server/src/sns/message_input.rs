//! What Publish and PublishBatch take of a message, and what can be wrong with it.
//! <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>

use std::collections::BTreeMap;

use serde::Deserialize;
use wire::check::{Member, Shape};
use wire::{ApiError, Blob};

use super::invalid;
use super::message::{Message, MessageAttribute, Structure, body_of};
use crate::Context;

/// Bytes of a message with its attributes, unless its topic allows more.
pub(crate) const MESSAGE_BYTES: usize = 262_144;
const SUBJECT_CHARS: usize = 100;
const NAME_BYTES: usize = 256;

pub(crate) const ATTRIBUTES: Shape = Shape::map(
    &Shape::string(),
    &Shape::structure(
        "MessageAttributeValue",
        &[
            Member::required("DataType", Shape::string()),
            Member::optional("StringValue", Shape::string()),
            Member::optional("BinaryValue", Shape::any()),
        ],
    ),
);

/// A message's attribute as it is given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttributeInput {
    data_type: String,
    string_value: Option<String>,
    binary_value: Option<Blob>,
}

/// A message as it is given.
pub(crate) struct MessageInput {
    pub(crate) message: String,
    pub(crate) subject: Option<String>,
    pub(crate) structure: Option<String>,
    pub(crate) attributes: Option<BTreeMap<String, AttributeInput>>,
    pub(crate) group_id: Option<String>,
    pub(crate) deduplication_id: Option<String>,
}

impl MessageInput {
    /// The message, with an id of its own.
    pub(crate) fn read(self, cx: &Context<'_>) -> Result<Message, ApiError> {
        if self.message.is_empty() {
            return Err(invalid("Empty message"));
        }
        if let Some(subject) = &self.subject
            && (subject.is_empty() || subject.chars().count() > SUBJECT_CHARS || subject.chars().any(char::is_control))
        {
            return Err(invalid("Subject"));
        }
        if self.deduplication_id.is_some_and(|id| !id.is_empty()) {
            return Err(invalid(
                "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
            ));
        }
        let structure = match self.structure.as_deref() {
            None | Some("") => Structure::Plain,
            Some("json") => Structure::PerProtocol,
            Some(_) => return Err(invalid("MessageStructure")),
        };
        if structure == Structure::PerProtocol {
            if route::json::Value::parse(&self.message).is_err() {
                return Err(invalid("Message Structure - JSON message body failed to parse"));
            }
            if body_of(&self.message, "default").is_none() {
                return Err(invalid("Message Structure - No default entry in JSON message body"));
            }
        }
        let attributes = self.attributes.unwrap_or_default().into_iter().map(|(name, attribute)| {
            let attribute = attribute.read(&name)?;
            Ok((name, attribute))
        });
        Ok(Message {
            id: cx.world.dice.uuid(),
            subject: self.subject,
            body: self.message,
            structure,
            attributes: attributes.collect::<Result<_, ApiError>>()?,
            group_id: self.group_id.filter(|group| !group.is_empty()),
            time: cx.now.into(),
        })
    }
}

/// The bytes that count against a message's limit.
pub(crate) fn size(message: &Message) -> usize {
    let attributes = message.attributes.iter().map(|(name, attribute)| {
        let text = attribute.string_value.as_ref().map_or(0, String::len);
        let bytes = attribute.binary_value.as_ref().map_or(0, |blob| blob.0.len());
        name.len() + attribute.data_type.len() + text + bytes
    });
    message.body.len() + attributes.sum::<usize>()
}

impl AttributeInput {
    fn read(self, name: &str) -> Result<MessageAttribute, ApiError> {
        name_checked(name)?;
        let fault = |what: String| Err(wrong(format!("The message attribute '{name}' {what}")));
        let (kind, custom) = match self.data_type.split_once('.') {
            Some((kind, custom)) => (kind, Some(custom)),
            None => (self.data_type.as_str(), None),
        };
        if !matches!(kind, "String" | "Number" | "Binary") || custom == Some("") {
            return fault(
                "has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
                    .into(),
            );
        }
        let data_type = &self.data_type;
        let text = self.string_value.filter(|text| !text.is_empty());
        let bytes = self.binary_value.filter(|blob| !blob.0.is_empty());
        let field = if kind == "Binary" { "Binary" } else { "String" };
        match (field, &text, &bytes) {
            ("Binary", Some(_), None) | ("String", None, Some(_)) => {
                return fault(format!("with type '{data_type}' must use field '{field}'."));
            }
            (_, None, None) | (_, Some(_), Some(_)) => {
                return fault(format!(
                    "must contain non-empty message attribute value for message attribute type '{data_type}'."
                ));
            }
            _ => {}
        }
        if kind == "Number" && !text.as_ref().is_some_and(|text| text.trim().parse::<f64>().is_ok_and(f64::is_finite)) {
            return Err(wrong(format!("Could not cast message attribute '{name}' value to number.")));
        }
        Ok(MessageAttribute { data_type: self.data_type, string_value: text, binary_value: bytes })
    }
}

fn name_checked(name: &str) -> Result<(), ApiError> {
    if name.len() > NAME_BYTES {
        return Err(wrong("Length of message attribute name must be less than 256 bytes."));
    }
    if let Some(char) = name.chars().find(|char| !char.is_ascii_alphanumeric() && !"-_.".contains(*char)) {
        return Err(wrong(format!(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only include \
             alphanumeric characters, hyphens, underscores, or dots.",
            u32::from(char)
        )));
    }
    if name.starts_with('.') {
        return Err(wrong("Invalid message attribute name starting with character '.' was found."));
    }
    if name.ends_with('.') {
        return Err(wrong("Invalid message attribute name ending with character '.' was found."));
    }
    if name.contains("..") {
        return Err(wrong("Message attribute name can not have successive '.' character."));
    }
    Ok(())
}

fn wrong(message: impl Into<String>) -> ApiError {
    ApiError::new("ParameterValueInvalid", message)
}
