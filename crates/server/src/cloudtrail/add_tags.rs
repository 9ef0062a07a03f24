//! `AddTags`: sets tags of a trail, an event data store, a channel; those with other keys stay.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::done::Done;
use super::tags::{TAGS_LIST, Tag, check_count, check_new_tags, check_resource};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddTags {
    resource_id: String,
    tags_list: Vec<Tag>,
}

impl Operation for AddTags {
    const NAME: &'static str = "AddTags";
    const SHAPE: &'static Shape = &Shape::structure(
        "AddTagsRequest",
        &[Member::required("ResourceId", Shape::string()), Member::required("TagsList", TAGS_LIST)],
    );
    type Output = Done;

    fn run(self, cx: &Context<'_>) -> Result<Done, Failure> {
        let new = check_new_tags(self.tags_list)?;
        cx.store.try_write(|w| {
            check_resource(w, cx, &self.resource_id)?;
            let mut tags = w.tags(&self.resource_id)?;
            tags.extend(new.clone());
            check_count(&tags)?;
            w.set_tags(&self.resource_id, &new)?;
            Ok(Done {})
        })
    }
}
