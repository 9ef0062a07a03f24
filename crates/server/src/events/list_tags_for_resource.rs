//! `ListTagsForResource`: the tags of a rule or a bus.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTagsForResource.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::shapes::ARN;
use super::tags::{Tag, be_there};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedTags {
    tags: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    const SHAPE: &'static Shape =
        &Shape::structure("ListTagsForResourceRequest", &[Member::required("ResourceARN", ARN)]);
    type Output = ListedTags;

    fn run(self, cx: &Context<'_>) -> Result<ListedTags, Failure> {
        let tags = cx.store.try_read(|r| {
            be_there(r, cx, &self.resource_arn)?;
            Ok::<_, Failure>(r.tags(&self.resource_arn)?)
        })?;
        Ok(ListedTags { tags: tags.into_iter().map(|(key, value)| Tag { key, value }).collect() })
    }
}
