//! `GET insights`: what was unusual, filtered, sorted and cut into pages here.
//!
//! All insights of the time asked for are looked at, of the newest so many: there are thousands in 90 days, not millions.

use record::time::{DAY, Minute};
use serde::Serialize;
use store::insights::StoredInsight;

use super::current::up_to_now;
use super::expected::Calls;
use super::query::Query;
use super::row::{Row, score};
use super::wrong;
use crate::Failure;
use crate::http::FrontDoor;
use crate::status::origin_word;

/// Insights that are looked at, the newest ones.
const MOST: usize = 10_000;
/// Days that can be asked for: as long as insights are kept.
pub(super) const DAYS: i32 = 92;

/// Parameters that are fields of an insight: of each several values may be said.
const FIELDS: &[&str] = &[
    "state",
    "type",
    "direction",
    "account",
    "region",
    "source",
    "name",
    "error",
    "identity",
    "origin",
    "held",
    "heldBy",
    "verdict",
];
const OTHERS: &[&str] = &["from", "until", "q", "not", "minScore", "sort", "order", "limit", "page"];
/// Parameters that are one of these words.
const WORDS: [(&str, &[&str]); 5] = [
    ("state", &["ongoing", "ended"]),
    ("type", &["ApiCallRateInsight", "ApiErrorRateInsight"]),
    ("direction", &["increase", "decrease"]),
    ("held", &["yes", "no"]),
    ("verdict", &["falseAlarm", "real", "nothing"]),
];
const SORTS: [&str; 6] = ["start", "score", "name", "change", "minutes", "average"];

/// A page.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    now: i64,
    /// How many there are on all pages.
    total: usize,
    page: usize,
    pages: usize,
    /// Whether there are older ones that were not looked at.
    is_cut: bool,
    insights: Vec<Row>,
}

pub(super) fn insights(door: &FrontDoor, query: &Query) -> Result<Page, Failure> {
    query.only(&[OTHERS, FIELDS].concat())?;
    let now = Minute::of_seconds(door.world.clock.now().as_second());
    let (from, until) = query.span((Minute(now.0 - 90 * DAY.0), Minute(now.0 + DAY.0)), DAYS)?;
    let filter = Filter::of(query)?;
    let sort = query.word("sort", &SORTS)?.unwrap_or("start");
    let is_ascending = query.word("order", &["asc", "desc"])? == Some("asc");
    let limit = query.number("limit", 50, 1, 100)?;
    let page = query.number("page", 1, 1, 10_000)?;
    let (found, is_cut, calls) = door.store.read(|r| {
        let mut all = r.insights(from, until, None, MOST + 1)?;
        let is_cut = all.len() > MOST;
        all.truncate(MOST);
        for stored in &mut all {
            up_to_now(r, stored, now)?;
        }
        Ok((all, is_cut, Calls::read(r, &door.place.account)?))
    })?;
    let mut found: Vec<&StoredInsight> = found.iter().filter(|stored| filter.lets_pass(stored, &calls)).collect();
    // They come newest first, which is the order of those that are equal.
    match sort {
        "score" => found.sort_by(|a, b| rarity(b).total_cmp(&rarity(a))),
        "name" => found.sort_by(|a, b| b.insight.subject.name.cmp(&a.insight.subject.name)),
        "change" => found.sort_by(|a, b| b.insight.explanation.ratio.total_cmp(&a.insight.explanation.ratio)),
        "minutes" => {
            found.sort_by_key(|stored| std::cmp::Reverse(stored.insight.statistics.insight_minutes));
        }
        "average" => found.sort_by(|a, b| {
            let average = |stored: &StoredInsight| stored.insight.statistics.insight_average();
            average(b).total_cmp(&average(a))
        }),
        _ => {}
    }
    if is_ascending {
        found.reverse();
    }
    let total = found.len();
    let pages = total.div_ceil(limit).max(1);
    let insights =
        found.into_iter().skip((page - 1) * limit).take(limit).map(|stored| Row::of(stored, &calls)).collect();
    Ok(Page { now: now.seconds(), total, page, pages, is_cut, insights })
}

fn rarity(stored: &StoredInsight) -> f64 {
    stored.insight.explanation.account_rarity
}

