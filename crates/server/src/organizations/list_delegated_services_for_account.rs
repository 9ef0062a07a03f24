//! `ListDelegatedServicesForAccount`: the services that an account administers.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedServicesForAccount.html>

use serde::{Deserialize, Serialize};
use wire::Timestamp;
use wire::check::{Member, Shape};

use super::account::{ACCOUNT_ID, account};
use super::delegated_administrator::{DelegatedAdministrator, not_registered};
use super::page::{MAX_RESULTS, NEXT_TOKEN, page};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDelegatedServicesForAccount {
    account_id: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedServices {
    delegated_services: Vec<DelegatedService>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DelegatedService {
    service_principal: String,
    delegation_enabled_date: Timestamp,
}

impl Operation for ListDelegatedServicesForAccount {
    const NAME: &'static str = "ListDelegatedServicesForAccount";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListDelegatedServicesForAccountRequest",
        &[
            Member::required("AccountId", ACCOUNT_ID),
            Member::optional("NextToken", NEXT_TOKEN),
            Member::optional("MaxResults", MAX_RESULTS),
        ],
    );
    type Output = ListedServices;

    fn run(self, cx: &Context<'_>) -> Result<ListedServices, Failure> {
        let services = cx.store.try_read(|r| {
            account(r, cx, &self.account_id)?;
            let all = DelegatedAdministrator::all(r, cx)?.into_iter().filter(|one| one.key.parent == self.account_id);
            let told = all.map(|one| DelegatedService {
                service_principal: one.key.name,
                delegation_enabled_date: Timestamp(one.created_at),
            });
            Ok::<_, Failure>(told.collect::<Vec<_>>())
        })?;
        if services.is_empty() {
            return Err(not_registered().into());
        }
        let (delegated_services, next_token) =
            page(services, |one| &one.service_principal, self.next_token.as_deref(), self.max_results)?;
        Ok(ListedServices { delegated_services, next_token })
    }
}
