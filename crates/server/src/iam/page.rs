//! Pages of lists, by a marker that names the last one.

use wire::ApiError;

use crate::page;

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
    let (page, marker) = page::page(all, name, marker, limit.unwrap_or(PAGE), unknown)?;
    Ok((page, marker.is_some(), marker))
}
