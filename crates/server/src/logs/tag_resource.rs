//! `TagResource`: sets tags of a log group, by its ARN.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html>

use serde::Deserialize;
use store::tags::Tags;
use wire::check::{Member, Shape};

use super::tags::{ARN, TAGS, few_enough, tagged};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TagResource {
    resource_arn: String,
    tags: Tags,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    const SHAPE: &'static Shape = &Shape::structure(
        "TagResourceRequest",
        &[Member::required("resourceArn", ARN), Member::required("tags", TAGS)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        cx.store.try_write(|w| {
            let arn = tagged(w, cx, &self.resource_arn)?;
            w.set_tags(&arn, &self.tags)?;
            few_enough(&w.tags(&arn)?)
        })
    }
}
