//! Member accounts that administer a service for the whole organization: stored and given back.

use serde::{Deserialize, Serialize};
use store::{Key, Reader, Resource, Stored, Writer};
use wire::ApiError;

use crate::{Context, Failure};

/// That an account administers a service. Its key: the service's principal, under the account.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DelegatedAdministrator {}

impl Resource for DelegatedAdministrator {
    const KIND: &'static str = "organizations-delegated-administrator";
}

impl DelegatedAdministrator {
    /// Says that an account administers a service. Says whether that is new.
    pub(crate) fn register(w: &Writer<'_>, cx: &Context<'_>, account: &str, principal: &str) -> Result<bool, Failure> {
        let key = key(cx, account, principal);
        if w.get::<DelegatedAdministrator>(&key)?.is_some() {
            return Ok(false);
        }
        Ok(w.put(&key, &DelegatedAdministrator {}, cx.now)?)
    }

    /// Says that it does not any more. Says whether it did.
    pub(crate) fn deregister(
        w: &Writer<'_>,
        cx: &Context<'_>,
        account: &str,
        principal: &str,
    ) -> Result<bool, Failure> {
        Ok(w.delete::<DelegatedAdministrator>(&key(cx, account, principal))?)
    }

    /// All of them, in the order of accounts and services.
    pub(crate) fn all(r: &Reader<'_>, cx: &Context<'_>) -> Result<Vec<Stored<DelegatedAdministrator>>, Failure> {
        Ok(r.list(&cx.in_no_region())?)
    }
}

fn key(cx: &Context<'_>, account: &str, principal: &str) -> Key {
    Key::global(&cx.account, principal).under(account)
}

pub(crate) fn not_registered() -> ApiError {
    let message = "The provided account is not a registered delegated administrator for your organization.";
    ApiError::new("AccountNotRegisteredException", message)
}
