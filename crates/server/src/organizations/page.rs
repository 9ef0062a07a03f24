//! Pages of lists.

use wire::ApiError;
use wire::check::Shape;

use crate::page;

pub(crate) const NEXT_TOKEN: Shape = Shape::string().at_most_long(100_000);
pub(crate) const MAX_RESULTS: Shape = Shape::integer().range(1.0, 20.0);

/// Items of a page at most, and if nobody says how many.
const PAGE: usize = 20;

/// A page of what is in the order of its names, and the token of the next.
pub(crate) fn page<T>(
    all: Vec<T>,
    name: impl Fn(&T) -> &str,
    token: Option<&str>,
    limit: Option<usize>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let unknown = || {
        ApiError::new("InvalidInputException", "You specified a NextToken that is not valid.")
            .with("Reason", "INVALID_NEXT_TOKEN")
    };
    page::page(all, name, token, limit.unwrap_or(PAGE), unknown)
}
