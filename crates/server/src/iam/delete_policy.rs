//! `DeletePolicy`: deletes a managed policy that no role has any more.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::policy::{Attachments, Policy};
use super::role::conflict;
use super::shapes::ARN;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeletePolicy {
    policy_arn: String,
}

impl Operation for DeletePolicy {
    const NAME: &'static str = "DeletePolicy";
    const SHAPE: &'static Shape = &Shape::structure("DeletePolicyRequest", &[Member::required("PolicyArn", ARN)]);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        cx.store.try_write(|w| {
            let policy = Policy::find(w, cx, &self.policy_arn)?;
            if Attachments::read(w, cx)?.of(&self.policy_arn) > 0 {
                return Err(conflict("Cannot delete a policy attached to entities.").into());
            }
            w.delete::<Policy>(&policy.key)?;
            Ok(w.remove_all_tags(&self.policy_arn)?)
        })
    }
}
