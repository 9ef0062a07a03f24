//! `DescribeResourcePolicies`: the policies of this account and Region.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeResourcePolicies.html>

use serde::{Deserialize, Serialize};
use store::List;
use wire::check::{Member, Shape};

use super::group::{LIMIT, NEXT_TOKEN, PAGE};
use super::resource_policy::{ResourcePolicy, ResourcePolicyTold};
use super::token;
use crate::page::stored_page;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeResourcePolicies {
    next_token: Option<String>,
    limit: Option<usize>,
    resource_arn: Option<String>,
    policy_scope: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribedPolicies {
    resource_policies: Vec<ResourcePolicyTold>,
    next_token: Option<String>,
}

impl Operation for DescribeResourcePolicies {
    const NAME: &'static str = "DescribeResourcePolicies";
    const SHAPE: &'static Shape = &Shape::structure(
        "DescribeResourcePoliciesRequest",
        &[
            Member::optional("nextToken", NEXT_TOKEN),
            Member::optional("limit", LIMIT),
            Member::optional("policyScope", Shape::string().one_of(&["ACCOUNT", "RESOURCE"])),
        ],
    );
    type Output = DescribedPolicies;

    fn run(self, cx: &Context<'_>) -> Result<DescribedPolicies, Failure> {
        // Single groups have none.
        if self.resource_arn.is_some() || self.policy_scope.as_deref() == Some("RESOURCE") {
            return Ok(DescribedPolicies { resource_policies: Vec::new(), next_token: None });
        }
        let after = token::name_of(self.next_token.as_deref())?;
        let list = List::of(&cx.account, &cx.region);
        let (page, next_token) = stored_page::<ResourcePolicy>(cx, list, after, self.limit.unwrap_or(PAGE))?;
        Ok(DescribedPolicies { resource_policies: page.into_iter().map(ResourcePolicyTold::of).collect(), next_token })
    }
}
