//! `UntagRole`: takes tags from a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::role::Role;
use super::shapes::ROLE_NAME;
use super::tags::KEY;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagRole {
    role_name: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagRole {
    const NAME: &'static str = "UntagRole";
    const SHAPE: &'static Shape = &Shape::structure(
        "UntagRoleRequest",
        &[Member::required("RoleName", ROLE_NAME), Member::required("TagKeys", Shape::list(&KEY).at_most_long(50))],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        cx.store.try_write(|w| {
            let arn = Role::find(w, cx, &self.role_name)?.value.arn;
            Ok(w.remove_tags(&arn, self.tag_keys.iter().map(String::as_str))?)
        })
    }
}
