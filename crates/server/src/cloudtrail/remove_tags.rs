//! `RemoveTags`: takes tags from a trail, an event data store, a channel, by their keys.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RemoveTags.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::done::Done;
use super::tags::{TAGS_LIST, Tag, check_resource};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RemoveTags {
    resource_id: String,
    tags_list: Vec<Tag>,
}

impl Operation for RemoveTags {
    const NAME: &'static str = "RemoveTags";
    const SHAPE: &'static Shape = &Shape::structure(
        "RemoveTagsRequest",
        &[Member::required("ResourceId", Shape::string()), Member::required("TagsList", TAGS_LIST)],
    );
    type Output = Done;

    fn run(self, cx: &Context<'_>) -> Result<Done, Failure> {
        cx.store.try_write(|w| {
            check_resource(w, cx, &self.resource_id)?;
            w.remove_tags(&self.resource_id, self.tags_list.iter().map(|tag| tag.key.as_str()))?;
            Ok(Done {})
        })
    }
}
