//! Queries of event data stores: what was asked, how far it has come, what came of it. The rows of their results lie elsewhere.
//!
//! ```text
//!   queued ──► running ──► finished, failed, timed out
//!       └─────────┴──► cancelled
//! ```
//!
//! A query that has ended stays as it is, whoever comes later: [`Writer::change_query`] says whether it was still so.

use jiff::Timestamp;
use record::names::{AccountId, Region};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row};
use serde::{Deserialize, Serialize};

use crate::error::{Cause, StoreError, doing};
use crate::moment::{millis, moment};
use crate::{Reader, Writer};

/// A query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Its id: a UUID.
    pub id: String,
    /// Whose it is.
    pub account: AccountId,
    /// Where it was started.
    pub region: Region,
    /// When it was started.
    pub created_at: Timestamp,
    /// How far it has come.
    pub state: QueryState,
    /// Its result is still to be put into a bucket.
    pub is_delivering: bool,
    /// What it asks, and what came of it.
    pub details: QueryDetails,
}

/// How far a query has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueryState {
    /// It waits for its turn.
    Queued,
    /// It is run.
    Running,
    /// Its result is there.
    Finished,
    /// It could not be run to its end.
    Failed,
    /// Somebody did not want it any more.
    Cancelled,
    /// It took too long.
    TimedOut,
}

/// All else that is known of a query. Fields that come later need `#[serde(default)]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryDetails {
    /// What it asks.
    pub statement: String,
    /// The event data stores that it names: each name, and the store's id.
    pub stores: Vec<(String, String)>,
    /// When it was begun to be run, in milliseconds since 1970.
    pub begun_at: Option<i64>,
    /// When it ended, in milliseconds since 1970.
    pub ended_at: Option<i64>,
    /// Events that its conditions took.
    pub events_matched: u64,
    /// Events that were looked at.
    pub events_scanned: u64,
    /// Bytes that were read.
    pub bytes_scanned: u64,
    /// The rows of its result.
    pub rows: u64,
    /// Why it was not run to its end.
    pub error: Option<String>,
    /// Where its result is put, and AWS's word for what came of that.
    pub delivery: Option<(String, String)>,
}

/// Which queries are listed; all that is said must hold.
#[derive(Clone, Debug, Default)]
pub struct QueryList {
    /// Of this account.
    pub account: Option<AccountId>,
    /// Of this event data store, by its id.
    pub store: Option<String>,
    /// Not started before.
    pub from: Option<Timestamp>,
    /// Not started after.
    pub to: Option<Timestamp>,
    /// In this state.
    pub state: Option<QueryState>,
    /// Started before this one, by its number.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

const COLUMNS: &str = "query.number, id, account, region, created_at, state, is_delivering, document";

impl Writer<'_> {
    /// Adds a query.
    pub fn add_query(&self, query: &Query) -> Result<(), StoreError> {
        let work = || {
            let mut add = self.prepare(
                "INSERT INTO query (id, account, region, created_at, state, is_delivering, document) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING number",
            )?;
            let row = (
                &query.id,
                query.account.as_str(),
                query.region.as_str(),
                millis(query.created_at),
                query.state.code(),
                query.is_delivering,
                serde_json::to_string(&query.details).map_err(Cause::Unwritable)?,
            );
            let number: i64 = add.query_row(row, |row| row.get(0))?;
            for (_, store) in &query.details.stores {
                self.execute("INSERT OR IGNORE INTO query_store (store, query) VALUES (?1, ?2)", (store, number))?;
            }
            self.has_query.set(true);
            Ok(())
        };
        self.doing(|| format!("add query {}", query.id), work)
    }

    /// Takes the first query that waits for its turn: it is running from now on.
    pub fn take_query(&self, now: Timestamp) -> Result<Option<Query>, StoreError> {
        let work = || {
            let sql = format!("SELECT {COLUMNS} FROM query WHERE state = 0 ORDER BY number LIMIT 1");
            let found = self.prepare(&sql)?.query_row([], |row| Ok(query(row))).optional()?.transpose()?;
            let Some((_, mut query)) = found else { return Ok(None) };
            query.state = QueryState::Running;
            query.details.begun_at = Some(millis(now));
            self.put_query(&query, QueryState::Queued)?;
            Ok(Some(query))
        };
        self.doing(|| "take a query".into(), work)
    }

    /// Puts a query in place of what it was, if it still is in that state. Says whether it was.
    pub fn change_query(&self, query: &Query, from: QueryState) -> Result<bool, StoreError> {
        self.doing(
            || format!("change query {}", query.id),
            || {
                let is_changed = self.put_query(query, from)?;
                if is_changed {
                    self.has_query.set(true);
                }
                Ok(is_changed)
            },
        )
    }

    fn put_query(&self, query: &Query, from: QueryState) -> Result<bool, Cause> {
        let document = serde_json::to_string(&query.details).map_err(Cause::Unwritable)?;
        let changed = self.execute(
            "UPDATE query SET state = ?2, is_delivering = ?3, document = ?4 WHERE id = ?1 AND state = ?5",
            (&query.id, query.state.code(), query.is_delivering, document, from.code()),
        )?;
        Ok(changed > 0)
    }

    /// Forgets a query.
    pub fn delete_query(&self, id: &str) -> Result<(), StoreError> {
        self.doing(|| format!("forget query {id}"), || self.execute("DELETE FROM query WHERE id = ?1", [id]).map(drop))
    }
}

