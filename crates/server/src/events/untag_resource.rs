//! `UntagResource`: takes tags from a rule or a bus.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UntagResource.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::shapes::{ARN, TAG_KEY};
use super::tags::be_there;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    const SHAPE: &'static Shape = &Shape::structure(
        "UntagResourceRequest",
        &[Member::required("ResourceARN", ARN), Member::required("TagKeys", Shape::list(&TAG_KEY))],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        cx.store.try_write(|w| {
            be_there(w, cx, &self.resource_arn)?;
            Ok(w.remove_tags(&self.resource_arn, self.tag_keys.iter().map(String::as_str))?)
        })
    }
}
