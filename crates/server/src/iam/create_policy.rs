//! `CreatePolicy`: makes a managed policy, in its first and only version.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::document::{Purpose, check, counted_length};
use super::policy::{Policy, PolicyTold};
use super::role::{is_there, over_quota};
use super::shapes::{DOCUMENT, POLICY_NAME, POLICY_PATH};
use super::tags::{TAGS, Tag, by_key};
use super::unique_id::unique_id;
use crate::{Context, Failure, Operation};

/// Characters of a managed policy.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MAX_POLICY: usize = 6144;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePolicy {
    policy_name: String,
    path: Option<String>,
    policy_document: String,
    description: Option<String>,
    tags: Option<Vec<Tag>>,
}

/// A policy by itself.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OnePolicy {
    pub(crate) policy: PolicyTold,
}

impl Operation for CreatePolicy {
    const NAME: &'static str = "CreatePolicy";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreatePolicyRequest",
        &[
            Member::required("PolicyName", POLICY_NAME),
            Member::optional("Path", POLICY_PATH),
            Member::required("PolicyDocument", DOCUMENT),
            Member::optional("Description", Shape::string().at_most_long(1000)),
            Member::optional("Tags", TAGS),
        ],
    );
    type Output = OnePolicy;

    fn run(self, cx: &Context<'_>) -> Result<OnePolicy, Failure> {
        check(&self.policy_document, Purpose::Identity)?;
        if counted_length(&self.policy_document) > MAX_POLICY {
            return Err(over_quota(format!("Cannot exceed quota for PolicySize: {MAX_POLICY}")).into());
        }
        let tags = by_key(self.tags.unwrap_or_default())?;
        let (path, name) = (self.path.unwrap_or_else(|| "/".into()), self.policy_name);
        let policy = Policy {
            id: unique_id(&*cx.world.dice, "ANPA", 17),
            arn: format!("arn:aws:iam::{}:policy{path}{name}", cx.account),
            path,
            description: self.description,
            document: self.policy_document,
        };
        cx.store.try_write(|w| {
            let policies = w.list::<Policy>(&cx.in_no_region())?;
            if policies.iter().any(|there| there.key.name.eq_ignore_ascii_case(&name)) {
                return Err(is_there(format!(
                    "A policy called {name} already exists. Duplicate names are not allowed."
                ))
                .into());
            }
            w.put(&Policy::key(cx, &name), &policy, cx.now)?;
            w.remove_all_tags(&policy.arn)?;
            w.set_tags(&policy.arn, &tags)?;
            Ok(OnePolicy { policy: PolicyTold::whole(w, cx, Policy::find(w, cx, &policy.arn)?)? })
        })
    }
}
