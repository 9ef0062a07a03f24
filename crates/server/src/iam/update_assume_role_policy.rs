//! `UpdateAssumeRolePolicy`: says anew who is trusted by a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::create_role::MAX_TRUST_POLICY;
use super::document::{Purpose, check, counted_length};
use super::role::{Role, over_quota};
use super::shapes::{DOCUMENT, ROLE_NAME};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateAssumeRolePolicy {
    role_name: String,
    policy_document: String,
}

impl Operation for UpdateAssumeRolePolicy {
    const NAME: &'static str = "UpdateAssumeRolePolicy";
    const SHAPE: &'static Shape = &Shape::structure(
        "UpdateAssumeRolePolicyRequest",
        &[Member::required("RoleName", ROLE_NAME), Member::required("PolicyDocument", DOCUMENT)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        check(&self.policy_document, Purpose::Trust)?;
        if counted_length(&self.policy_document) > MAX_TRUST_POLICY {
            return Err(over_quota(format!("Cannot exceed quota for ACLSizePerRole: {MAX_TRUST_POLICY}")).into());
        }
        cx.store.try_write(|w| {
            let mut role = Role::find(w, cx, &self.role_name)?;
            role.value.trust_policy = self.policy_document;
            w.put(&role.key, &role.value, cx.now)?;
            Ok(())
        })
    }
}
