//! A resource policy: who else may log here. Stored and given back, never enforced.

use serde::{Deserialize, Serialize};
use store::{Resource, Stored};
use wire::check::Shape;

/// Policies of an account in a Region.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
pub(crate) const MAX_POLICIES: usize = 10;

pub(crate) const POLICY_NAME: Shape = Shape::string();

/// A policy. Its key: its name.
#[derive(Serialize, Deserialize)]
pub(crate) struct ResourcePolicy {
    /// JSON.
    pub(crate) document: String,
}

impl Resource for ResourcePolicy {
    const KIND: &'static str = "log-resource-policy";
}

/// A policy as it is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResourcePolicyTold {
    policy_name: String,
    policy_document: String,
    last_updated_time: i64,
    policy_scope: &'static str,
}

impl ResourcePolicyTold {
    pub(crate) fn of(stored: Stored<ResourcePolicy>) -> ResourcePolicyTold {
        ResourcePolicyTold {
            policy_name: stored.key.name,
            policy_document: stored.value.document,
            last_updated_time: stored.changed_at.as_millisecond(),
            policy_scope: "ACCOUNT",
        }
    }
}
