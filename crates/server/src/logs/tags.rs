//! Tags of log groups: a map, in this service.

use store::Reader;
use store::tags::Tags;
use wire::ApiError;
use wire::check::{Shape, is_tag_text};

use super::group::{group, group_of_arn, invalid, no_group};
use crate::{Context, Failure};

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html>
const MAX_TAGS: usize = 50;

pub(crate) const KEY: Shape =
    Shape::string().length(1, 128).pattern_by(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$", is_tag_text);
const VALUE: Shape = Shape::string().at_most_long(256).pattern_by(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", is_tag_text);
pub(crate) const TAGS: Shape = Shape::map(&KEY, &VALUE).length(1, 50);
pub(crate) const ARN: Shape = Shape::string().length(1, 1011).pattern(r"[\w+=/:,.@-]*");

/// The ARN under which a tagged group's tags are kept, if there is such a group.
pub(crate) fn tagged(r: &Reader<'_>, cx: &Context<'_>, arn: &str) -> Result<String, Failure> {
    let name = group_of_arn(arn).ok_or_else(|| invalid("The specified resource ARN is not that of a log group."))?;
    if name.account != cx.account || name.region != cx.region {
        return Err(no_group().into());
    }
    group(r, &name)?;
    Ok(super::group::group_arn(&name))
}

/// Whether something can have these tags.
pub(crate) fn few_enough(tags: &Tags) -> Result<(), Failure> {
    if tags.len() <= MAX_TAGS {
        return Ok(());
    }
    let message = format!("A resource can have at most {MAX_TAGS} tags.");
    Err(ApiError::new("TooManyTagsException", message).into())
}
