//! `DeleteRolePolicy`: deletes a policy that is written into a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::role::{Role, RolePolicy, no_such};
use super::shapes::{POLICY_NAME, ROLE_NAME};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteRolePolicy {
    role_name: String,
    policy_name: String,
}

impl Operation for DeleteRolePolicy {
    const NAME: &'static str = "DeleteRolePolicy";
    const SHAPE: &'static Shape = &Shape::structure(
        "DeleteRolePolicyRequest",
        &[Member::required("RoleName", ROLE_NAME), Member::required("PolicyName", POLICY_NAME)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        cx.store.try_write(|w| {
            Role::find(w, cx, &self.role_name)?;
            match w.delete::<RolePolicy>(&Role::policy_key(cx, &self.role_name, &self.policy_name))? {
                true => Ok(()),
                false => {
                    Err(no_such(format!("The role policy with name {} cannot be found.", self.policy_name)).into())
                }
            }
        })
    }
}
