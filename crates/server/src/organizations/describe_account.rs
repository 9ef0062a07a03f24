//! `DescribeAccount`: one account of the organization.
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeAccount.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::account::{ACCOUNT_ID, Account, account};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeAccount {
    account_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OneAccount {
    account: Account,
}

impl Operation for DescribeAccount {
    const NAME: &'static str = "DescribeAccount";
    const SHAPE: &'static Shape =
        &Shape::structure("DescribeAccountRequest", &[Member::required("AccountId", ACCOUNT_ID)]);
    type Output = OneAccount;

    fn run(self, cx: &Context<'_>) -> Result<OneAccount, Failure> {
        Ok(OneAccount { account: cx.store.try_read(|r| account(r, cx, &self.account_id))? })
    }
}
