//! Pages of lists, by a marker that names the last one.

use wire::ApiError;

use crate::context::{page_after, token_name};

/// Items of a page, if nobody says how many.
const PAGE: usize = 100;

/// A page of what is in the order of its names; whether there is more, and the marker of that.
pub(crate) fn page<T>(
    all: Vec<T>,
    name: impl Fn(&T) -> &str,
    marker: Option<&str>,
    limit: Option<usize>,
) -> Result<(Vec<T>, bool, Option<String>), ApiError> {
    let unknown = || ApiError::new("ValidationError", "Invalid Marker.");
    let after = marker.map(|marker| token_name(marker).ok_or_else(unknown)).transpose()?;
    let (page, marker) = page_after(all, name, after.as_deref(), limit.unwrap_or(PAGE));
    Ok((page, marker.is_some(), marker))
}
