//! `RegisterDelegatedAdministrator`: lets a member account administer a service for all. Stored and given back.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::account::{ACCOUNT_ID, account};
use super::delegated_administrator::DelegatedAdministrator;
use super::service_access::{SERVICE_PRINCIPAL, check_principal, has_access};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RegisterDelegatedAdministrator {
    account_id: String,
    service_principal: String,
}

impl Operation for RegisterDelegatedAdministrator {
    const NAME: &'static str = "RegisterDelegatedAdministrator";
    const SHAPE: &'static Shape = &Shape::structure(
        "RegisterDelegatedAdministratorRequest",
        &[Member::required("AccountId", ACCOUNT_ID), Member::required("ServicePrincipal", SERVICE_PRINCIPAL)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        check_principal(&self.service_principal)?;
        let violated = |reason: &'static str, message: &str| {
            Failure::from(ApiError::new("ConstraintViolationException", message).with("Reason", reason))
        };
        cx.store.try_write(|w| {
            account(w, cx, &self.account_id)?;
            if self.account_id == cx.account.as_str() {
                return Err(violated(
                    "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
                    "You cannot register master account/management account as delegated administrator for your organization.",
                ));
            }
            if !has_access(w, cx, &self.service_principal)? {
                return Err(violated(
                    "SERVICE_ACCESS_NOT_ENABLED",
                    "You attempted to register a delegated administrator before you enabled service access. Call the \
                     EnableAWSServiceAccess API first.",
                ));
            }
            if !DelegatedAdministrator::register(w, cx, &self.account_id, &self.service_principal)? {
                let message = "The provided account is already a delegated administrator for your organization.";
                return Err(ApiError::new("AccountAlreadyRegisteredException", message).into());
            }
            Ok(())
        })
    }
}
