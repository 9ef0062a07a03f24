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
    resource_arn: Option<String>,
    /// Policies of the account have no revisions.
    #[serde(rename = "expectedRevisionId")]
    _expected_revision_id: Option<String>,
}

impl Operation for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    const SHAPE: &'static Shape = &Shape::structure(
        "DeleteResourcePolicyRequest",
        &[
            Member::optional("policyName", POLICY_NAME),
            Member::optional("resourceArn", Shape::string()),
            Member::optional("expectedRevisionId", Shape::string().at_least_long(1)),
        ],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        if self.resource_arn.is_some() {
            return Err(
                invalid("Policies are of the account here, not of single log groups: leave resourceArn out.").into()
            );
        }
        let name = self.policy_name.ok_or_else(|| invalid("Policy name is required."))?;
        let missing = format!("Policy with name [{name}] does not exist");
        let key = cx.key(name);
        cx.store.try_write(|w| match w.delete::<ResourcePolicy>(&key)? {
            true => Ok(()),
            false => Err(ApiError::new("ResourceNotFoundException", missing).into()),
        })
    }
}
