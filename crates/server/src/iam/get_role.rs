//! `GetRole`: one role.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::create_role::OneRole;
use super::role::{Role, RoleTold};
use super::shapes::ROLE_NAME;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRole {
    role_name: String,
}

impl Operation for GetRole {
    const NAME: &'static str = "GetRole";
    const SHAPE: &'static Shape = &Shape::structure("GetRoleRequest", &[Member::required("RoleName", ROLE_NAME)]);
    type Output = OneRole;

    fn run(self, cx: &Context<'_>) -> Result<OneRole, Failure> {
        cx.store.try_read(|r| Ok(OneRole { role: RoleTold::whole(r, Role::find(r, cx, &self.role_name)?)? }))
    }
}
