//! `TagRole`: sets tags of a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::role::Role;
use super::shapes::ROLE_NAME;
use super::tags::{TAGS, Tag, by_key, few_enough};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagRole {
    role_name: String,
    tags: Vec<Tag>,
}

impl Operation for TagRole {
    const NAME: &'static str = "TagRole";
    const SHAPE: &'static Shape =
        &Shape::structure("TagRoleRequest", &[Member::required("RoleName", ROLE_NAME), Member::required("Tags", TAGS)]);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let tags = by_key(self.tags)?;
        cx.store.try_write(|w| {
            let arn = Role::find(w, cx, &self.role_name)?.value.arn;
            w.set_tags(&arn, &tags)?;
            Ok(few_enough(&w.tags(&arn)?)?)
        })
    }
}
