//! `CreateRole`: makes a role. Whoever is trusted by it is stored, and not asked.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::document::{Purpose, check, counted_length};
use super::role::{Role, RoleTold, is_there, over_quota};
use super::shapes::{ARN, DOCUMENT, ROLE_NAME, ROLE_PATH};
use super::tags::{TAGS, Tag, by_key};
use super::unique_id::unique_id;
use crate::{Context, Failure, Operation};

/// Characters of a trust policy.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub(crate) const MAX_TRUST_POLICY: usize = 2048;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateRole {
    path: Option<String>,
    role_name: String,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: Option<i64>,
    /// Nobody signs in to a console here.
    #[serde(rename = "MaxSigninSessionDuration")]
    _max_signin_session_duration: Option<i64>,
    permissions_boundary: Option<String>,
    tags: Option<Vec<Tag>>,
}

/// A role by itself.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OneRole {
    pub(crate) role: RoleTold,
}

impl Operation for CreateRole {
    const NAME: &'static str = "CreateRole";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreateRoleRequest",
        &[
            Member::optional("Path", ROLE_PATH),
            Member::required("RoleName", ROLE_NAME),
            Member::required("AssumeRolePolicyDocument", DOCUMENT),
            Member::optional("Description", Shape::string().at_most_long(1000)),
            Member::optional("MaxSessionDuration", Shape::integer().range(3600.0, 43_200.0)),
            Member::optional("MaxSigninSessionDuration", Shape::integer().range(3600.0, 7_776_000.0)),
            Member::optional("PermissionsBoundary", ARN),
            Member::optional("Tags", TAGS),
        ],
    );
    type Output = OneRole;

    fn run(self, cx: &Context<'_>) -> Result<OneRole, Failure> {
        check(&self.assume_role_policy_document, Purpose::Trust)?;
        if counted_length(&self.assume_role_policy_document) > MAX_TRUST_POLICY {
            return Err(over_quota(format!("Cannot exceed quota for ACLSizePerRole: {MAX_TRUST_POLICY}")).into());
        }
        let tags = by_key(self.tags.unwrap_or_default())?;
        let (path, name) = (self.path.unwrap_or_else(|| "/".into()), self.role_name);
        let role = Role {
            id: unique_id(&*cx.world.dice, "AROA", 17),
            arn: format!("arn:aws:iam::{}:role{path}{name}", cx.account),
            path,
            trust_policy: self.assume_role_policy_document,
            description: self.description,
            max_session_duration: self.max_session_duration.unwrap_or(3600),
            permissions_boundary: self.permissions_boundary,
            attached: Vec::new(),
        };
        cx.store.try_write(|w| {
            // Names that differ by large and small letters only are the same.
            let roles = w.list::<Role>(&cx.in_no_region())?;
            if roles.iter().any(|there| there.key.name.eq_ignore_ascii_case(&name)) {
                return Err(is_there(format!("Role with name {name} already exists.")).into());
            }
            w.put(&Role::key(cx, &name), &role, cx.now)?;
            w.remove_all_tags(&role.arn)?;
            w.set_tags(&role.arn, &tags)?;
            Ok(OneRole { role: RoleTold::whole(w, Role::find(w, cx, &name)?)? })
        })
    }
}
