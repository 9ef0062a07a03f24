//! `ListInstanceProfilesForRole`: there are no instances here, and no profiles. Terraform asks before it deletes a role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::role::Role;
use super::shapes::{MARKER, MAX_ITEMS, ROLE_NAME};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInstanceProfilesForRole {
    role_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceProfiles {
    instance_profiles: [(); 0],
    is_truncated: bool,
}

impl Operation for ListInstanceProfilesForRole {
    const NAME: &'static str = "ListInstanceProfilesForRole";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListInstanceProfilesForRoleRequest",
        &[
            Member::required("RoleName", ROLE_NAME),
            Member::optional("Marker", MARKER),
            Member::optional("MaxItems", MAX_ITEMS),
        ],
    );
    type Output = InstanceProfiles;

    fn run(self, cx: &Context<'_>) -> Result<InstanceProfiles, Failure> {
        cx.store.try_read(|r| Role::find(r, cx, &self.role_name))?;
        Ok(InstanceProfiles { instance_profiles: [], is_truncated: false })
    }
}
