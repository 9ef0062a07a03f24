//! `DeleteResourcePolicy`: deletes a policy.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteResourcePolicy.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::group::invalid;
use super::resource_policy::{POLICY_NAME, ResourcePolicy};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeleteResourcePolicy {
    policy_name: Option<String>,
}

impl Operation for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    const SHAPE: &'static Shape =
        &Shape::structure("DeleteResourcePolicyRequest", &[Member::optional("policyName", POLICY_NAME)]);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let name = self.policy_name.ok_or_else(|| invalid("Policy name is required."))?;
        let missing = format!("Policy with name [{name}] does not exist");
        let key = cx.key(name);
        cx.store.try_write(|w| match w.delete::<ResourcePolicy>(&key)? {
            true => Ok(()),
            false => Err(ApiError::new("ResourceNotFoundException", missing).into()),
        })
    }
}
