//! `ListRoles`: the roles of the account, in the order of their names.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::page::page;
use super::role::{Role, RoleTold};
use super::shapes::{MARKER, MAX_ITEMS, PATH_PREFIX};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRoles {
    path_prefix: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedRoles {
    roles: Vec<RoleTold>,
    is_truncated: bool,
    marker: Option<String>,
}

impl Operation for ListRoles {
    const NAME: &'static str = "ListRoles";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListRolesRequest",
        &[
            Member::optional("PathPrefix", PATH_PREFIX),
            Member::optional("Marker", MARKER),
            Member::optional("MaxItems", MAX_ITEMS),
        ],
    );
    type Output = ListedRoles;

    fn run(self, cx: &Context<'_>) -> Result<ListedRoles, Failure> {
        let mut roles = cx.store.read(|r| r.list::<Role>(&cx.in_no_region()))?;
        let prefix = self.path_prefix.unwrap_or_default();
        roles.retain(|role| role.value.path.starts_with(&prefix));
        let (page, is_truncated, marker) = page(roles, |role| &role.key.name, self.marker.as_deref(), self.max_items)?;
        Ok(ListedRoles { roles: page.into_iter().map(RoleTold::in_list).collect(), is_truncated, marker })
    }
}
