//! Log groups and the streams in them: where [`crate::log_events`] go.

use jiff::Timestamp;
use record::names::{AccountId, Region};
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row};

use crate::error::{Cause, doing};
use crate::log_events::{EVENT_BYTES, LogStreamName};
use crate::moment::{maybe_moment, millis, moment};
use crate::{Reader, StoreError, Writer};

/// Names a log group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogGroupName {
    /// Whose it is.
    pub account: AccountId,
    /// Where.
    pub region: Region,
    /// `/aws/lambda/answer`.
    pub group: String,
}

impl LogGroupName {
    /// One of its streams.
    pub fn stream(&self, stream: impl Into<String>) -> LogStreamName {
        let LogGroupName { account, region, group } = self.clone();
        LogStreamName { account, region, group, stream: stream.into() }
    }
}

/// A log group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogGroup {
    /// Its name.
    pub name: LogGroupName,
    /// When it was made.
    pub created_at: Timestamp,
    /// For how many days events are kept; `None`: for ever.
    pub retention_days: Option<u32>,
    /// What its events take, as AWS counts: of each its message, and 26 bytes.
    pub stored_bytes: u64,
}

/// A log stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogStream {
    /// Its name, within its group.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The time of its first event.
    pub first_at: Option<Timestamp>,
    /// The time of its last event.
    pub last_at: Option<Timestamp>,
    /// When an event last came.
    pub last_ingested_at: Option<Timestamp>,
}

/// Which log groups are listed, in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct LogGroupList {
    /// Those whose name begins so.
    pub prefix: String,
    /// Those whose name has this in it.
    pub part: String,
    /// Those after this one.
    pub after: Option<String>,
}

/// Which streams of a group are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogStreamList {
    /// By name: those that begin so, after this one.
    ByName {
        /// What their names begin with.
        prefix: String,
        /// Those after this one.
        after: Option<String>,
    },
    /// By the time of the last event; those without any come first.
    ByLastEvent {
        /// Those after the one with this last event and name.
        after: Option<(Option<Timestamp>, String)>,
    },
}

const STREAM_COLUMNS: &str = "name, created_at, first_at, last_at, last_ingested_at";

impl Writer<'_> {
    /// Makes a log group. Says whether there was none of that name.
    pub fn create_log_group(&self, name: &LogGroupName, now: Timestamp) -> Result<bool, StoreError> {
        let work = || {
            let made = self.execute(
                "INSERT INTO log_group (account, region, name, created_at, stored_bytes) VALUES (?1, ?2, ?3, ?4, 0) \
                 ON CONFLICT DO NOTHING",
                (name.account.as_str(), name.region.as_str(), &name.group, millis(now)),
            )?;
            Ok(made > 0)
        };
        self.doing(|| format!("make log group `{}`", name.group), work)
    }

    /// Deletes a log group with all that is in it. Says whether it was there.
    pub fn delete_log_group(&self, name: &LogGroupName) -> Result<bool, StoreError> {
        let work = || {
            let Some(group) = self.log_group_id(name)? else { return Ok(false) };
            self.execute("DELETE FROM log_event WHERE log_group = ?1", [group])?;
            self.execute("DELETE FROM log_stream WHERE log_group = ?1", [group])?;
            self.execute("DELETE FROM log_group WHERE id = ?1", [group])?;
            Ok(true)
        };
        self.doing(|| format!("delete log group `{}`", name.group), work)
    }

    /// Says for how many days events of a group are kept; `None`: for ever. Says whether the group is there.
    pub fn set_log_retention(&self, name: &LogGroupName, days: Option<u32>) -> Result<bool, StoreError> {
        let work = || {
            let changed = self.execute(
                "UPDATE log_group SET retention_days = ?4 WHERE account = ?1 AND region = ?2 AND name = ?3",
                (name.account.as_str(), name.region.as_str(), &name.group, days),
            )?;
            Ok(changed > 0)
        };
        self.doing(|| format!("set for how long log group `{}` keeps events", name.group), work)
    }

    /// Makes a stream in a group, which must be there. Says whether there was none of that name.
    pub fn create_log_stream(&self, name: &LogStreamName, now: Timestamp) -> Result<bool, StoreError> {
        let work = || {
            let group = self.log_group_id(&name.log_group())?.ok_or(Cause::NotThere)?;
            let made = self.execute(
                "INSERT INTO log_stream (log_group, name, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                (group, &name.stream, millis(now)),
            )?;
            Ok(made > 0)
        };
        self.doing(|| format!("make log stream `{}` in `{}`", name.stream, name.group), work)
    }

    /// Deletes a stream with all that is in it. Says whether it was there.
    pub fn delete_log_stream(&self, name: &LogStreamName) -> Result<bool, StoreError> {
        let work = || {
            let Some((group, stream)) = self.log_stream_ids(name)? else { return Ok(false) };
            self.execute(
                "UPDATE log_group SET stored_bytes = stored_bytes - \
                 (SELECT ifnull(sum(octet_length(message) + ?3), 0) FROM log_event WHERE log_stream = ?2) WHERE id = ?1",
                (group, stream, EVENT_BYTES as i64),
            )?;
            self.execute("DELETE FROM log_event WHERE log_stream = ?1", [stream])?;
            self.execute("DELETE FROM log_stream WHERE id = ?1", [stream])?;
            Ok(true)
        };
        self.doing(|| format!("delete log stream `{}` of `{}`", name.stream, name.group), work)
    }
}

