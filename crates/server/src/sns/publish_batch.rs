//! `PublishBatch`: up to ten messages to a topic, all of them or none.
//! <https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::message::{self, Message};
use super::message_input::{ATTRIBUTES, AttributeInput, MESSAGE_BYTES, MessageInput, size};
use super::topic::{topic, topic_key};
use crate::{Context, Failure, Operation};

const ENTRIES: usize = 10;
const ID_CHARS: usize = 80;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublishBatch {
    topic_arn: String,
    publish_batch_request_entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    message: String,
    subject: Option<String>,
    message_structure: Option<String>,
    message_attributes: Option<BTreeMap<String, AttributeInput>>,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

/// What fails, fails for all: nothing is ever in the second list.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublishedBatch {
    successful: Vec<PublishedEntry>,
    failed: [(); 0],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PublishedEntry {
    id: String,
    message_id: String,
}

const ENTRY: Shape = Shape::structure(
    "PublishBatchRequestEntry",
    &[
        Member::required("Id", Shape::string()),
        Member::required("Message", Shape::string()),
        Member::optional("Subject", Shape::string()),
        Member::optional("MessageStructure", Shape::string()),
        Member::optional("MessageAttributes", ATTRIBUTES),
        Member::optional("MessageDeduplicationId", Shape::string()),
        Member::optional("MessageGroupId", Shape::string()),
    ],
);

impl Operation for PublishBatch {
    const NAME: &'static str = "PublishBatch";
    const SHAPE: &'static Shape = &Shape::structure(
        "PublishBatchInput",
        &[
            Member::required("TopicArn", Shape::string()),
            Member::required("PublishBatchRequestEntries", Shape::list(&ENTRY)),
        ],
    );
    type Output = PublishedBatch;

    fn run(self, cx: &Context<'_>) -> Result<PublishedBatch, Failure> {
        let key = topic_key(cx, &self.topic_arn)?;
        ids_checked(&self.publish_batch_request_entries)?;
        let messages = self.publish_batch_request_entries.into_iter().map(|entry| entry.read(cx));
        let messages: Vec<(String, Message)> = messages.collect::<Result<_, _>>()?;
        cx.store.try_write(|w| -> Result<(), Failure> {
            let topic = topic(w, &key)?.value;
            let limit = topic.attributes.get("MaximumMessageSize").and_then(|limit| limit.parse().ok());
            let total: usize = messages.iter().map(|(_, message)| size(message)).sum();
            if total > limit.unwrap_or(MESSAGE_BYTES) {
                return Err(fault(
                    "BatchRequestTooLong",
                    "The length of all the messages put together is more than the limit.",
                )
                .into());
            }
            for (_, message) in &messages {
                message::publish(w, &topic.arn, message, None, cx.now)?;
            }
            Ok(())
        })?;
        let successful = messages.into_iter().map(|(id, message)| PublishedEntry { id, message_id: message.id });
        Ok(PublishedBatch { successful: successful.collect(), failed: [] })
    }
}

impl Entry {
    fn read(self, cx: &Context<'_>) -> Result<(String, Message), ApiError> {
        let input = MessageInput {
            message: self.message,
            subject: self.subject,
            structure: self.message_structure,
            attributes: self.message_attributes,
            group_id: self.message_group_id,
            deduplication_id: self.message_deduplication_id,
        };
        Ok((self.id, input.read(cx)?))
    }
}

fn ids_checked(entries: &[Entry]) -> Result<(), ApiError> {
    if entries.is_empty() {
        return Err(fault("EmptyBatchRequest", "The batch request doesn't contain any entries."));
    }
    if entries.len() > ENTRIES {
        return Err(fault("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible."));
    }
    for Entry { id, .. } in entries {
        let what = match id {
            id if id.len() > ID_CHARS => "is too long",
            id if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) => {
                "contains an impermissible character"
            }
            _ => continue,
        };
        let message = format!("The Id of a batch entry in the batch request {what}: {id}");
        return Err(fault("InvalidBatchEntryId", message));
    }
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    if ids.len() < entries.len() {
        return Err(fault("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id."));
    }
    Ok(())
}

fn fault(code: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::new(code, message)
}
