//! Log events: what functions and trails log, in the order of time.
//!
//! Groups and streams are in [`crate::log_groups`]. Whoever logs need not make them first: [`Writer::add_log_events`] makes
//! what is missing. An event is known by its time and a number, and a page begins after one or ends before one, so that
//! nothing is skipped or told twice while more is logged.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use record::names::{AccountId, Region};
use rusqlite::Row;
use rusqlite::types::Value;

use crate::error::{Cause, doing};
pub use crate::log_groups::{LogGroup, LogGroupList, LogGroupName, LogStream, LogStreamList};
use crate::moment::{millis, moment};
use crate::{Reader, StoreError, Writer};

/// The longest message: with what AWS counts besides, a MiB. A longer one is cut, and ends with [`CUT`].
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
pub const MAX_MESSAGE_BYTES: usize = (1 << 20) - EVENT_BYTES;

/// What a message that was cut ends with; it is within the limit.
pub const CUT: &str = "[Truncated...]";

/// What AWS counts of an event besides its message.
pub const EVENT_BYTES: usize = 26;

/// Names a log stream.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogStreamName {
    /// Whose it is.
    pub account: AccountId,
    /// Where.
    pub region: Region,
    /// Its group: `/aws/lambda/answer`.
    pub group: String,
    /// Its own name: `2026/11/28/[$LATEST]0123…`.
    pub stream: String,
}

impl LogStreamName {
    /// Its group.
    pub fn log_group(&self) -> LogGroupName {
        let LogStreamName { account, region, group, .. } = self.clone();
        LogGroupName { account, region, group }
    }
}

/// Something to log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLogEvent {
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub message: String,
}

/// Where an event is among all others: first by time, then in the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogPlace {
    /// The event's time, in milliseconds since 1970.
    pub at_millis: i64,
    /// Its number, which no other has.
    pub number: i64,
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// Where it is among all others.
    pub place: LogPlace,
    /// When it happened.
    pub at: Timestamp,
    /// When it came.
    pub ingested_at: Timestamp,
    /// The stream it is in.
    pub stream: String,
    /// What it says.
    pub message: String,
}

/// Which events of a group are read. All that is said must hold.
#[derive(Clone, Debug, Default)]
pub struct LogEventList {
    /// Of these streams; none: of all.
    pub streams: Vec<String>,
    /// Of streams whose name begins so.
    pub stream_prefix: String,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// From where on they are read.
    pub begin: LogBegin,
}

/// From where on events are read. They always come in the order of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogBegin {
    /// The first ones.
    #[default]
    First,
    /// The last ones.
    Last,
    /// Those next after this one, which need not be there any more.
    After(LogPlace),
    /// Those next before this one.
    Before(LogPlace),
}

impl LogBegin {
    fn is_backward(self) -> bool {
        matches!(self, LogBegin::Last | LogBegin::Before(_))
    }
}

impl Writer<'_> {
    /// Logs events to a stream. Group and stream are made if they are not there.
    pub fn add_log_events(
        &self,
        stream: &LogStreamName,
        events: &[NewLogEvent],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let work = || {
            let (group_id, stream_id) = match self.log_stream_ids(stream)? {
                Some(ids) => ids,
                None => {
                    self.create_log_group(&stream.log_group(), now)?;
                    self.create_log_stream(stream, now)?;
                    self.log_stream_ids(stream)?.ok_or(Cause::NotThere)?
                }
            };
            let Some(first) = events.iter().map(|event| millis(event.at)).min() else { return Ok(()) };
            let last = events.iter().map(|event| millis(event.at)).max();
            let now = millis(now);
            let mut bytes = 0;
            for NewLogEvent { at, message } in events {
                let message = within_limit(message);
                bytes += message.len() + EVENT_BYTES;
                self.execute(
                    "INSERT INTO log_event (log_group, log_stream, at, ingested_at, message) VALUES (?1, ?2, ?3, ?4, ?5)",
                    (group_id, stream_id, millis(*at), now, message),
                )?;
            }
            self.execute(
                "UPDATE log_stream SET first_at = min(ifnull(first_at, ?2), ?2), last_at = max(ifnull(last_at, ?3), ?3), \
                 last_ingested_at = ?4 WHERE id = ?1",
                (stream_id, first, last, now),
            )?;
            self.execute(
                "UPDATE log_group SET stored_bytes = stored_bytes + ?2 WHERE id = ?1",
                (group_id, bytes as i64),
            )?;
            Ok(())
        };
        self.doing(|| format!("log to `{}` in `{}`", stream.stream, stream.group), work)
    }

    /// Forgets events that are older than their groups keep them. Says how many there were.
    pub fn expire_log_events(&self, now: Timestamp) -> Result<usize, StoreError> {
        let work = || {
            let mut limited =
                self.prepare("SELECT id, retention_days FROM log_group WHERE retention_days IS NOT NULL")?;
            let groups: Vec<(i64, i64)> =
                limited.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
            let mut expired = 0;
            for (group, days) in groups {
                let Ok(before) = now.checked_sub(SignedDuration::from_hours(24 * days)) else { continue };
                let before = millis(before);
                self.execute(
                    "UPDATE log_group SET stored_bytes = stored_bytes - (SELECT ifnull(sum(octet_length(message) + ?3), 0) \
                     FROM log_event WHERE log_group = ?1 AND at < ?2) WHERE id = ?1",
                    (group, before, EVENT_BYTES as i64),
                )?;
                expired += self.execute("DELETE FROM log_event WHERE log_group = ?1 AND at < ?2", (group, before))?;
            }
            Ok(expired)
        };
        self.doing(|| "forget old log events".into(), work)
    }
}

