//! `UntagResource`: takes tags from a log group, by its ARN.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::tags::{ARN, KEY, tagged};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    const SHAPE: &'static Shape = &Shape::structure(
        "UntagResourceRequest",
        &[Member::required("resourceArn", ARN), Member::required("tagKeys", Shape::list(&KEY).length(0, 50))],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        cx.store.try_write(|w| {
            let arn = tagged(w, cx, &self.resource_arn)?;
            Ok(w.remove_tags(&arn, self.tag_keys.iter().map(String::as_str))?)
        })
    }
}
