//! `ListTags`: the tags of trails, event data stores and channels.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::tags::{Tag, check_resource};
use crate::{Context, Failure, Operation};

/// All tags of so few are one page, and no token is ever given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTags {
    resource_id_list: Vec<String>,
    #[serde(rename = "NextToken")]
    _next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagsListed {
    resource_tag_list: Vec<ResourceTag>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceTag {
    resource_id: String,
    tags_list: Vec<Tag>,
}

impl Operation for ListTags {
    const NAME: &'static str = "ListTags";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListTagsRequest",
        &[Member::required("ResourceIdList", Shape::list(&Shape::string()).at_most_long(20))],
    );
    type Output = TagsListed;

    fn run(self, cx: &Context<'_>) -> Result<TagsListed, Failure> {
        cx.store.try_read(|r| {
            let tags_of = |resource_id: String| {
                check_resource(r, cx, &resource_id)?;
                let tags = r.tags(&resource_id)?.into_iter();
                // An empty value is one that was not given.
                let tag =
                    |(key, value): (String, String)| Tag { key, value: Some(value).filter(|value| !value.is_empty()) };
                Ok(ResourceTag { resource_id, tags_list: tags.map(tag).collect() })
            };
            let listed: Result<_, Failure> = self.resource_id_list.into_iter().map(tags_of).collect();
            Ok(TagsListed { resource_tag_list: listed? })
        })
    }
}
