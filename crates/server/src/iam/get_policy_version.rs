//! `GetPolicyVersion`: what a managed policy says.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::list_policy_versions::PolicyVersion;
use super::policy::{Policy, VERSION};
use super::role::no_such;
use super::shapes::ARN;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetPolicyVersion {
    policy_arn: String,
    version_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OneVersion {
    policy_version: PolicyVersion,
}

impl Operation for GetPolicyVersion {
    const NAME: &'static str = "GetPolicyVersion";
    const SHAPE: &'static Shape = &Shape::structure(
        "GetPolicyVersionRequest",
        &[
            Member::required("PolicyArn", ARN),
            Member::required("VersionId", Shape::string().pattern(r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?")),
        ],
    );
    type Output = OneVersion;

    fn run(self, cx: &Context<'_>) -> Result<OneVersion, Failure> {
        let policy = cx.store.try_read(|r| Policy::find(r, cx, &self.policy_arn))?;
        if self.version_id != VERSION {
            let message =
                format!("Policy {} version {} does not exist or is not attachable.", self.policy_arn, self.version_id);
            return Err(no_such(message).into());
        }
        Ok(OneVersion { policy_version: PolicyVersion::with_document(policy) })
    }
}
