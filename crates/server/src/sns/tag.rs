//! A tag as SNS takes and tells it, and what can be wrong with several.

use serde::{Deserialize, Serialize};
use store::tags::Tags;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::{invalid, topic::sns_arn, topic::topic};
use crate::{Context, Failure};

/// <https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html>
const TAG_LIMIT: usize = 50;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

pub(crate) const KEY: Shape = Shape::string().length(1, 128);
pub(crate) const TAG: Shape = Shape::structure(
    "Tag",
    &[Member::required("Key", KEY), Member::required("Value", Shape::string().at_most_long(256))],
);
/// The ARN of what is tagged.
pub(crate) const RESOURCE_ARN: Shape = Shape::string().length(1, 1011);

/// Tags by key, of which no two are the same.
pub(crate) fn by_key(tags: Vec<Tag>) -> Result<Tags, ApiError> {
    let count = tags.len();
    let by_key: Tags = tags.into_iter().map(|Tag { key, value }| (key, value)).collect();
    if by_key.len() < count {
        return Err(invalid("Duplicated keys are not allowed."));
    }
    within_limit(by_key.len())?;
    Ok(by_key)
}

/// Whether something can have so many tags.
pub(crate) fn within_limit(count: usize) -> Result<(), ApiError> {
    if count > TAG_LIMIT {
        return Err(ApiError::new(
            "TagLimitExceeded",
            "Could not complete request: tag quota of per resource exceeded",
        ));
    }
    Ok(())
}

/// Whether there is what is tagged: only topics are.
pub(crate) fn is_there(r: &store::Reader<'_>, cx: &Context<'_>, arn: &str) -> Result<(), Failure> {
    let missing = || ApiError::new("ResourceNotFound", "Resource does not exist").with_status(404);
    let named = sns_arn(arn, "ResourceArn")?;
    if named.region != cx.region.as_str() {
        return Err(missing().into());
    }
    match topic(r, &super::topic::key_of(&named)) {
        Ok(_) => Ok(()),
        Err(Failure::Refused(_)) => Err(missing().into()),
        Err(failure) => Err(failure),
    }
}
