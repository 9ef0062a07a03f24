//! `ListTagsForResource`: the tags of a topic. <https://docs.aws.amazon.com/sns/latest/api/API_ListTagsForResource.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::tag::{RESOURCE_ARN, Tag, is_there};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResource {
    resource_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagsOfResource {
    tags: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    const SHAPE: &'static Shape =
        &Shape::structure("ListTagsForResourceRequest", &[Member::required("ResourceArn", RESOURCE_ARN)]);
    type Output = TagsOfResource;

    fn run(self, cx: &Context<'_>) -> Result<TagsOfResource, Failure> {
        cx.store.try_read(|r| {
            is_there(r, cx, &self.resource_arn)?;
            let tags = r.tags(&self.resource_arn)?;
            Ok(TagsOfResource { tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect() })
        })
    }
}
