//! `UntagResource`: takes tags from a topic. <https://docs.aws.amazon.com/sns/latest/api/API_UntagResource.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::tag::{KEY, RESOURCE_ARN, is_there};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

/// Nothing, within its element.
#[derive(Serialize)]
pub(crate) struct Untagged {}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    const SHAPE: &'static Shape = &Shape::structure(
        "UntagResourceRequest",
        &[Member::required("ResourceArn", RESOURCE_ARN), Member::required("TagKeys", Shape::list(&KEY))],
    );
    type Output = Untagged;

    fn run(self, cx: &Context<'_>) -> Result<Untagged, Failure> {
        cx.store.try_write(|w| {
            is_there(w, cx, &self.resource_arn)?;
            w.remove_tags(&self.resource_arn, self.tag_keys.iter().map(String::as_str))?;
            Ok(Untagged {})
        })
    }
}
