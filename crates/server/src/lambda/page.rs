//! Pages of lists.

use super::words::invalid;
use crate::Failure;
use crate::context::{token_name, token_of};

/// Of a list at once: more is not given, however much is asked for.
const PAGE: usize = 50;

/// How many a page has.
pub(crate) fn limit(max_items: Option<usize>) -> usize {
    max_items.unwrap_or(PAGE).clamp(1, PAGE)
}

/// The marker, if it is one of ours.
pub(crate) fn hold_marker(marker: Option<&str>) -> Result<Option<&str>, Failure> {
    match marker.filter(|marker| !marker.is_empty()) {
        Some(marker) if token_name(marker).is_none() => {
            Err(invalid("The Marker is none that this list has given.").into())
        }
        marker => Ok(marker),
    }
}

/// A page of what is in memory, in the order of its names.
pub(crate) fn page<T>(
    mut all: Vec<T>,
    name: impl Fn(&T) -> String,
    marker: Option<&str>,
    max_items: Option<usize>,
) -> Result<(Vec<T>, Option<String>), Failure> {
    if let Some(after) = hold_marker(marker)?.and_then(token_name) {
        let seen = all.iter().position(|one| name(one) == after).map_or(0, |place| place + 1);
        all.drain(..seen);
    }
    let limit = limit(max_items);
    let has_more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().filter(|_| has_more).map(|last| token_of(&name(last)));
    Ok((all, next))
}
