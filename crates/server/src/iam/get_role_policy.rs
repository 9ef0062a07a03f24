//! `GetRolePolicy`: a policy that is written into a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::document;
use super::role::{Role, RolePolicy, no_such};
use super::shapes::{POLICY_NAME, ROLE_NAME};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRolePolicy {
    role_name: String,
    policy_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OneRolePolicy {
    role_name: String,
    policy_name: String,
    policy_document: String,
}

impl Operation for GetRolePolicy {
    const NAME: &'static str = "GetRolePolicy";
    const SHAPE: &'static Shape = &Shape::structure(
        "GetRolePolicyRequest",
        &[Member::required("RoleName", ROLE_NAME), Member::required("PolicyName", POLICY_NAME)],
    );
    type Output = OneRolePolicy;

    fn run(self, cx: &Context<'_>) -> Result<OneRolePolicy, Failure> {
        cx.store.try_read(|r| {
            Role::find(r, cx, &self.role_name)?;
            let found = r.get::<RolePolicy>(&Role::policy_key(cx, &self.role_name, &self.policy_name))?;
            let missing = || no_such(format!("The role policy with name {} cannot be found.", self.policy_name));
            Ok(OneRolePolicy {
                policy_document: document::told(&found.ok_or_else(missing)?.value.document),
                role_name: self.role_name.clone(),
                policy_name: self.policy_name.clone(),
            })
        })
    }
}
