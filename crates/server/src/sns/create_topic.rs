//! `CreateTopic`: makes a topic, or names the one that is there.
//! <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>
//!
//! Asked again with the same attributes and tags, or none, it answers the same. FIFO topics are refused: what they promise
//! beyond others, an order and no repetition, is not kept here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::tag::{TAG, Tag, by_key};
use super::topic::Topic;
use super::{invalid, topic_attributes};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateTopic {
    name: String,
    attributes: Option<BTreeMap<String, String>>,
    tags: Option<Vec<Tag>>,
    data_protection_policy: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatedTopic {
    topic_arn: String,
}

impl Operation for CreateTopic {
    const NAME: &'static str = "CreateTopic";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreateTopicInput",
        &[
            Member::required("Name", Shape::string()),
            Member::optional("Attributes", Shape::map(&Shape::string(), &Shape::string())),
            Member::optional("Tags", Shape::list(&TAG)),
            Member::optional("DataProtectionPolicy", Shape::string()),
        ],
    );
    type Output = CreatedTopic;

    fn run(self, cx: &Context<'_>) -> Result<CreatedTopic, Failure> {
        let mut attributes = self.attributes.unwrap_or_default();
        let is_fifo = attributes.remove("FifoTopic").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if !is_name(&self.name, is_fifo) {
            return Err(invalid("Topic Name").into());
        }
        if is_fifo {
            return Err(refused("FIFO topics are not supported here").into());
        }
        if self.data_protection_policy.is_some_and(|policy| !policy.is_empty()) {
            return Err(invalid("DataProtectionPolicy Reason: data protection is not supported here").into());
        }
        let tags = by_key(self.tags.unwrap_or_default())?;
        let key = cx.key(self.name.as_str());
        let mut topic = Topic { arn: cx.arn("sns", &self.name), attributes: BTreeMap::new() };
        for (name, value) in &attributes {
            topic_attributes::set(&mut topic, name, value, "Attributes Reason: ")?;
        }
        cx.store.try_write(|w| -> Result<(), Failure> {
            if let Some(there) = w.get::<Topic>(&key)? {
                if attributes.iter().any(|(name, value)| !topic_attributes::has(&there.value, name, value)) {
                    return Err(refused("Topic already exists with different attributes").into());
                }
                let tags_there = w.tags(&topic.arn)?;
                if tags.iter().any(|(key, value)| tags_there.get(key) != Some(value)) {
                    return Err(invalid("Tags Reason: Topic already exists with different tags").into());
                }
                return Ok(());
            }
            w.put(&key, &topic, cx.now)?;
            w.set_tags(&topic.arn, &tags)?;
            Ok(())
        })?;
        Ok(CreatedTopic { topic_arn: topic.arn })
    }
}

fn refused(why: &str) -> ApiError {
    invalid(format_args!("Attributes Reason: {why}"))
}

fn is_name(name: &str, is_fifo: bool) -> bool {
    let stem = match is_fifo {
        true => name.strip_suffix(".fifo").unwrap_or_default(),
        false => name,
    };
    (1..=256).contains(&name.len())
        && !stem.is_empty()
        && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
