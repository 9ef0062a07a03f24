//! `TagResource`: tags a topic. <https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::tag::{RESOURCE_ARN, TAG, Tag, by_key, is_there, within_limit};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource {
    resource_arn: String,
    tags: Vec<Tag>,
}

/// Nothing, within its element.
#[derive(Serialize)]
pub(crate) struct Tagged {}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    const SHAPE: &'static Shape = &Shape::structure(
        "TagResourceRequest",
        &[Member::required("ResourceArn", RESOURCE_ARN), Member::required("Tags", Shape::list(&TAG))],
    );
    type Output = Tagged;

    fn run(self, cx: &Context<'_>) -> Result<Tagged, Failure> {
        let tags = by_key(self.tags)?;
        cx.store.try_write(|w| {
            is_there(w, cx, &self.resource_arn)?;
            let mut all = w.tags(&self.resource_arn)?;
            all.extend(tags.clone());
            within_limit(all.len())?;
            w.set_tags(&self.resource_arn, &tags)?;
            Ok(Tagged {})
        })
    }
}
