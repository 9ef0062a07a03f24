//! `EnableAWSServiceAccess`: lets a service act in all accounts. Stored and given back.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnableAWSServiceAccess.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::service_access::{SERVICE_PRINCIPAL, check_principal, set_access};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnableAWSServiceAccess {
    service_principal: String,
}

impl Operation for EnableAWSServiceAccess {
    const NAME: &'static str = "EnableAWSServiceAccess";
    const SHAPE: &'static Shape =
        &Shape::structure("EnableAWSServiceAccessRequest", &[Member::required("ServicePrincipal", SERVICE_PRINCIPAL)]);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        check_principal(&self.service_principal)?;
        cx.store.try_write(|w| set_access(w, cx, &self.service_principal, true))
    }
}
