//! `GET insights/{id}`: all that is told of one insight.

use record::facts::facts;
use record::insight::{Direction, Explanation, FailedShare, Statistics};
use record::insight_record::{Options, State, event_id, insight_record};
use record::sentences;
use record::time::Minute;
use record::words::{capital, percent, short_value};
use serde::Serialize;
use serde_json::value::Value;
use store::Reader;
use store::insight_events::Lookup;
use store::insights::StoredInsight;

use super::current::{until, up_to_now};
use super::expected::{Calls, Told, of_insight};
use super::not_found;
use super::row::{Row, Who};
use super::shares::Shares;
use crate::Failure;
use crate::http::FrontDoor;
use crate::sayings;

/// Sentences on what is different.
const DIFFERENCES: usize = 4;
/// Insights of the same API that are looked at, the newest ones.
const OF_SAME: usize = 2_000;
/// Insights that begin and end around it.
const AROUND: i32 = 60;

/// An insight, whole.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Whole {
    #[serde(flatten)]
    row: Row,
    /// The minute after its last, so far.
    until: i64,
    /// When it was called unusual.
    called: i64,
    headline: String,
    sentence: String,
    rarity: String,
    /// One sentence each: who, from where, with what.
    different: Vec<String>,
    /// What the reader may do now.
    next_steps: Vec<String>,
    facts: Vec<Fact>,
    statistics: Figures,
    explanation: Explanation,
    failed_share: Option<FailedShare>,
    is_new_usual: bool,
    attributions: Vec<Shares>,
    /// The Start and the End, as they are delivered.
    records: Vec<Record>,
    /// Where it stands among those of the same API.
    of_same: OfSame,
    /// Insights of the account that began within the hour before and after: parts of one story, perhaps.
    around: Vec<Row>,
    /// What was said that has to do with it.
    said: Vec<Told>,
}

#[derive(Debug, Serialize)]
struct Fact {
    name: &'static str,
    fact: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    baseline_calls: u64,
    baseline_minutes: i32,
    baseline_average: f64,
    start_average: f64,
    insight_calls: u64,
    insight_minutes: i32,
    insight_average: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    state: &'static str,
    /// When EventBridge was told.
    sent_at: Option<i64>,
    created_at: i64,
    record: Value,
}

/// Insights of the same API, of which this is one.
#[derive(Debug, Default, Serialize)]
struct OfSame {
    /// How many there are, of the newest 2,000 Insights events.
    count: usize,
    /// Which of them this is, the oldest being the first; `None`: it is older than those.
    number: Option<usize>,
    /// The ids of the one after it, and of the one before it.
    newer: Option<String>,
    older: Option<String>,
}

/// One of them, as it stands now.
pub(super) fn find(r: &Reader<'_>, id: &str, now: Minute) -> Result<StoredInsight, Failure> {
    let mut stored =
        r.insight(id)?.ok_or_else(|| not_found("There is no insight of this id: it may be older than 90 days."))?;
    up_to_now(r, &mut stored, now)?;
    Ok(stored)
}

/// Answers it.
pub(super) fn insight(door: &FrontDoor, id: &str) -> Result<Whole, Failure> {
    let now = Minute::of_seconds(door.world.clock.now().as_second());
    door.store.try_read(|r| {
        let stored = find(r, id, now)?;
        let subject = &stored.insight.subject;
        let lookup = Lookup {
            name: Some(subject.name.clone()),
            source: Some(subject.source.clone()),
            account: Some(subject.account.clone()),
            region: Some(subject.region.clone()),
            ..Lookup::default()
        };
        let (events, _) = r.insight_events(&lookup, None, 2 * OF_SAME)?;
        let mut records = Vec::new();
        for state in [State::Start, State::End] {
            // By their ids: newer insights of this API may be many.
            let Some(event) = r.insight_event(&event_id(&stored.insight, state))? else { continue };
            let text = insight_record(&event.insight, event.state, &Options::default());
            records.push(Record {
                state: event.state.as_str(),
                sent_at: event.sent_at.map(|at| at.as_second()),
                created_at: event.created_at.as_second(),
                record: serde_json::from_str(&text).unwrap_or(Value::String(text)),
            });
        }
        let mut same: Vec<String> = Vec::new();
        for event in events {
            if event.insight.subject == *subject && event.state == State::Start && same.len() < OF_SAME {
                same.push(event.insight_id);
            }
        }
        let start = stored.insight.start;
        let near = r.insights(Minute(start.0 - AROUND), Minute(start.0 + AROUND + 1), None, 100)?;
        let near = near.iter().filter(|other| other.id != id && other.insight.subject.account == subject.account);
        let said = sayings::list(r, &door.place.account)?;
        let calls = Calls::among(&said);
        let mut around: Vec<Row> = near.map(|other| Row::of(other, &calls)).collect();
        around.sort_by_key(|row| row.start);
        let said = of_insight(r, said, &stored, door.world.clock.now())?;
        let row = Row::of(&stored, &calls);
        Ok(whole(&stored, row, records, OfSame::of(&same, id), around, said))
    })
}

