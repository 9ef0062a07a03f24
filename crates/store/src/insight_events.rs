//! Insight events: the Start and the End that were cut of an insight, as they were told.
//!
//! What was told is an input from then on and never computed again: each row keeps the insight as it stood at that moment.
//! The id is made of insight and state, so that cutting the same one twice keeps the first. `LookupEvents` and
//! `ListInsightsData` read from here, EventBridge is told from here.

use jiff::Timestamp;
use record::insight::{Insight, InsightType};
use record::insight_record::{State, event_id, shared_event_id};
use record::names::{AccountId, EventCategory, EventName, EventSource, Region};
use record::time::{Minute, Minutes};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row};

use crate::error::{Cause, StoreError, doing};
use crate::insights::{FORM, Origin, read_document, write_document};
use crate::moment::{maybe_moment, millis, moment};
use crate::series::category_code;
use crate::{Reader, Writer};

/// A Start or an End.
#[derive(Clone, Debug, PartialEq)]
pub struct InsightEvent {
    /// Its `eventID`.
    pub id: String,
    /// The `sharedEventID` of Start and End.
    pub insight_id: String,
    /// Which of the two.
    pub state: State,
    /// Its `eventTime`: when the unusual activity began, or was over.
    pub at: Minute,
    /// The insight as it stood.
    pub insight: Insight,
    /// Where it comes from.
    pub origin: Origin,
    /// When it was cut.
    pub created_at: Timestamp,
    /// When EventBridge was told.
    pub sent_at: Option<Timestamp>,
}

/// Which events are looked up. All that is said must hold.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    /// Not before this minute.
    pub from: Option<Minute>,
    /// Before this minute.
    pub until: Option<Minute>,
    /// With this `eventID`.
    pub id: Option<String>,
    /// On calls of this name.
    pub name: Option<EventName>,
    /// On calls of this service.
    pub source: Option<EventSource>,
    /// On rates of this kind.
    pub insight_type: Option<InsightType>,
    /// On calls of this category.
    pub category: Option<EventCategory>,
    /// On calls of this account.
    pub account: Option<AccountId>,
    /// On calls in this Region.
    pub region: Option<Region>,
    /// Of this origin.
    pub origin: Option<Origin>,
}

/// Where the next page begins: after this event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupPlace {
    /// Its time.
    pub at: Minute,
    /// Its id.
    pub id: String,
}

const COLUMNS: &str = "id, insight, state, at, form, document, origin, created_at, sent_at";

impl Writer<'_> {
    /// Cuts the Start or the End of an insight, which must be stored. Gives the event, and whether it is new: if it was cut
    /// before, it is what it was.
    pub fn cut_insight_event(
        &self,
        insight: &Insight,
        state: State,
        now: Timestamp,
    ) -> Result<(InsightEvent, bool), StoreError> {
        let work = || {
            let (id, insight_id) = (event_id(insight, state), shared_event_id(insight));
            let subject = &insight.subject;
            let at = match state {
                State::Start => insight.start,
                State::End => insight.end.unwrap_or(insight.start + insight.statistics.insight_minutes.max(Minutes(0))),
            };
            let cut = self.execute(
                "INSERT INTO insight_event (id, insight, state, at, account, region, source, name, category, is_error, \
                 origin, form, document, created_at) \
                 SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, origin, ?11, ?12, ?13 FROM insight WHERE id = ?2 \
                 ON CONFLICT DO NOTHING",
                rusqlite::params![
                    id,
                    insight_id,
                    code(state),
                    at.0,
                    subject.account.as_str(),
                    subject.region.as_str(),
                    subject.source.as_str(),
                    subject.name.as_str(),
                    category_code(subject.category),
                    subject.error.is_some(),
                    FORM,
                    write_document(insight)?,
                    millis(now),
                ],
            )?;
            if cut > 0 {
                self.execute("INSERT INTO insight_event_number (event) VALUES (?1)", [&id])?;
            }
            let sql = format!("SELECT {COLUMNS} FROM insight_event WHERE insight = ?1 AND state = ?2");
            let mut find = self.prepare(&sql)?;
            let found = find.query_row((&insight_id, code(state)), |row| Ok(event(row))).optional()?.transpose()?;
            Ok((found.ok_or(Cause::NotThere)?, cut > 0))
        };
        let subject = &insight.subject;
        self.doing(|| format!("cut the {} of the insight on {} {}", state.as_str(), subject.source, subject.name), work)
    }

    /// Says that EventBridge was told. Says whether that is new.
    pub fn mark_sent(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let work = || {
            let marked = self.execute(
                "UPDATE insight_event SET sent_at = ?2 WHERE id = ?1 AND sent_at IS NULL",
                (id, millis(now)),
            )?;
            let mut is_there = self.prepare("SELECT 1 FROM insight_event WHERE id = ?1")?;
            if marked == 0 && !is_there.exists([id])? {
                return Err(Cause::NotThere);
            }
            Ok(marked > 0)
        };
        self.doing(|| format!("mark insight event {id} as sent"), work)
    }

    /// Forgets what ended before this minute: insights and their events. What goes on is kept.
    pub fn expire_insights(&self, before: Minute) -> Result<usize, StoreError> {
        let work = || {
            self.execute(
                "DELETE FROM insight_event WHERE insight IN (SELECT id FROM insight WHERE end < ?1 AND start < ?1)",
                [before.0],
            )?;
            self.execute("DELETE FROM insight WHERE end < ?1 AND start < ?1", [before.0])
        };
        self.doing(|| format!("forget the insights before {before}"), work)
    }
}