impl Reader<'_> {
    /// A log group.
    pub fn log_group(&self, name: &LogGroupName) -> Result<Option<LogGroup>, StoreError> {
        let work = || {
            let mut find = self.prepare(
                "SELECT name, created_at, retention_days, stored_bytes FROM log_group \
                 WHERE account = ?1 AND region = ?2 AND name = ?3",
            )?;
            let key = (name.account.as_str(), name.region.as_str(), &name.group);
            find.query_row(key, |row| Ok(group(row, name))).optional()?.transpose()
        };
        doing(|| format!("read log group `{}`", name.group), work)
    }

    /// Log groups of an account and Region, at most so many.
    pub fn log_groups(
        &self,
        account: &AccountId,
        region: &Region,
        list: &LogGroupList,
        limit: usize,
    ) -> Result<Vec<LogGroup>, StoreError> {
        let work = || {
            let mut all = self.prepare(
                "SELECT name, created_at, retention_days, stored_bytes FROM log_group \
                 WHERE account = ?1 AND region = ?2 AND name >= ?3 AND substr(name, 1, length(?3)) = ?3 \
                 AND (?4 = '' OR instr(name, ?4) > 0) AND (?5 IS NULL OR name > ?5) ORDER BY name LIMIT ?6",
            )?;
            let LogGroupList { prefix, part, after } = list;
            let mut rows = all.query((account.as_str(), region.as_str(), prefix, part, after, limit as i64))?;
            let any = LogGroupName { account: account.clone(), region: region.clone(), group: String::new() };
            let mut groups = Vec::new();
            while let Some(row) = rows.next()? {
                groups.push(group(row, &any)?);
            }
            Ok(groups)
        };
        doing(|| "list the log groups".into(), work)
    }

    /// A log stream.
    pub fn log_stream(&self, name: &LogStreamName) -> Result<Option<LogStream>, StoreError> {
        let work = || {
            let Some((_, id)) = self.log_stream_ids(name)? else { return Ok(None) };
            let mut find = self.prepare(&format!("SELECT {STREAM_COLUMNS} FROM log_stream WHERE id = ?1"))?;
            find.query_row([id], |row| Ok(stream(row))).optional()?.transpose()
        };
        doing(|| format!("read log stream `{}` of `{}`", name.stream, name.group), work)
    }

    /// Streams of a group, at most so many. `is_descending`: the last comes first. A group that is not there has none.
    pub fn log_streams(
        &self,
        name: &LogGroupName,
        list: &LogStreamList,
        is_descending: bool,
        limit: usize,
    ) -> Result<Vec<LogStream>, StoreError> {
        let work = || {
            let Some(group) = self.log_group_id(name)? else { return Ok(Vec::new()) };
            let (beyond, order) = if is_descending { ("<", "DESC") } else { (">", "ASC") };
            let mut values = vec![Value::Integer(group), Value::Integer(limit as i64)];
            let sql = match list {
                LogStreamList::ByName { prefix, after } => {
                    values.push(Value::Text(prefix.clone()));
                    let mut sql = "name >= ?3 AND substr(name, 1, length(?3)) = ?3".to_owned();
                    if let Some(after) = after {
                        values.push(Value::Text(after.clone()));
                        sql += &format!(" AND name {beyond} ?4");
                    }
                    format!("{sql} ORDER BY name {order}")
                }
                LogStreamList::ByLastEvent { after } => {
                    let mut sql = "1".to_owned();
                    if let Some((at, name)) = after {
                        values.push(Value::Integer(at.map_or(i64::MIN, millis)));
                        values.push(Value::Text(name.clone()));
                        sql = format!("(ifnull(last_at, {}), name) {beyond} (?3, ?4)", i64::MIN);
                    }
                    format!("{sql} ORDER BY ifnull(last_at, {}) {order}, name {order}", i64::MIN)
                }
            };
            let sql = format!("SELECT {STREAM_COLUMNS} FROM log_stream WHERE log_group = ?1 AND {sql} LIMIT ?2");
            let mut all = self.prepare(&sql)?;
            let mut rows = all.query(rusqlite::params_from_iter(values))?;
            let mut streams = Vec::new();
            while let Some(row) = rows.next()? {
                streams.push(stream(row)?);
            }
            Ok(streams)
        };
        doing(|| format!("list the streams of log group `{}`", name.group), work)
    }

    pub(crate) fn log_group_id(&self, name: &LogGroupName) -> Result<Option<i64>, Cause> {
        let mut find = self.prepare("SELECT id FROM log_group WHERE account = ?1 AND region = ?2 AND name = ?3")?;
        let key = (name.account.as_str(), name.region.as_str(), &name.group);
        Ok(find.query_row(key, |row| row.get(0)).optional()?)
    }

    /// The numbers of a stream's group and its own.
    pub(crate) fn log_stream_ids(&self, name: &LogStreamName) -> Result<Option<(i64, i64)>, Cause> {
        let Some(group) = self.log_group_id(&name.log_group())? else { return Ok(None) };
        let mut find = self.prepare("SELECT id FROM log_stream WHERE log_group = ?1 AND name = ?2")?;
        let stream: Option<i64> = find.query_row((group, &name.stream), |row| row.get(0)).optional()?;
        Ok(stream.map(|stream| (group, stream)))
    }
}

fn group(row: &Row<'_>, of: &LogGroupName) -> Result<LogGroup, Cause> {
    Ok(LogGroup {
        name: LogGroupName { group: row.get(0)?, ..of.clone() },
        created_at: moment(row.get(1)?)?,
        retention_days: row.get(2)?,
        stored_bytes: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
    })
}

fn stream(row: &Row<'_>) -> Result<LogStream, Cause> {
    Ok(LogStream {
        name: row.get(0)?,
        created_at: moment(row.get(1)?)?,
        first_at: maybe_moment(row.get(2)?)?,
        last_at: maybe_moment(row.get(3)?)?,
        last_ingested_at: maybe_moment(row.get(4)?)?,
    })
}