fn whole(
    stored: &StoredInsight,
    row: Row,
    records: Vec<Record>,
    of_same: OfSame,
    around: Vec<Row>,
    said: Vec<Told>,
) -> Whole {
    let insight = &stored.insight;
    let statistics = insight.statistics;
    let sentence = |text: String| format!("{}.", capital(&text));
    let next_steps = next_steps(stored, row.top_identity.as_ref());
    Whole {
        row,
        until: until(insight).seconds(),
        called: insight.called.seconds(),
        headline: headline(stored),
        sentence: sentence(sentences::what(insight)),
        rarity: sentence(sentences::how_rare(&insight.explanation)),
        different: sentences::different(insight, DIFFERENCES),
        next_steps,
        facts: facts(insight).into_iter().map(|(name, fact)| Fact { name, fact }).collect(),
        statistics: figures(&statistics),
        explanation: insight.explanation,
        failed_share: insight.failed_share,
        is_new_usual: insight.new_usual,
        attributions: Shares::of(insight),
        records,
        of_same,
        around,
        said,
    }
}

impl OfSame {
    /// They come newest first.
    fn of(same: &[String], id: &str) -> OfSame {
        let Some(at) = same.iter().position(|other| other == id) else {
            // It is older than all of them, or was only shown and never told.
            return OfSame { count: same.len(), newer: same.last().cloned(), ..OfSame::default() };
        };
        OfSame {
            count: same.len(),
            number: Some(same.len() - at),
            newer: at.checked_sub(1).and_then(|at| same.get(at)).cloned(),
            older: same.get(at + 1).cloned(),
        }
    }
}

/// What a reader who was just woken up reads first.
fn headline(stored: &StoredInsight) -> String {
    let insight = &stored.insight;
    let title = sentences::title(&insight.subject);
    let is_open = insight.end.is_none();
    match (insight.direction, insight.subject.error.is_some()) {
        (Direction::Increase, _) if insight.statistics.baseline_calls == 0 => match is_open {
            true => format!("{title} is happening, which did not happen in the 7 days before"),
            false => format!("{title} happened, which did not happen in the 7 days before"),
        },
        (Direction::Increase, _) => {
            let change = sentences::change(insight);
            format!("{title} {} {change} what is expected at this hour", if is_open { "is at" } else { "was at" })
        }
        (Direction::Decrease, true) => {
            format!("{title} {}", if is_open { "has become rare" } else { "was rare for a while" })
        }
        (Direction::Decrease, false) => match insight.explanation.ratio {
            ratio if ratio > 0.0 => {
                format!(
                    "{title} {} to {} of what is expected",
                    if is_open { "has fallen" } else { "had fallen" },
                    percent(ratio)
                )
            }
            _ => format!("{title} {}", if is_open { "has stopped" } else { "had stopped" }),
        },
    }
}

/// What is looked at next, by what is known of it.
fn next_steps(stored: &StoredInsight, top_identity: Option<&Who>) -> Vec<String> {
    use record::insight::Attribute;
    let insight = &stored.insight;
    let mut steps = Vec::new();
    let new = |attribute: Attribute| {
        let mut all = insight.differences.iter().filter(move |one| one.attribute == attribute && one.is_new);
        all.next().map(|one| record::words::clean(&one.value))
    };
    if insight.direction == Direction::Decrease {
        let job = match top_identity {
            Some(Who { short, share, .. }) => format!("{short}, which made {} of these calls before,", percent(*share)),
            None => "the job that makes these calls".into(),
        };
        steps.push(format!("Ask whoever runs {job} whether it was stopped or fails before it gets here."));
        if insight.subject.error.is_none() {
            steps.push("Look for an increase of errors of the same API just before.".into());
        }
        return steps;
    }
    if let Some(key) = new(Attribute::AccessKeyId).filter(|key| key.starts_with('A')) {
        steps.push(format!(
            "Find out whose key {key} is; if nobody expects it, deactivate it, and look what else it called."
        ));
    }
    if let Some(address) = new(Attribute::SourceIpAddress) {
        steps.push(format!("Find out who is at {address}, which was never seen before on this API."));
    }
    if let Some(identity) = new(Attribute::UserIdentityArn) {
        let short = short_value(Attribute::UserIdentityArn, &identity, &insight.subject.account);
        steps.push(format!(
            "Ask the owner of {short} whether that was meant: it did not call this API in the week before."
        ));
    }
    if insight.subject.error.is_some() {
        steps.push("Read the error messages of the calls below: denied calls tell what somebody tried.".into());
    }
    if steps.is_empty() {
        steps.push(
            "The same callers as ever did more: look for a job that was started twice, or a loop that retries.".into(),
        );
    }
    steps
}

fn figures(statistics: &Statistics) -> Figures {
    Figures {
        baseline_calls: statistics.baseline_calls,
        baseline_minutes: statistics.baseline_minutes.0,
        baseline_average: statistics.baseline_average(),
        start_average: statistics.start_average(),
        insight_calls: statistics.insight_calls,
        insight_minutes: statistics.insight_minutes.0,
        insight_average: statistics.insight_average(),
    }
}
