//! `GET series`: what is counted: APIs, and errors of them, of one account-Region.

use record::time::Minute;
use serde::Serialize;

use super::query::Query;
use crate::Failure;
use crate::http::FrontDoor;

/// Series, in the order of their names.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    total: usize,
    series: Vec<Told>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    source: String,
    name: String,
    error_code: Option<String>,
    category: &'static str,
}

pub(super) fn series(door: &FrontDoor, query: &Query) -> Result<Found, Failure> {
    query.only(&["account", "region", "q", "limit"])?;
    let account = query.text("account").map_or_else(|| door.place.account.clone(), Into::into);
    let region = query.text("region").map_or_else(|| door.place.region.clone(), Into::into);
    let limit = query.number("limit", 50, 1, 1000)?;
    let words = query.text("q").unwrap_or_default().to_lowercase();
    let now = Minute::of_seconds(door.world.clock.now().as_second());
    let all = door.store.read(|r| r.subjects(&account, &region, Minute(now.0 - 90 * 1440)))?;
    let found = all.into_iter().filter(|subject| {
        let text =
            format!("{} {} {}", subject.source, subject.name, subject.error.as_ref().map_or("", |code| code.as_str()));
        text.to_lowercase().contains(&words)
    });
    let found: Vec<_> = found.collect();
    let total = found.len();
    let series = found.into_iter().take(limit).map(|subject| Told {
        source: subject.source.to_string(),
        name: subject.name.to_string(),
        error_code: subject.error.map(|code| code.to_string()),
        category: subject.category.as_str(),
    });
    Ok(Found { total, series: series.collect() })
}
