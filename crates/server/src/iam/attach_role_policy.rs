//! `AttachRolePolicy`: gives a role a managed policy: one of the account's, or any of AWS's own.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::policy::{Policy, is_of_aws, name_of_arn};
use super::role::{Role, no_such, over_quota};
use super::shapes::{ARN, ROLE_NAME};
use crate::arn::Arn;
use crate::{Context, Failure, Operation};

/// Managed policies of a role.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MAX_ATTACHED: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttachRolePolicy {
    role_name: String,
    policy_arn: String,
}

impl Operation for AttachRolePolicy {
    const NAME: &'static str = "AttachRolePolicy";
    const SHAPE: &'static Shape = &Shape::structure(
        "AttachRolePolicyRequest",
        &[Member::required("RoleName", ROLE_NAME), Member::required("PolicyArn", ARN)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let arn = self.policy_arn;
        let is_policy = Arn::of(&arn).is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with("policy/"));
        if !is_policy {
            return Err(ApiError::new("InvalidInput", format!("ARN {arn} is not valid.")).into());
        }
        cx.store.try_write(|w| {
            let mut role = Role::find(w, cx, &self.role_name)?;
            if !is_of_aws(&arn) {
                let missing = || no_such(format!("Policy {arn} does not exist or is not attachable."));
                let found = w.get::<Policy>(&Policy::key(cx, name_of_arn(&arn)))?;
                found.filter(|found| found.value.arn == arn).ok_or_else(missing)?;
            }
            let attached = &mut role.value.attached;
            if attached.contains(&arn) {
                return Ok(());
            }
            if attached.len() >= MAX_ATTACHED {
                return Err(over_quota(format!("Cannot exceed quota for PoliciesPerRole: {MAX_ATTACHED}")).into());
            }
            attached.push(arn);
            attached.sort_by(|one, other| name_of_arn(one).cmp(name_of_arn(other)).then(one.cmp(other)));
            w.put(&role.key, &role.value, cx.now)?;
            Ok(())
        })
    }
}
