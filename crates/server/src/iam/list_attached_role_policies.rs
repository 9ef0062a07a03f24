//! `ListAttachedRolePolicies`: the managed policies that a role has.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::page::page;
use super::policy::name_of_arn;
use super::role::Role;
use super::shapes::{MARKER, MAX_ITEMS, POLICY_PATH, ROLE_NAME};
use crate::arn::Arn;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAttachedRolePolicies {
    role_name: String,
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AttachedPolicies {
    attached_policies: Vec<AttachedPolicy>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AttachedPolicy {
    policy_name: String,
    policy_arn: String,
}

impl Operation for ListAttachedRolePolicies {
    const NAME: &'static str = "ListAttachedRolePolicies";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListAttachedRolePoliciesRequest",
        &[
            Member::required("RoleName", ROLE_NAME),
            Member::optional("PathPrefix", POLICY_PATH),
            Member::optional("Marker", MARKER),
            Member::optional("MaxItems", MAX_ITEMS),
        ],
    );
    type Output = AttachedPolicies;

    fn run(self, cx: &Context<'_>) -> Result<AttachedPolicies, Failure> {
        let role = cx.store.try_read(|r| Role::find(r, cx, &self.role_name))?;
        let prefix = self.path_prefix.unwrap_or_default();
        let has_prefix = |arn: &String| {
            let resource = Arn::of(arn).map_or("", |arn| arn.resource);
            resource.strip_prefix("policy").is_some_and(|path| path.starts_with(&prefix))
        };
        let name = |arn: &String| format!("{} {arn}", name_of_arn(arn));
        let named: Vec<(String, String)> =
            role.value.attached.into_iter().filter(has_prefix).map(|arn| (name(&arn), arn)).collect();
        let (page, is_truncated, marker) = page(named, |(name, _)| name, self.marker.as_deref(), self.max_items)?;
        let attached_policies = page
            .into_iter()
            .map(|(_, arn)| AttachedPolicy { policy_name: name_of_arn(&arn).to_owned(), policy_arn: arn })
            .collect();
        Ok(AttachedPolicies { attached_policies, is_truncated, marker })
    }
}
