//! `PutResourcePolicy`: stores a policy that says who else may log here.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html>

use serde::{Deserialize, Serialize};
use store::List;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::group::invalid;
use super::resource_policy::{MAX_POLICIES, POLICY_NAME, ResourcePolicy, ResourcePolicyTold};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutResourcePolicy {
    policy_name: Option<String>,
    policy_document: Option<String>,
    resource_arn: Option<String>,
    /// Policies of the account have no revisions.
    #[serde(rename = "expectedRevisionId")]
    _expected_revision_id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutPolicy {
    resource_policy: Option<ResourcePolicyTold>,
}

impl Operation for PutResourcePolicy {
    const NAME: &'static str = "PutResourcePolicy";
    const SHAPE: &'static Shape = &Shape::structure(
        "PutResourcePolicyRequest",
        &[
            Member::optional("policyName", POLICY_NAME),
            Member::optional("policyDocument", Shape::string().length(1, 51_200)),
            Member::optional("resourceArn", Shape::string()),
            Member::optional("expectedRevisionId", Shape::string().at_least_long(1)),
        ],
    );
    type Output = PutPolicy;

    fn run(self, cx: &Context<'_>) -> Result<PutPolicy, Failure> {
        if self.resource_arn.is_some() {
            return Err(
                invalid("Policies are of the account here, not of single log groups: leave resourceArn out.").into()
            );
        }
        let name =
            self.policy_name.filter(|name| !name.is_empty()).ok_or_else(|| invalid("Policy name is required."))?;
        let document = self.policy_document.ok_or_else(|| invalid("Policy document is required."))?;
        if !matches!(serde_json::from_str(&document), Ok(serde_json::Value::Object(_))) {
            return Err(invalid("The policy document is not valid JSON.").into());
        }
        let key = cx.key(name);
        cx.store.try_write(|w| {
            w.put(&key, &ResourcePolicy { document }, cx.now)?;
            if w.count::<ResourcePolicy>(&List::of(&cx.account, &cx.region))? > MAX_POLICIES {
                return Err(ApiError::new("LimitExceededException", "Resource limit exceeded.").into());
            }
            Ok(PutPolicy { resource_policy: w.get(&key)?.map(ResourcePolicyTold::of) })
        })
    }
}
