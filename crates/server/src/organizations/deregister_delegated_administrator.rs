//! `DeregisterDelegatedAdministrator`: lets an account administer a service no longer.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeregisterDelegatedAdministrator.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::account::{ACCOUNT_ID, account};
use super::delegated_administrator::{DelegatedAdministrator, not_registered};
use super::service_access::{SERVICE_PRINCIPAL, check_principal};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeregisterDelegatedAdministrator {
    account_id: String,
    service_principal: String,
}

impl Operation for DeregisterDelegatedAdministrator {
    const NAME: &'static str = "DeregisterDelegatedAdministrator";
    const SHAPE: &'static Shape = &Shape::structure(
        "DeregisterDelegatedAdministratorRequest",
        &[Member::required("AccountId", ACCOUNT_ID), Member::required("ServicePrincipal", SERVICE_PRINCIPAL)],
    );
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        check_principal(&self.service_principal)?;
        cx.store.try_write(|w| {
            account(w, cx, &self.account_id)?;
            match DelegatedAdministrator::deregister(w, cx, &self.account_id, &self.service_principal)? {
                true => Ok(()),
                false => Err(not_registered().into()),
            }
        })
    }
}
