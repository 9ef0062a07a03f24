//! `ListRolePolicies`: the names of the policies that are written into a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::page::page;
use super::role::{Role, RolePolicy};
use super::shapes::{MARKER, MAX_ITEMS, ROLE_NAME};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRolePolicies {
    role_name: String,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedRolePolicies {
    policy_names: Vec<String>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListRolePolicies {
    const NAME: &'static str = "ListRolePolicies";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListRolePoliciesRequest",
        &[
            Member::required("RoleName", ROLE_NAME),
            Member::optional("Marker", MARKER),
            Member::optional("MaxItems", MAX_ITEMS),
        ],
    );
    type Output = ListedRolePolicies;

    fn run(self, cx: &Context<'_>) -> Result<ListedRolePolicies, Failure> {
        let policies = cx.store.try_read(|r| {
            Role::find(r, cx, &self.role_name)?;
            Ok::<_, Failure>(r.list::<RolePolicy>(&Role::policies(cx, &self.role_name))?)
        })?;
        let names = policies.into_iter().map(|policy| policy.key.name).collect();
        let (policy_names, is_truncated, marker) =
            page(names, |name: &String| name, self.marker.as_deref(), self.max_items)?;
        Ok(ListedRolePolicies { policy_names, is_truncated, marker })
    }
}