impl Reader<'_> {
    /// Events of a group in the order of time, at most so many. A group that is not there has none.
    pub fn log_events(
        &self,
        group: &LogGroupName,
        list: &LogEventList,
        limit: usize,
    ) -> Result<Vec<LogEvent>, StoreError> {
        let mut events = Vec::new();
        if limit > 0 {
            self.each_log_event(group, list, |event| {
                events.push(event);
                events.len() < limit
            })?;
        }
        if list.begin.is_backward() {
            events.reverse();
        }
        Ok(events)
    }

    /// Shows events of a group one after the other, for as long as `look` wants more: only one is in memory at a time. Read
    /// backward, the last comes first.
    pub fn each_log_event(
        &self,
        group: &LogGroupName,
        list: &LogEventList,
        mut look: impl FnMut(LogEvent) -> bool,
    ) -> Result<(), StoreError> {
        let work = || {
            let Some(group) = self.log_group_id(group)? else { return Ok(()) };
            let Some((mut sql, mut values)) = self.of_streams(group, list)? else { return Ok(()) };
            let mut and = |condition: &str, value: i64| {
                values.push(Value::Integer(value));
                sql += &format!(" AND {condition} ?{}", values.len());
            };
            if let Some(from) = list.from {
                and("at >=", millis(from));
            }
            if let Some(until) = list.until {
                and("at <", millis(until));
            }
            let is_backward = list.begin.is_backward();
            if let LogBegin::After(place) | LogBegin::Before(place) = list.begin {
                // The first of the two finds the place in the index.
                and(if is_backward { "at <=" } else { "at >=" }, place.at_millis);
                values.push(Value::Integer(place.at_millis));
                values.push(Value::Integer(place.number));
                let beyond = if is_backward { "<" } else { ">" };
                sql += &format!(" AND (at, event.id) {beyond} (?{}, ?{})", values.len() - 1, values.len());
            }
            let order = if is_backward { "DESC" } else { "ASC" };
            let sql = format!(
                "SELECT event.id, at, ingested_at, message, log_stream.name FROM log_event AS event {sql} \
                 ORDER BY at {order}, event.id {order}",
            );
            let mut all = self.prepare(&sql)?;
            let mut rows = all.query(rusqlite::params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                if !look(event(row)?) {
                    break;
                }
            }
            Ok(())
        };
        doing(|| format!("read what was logged to `{}`", group.group), work)
    }

    /// Which streams are read, as the beginning of a query. `None`: there is none of them.
    ///
    /// One stream is read along its own index; several along the group's, which has the streams' numbers in it.
    fn of_streams(&self, group: i64, list: &LogEventList) -> Result<Option<(String, Vec<Value>)>, Cause> {
        let mut sql = "SELECT id FROM log_stream WHERE log_group = ?1 AND substr(name, 1, length(?2)) = ?2".to_owned();
        let mut names = vec![Value::Integer(group), Value::Text(list.stream_prefix.clone())];
        let places: Vec<String> = list
            .streams
            .iter()
            .map(|stream| {
                names.push(Value::Text(stream.clone()));
                format!("?{}", names.len())
            })
            .collect();
        let is_all = places.is_empty() && list.stream_prefix.is_empty();
        if !places.is_empty() {
            sql += &format!(" AND name IN ({})", places.join(", "));
        }
        let join = "CROSS JOIN log_stream ON log_stream.id = event.log_stream WHERE";
        if is_all {
            return Ok(Some((
                format!("INDEXED BY log_event_of_group {join} event.log_group = ?1"),
                vec![Value::Integer(group)],
            )));
        }
        let mut find = self.prepare(&sql)?;
        let streams: Vec<i64> =
            find.query_map(rusqlite::params_from_iter(names), |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(match &streams[..] {
            [] => None,
            [stream] => Some((
                format!("INDEXED BY log_event_of_stream {join} event.log_stream = ?1"),
                vec![Value::Integer(*stream)],
            )),
            several => {
                // Numbers of ours: they need no places.
                let several: Vec<String> = several.iter().map(i64::to_string).collect();
                Some((
                    format!(
                        "INDEXED BY log_event_of_group {join} event.log_group = ?1 AND +event.log_stream IN ({})",
                        several.join(", ")
                    ),
                    vec![Value::Integer(group)],
                ))
            }
        })
    }
}

/// A message that is not too long, cut between two characters.
fn within_limit(message: &str) -> Cow<'_, str> {
    if message.len() <= MAX_MESSAGE_BYTES {
        return message.into();
    }
    let end = message.floor_char_boundary(MAX_MESSAGE_BYTES - CUT.len());
    format!("{}{CUT}", &message[..end]).into()
}

fn event(row: &Row<'_>) -> Result<LogEvent, Cause> {
    let place = LogPlace { number: row.get(0)?, at_millis: row.get(1)? };
    Ok(LogEvent {
        place,
        at: moment(place.at_millis)?,
        ingested_at: moment(row.get(2)?)?,
        message: row.get(3)?,
        stream: row.get(4)?,
    })
}
