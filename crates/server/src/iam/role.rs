//! A role as it is remembered, the policies that are written into it, and what is said where there is none.

use serde::{Deserialize, Serialize};
use store::{Key, List, Reader, Resource, Stored};
use wire::{ApiError, Timestamp};

use super::document;
use super::tags::{self, Tag};
use crate::{Context, Failure};

/// A role. Its key: its name, in no Region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) arn: String,
    /// Who may assume it, as JSON.
    pub(crate) trust_policy: String,
    pub(crate) description: Option<String>,
    /// Seconds.
    pub(crate) max_session_duration: i64,
    pub(crate) permissions_boundary: Option<String>,
    /// ARNs of policies, in the order of their names.
    pub(crate) attached: Vec<String>,
}

impl Resource for Role {
    const KIND: &'static str = "iam-role";
}

/// A policy that is written into a role. Its key: its name, under the role's.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RolePolicy {
    /// JSON.
    pub(crate) document: String,
}

impl Resource for RolePolicy {
    const KIND: &'static str = "iam-role-policy";
}

impl Role {
    pub(crate) fn key(cx: &Context<'_>, name: &str) -> Key {
        Key::global(&cx.account, name)
    }

    pub(crate) fn policy_key(cx: &Context<'_>, role: &str, policy: &str) -> Key {
        Key::global(&cx.account, policy).under(role)
    }

    /// The policies that are written into a role.
    pub(crate) fn policies(cx: &Context<'_>, role: &str) -> List {
        List { parent: Some(role.to_owned()), ..cx.in_no_region() }
    }

    /// The role, or `NoSuchEntity`.
    pub(crate) fn find(r: &Reader<'_>, cx: &Context<'_>, name: &str) -> Result<Stored<Role>, Failure> {
        let missing = || no_such(format!("The role with name {name} cannot be found."));
        Ok(r.get::<Role>(&Role::key(cx, name))?.ok_or_else(missing)?)
    }
}

/// A role as it is told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoleTold {
    path: String,
    role_name: String,
    role_id: String,
    arn: String,
    create_date: Timestamp,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: i64,
    permissions_boundary: Option<Boundary>,
    tags: Option<Vec<Tag>>,
    role_last_used: Option<LastUsed>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Boundary {
    permissions_boundary_type: &'static str,
    permissions_boundary_arn: String,
}

/// Never, as far as is known: nothing in it.
#[derive(Serialize)]
struct LastUsed {}

impl RoleTold {
    /// As lists tell it: without what only one role is asked for.
    pub(crate) fn in_list(stored: Stored<Role>) -> RoleTold {
        let role = stored.value;
        RoleTold {
            path: role.path,
            role_name: stored.key.name,
            role_id: role.id,
            arn: role.arn,
            create_date: stored.created_at.into(),
            assume_role_policy_document: document::told(&role.trust_policy),
            description: role.description,
            max_session_duration: role.max_session_duration,
            permissions_boundary: role.permissions_boundary.map(|arn| Boundary {
                permissions_boundary_type: "PermissionsBoundaryPolicy",
                permissions_boundary_arn: arn,
            }),
            tags: None,
            role_last_used: None,
        }
    }

    /// As a role by itself is told, with its tags.
    pub(crate) fn whole(r: &Reader<'_>, stored: Stored<Role>) -> Result<RoleTold, Failure> {
        let tags = tags::told(r.tags(&stored.value.arn)?);
        let tags = (!tags.is_empty()).then_some(tags);
        Ok(RoleTold { tags, role_last_used: Some(LastUsed {}), ..RoleTold::in_list(stored) })
    }
}

pub(crate) fn no_such(message: impl Into<String>) -> ApiError {
    ApiError::new("NoSuchEntity", message).with_status(404)
}

pub(crate) fn is_there(message: impl Into<String>) -> ApiError {
    ApiError::new("EntityAlreadyExists", message).with_status(409)
}

pub(crate) fn conflict(message: &str) -> ApiError {
    ApiError::new("DeleteConflict", message).with_status(409)
}

pub(crate) fn over_quota(message: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceeded", message).with_status(409)
}
