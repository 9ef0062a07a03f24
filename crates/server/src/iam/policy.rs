//! A managed policy as it is remembered: one version, as it was made. AWS's own are known by their ARNs only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use store::{Key, Reader, Resource, StoreError, Stored};
use wire::Timestamp;

use super::role::{Role, no_such};
use super::tags::{self, Tag};
use crate::arn::Arn;
use crate::{Context, Failure};

/// The only version of a policy.
pub(crate) const VERSION: &str = "v1";

/// A policy. Its key: its name, in no Region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) arn: String,
    pub(crate) description: Option<String>,
    /// JSON.
    pub(crate) document: String,
}

impl Resource for Policy {
    const KIND: &'static str = "iam-policy";
}

impl Policy {
    pub(crate) fn key(cx: &Context<'_>, name: &str) -> Key {
        Key::global(&cx.account, name)
    }

    /// The policy of this ARN, or `NoSuchEntity`.
    pub(crate) fn find(r: &Reader<'_>, cx: &Context<'_>, arn: &str) -> Result<Stored<Policy>, Failure> {
        if is_of_aws(arn) {
            return Err(no_such(format!("Policy {arn} is AWS's own: it can be attached, and is not kept here.")).into());
        }
        let found = r.get::<Policy>(&Policy::key(cx, name_of_arn(arn)))?;
        let missing = || no_such(format!("Policy {arn} was not found."));
        Ok(found.filter(|found| found.value.arn == arn).ok_or_else(missing)?)
    }
}

/// The name of a policy: what stands behind the last slash of its ARN.
pub(crate) fn name_of_arn(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

/// Whether an ARN is that of a policy of AWS's own: `arn:aws:iam::aws:policy/ReadOnlyAccess`.
pub(crate) fn is_of_aws(arn: &str) -> bool {
    Arn::of(arn).is_some_and(|arn| arn.service == "iam" && arn.account == "aws" && arn.resource.starts_with("policy/"))
}

/// How many roles have each policy that one has, by its ARN.
pub(crate) struct Attachments(BTreeMap<String, usize>);

impl Attachments {
    pub(crate) fn read(r: &Reader<'_>, cx: &Context<'_>) -> Result<Attachments, StoreError> {
        let mut counts = BTreeMap::new();
        for arn in r.list::<Role>(&cx.in_no_region())?.into_iter().flat_map(|role| role.value.attached) {
            *counts.entry(arn).or_default() += 1;
        }
        Ok(Attachments(counts))
    }

    /// How many roles have a policy.
    pub(crate) fn of(&self, arn: &str) -> usize {
        self.0.get(arn).copied().unwrap_or_default()
    }
}

/// A policy as it is told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyTold {
    pub(crate) policy_name: String,
    policy_id: String,
    arn: String,
    path: String,
    default_version_id: &'static str,
    pub(crate) attachment_count: usize,
    permissions_boundary_usage_count: usize,
    is_attachable: bool,
    description: Option<String>,
    create_date: Timestamp,
    update_date: Timestamp,
    tags: Option<Vec<Tag>>,
}

impl PolicyTold {
    /// As lists tell it: without description and tags.
    pub(crate) fn in_list(stored: Stored<Policy>, attachment_count: usize) -> PolicyTold {
        let policy = stored.value;
        PolicyTold {
            policy_name: stored.key.name,
            policy_id: policy.id,
            arn: policy.arn,
            path: policy.path,
            default_version_id: VERSION,
            attachment_count,
            permissions_boundary_usage_count: 0,
            is_attachable: true,
            description: None,
            create_date: stored.created_at.into(),
            update_date: stored.changed_at.into(),
            tags: None,
        }
    }

    /// As a policy by itself is told.
    pub(crate) fn whole(r: &Reader<'_>, cx: &Context<'_>, stored: Stored<Policy>) -> Result<PolicyTold, Failure> {
        let tags = tags::told(r.tags(&stored.value.arn)?);
        let (description, count) = (stored.value.description.clone(), Attachments::read(r, cx)?.of(&stored.value.arn));
        Ok(PolicyTold { description, tags: Some(tags), ..PolicyTold::in_list(stored, count) })
    }
}
