//! `RegisterOrganizationDelegatedAdmin`: lets a member account administer CloudTrail for the organization. Stored and given back.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RegisterOrganizationDelegatedAdmin.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::done::Done;
use super::organization::{ACCOUNT_ID, MAX_ADMINISTRATORS, member};
use crate::organizations::{CLOUDTRAIL, DelegatedAdministrator};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegisterOrganizationDelegatedAdmin {
    member_account_id: String,
}

impl Operation for RegisterOrganizationDelegatedAdmin {
    const NAME: &'static str = "RegisterOrganizationDelegatedAdmin";
    const SHAPE: &'static Shape = &Shape::structure(
        "RegisterOrganizationDelegatedAdminRequest",
        &[Member::required("MemberAccountId", ACCOUNT_ID)],
    );
    type Output = Done;

    fn run(self, cx: &Context<'_>) -> Result<Done, Failure> {
        let account = self.member_account_id;
        cx.store.try_write(|w| {
            member(w, cx, &account)?;
            if account == cx.account.as_str() {
                let message = "The management account cannot be a delegated administrator.";
                return Err(ApiError::new("CannotDelegateManagementAccountException", message).into());
            }
            if !DelegatedAdministrator::register(w, cx, &account, CLOUDTRAIL)? {
                let message = "The account is already registered as the CloudTrail delegated administrator.";
                return Err(ApiError::new("AccountRegisteredException", message).into());
            }
            let all = DelegatedAdministrator::all(w, cx)?;
            if all.iter().filter(|one| one.key.name == CLOUDTRAIL).count() > MAX_ADMINISTRATORS {
                let message = "The maximum number of CloudTrail delegated administrators is reached: three.";
                return Err(ApiError::new("DelegatedAdminAccountLimitExceededException", message).into());
            }
            Ok(Done {})
        })
    }
}
