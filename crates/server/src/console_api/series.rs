//! `GET series`: what is counted: APIs, and errors of them, of every account and Region, or of one.

use record::insight::Subject;
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
    account: String,
    region: String,
    source: String,
    name: String,
    error_code: Option<String>,
    category: &'static str,
}

pub(super) fn series(door: &FrontDoor, query: &Query) -> Result<Found, Failure> {
    query.only(&["account", "region", "q", "limit"])?;
    let (account, region) = (query.text("account"), query.text("region"));
    let limit = query.number("limit", 50, 1, 1000)?;
    let said = query.text("q").unwrap_or_default().to_lowercase();
    let words: Vec<&str> = said.split_whitespace().collect();
    let since = Minute(door.world.clock.now().as_second().div_euclid(60) as i32 - 90 * 1440);
    let all = door.store.read(|r| r.subjects(account, region, since))?;
    // Every word must be in it. What begins like the first word comes first.
    let mut found: Vec<(bool, Subject)> = Vec::new();
    for subject in all {
        let error = subject.error.as_ref().map_or("", |code| code.as_str());
        let text = format!("{} {} {error} {} {}", subject.name, subject.source, subject.account, subject.region);
        let text = text.to_lowercase();
        if words.iter().all(|word| text.contains(word)) {
            found.push((!words.first().is_some_and(|word| text.starts_with(word)), subject));
        }
    }
    found.sort_by(|a, b| (a.0, &a.1.name, &a.1).cmp(&(b.0, &b.1.name, &b.1)));
    let total = found.len();
    let series = found.into_iter().take(limit).map(|(_, subject)| Told {
        account: subject.account.to_string(),
        region: subject.region.to_string(),
        source: subject.source.to_string(),
        name: subject.name.to_string(),
        error_code: subject.error.map(|code| code.to_string()),
        category: subject.category.as_str(),
    });
    Ok(Found { total, series: series.collect() })
}
