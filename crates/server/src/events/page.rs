//! A page of what does not lie in the store as it is listed.

use wire::ApiError;

use super::shapes::PAGE;
use crate::context::{token_name, token_of};

/// Those after the token, at most `limit`, and the next token if there are more. `all` is in the order of the names.
pub(crate) fn page<T>(
    all: Vec<T>,
    name: impl Fn(&T) -> &str,
    token: Option<&str>,
    limit: Option<usize>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let no_token = || ApiError::new("InvalidNextToken", "The token is not one of ours.");
    let after = token.map(|token| token_name(token).ok_or_else(no_token)).transpose()?;
    let mut page: Vec<T> =
        all.into_iter().filter(|one| after.as_deref().is_none_or(|after| name(one) > after)).collect();
    let limit = limit.unwrap_or(PAGE);
    let has_more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| has_more).map(|last| token_of(name(last)));
    Ok((page, next))
}
