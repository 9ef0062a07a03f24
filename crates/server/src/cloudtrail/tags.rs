//! Tags of what CloudTrail has: of trails, event data stores and channels.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Tag.html>

use serde::{Deserialize, Serialize};
use store::Reader;
use store::tags::Tags;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::channel::Channel;
use super::event_data_store::{self, EventDataStore};
use super::trail::{Trail, invalid_arn};
use super::trail_tags::TrailTags;
use crate::arn::Arn;
use crate::{Context, Failure};

/// A tag.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: Option<String>,
}

const TAG: Shape = Shape::structure(
    "Tag",
    &[
        Member::required("Key", Shape::string().length(1, 128)),
        Member::optional("Value", Shape::string().length(1, 256)),
    ],
);

/// A list of them.
pub(crate) const TAGS_LIST: Shape = Shape::list(&TAG).at_most_long(200);

/// AWS's limit on one resource.
const MOST_TAGS: usize = 50;

/// Tags that are to be set, if all of them may be.
pub(crate) fn check_new_tags(list: Vec<Tag>) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for Tag { key, value } in list {
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid_tag(format!(
                "The tag key {key} is not valid: keys that begin with aws: are AWS's own."
            )));
        }
        let told = format!("The tag key {key} is given twice.");
        if tags.insert(key, value.unwrap_or_default()).is_some() {
            return Err(invalid_tag(told));
        }
    }
    TrailTags::of(&tags)?;
    check_count(&tags)?;
    Ok(tags)
}

/// Refuses more tags than a resource may have.
pub(crate) fn check_count(tags: &Tags) -> Result<(), ApiError> {
    if tags.len() > MOST_TAGS {
        let message = format!("A resource has at most {MOST_TAGS} tags, and these are {}.", tags.len());
        return Err(ApiError::new("TagsLimitExceededException", message));
    }
    Ok(())
}

/// What CloudTrail says of a tag that cannot be.
pub(crate) fn invalid_tag(message: String) -> ApiError {
    ApiError::new("InvalidTagParameterException", message)
}

/// Refuses ARNs of what is not there or has no tags.
pub(crate) fn check_resource(reader: &Reader<'_>, cx: &Context<'_>, text: &str) -> Result<(), Failure> {
    let not_found = |code, what| ApiError::new(code, format!("There is no {what} {text}."));
    let arn = Arn::of(text).filter(|arn| arn.service == "cloudtrail").ok_or_else(|| invalid_arn(text))?;
    let error = match arn.resource.split_once('/') {
        Some(("trail", _)) => {
            return match Trail::find(reader, cx, text) {
                Ok(_) => Ok(()),
                Err(Failure::Refused(error)) if error.code == "TrailNotFoundException" => {
                    Err(not_found("ResourceNotFoundException", "trail").into())
                }
                Err(other) => Err(other),
            };
        }
        Some(("eventdatastore", _)) => {
            let store = EventDataStore::find_active(reader, cx, text)?;
            // A name behind the slash finds a store, too; tags belong to its ARN.
            return if store.arn == text { Ok(()) } else { Err(event_data_store::not_found(text).into()) };
        }
        Some(("channel", _)) => return Channel::find(reader, cx, text).map(drop),
        Some(("dashboard", _)) => not_found("ResourceNotFoundException", "dashboard"),
        _ => {
            let message = format!("{text} is nothing that has tags: trails, event data stores and channels have.");
            ApiError::new("ResourceTypeNotSupportedException", message)
        }
    };
    Err(error.into())
}
