//! `DeleteRole`: deletes a role that has no policies any more.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::role::{Role, RolePolicy, conflict};
use super::shapes::ROLE_NAME;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteRole {
    role_name: String,
}

impl Operation for DeleteRole {
    const NAME: &'static str = "DeleteRole";
    const SHAPE: &'static Shape = &Shape::structure("DeleteRoleRequest", &[Member::required("RoleName", ROLE_NAME)]);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        cx.store.try_write(|w| {
            let role = Role::find(w, cx, &self.role_name)?;
            if !role.value.attached.is_empty() {
                return Err(conflict("Cannot delete entity, must detach all policies first.").into());
            }
            if w.count::<RolePolicy>(&Role::policies(cx, &self.role_name))? > 0 {
                return Err(conflict("Cannot delete entity, must delete policies first.").into());
            }
            w.delete::<Role>(&role.key)?;
            Ok(w.remove_all_tags(&role.value.arn)?)
        })
    }
}
