//! `ListRoleTags`: the tags of a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::page::page;
use super::role::Role;
use super::shapes::{MARKER, MAX_ITEMS, ROLE_NAME};
use super::tags::{Tag, told};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRoleTags {
    role_name: String,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagsOfRole {
    tags: Vec<Tag>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListRoleTags {
    const NAME: &'static str = "ListRoleTags";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListRoleTagsRequest",
        &[
            Member::required("RoleName", ROLE_NAME),
            Member::optional("Marker", MARKER),
            Member::optional("MaxItems", MAX_ITEMS),
        ],
    );
    type Output = TagsOfRole;

    fn run(self, cx: &Context<'_>) -> Result<TagsOfRole, Failure> {
        let tags = cx.store.try_read(|r| Ok::<_, Failure>(r.tags(&Role::find(r, cx, &self.role_name)?.value.arn)?))?;
        let (tags, is_truncated, marker) = page(told(tags), |tag| &tag.key, self.marker.as_deref(), self.max_items)?;
        Ok(TagsOfRole { tags, is_truncated, marker })
    }
}