impl Reader<'_> {
    /// A query.
    pub fn query(&self, id: &str) -> Result<Option<Query>, StoreError> {
        let work = || {
            let sql = format!("SELECT {COLUMNS} FROM query WHERE id = ?1");
            let found = self.prepare(&sql)?.query_row([id], |row| Ok(query(row))).optional()?.transpose()?;
            Ok(found.map(|(_, query)| query))
        };
        doing(|| format!("read query {id}"), work)
    }

    /// Queries, those started last first; and the number of each.
    pub fn queries(&self, list: &QueryList) -> Result<Vec<(u64, Query)>, StoreError> {
        let work = || {
            let (mut sql, mut values) = ("1".to_owned(), Vec::new());
            let mut and = |condition: &str, value: Option<Value>| {
                if let Some(value) = value {
                    values.push(value);
                    sql += &format!(" AND {condition} ?{}", values.len());
                }
            };
            let text = |text: &str| Value::Text(text.to_owned());
            and("account =", list.account.as_ref().map(|account| text(account.as_str())));
            and("query_store.store =", list.store.as_deref().map(text));
            and("created_at >=", list.from.map(|from| Value::Integer(millis(from))));
            and("created_at <=", list.to.map(|to| Value::Integer(millis(to))));
            and("state =", list.state.map(|state| Value::Integer(state.code())));
            and("query.number <", list.before.map(|number| Value::Integer(number as i64)));
            values.push(Value::Integer(list.limit as i64));
            let of_store =
                if list.store.is_some() { "JOIN query_store ON query_store.query = query.number" } else { "" };
            let limit = values.len();
            let sql =
                format!("SELECT {COLUMNS} FROM query {of_store} WHERE {sql} ORDER BY query.number DESC LIMIT ?{limit}");
            collect(self, &sql, rusqlite::params_from_iter(values))
        };
        doing(|| "list queries".into(), work)
    }

    /// Whether a query waits for its turn.
    pub fn has_queued_query(&self) -> Result<bool, StoreError> {
        let work = || Ok(self.prepare("SELECT 1 FROM query WHERE state = 0 LIMIT 1")?.exists([])?);
        doing(|| "look for queries that wait".into(), work)
    }

    /// How many queries of an account are queued or running.
    pub fn queries_under_way(&self, account: &AccountId) -> Result<usize, StoreError> {
        let work = || {
            let mut count = self.prepare("SELECT count(*) FROM query WHERE state < 2 AND account = ?1")?;
            Ok(count.query_row([account.as_str()], |row| row.get::<_, i64>(0))? as usize)
        };
        doing(|| "count the queries that are under way".into(), work)
    }

    /// The queries that are running, and those whose result is still to be put into a bucket.
    pub fn queries_at_work(&self) -> Result<Vec<Query>, StoreError> {
        let work = || {
            let sql = format!("SELECT {COLUMNS} FROM query WHERE state = 1 OR is_delivering = 1 ORDER BY number");
            Ok(collect(self, &sql, [])?.into_iter().map(|(_, query)| query).collect())
        };
        doing(|| "list the queries at work".into(), work)
    }

    /// The ids of the queries that were started before this moment and have ended, at most so many.
    pub fn queries_before(&self, before: Timestamp, limit: usize) -> Result<Vec<String>, StoreError> {
        let work = || {
            let mut all = self.prepare("SELECT id FROM query WHERE created_at < ?1 AND state >= 2 LIMIT ?2")?;
            let ids = all.query_map((millis(before), limit as i64), |row| row.get(0))?;
            Ok(ids.collect::<Result<_, _>>()?)
        };
        doing(|| format!("list the queries before {before}"), work)
    }
}

fn collect(r: &Reader<'_>, sql: &str, values: impl rusqlite::Params) -> Result<Vec<(u64, Query)>, Cause> {
    let mut all = r.prepare(sql)?;
    let mut rows = all.query(values)?;
    let mut queries = Vec::new();
    while let Some(row) = rows.next()? {
        queries.push(query(row)?);
    }
    Ok(queries)
}

impl QueryState {
    fn code(self) -> i64 {
        match self {
            QueryState::Queued => 0,
            QueryState::Running => 1,
            QueryState::Finished => 2,
            QueryState::Failed => 3,
            QueryState::Cancelled => 4,
            QueryState::TimedOut => 5,
        }
    }

    fn of_code(code: i64) -> Result<QueryState, Cause> {
        match code {
            0 => Ok(QueryState::Queued),
            1 => Ok(QueryState::Running),
            2 => Ok(QueryState::Finished),
            3 => Ok(QueryState::Failed),
            4 => Ok(QueryState::Cancelled),
            5 => Ok(QueryState::TimedOut),
            _ => Err(Cause::Damaged("a state of a query that is none")),
        }
    }
}

fn query(row: &Row<'_>) -> Result<(u64, Query), Cause> {
    let text = |column: usize| row.get::<_, String>(column);
    let query = Query {
        id: text(1)?,
        account: AccountId::from(&*text(2)?),
        region: Region::from(&*text(3)?),
        created_at: moment(row.get(4)?)?,
        state: QueryState::of_code(row.get(5)?)?,
        is_delivering: row.get(6)?,
        details: serde_json::from_str(&text(7)?).map_err(Cause::Unreadable)?,
    };
    Ok((row.get::<_, i64>(0)? as u64, query))
}
