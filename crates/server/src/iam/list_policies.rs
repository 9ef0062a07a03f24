//! `ListPolicies`: the account's managed policies. AWS's own are not listed.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::page::page;
use super::policy::{Attachments, Policy, PolicyTold};
use super::shapes::{MARKER, MAX_ITEMS, POLICY_PATH};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPolicies {
    scope: Option<String>,
    only_attached: Option<bool>,
    path_prefix: Option<String>,
    policy_usage_filter: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedPolicies {
    policies: Vec<PolicyTold>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListPolicies {
    const NAME: &'static str = "ListPolicies";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListPoliciesRequest",
        &[
            Member::optional("Scope", Shape::string().one_of(&["All", "AWS", "Local"])),
            Member::optional("PathPrefix", POLICY_PATH),
            Member::optional(
                "PolicyUsageFilter",
                Shape::string().one_of(&["PermissionsPolicy", "PermissionsBoundary"]),
            ),
            Member::optional("Marker", MARKER),
            Member::optional("MaxItems", MAX_ITEMS),
        ],
    );
    type Output = ListedPolicies;

    fn run(self, cx: &Context<'_>) -> Result<ListedPolicies, Failure> {
        let prefix = self.path_prefix.unwrap_or_default();
        // Which policies are boundaries is not looked at.
        let is_other =
            self.scope.as_deref() == Some("AWS") || self.policy_usage_filter.as_deref() == Some("PermissionsBoundary");
        let policies = cx.store.try_read(|r| {
            let mut told = Vec::new();
            let attachments = Attachments::read(r, cx)?;
            for policy in r.list::<Policy>(&cx.in_no_region())? {
                let count = attachments.of(&policy.value.arn);
                let is_wanted = !is_other && (count > 0 || self.only_attached != Some(true));
                if is_wanted && policy.value.path.starts_with(&prefix) {
                    told.push(PolicyTold::in_list(policy, count));
                }
            }
            Ok::<_, Failure>(told)
        })?;
        let (policies, is_truncated, marker) =
            page(policies, |policy| &policy.policy_name, self.marker.as_deref(), self.max_items)?;
        Ok(ListedPolicies { policies, is_truncated, marker })
    }
}
