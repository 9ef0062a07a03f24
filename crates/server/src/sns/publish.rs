//! `Publish`: a message to a topic. To a telephone alone it is taken and noted in the log; nothing is sent.
//! <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::message_input::{ATTRIBUTES, AttributeInput, MESSAGE_BYTES, MessageInput, size};
use super::topic::{topic, topic_key};
use super::{endpoint, invalid, message};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Publish {
    topic_arn: Option<String>,
    target_arn: Option<String>,
    phone_number: Option<String>,
    message: String,
    subject: Option<String>,
    message_structure: Option<String>,
    message_attributes: Option<BTreeMap<String, AttributeInput>>,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Published {
    message_id: String,
}

impl Operation for Publish {
    const NAME: &'static str = "Publish";
    const SHAPE: &'static Shape = &Shape::structure(
        "PublishInput",
        &[
            Member::optional("TopicArn", Shape::string()),
            Member::optional("TargetArn", Shape::string()),
            Member::optional("PhoneNumber", Shape::string()),
            Member::required("Message", Shape::string()),
            Member::optional("Subject", Shape::string()),
            Member::optional("MessageStructure", Shape::string()),
            Member::optional("MessageAttributes", ATTRIBUTES),
            Member::optional("MessageDeduplicationId", Shape::string()),
            Member::optional("MessageGroupId", Shape::string()),
        ],
    );
    type Output = Published;

    fn run(self, cx: &Context<'_>) -> Result<Published, Failure> {
        let input = MessageInput {
            message: self.message,
            subject: self.subject,
            structure: self.message_structure,
            attributes: self.message_attributes,
            group_id: self.message_group_id,
            deduplication_id: self.message_deduplication_id,
        };
        let key = match (&self.topic_arn, &self.target_arn, &self.phone_number) {
            (Some(topic), _, _) => topic_key(cx, topic)?,
            (None, Some(target), _) if target.contains(":endpoint/") => {
                return Err(invalid("TargetArn Reason: No endpoint found for the target arn specified").into());
            }
            (None, Some(target), _) => topic_key(cx, target)?,
            (None, None, Some(number)) if endpoint::is_phone_number(number) => {
                let message = input.read(cx)?;
                tracing::info!(message = message.id, "a message to a telephone: none is sent from here");
                return Ok(Published { message_id: message.id });
            }
            (None, None, Some(number)) => {
                let fault = format!("PhoneNumber Reason: {number} is not valid to publish to");
                return Err(invalid(fault).into());
            }
            (None, None, None) => {
                return Err(invalid("TopicArn or TargetArn Reason: no value for required parameter").into());
            }
        };
        let message = input.read(cx)?;
        cx.store.try_write(|w| -> Result<(), Failure> {
            let topic = topic(w, &key)?.value;
            let limit = topic.attributes.get("MaximumMessageSize").and_then(|limit| limit.parse().ok());
            if size(&message) > limit.unwrap_or(MESSAGE_BYTES) {
                return Err(invalid("Message too long").into());
            }
            message::publish(w, &topic.arn, &message, None, cx.now)?;
            Ok(())
        })?;
        Ok(Published { message_id: message.id })
    }
}
