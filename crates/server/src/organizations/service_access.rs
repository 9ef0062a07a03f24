//! Which services may act in all accounts: stored and given back. CloudTrail may from the start.

use serde::{Deserialize, Serialize};
use store::{Key, Reader, Resource, Writer};
use wire::ApiError;
use wire::check::Shape;

use crate::{Context, Failure};

/// CloudTrail, as Organizations calls it.
pub(crate) const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

pub(crate) const SERVICE_PRINCIPAL: Shape = Shape::string().length(1, 128).pattern(r"[\w+=,.@-]*");

/// Whether a service may. Its key: its principal, in no Region. One that nobody has said anything of may not, but CloudTrail.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ServiceAccess {
    pub(crate) is_enabled: bool,
}

impl Resource for ServiceAccess {
    const KIND: &'static str = "organizations-service-access";
}

/// Whether a service may act in all accounts.
pub(crate) fn has_access(r: &Reader<'_>, cx: &Context<'_>, principal: &str) -> Result<bool, Failure> {
    let said = r.get::<ServiceAccess>(&key(cx, principal))?;
    Ok(said.map_or(principal == CLOUDTRAIL, |said| said.value.is_enabled))
}

/// Says that it may, or may not.
pub(crate) fn set_access(w: &Writer<'_>, cx: &Context<'_>, principal: &str, is_enabled: bool) -> Result<(), Failure> {
    // When it was enabled first is told: enabling it again changes nothing.
    if has_access(w, cx, principal)? != is_enabled {
        w.put(&key(cx, principal), &ServiceAccess { is_enabled }, cx.now)?;
    }
    Ok(())
}

/// Every service that may, with when that was said; of CloudTrail it need not have been.
pub(crate) fn all(r: &Reader<'_>, cx: &Context<'_>) -> Result<Vec<(String, Option<jiff::Timestamp>)>, Failure> {
    let said = r.list::<ServiceAccess>(&cx.in_no_region())?;
    let is_cloudtrail_said = said.iter().any(|one| one.key.name == CLOUDTRAIL);
    let mut all: Vec<_> =
        (said.into_iter()).filter(|one| one.value.is_enabled).map(|one| (one.key.name, Some(one.changed_at))).collect();
    if !is_cloudtrail_said {
        all.push((CLOUDTRAIL.to_owned(), None));
        all.sort();
    }
    Ok(all)
}

/// Whether a text can be a service's name.
pub(crate) fn check_principal(principal: &str) -> Result<(), ApiError> {
    if principal.strip_suffix(".amazonaws.com").is_some_and(|service| !service.is_empty()) {
        return Ok(());
    }
    let message = "You specified an unrecognized service principal.";
    Err(ApiError::new("InvalidInputException", message).with("Reason", "UNRECOGNIZED_SERVICE_PRINCIPAL"))
}

fn key(cx: &Context<'_>, principal: &str) -> Key {
    Key::global(&cx.account, principal)
}
