//! `PutRolePolicy`: writes a policy into a role, in place of one of the same name.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::document::{Purpose, check, counted_length};
use super::role::{Role, RolePolicy, over_quota};
use super::shapes::{DOCUMENT, POLICY_NAME, ROLE_NAME};
use crate::{Context, Failure, Operation};

/// Characters of all policies of a role.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MAX_POLICIES: usize = 10_240;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutRolePolicy {
    role_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for PutRolePolicy {
    const NAME: &'static str = "PutRolePolicy";
    const SHAPE: &'static Shape = &Shape::structure(
        "PutRolePolicyRequest",
        &[
            Member::required("RoleName", ROLE_NAME),
            Member::required("PolicyName", POLICY_NAME),
            Member::required("PolicyDocument", DOCUMENT),
        ],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        check(&self.policy_document, Purpose::Identity)?;
        cx.store.try_write(|w| {
            Role::find(w, cx, &self.role_name)?;
            let key = Role::policy_key(cx, &self.role_name, &self.policy_name);
            w.put(&key, &RolePolicy { document: self.policy_document }, cx.now)?;
            let policies = w.list::<RolePolicy>(&Role::policies(cx, &self.role_name))?;
            if policies.iter().map(|policy| counted_length(&policy.value.document)).sum::<usize>() > MAX_POLICIES {
                let message =
                    format!("Maximum policy size of {MAX_POLICIES} bytes exceeded for role {}", self.role_name);
                return Err(over_quota(message).into());
            }
            Ok(())
        })
    }
}
