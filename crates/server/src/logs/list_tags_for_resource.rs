//! `ListTagsForResource`: the tags of a log group, by its ARN.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html>

use serde::{Deserialize, Serialize};
use store::tags::Tags;
use wire::check::{Member, Shape};

use super::tags::{ARN, tagged};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListTagsForResource {
    resource_arn: String,
}

/// The tags of a log group.
#[derive(Serialize)]
pub(crate) struct TagsOfGroup {
    pub(crate) tags: Tags,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    const SHAPE: &'static Shape =
        &Shape::structure("ListTagsForResourceRequest", &[Member::required("resourceArn", ARN)]);
    type Output = TagsOfGroup;

    fn run(self, cx: &Context<'_>) -> Result<TagsOfGroup, Failure> {
        cx.store.try_read(|r| {
            let arn = tagged(r, cx, &self.resource_arn)?;
            Ok(TagsOfGroup { tags: r.tags(&arn)? })
        })
    }
}
