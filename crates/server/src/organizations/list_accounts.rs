//! `ListAccounts`: the accounts of the organization, in the order of their ids.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::account::{Account, accounts};
use super::page::{MAX_RESULTS, NEXT_TOKEN, page};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListAccounts {
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedAccounts {
    accounts: Vec<Account>,
    next_token: Option<String>,
}

impl Operation for ListAccounts {
    const NAME: &'static str = "ListAccounts";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListAccountsRequest",
        &[Member::optional("NextToken", NEXT_TOKEN), Member::optional("MaxResults", MAX_RESULTS)],
    );
    type Output = ListedAccounts;

    fn run(self, cx: &Context<'_>) -> Result<ListedAccounts, Failure> {
        let accounts = cx.store.try_read(|r| accounts(r, cx))?;
        let (accounts, next_token) =
            page(accounts, |account| &account.id, self.next_token.as_deref(), self.max_results)?;
        Ok(ListedAccounts { accounts, next_token })
    }
}
