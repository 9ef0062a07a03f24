//! A topic as it is remembered, and how it is found by its ARN.

use std::collections::BTreeMap;

use record::names::{AccountId, Region};
use serde::{Deserialize, Serialize};
use store::{Key, List, Reader, Resource, Stored};
use wire::ApiError;

use super::{invalid, not_found};
use crate::arn::Arn;
use crate::{Context, Failure};

/// A topic. Its key: its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Topic {
    pub(crate) arn: String,
    /// As they were set, once checked; what was not set is not there.
    pub(crate) attributes: BTreeMap<String, String>,
}

impl Resource for Topic {
    const KIND: &'static str = "topic";
}

impl Topic {
    /// What mails name as their sender; empty if nothing was set.
    pub(crate) fn display_name(&self) -> &str {
        self.attributes.get("DisplayName").map_or("", String::as_str)
    }

    /// How its messages are signed: `1` is SHA1, `2` is SHA256.
    pub(crate) fn signature_version(&self) -> &str {
        self.attributes.get("SignatureVersion").map_or("1", String::as_str)
    }
}

/// An ARN of SNS's; `parameter` is the name of what it was given as.
pub(crate) fn sns_arn<'a>(arn: &'a str, parameter: &str) -> Result<Arn<'a>, ApiError> {
    let elements = arn.split(':').count();
    if elements < 6 {
        return Err(invalid(format_args!("{parameter} Reason: An ARN must have at least 6 elements, not {elements}")));
    }
    let is_ours = |parts: &Arn<'_>| parts.service == "sns" && arn.starts_with("arn:aws:");
    Arn::of(arn).filter(is_ours).ok_or_else(|| invalid(parameter))
}

/// The key of the topic that a call names. Topics of other Regions are not found from here.
pub(crate) fn topic_key(cx: &Context<'_>, topic_arn: &str) -> Result<Key, ApiError> {
    let arn = sns_arn(topic_arn, "TopicArn")?;
    if arn.region != cx.region.as_str() {
        return Err(invalid("TopicArn"));
    }
    Ok(key_of(&arn))
}

/// The key of a topic, wherever it is.
pub(crate) fn key_of(topic: &Arn<'_>) -> Key {
    Key::new(&AccountId::from(topic.account), &Region::from(topic.region), topic.resource)
}

/// The topic that a call names; that there is none is an error.
pub(crate) fn topic(r: &Reader<'_>, key: &Key) -> Result<Stored<Topic>, Failure> {
    Ok(r.get(key)?.ok_or_else(|| not_found("Topic"))?)
}

/// Everything that stands under a topic.
pub(crate) fn under(topic: &Key) -> List {
    List { parent: Some(topic.name.clone()), ..List::of(&topic.account, &topic.region) }
}
