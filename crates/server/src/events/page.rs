//! Pages of lists.

use store::{List, Resource, Stored};

use super::rule::invalid;
use super::shapes::PAGE;
use crate::context::{page_after, token_name};
use crate::{Context, Failure};

/// A page of what lies in the store as it is listed.
pub(crate) fn stored_page<T: Resource>(
    cx: &Context<'_>,
    list: List,
    token: Option<&str>,
    limit: Option<usize>,
) -> Result<(Vec<Stored<T>>, Option<String>), Failure> {
    after(token)?;
    cx.page(list, token, limit.unwrap_or(PAGE))
}

/// A page of what does not. `all` is in the order of the names.
pub(crate) fn page<T>(
    all: Vec<T>,
    name: impl Fn(&T) -> &str,
    token: Option<&str>,
    limit: Option<usize>,
) -> Result<(Vec<T>, Option<String>), Failure> {
    let after = after(token)?;
    Ok(page_after(all, name, after.as_deref(), limit.unwrap_or(PAGE)))
}

/// The name that a token stands for. EventBridge documents no error of its own for tokens.
fn after(token: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(token) = token else { return Ok(None) };
    let name = token_name(token).ok_or_else(|| invalid("Parameter NextToken is not valid."))?;
    Ok(Some(name))
}
