//! Pages of lists. A marker names the last item of its page, which need not be there any more.

use super::versions::is_number;
use super::words::invalid;
use crate::Failure;
use crate::page::{cut, token_name, token_of};

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

/// A page of what is in memory, in the order of its names: `$LATEST`, then versions by their numbers.
pub(crate) fn page<T>(
    mut all: Vec<T>,
    name: impl Fn(&T) -> String,
    marker: Option<&str>,
    max_items: Option<usize>,
) -> Result<(Vec<T>, Option<String>), Failure> {
    all.sort_by_cached_key(|one| place(&name(one)));
    if let Some(after) = hold_marker(marker)?.and_then(token_name) {
        let after = place(&after);
        all.retain(|one| place(&name(one)) > after);
    }
    Ok(cut(all, limit(max_items), |last| token_of(&name(last))))
}

/// Where a name is among all names of versions and aliases: numbers are compared by what they say, and an alias is none.
fn place(name: &str) -> String {
    if is_number(name) { format!("{name:0>20}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_on_where_it_was_though_the_item_of_its_marker_is_gone() {
        let mut there = ["1", "10", "2", "$LATEST", "9", "live"].map(str::to_owned).to_vec();
        let (mut told, mut marker) = (Vec::new(), None);
        loop {
            let (page, next) = page(there.clone(), String::clone, marker.as_deref(), Some(1)).unwrap();
            there.retain(|name| !page.contains(name));
            told.extend(page);
            marker = next;
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(told, ["$LATEST", "1", "2", "9", "10", "live"]);
    }
}
