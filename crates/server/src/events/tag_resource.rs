//! `TagResource`: sets tags of a rule or a bus.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TagResource.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::shapes::{ARN, TAGS};
use super::tags::{Tag, be_there, few_enough, tags_of};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    tags: Vec<Tag>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    const SHAPE: &'static Shape = &Shape::structure(
        "TagResourceRequest",
        &[Member::required("ResourceARN", ARN), Member::required("Tags", TAGS)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let tags = tags_of(self.tags);
        cx.store.try_write(|w| {
            be_there(w, cx, &self.resource_arn)?;
            w.set_tags(&self.resource_arn, &tags)?;
            few_enough(&w.tags(&self.resource_arn)?)
        })
    }
}