impl Reader<'_> {
    /// A page of the events that are looked up, the newest first; where the next page begins, if there may be one.
    pub fn insight_events(
        &self,
        lookup: &Lookup,
        after: Option<&LookupPlace>,
        limit: usize,
    ) -> Result<(Vec<InsightEvent>, Option<LookupPlace>), StoreError> {
        let work = || {
            let (conditions, mut values) = lookup.conditions(after);
            values.push(Value::Integer(limit as i64));
            let sql = format!(
                "SELECT {COLUMNS} FROM insight_event WHERE {conditions} ORDER BY at DESC, id DESC LIMIT ?{}",
                values.len()
            );
            let mut all = self.prepare(&sql)?;
            let mut rows = all.query(rusqlite::params_from_iter(values))?;
            let mut events = Vec::new();
            while let Some(row) = rows.next()? {
                events.push(event(row)?);
            }
            let is_full = events.len() == limit;
            let place = events.last().filter(|_| is_full);
            let place = place.map(|event| LookupPlace { at: event.at, id: event.id.clone() });
            Ok((events, place))
        };
        doing(|| "look up insight events".into(), work)
    }

    /// One event.
    pub fn insight_event(&self, id: &str) -> Result<Option<InsightEvent>, StoreError> {
        let lookup = Lookup { id: Some(id.to_owned()), ..Lookup::default() };
        Ok(self.insight_events(&lookup, None, 1)?.0.pop())
    }

    /// Events that were cut after the one with this number, in the order in which they were, at most so many; each with its
    /// own. Those that were forgotten meanwhile are not among them.
    pub fn insight_events_after(&self, number: u64, limit: usize) -> Result<Vec<(u64, InsightEvent)>, StoreError> {
        let work = || {
            let mut all = self.prepare(&format!(
                "SELECT {COLUMNS}, number FROM insight_event JOIN insight_event_number ON event = id \
                 WHERE number > ?1 ORDER BY number LIMIT ?2"
            ))?;
            let mut rows = all.query((number as i64, limit as i64))?;
            let mut events = Vec::new();
            while let Some(row) = rows.next()? {
                events.push((row.get::<_, i64>(9)? as u64, event(row)?));
            }
            Ok(events)
        };
        doing(|| "list the insight events that were cut".into(), work)
    }

    /// Events that EventBridge was not told of yet, the oldest first; those of history are never told.
    pub fn unsent_insight_events(&self, limit: usize) -> Result<Vec<InsightEvent>, StoreError> {
        let work = || {
            let mut all = self.prepare(&format!(
                "SELECT {COLUMNS} FROM insight_event WHERE sent_at IS NULL AND origin <> 1 ORDER BY at, id LIMIT ?1"
            ))?;
            let mut rows = all.query([limit as i64])?;
            let mut events = Vec::new();
            while let Some(row) = rows.next()? {
                events.push(event(row)?);
            }
            Ok(events)
        };
        doing(|| "list the insight events that were not sent".into(), work)
    }
}

impl Lookup {
    fn conditions(&self, after: Option<&LookupPlace>) -> (String, Vec<Value>) {
        let (mut sql, mut values) = ("1".to_owned(), Vec::new());
        let mut and = |condition: &str, value: Option<Value>| {
            if let Some(value) = value {
                values.push(value);
                sql += &format!(" AND {condition} ?{}", values.len());
            }
        };
        let number = |number: i64| Some(Value::Integer(number));
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        and("at >=", self.from.and_then(|from| number(from.0.into())));
        and("at <", self.until.and_then(|until| number(until.0.into())));
        and("id =", self.id.as_deref().and_then(text));
        and("name =", self.name.as_ref().and_then(|name| text(name.as_str())));
        and("source =", self.source.as_ref().and_then(|source| text(source.as_str())));
        let is_error = |insight_type| insight_type == InsightType::ApiErrorRateInsight;
        and("is_error =", self.insight_type.and_then(|kind| number(is_error(kind).into())));
        and("category =", self.category.and_then(|category| number(category_code(category))));
        and("account =", self.account.as_ref().and_then(|account| text(account.as_str())));
        and("region =", self.region.as_ref().and_then(|region| text(region.as_str())));
        and("origin =", self.origin.and_then(|origin| number(origin.code())));
        if let Some(place) = after {
            values.push(Value::Integer(place.at.0.into()));
            values.push(Value::Text(place.id.clone()));
            sql += &format!(" AND (at, id) < (?{}, ?{})", values.len() - 1, values.len());
        }
        (sql, values)
    }
}

fn code(state: State) -> i64 {
    match state {
        State::Start => 0,
        State::End => 1,
    }
}

fn event(row: &Row<'_>) -> Result<InsightEvent, Cause> {
    Ok(InsightEvent {
        id: row.get(0)?,
        insight_id: row.get(1)?,
        state: match row.get::<_, i64>(2)? {
            0 => State::Start,
            1 => State::End,
            _ => return Err(Cause::Damaged("a state of an insight that is none")),
        },
        at: Minute(row.get(3)?),
        insight: read_document(row.get(4)?, &row.get::<_, String>(5)?)?,
        origin: Origin::of_code(row.get(6)?)?,
        created_at: moment(row.get(7)?)?,
        sent_at: maybe_moment(row.get(8)?)?,
    })
}
