//! `DeregisterOrganizationDelegatedAdmin`: lets an account administer CloudTrail no longer.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeregisterOrganizationDelegatedAdmin.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::done::Done;
use super::organization::{ACCOUNT_ID, member};
use crate::organizations::{CLOUDTRAIL, DelegatedAdministrator};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeregisterOrganizationDelegatedAdmin {
    delegated_admin_account_id: String,
}

impl Operation for DeregisterOrganizationDelegatedAdmin {
    const NAME: &'static str = "DeregisterOrganizationDelegatedAdmin";
    const SHAPE: &'static Shape = &Shape::structure(
        "DeregisterOrganizationDelegatedAdminRequest",
        &[Member::required("DelegatedAdminAccountId", ACCOUNT_ID)],
    );
    type Output = Done;

    fn run(self, cx: &Context<'_>) -> Result<Done, Failure> {
        let account = self.delegated_admin_account_id;
        cx.store.try_write(|w| {
            member(w, cx, &account)?;
            match DelegatedAdministrator::deregister(w, cx, &account, CLOUDTRAIL)? {
                true => Ok(Done {}),
                false => {
                    let message = "The account is not registered as the CloudTrail delegated administrator.";
                    Err(ApiError::new("AccountNotRegisteredException", message).into())
                }
            }
        })
    }
}