/// What all of them must be. Of one parameter several values may be said, with commas: one of them must be it.
struct Filter<'q> {
    texts: Vec<(&'static str, Vec<&'q str>)>,
    /// `name!=RunInstances`: what none may be, as `field:value`.
    not: Vec<(&'q str, &'q str)>,
    words: Option<String>,
    least_score: u8,
}

impl<'q> Filter<'q> {
    fn of(query: &'q Query) -> Result<Filter<'q>, Failure> {
        for (name, words) in WORDS {
            let said = query.text(name).into_iter().flat_map(|said| said.split(','));
            if said.into_iter().any(|said| !words.contains(&said)) {
                return Err(wrong(format!("{name} is one of {}.", words.join(", "))));
            }
        }
        let texts = FIELDS.iter().filter_map(|&name| Some((name, query.text(name)?.split(',').collect())));
        let not =
            query.text("not").into_iter().flat_map(|not| not.split(',')).map(refused).collect::<Result<_, _>>()?;
        Ok(Filter {
            texts: texts.collect(),
            not,
            words: query.text("q").map(str::to_lowercase),
            least_score: query.number("minScore", 0, 0, 100)? as u8,
        })
    }

    fn lets_pass(&self, stored: &StoredInsight, calls: &Calls) -> bool {
        let insight = &stored.insight;
        let field = |name: &str| -> Vec<String> { values_of(stored, name, calls) };
        score(insight.explanation.account_rarity) >= self.least_score
            && self.texts.iter().all(|(name, wanted)| {
                let values = field(name);
                wanted.iter().any(|wanted| values.iter().any(|value| matches(name, value, wanted)))
            })
            && !self.not.iter().any(|(name, refused)| field(name).iter().any(|value| matches(name, value, refused)))
            && self.words.as_ref().is_none_or(|words| {
                let mut all = ["account", "region", "source", "name", "error", "identity"].into_iter().flat_map(field);
                all.any(|value| value.to_lowercase().contains(words))
            })
    }
}

/// What none may be: a field, and its value.
fn refused(said: &str) -> Result<(&str, &str), Failure> {
    let Some((name, value)) = said.split_once(':').filter(|(name, _)| FIELDS.contains(name)) else {
        return Err(wrong(format!("not is FIELD:VALUE, and {said:?} is none; fields are: {}.", FIELDS.join(", "))));
    };
    match WORDS.iter().find(|(of, _)| *of == name) {
        Some((_, words)) if !words.contains(&value) => {
            Err(wrong(format!("In not, {name} is one of {}.", words.join(", "))))
        }
        _ => Ok((name, value)),
    }
}

/// Identities are long: a part of one is enough.
fn matches(name: &str, value: &str, wanted: &str) -> bool {
    if name == "identity" { value.contains(wanted) } else { value.eq_ignore_ascii_case(wanted) }
}

fn values_of(stored: &StoredInsight, name: &str, calls: &Calls) -> Vec<String> {
    let subject = &stored.insight.subject;
    match name {
        "account" => vec![subject.account.to_string()],
        "region" => vec![subject.region.to_string()],
        "source" => vec![subject.source.to_string()],
        "name" => vec![subject.name.to_string()],
        "error" => subject.error.iter().map(ToString::to_string).collect(),
        "origin" => vec![origin_word(stored.origin).to_owned()],
        "state" => vec![if stored.insight.end.is_none() { "ongoing" } else { "ended" }.to_owned()],
        "held" => vec![if stored.held_by.is_some() { "yes" } else { "no" }.to_owned()],
        "heldBy" => stored.held_by.iter().cloned().collect(),
        "verdict" => vec![calls.of(&stored.id).unwrap_or("nothing").to_owned()],
        "type" => vec![subject.insight_type().as_str().to_owned()],
        "direction" => vec![stored.insight.direction.as_str().to_owned()],
        "identity" => {
            let mut all: Vec<String> = Vec::new();
            for told in &stored.insight.attributions {
                if told.attribute == record::insight::Attribute::UserIdentityArn {
                    all.extend(told.insight.iter().map(|share| share.value.clone()));
                }
            }
            all
        }
        _ => Vec::new(),
    }
}
