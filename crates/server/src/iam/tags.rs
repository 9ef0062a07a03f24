//! Tags of roles and policies.

use serde::{Deserialize, Serialize};
use store::tags::Tags;
use wire::ApiError;
use wire::check::{Member, Shape, is_tag_text};

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MAX_TAGS: usize = 50;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

pub(crate) const KEY: Shape = Shape::string().length(1, 128).pattern_by(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", is_tag_text);
const VALUE: Shape = Shape::string().length(0, 256).pattern_by(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", is_tag_text);
const TAG: Shape = Shape::structure("Tag", &[Member::required("Key", KEY), Member::required("Value", VALUE)]);
pub(crate) const TAGS: Shape = Shape::list(&TAG).at_most_long(50);

/// Tags by key, of which no two are the same.
pub(crate) fn by_key(tags: Vec<Tag>) -> Result<Tags, ApiError> {
    let count = tags.len();
    let by_key: Tags = tags.into_iter().map(|Tag { key, value }| (key, value)).collect();
    if by_key.len() < count {
        let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        return Err(ApiError::new("InvalidInput", message));
    }
    Ok(by_key)
}

/// Whether something can have so many.
pub(crate) fn few_enough(tags: &Tags) -> Result<(), ApiError> {
    if tags.len() <= MAX_TAGS {
        return Ok(());
    }
    let message = format!("The number of tags has reached the maximum limit: {MAX_TAGS}.");
    Err(ApiError::new("LimitExceeded", message).with_status(409))
}

/// As they are told.
pub(crate) fn told(tags: Tags) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key, value }).collect()
}
