//! `DetachRolePolicy`: takes a managed policy from a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::role::{Role, no_such};
use super::shapes::{ARN, ROLE_NAME};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DetachRolePolicy {
    role_name: String,
    policy_arn: String,
}

impl Operation for DetachRolePolicy {
    const NAME: &'static str = "DetachRolePolicy";
    const SHAPE: &'static Shape = &Shape::structure(
        "DetachRolePolicyRequest",
        &[Member::required("RoleName", ROLE_NAME), Member::required("PolicyArn", ARN)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        cx.store.try_write(|w| {
            let mut role = Role::find(w, cx, &self.role_name)?;
            let attached = &mut role.value.attached;
            let count = attached.len();
            attached.retain(|arn| *arn != self.policy_arn);
            if attached.len() == count {
                return Err(no_such(format!("Policy {} was not found.", self.policy_arn)).into());
            }
            w.put(&role.key, &role.value, cx.now)?;
            Ok(())
        })
    }
}
