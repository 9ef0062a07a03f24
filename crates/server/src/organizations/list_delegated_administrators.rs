//! `ListDelegatedAdministrators`: the accounts that administer a service, or any.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedAdministrators.html>

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::Timestamp;
use wire::check::{Member, Shape};

use super::account::{Account, accounts};
use super::delegated_administrator::DelegatedAdministrator;
use super::page::{MAX_RESULTS, NEXT_TOKEN, page};
use super::service_access::SERVICE_PRINCIPAL;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListDelegatedAdministrators {
    service_principal: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedAdministrators {
    delegated_administrators: Vec<Administrator>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Administrator {
    #[serde(flatten)]
    account: Account,
    delegation_enabled_date: Timestamp,
}

impl Operation for ListDelegatedAdministrators {
    const NAME: &'static str = "ListDelegatedAdministrators";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListDelegatedAdministratorsRequest",
        &[
            Member::optional("ServicePrincipal", SERVICE_PRINCIPAL),
            Member::optional("NextToken", NEXT_TOKEN),
            Member::optional("MaxResults", MAX_RESULTS),
        ],
    );
    type Output = ListedAdministrators;

    fn run(self, cx: &Context<'_>) -> Result<ListedAdministrators, Failure> {
        let administrators = cx.store.try_read(|r| {
            // Of each account when it first became one.
            let mut since: BTreeMap<String, jiff::Timestamp> = BTreeMap::new();
            for one in DelegatedAdministrator::all(r, cx)? {
                if self.service_principal.as_ref().is_none_or(|principal| *principal == one.key.name) {
                    let at = since.entry(one.key.parent).or_insert(one.created_at);
                    *at = one.created_at.min(*at);
                }
            }
            let accounts = accounts(r, cx)?.into_iter();
            let told = accounts.filter_map(|account| {
                let since = since.get(&account.id)?;
                Some(Administrator { account: account.without_paths(), delegation_enabled_date: Timestamp(*since) })
            });
            Ok::<_, Failure>(told.collect::<Vec<_>>())
        })?;
        let (delegated_administrators, next_token) =
            page(administrators, |one| &one.account.id, self.next_token.as_deref(), self.max_results)?;
        Ok(ListedAdministrators { delegated_administrators, next_token })
    }
}
