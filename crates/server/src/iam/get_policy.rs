//! `GetPolicy`: one managed policy, without what it says.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::create_policy::OnePolicy;
use super::policy::{Policy, PolicyTold};
use super::shapes::ARN;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPolicy {
    policy_arn: String,
}

impl Operation for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    const SHAPE: &'static Shape = &Shape::structure("GetPolicyRequest", &[Member::required("PolicyArn", ARN)]);
    type Output = OnePolicy;

    fn run(self, cx: &Context<'_>) -> Result<OnePolicy, Failure> {
        cx.store
            .try_read(|r| Ok(OnePolicy { policy: PolicyTold::whole(r, cx, Policy::find(r, cx, &self.policy_arn)?)? }))
    }
}
