//! `ListTagsLogGroup`: the tags of a log group, by its name; older clients ask so.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsLogGroup.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::group::{GROUP_NAME, group, group_arn, group_name};
use super::list_tags_for_resource::TagsOfGroup;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListTagsLogGroup {
    log_group_name: String,
}

impl Operation for ListTagsLogGroup {
    const NAME: &'static str = "ListTagsLogGroup";
    const SHAPE: &'static Shape =
        &Shape::structure("ListTagsLogGroupRequest", &[Member::required("logGroupName", GROUP_NAME)]);
    type Output = TagsOfGroup;

    fn run(self, cx: &Context<'_>) -> Result<TagsOfGroup, Failure> {
        let name = group_name(cx, &self.log_group_name);
        cx.store.try_read(|r| {
            group(r, &name)?;
            Ok(TagsOfGroup { tags: r.tags(&group_arn(&name))? })
        })
    }
}
