//! `ListTagsForResource`: the tags of an account or of the root: none can be set.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTagsForResource.html>

use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::account::is_member;
use super::page::NEXT_TOKEN;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTagsForResource {
    resource_id: String,
    #[serde(rename = "NextToken")]
    _next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NoTags {
    tags: [(); 0],
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListTagsForResourceRequest",
        &[
            Member::required("ResourceId", Shape::string().at_most_long(130).pattern(r"(r-[0-9a-z]{4,32})|(\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})|(p-[0-9a-zA-Z_]{8,128})|(rp-[0-9a-zA-Z_]{4,128})|(rt-[0-9a-zA-Z_]{8,32})")),
            Member::optional("NextToken", NEXT_TOKEN),
        ],
    );
    type Output = NoTags;

    fn run(self, cx: &Context<'_>) -> Result<NoTags, Failure> {
        let is_there =
            self.resource_id == cx.place.root_id() || cx.store.try_read(|r| is_member(r, cx, &self.resource_id))?;
        if !is_there {
            let message = "You specified a target that doesn't exist.";
            return Err(ApiError::new("TargetNotFoundException", message).into());
        }
        Ok(NoTags { tags: [] })
    }
}
