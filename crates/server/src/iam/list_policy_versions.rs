//! `ListPolicyVersions`: the versions of a managed policy: the one.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html>

use serde::{Deserialize, Serialize};
use store::Stored;
use wire::Timestamp;
use wire::check::{Member, Shape};

use super::document;
use super::policy::{Policy, VERSION};
use super::shapes::{ARN, MARKER, MAX_ITEMS};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListPolicyVersions {
    policy_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedVersions {
    versions: [PolicyVersion; 1],
    is_truncated: bool,
}

/// A version of a policy as it is told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyVersion {
    document: Option<String>,
    version_id: &'static str,
    is_default_version: bool,
    create_date: Timestamp,
}

impl PolicyVersion {
    pub(crate) fn with_document(policy: Stored<Policy>) -> PolicyVersion {
        PolicyVersion {
            document: Some(document::told(&policy.value.document)),
            version_id: VERSION,
            is_default_version: true,
            create_date: policy.created_at.into(),
        }
    }
}

impl Operation for ListPolicyVersions {
    const NAME: &'static str = "ListPolicyVersions";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListPolicyVersionsRequest",
        &[
            Member::required("PolicyArn", ARN),
            Member::optional("Marker", MARKER),
            Member::optional("MaxItems", MAX_ITEMS),
        ],
    );
    type Output = ListedVersions;

    fn run(self, cx: &Context<'_>) -> Result<ListedVersions, Failure> {
        let policy = cx.store.try_read(|r| Policy::find(r, cx, &self.policy_arn))?;
        let version = PolicyVersion { document: None, ..PolicyVersion::with_document(policy) };
        Ok(ListedVersions { versions: [version], is_truncated: false })
    }
}
