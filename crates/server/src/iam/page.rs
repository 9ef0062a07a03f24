//! Pages of lists, by a marker that names the last one.

use wire::ApiError;

use crate::context::{token_name, token_of};

/// Items of a page, if nobody says how many.
const PAGE: usize = 100;

/// A page of what is in the order of its names; whether there is more, and the marker of that.
pub(crate) fn page<T>(
    all: Vec<T>,
    name: impl Fn(&T) -> &str,
    marker: Option<&str>,
    limit: Option<usize>,
) -> Result<(Vec<T>, bool, Option<String>), ApiError> {
    let after = match marker {
        Some(marker) => Some(token_name(marker).ok_or_else(|| ApiError::new("ValidationError", "Invalid Marker."))?),
        None => None,
    };
    let mut page: Vec<T> =
        all.into_iter().filter(|one| after.as_deref().is_none_or(|after| name(one) > after)).collect();
    let limit = limit.unwrap_or(PAGE);
    let is_truncated = page.len() > limit;
    page.truncate(limit);
    let marker = page.last().filter(|_| is_truncated).map(|last| token_of(name(last)));
    Ok((page, is_truncated, marker))
}
