//! Pages of lists.

use store::{List, Resource, Stored};
use wire::ApiError;

use super::rule::invalid;
use super::shapes::PAGE;
use crate::{Context, Failure, page};

/// A page of what lies in the store as it is listed.
pub(crate) fn stored_page<T: Resource>(
    cx: &Context<'_>,
    list: List,
    token: Option<&str>,
    limit: Option<usize>,
) -> Result<(Vec<Stored<T>>, Option<String>), Failure> {
    let after = page::name_of(token, unknown)?;
    Ok(page::stored_page(cx, list, after, limit.unwrap_or(PAGE))?)
}

/// A page of what does not. `all` is in the order of the names.
pub(crate) fn page<T>(
    all: Vec<T>,
    name: impl Fn(&T) -> &str,
    token: Option<&str>,
    limit: Option<usize>,
) -> Result<(Vec<T>, Option<String>), Failure> {
    Ok(page::page(all, name, token, limit.unwrap_or(PAGE), unknown)?)
}

/// EventBridge documents no error of its own for tokens.
fn unknown() -> ApiError {
    invalid("Parameter NextToken is not valid.")
}
