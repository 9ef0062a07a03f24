//! The accounts of the organization: the management account, those that were named, and those that were seen in log files.

use std::collections::BTreeMap;

use record::names::AccountId;
use serde::Serialize;
use store::Reader;
use wire::ApiError;
use wire::check::Shape;

use crate::{Context, Failure};

pub(crate) const ACCOUNT_ID: Shape = Shape::string().at_most_long(12).pattern(r"^\d{12}$");

/// An account as it is told.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Account {
    pub(crate) id: String,
    arn: String,
    email: String,
    name: String,
    status: &'static str,
    state: &'static str,
    paths: Option<[String; 1]>,
    joined_method: &'static str,
}

/// All of them, in the order of their ids.
pub(crate) fn accounts(r: &Reader<'_>, cx: &Context<'_>) -> Result<Vec<Account>, Failure> {
    let mut names: BTreeMap<AccountId, Option<&str>> = BTreeMap::new();
    for (account, _, _) in r.newest_delivered()? {
        names.insert(account, None);
    }
    for (account, name) in &cx.place.members {
        names.insert(account.clone(), Some(name));
    }
    names.insert(cx.account.clone(), Some("management"));
    Ok(names.into_iter().map(|(id, name)| told(cx, &id, name.unwrap_or(id.as_str()))).collect())
}

/// The account, or `AccountNotFoundException`.
pub(crate) fn account(r: &Reader<'_>, cx: &Context<'_>, id: &str) -> Result<Account, Failure> {
    let found = accounts(r, cx)?.into_iter().find(|account| account.id == id);
    Ok(found
        .ok_or_else(|| ApiError::new("AccountNotFoundException", "You specified an account that doesn't exist."))?)
}

/// Whether an account is of the organization.
pub(crate) fn is_member(r: &Reader<'_>, cx: &Context<'_>, id: &str) -> Result<bool, Failure> {
    Ok(accounts(r, cx)?.iter().any(|account| account.id == id))
}

impl Account {
    /// As lists of delegated administrators tell it.
    pub(crate) fn without_paths(self) -> Account {
        Account { paths: None, ..self }
    }
}

fn told(cx: &Context<'_>, id: &AccountId, name: &str) -> Account {
    let organization = &cx.place.organization_id;
    Account {
        id: id.to_string(),
        arn: format!("arn:aws:organizations::{}:account/{organization}/{id}", cx.account),
        email: email(id),
        name: name.to_owned(),
        status: "ACTIVE",
        state: "ACTIVE",
        paths: Some([format!("{organization}/{}/{id}/", cx.place.root_id())]),
        joined_method: if *id == cx.account { "INVITED" } else { "CREATED" },
    }
}

/// Nobody's: <https://www.rfc-editor.org/rfc/rfc6761#section-6.4>
pub(crate) fn email(id: &AccountId) -> String {
    format!("{id}@accounts.invalid")
}
