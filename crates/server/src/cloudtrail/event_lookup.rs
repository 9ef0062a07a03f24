//! Looking up management events: a page of them, the newest first, and the token of the next. They are the lake's.
//!
//! ```text
//!   the last hour ──enough?──► the day before ──enough?──► the week before ──enough?──► what is left of 90 days
//!        which: time and id only                 then their records, by id
//! ```
//!
//! So the newest come at once, however much lies behind them.
//!
//! Events of every account and Region that is watched are told; each says its own. `Resources` are those that the record
//! names; AWS guesses at more of them from the parameters.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>

use jiff::{SignedDuration, Timestamp};
use record::selection::{Part, Window};
use serde::Deserialize;
use wire::ApiError;

use super::lookup_page::{Asked, EventTold, KEPT, LookupPage, Place, Question, ResourceTold};
use crate::world::lake::{LakeQuery, QueryFault, QueryFaultKind, StoreView};
use crate::{Context, Failure};

/// What events are looked up by, in AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub(crate) enum Attribute {
    EventId,
    EventName,
    ReadOnly,
    Username,
    ResourceType,
    ResourceName,
    EventSource,
    AccessKeyId,
}

impl Attribute {
    /// The condition that it is this.
    fn is(self, value: &str) -> String {
        let text = text(value);
        match self {
            Attribute::EventId => format!("eventID = {text}"),
            Attribute::EventName => format!("eventName = {text}"),
            Attribute::EventSource => format!("eventSource = {text}"),
            Attribute::AccessKeyId => format!("userIdentity.accessKeyId = {text}"),
            Attribute::ReadOnly if value == "true" => "readOnly".to_owned(),
            Attribute::ReadOnly => "NOT readOnly".to_owned(),
            // As `Identity::username` tells it.
            Attribute::Username => {
                let session = self::text(&format!("/{}$", literally(value)));
                let root = if value == ROOT { " OR userIdentity.type = 'Root'" } else { "" };
                format!(
                    "(userIdentity.userName = {text}{root} OR userIdentity.type IN ('AssumedRole', 'FederatedUser') AND \
                     regexp_like(userIdentity.arn, {session}))"
                )
            }
            Attribute::ResourceType => format!("any_match(resources, r -> r.type = {text})"),
            Attribute::ResourceName => {
                let end = self::text(&format!("(^|[:/]){}$", literally(value)));
                format!("any_match(resources, r -> regexp_like(r.arn, {end}))")
            }
        }
    }
}

/// A text in SQL.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A regular expression that means these letters, and nothing else.
fn literally(value: &str) -> String {
    value.chars().fold(String::new(), |mut all, letter| {
        if letter.is_ascii_punctuation() {
            all.push('\\');
        }
        all.push(letter);
        all
    })
}

/// How far back it is looked at first, and then: in hours.
const STEPS_HOURS: [i64; 3] = [1, 24, 7 * 24];
/// The smallest time that the tables tell apart.
const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

/// Looks up.
pub(crate) fn look_up(
    asked: &Asked<Option<(Attribute, String)>>,
    cx: &Context<'_>,
    wrong_token: impl FnOnce() -> ApiError,
) -> Result<LookupPage, Failure> {
    let question = Question::of((&asked.what, asked.start, asked.end, "events"));
    let after = question.after(asked.next_token.as_deref(), wrong_token)?.and_then(Newer::of);
    let oldest = cx.now - KEPT;
    let from = asked.start.map_or(oldest, |start| start.0.max(oldest));
    // A clock elsewhere may be ahead of ours.
    let newest = asked.end.map_or(cx.now + SignedDuration::from_hours(24), |end| end.0);
    let newest = after.as_ref().map_or(newest, |newer| newer.at.min(newest));
    let until = newest.saturating_add(MICROSECOND).unwrap_or(newest);
    let limit = asked.limit();
    let events = newest_events(asked.what.as_ref(), after.as_ref(), from, until, limit + 1, cx)?;
    let place = |event: &EventTold| Place { at: event.event_time.0.as_microsecond(), id: event.event_id.clone() };
    Ok(question.page(events, limit, place, |event| event))
}

/// The last event of the page before: those of this one are older, or of the same time and a lower id.
struct Newer {
    at: Timestamp,
    id: String,
}

impl Newer {
    fn of(Place { at, id }: Place) -> Option<Newer> {
        Some(Newer { at: Timestamp::from_microsecond(at).ok()?, id })
    }
}

/// The newest so many events from a moment on, and of before another.
fn newest_events(
    attribute: Option<&(Attribute, String)>,
    after: Option<&Newer>,
    from: Timestamp,
    until: Timestamp,
    limit: usize,
    cx: &Context<'_>,
) -> Result<Vec<EventTold>, Failure> {
    let mut conditions = vec!["eventCategory = 'Management'".to_owned()];
    conditions.extend(attribute.map(|(attribute, value)| attribute.is(value)));
    conditions.extend(after.map(|Newer { at, id }| {
        let at = at.strftime("%Y-%m-%d %H:%M:%S.%6f");
        format!("(eventTime < TIMESTAMP '{at}' OR eventID < {})", text(id))
    }));
    let conditions = conditions.join(" AND ");
    // There is one event of an id, and a Bloom filter says in which files it may be.
    let is_needle = attribute.is_some_and(|(attribute, _)| *attribute == Attribute::EventId);
    let mut steps = STEPS_HOURS.iter().filter(|_| !is_needle).map(|hours| SignedDuration::from_hours(*hours));
    let (mut events, mut until) = (Vec::new(), until);
    while from < until && events.len() < limit {
        let first = steps.next().and_then(|step| until.checked_sub(step).ok()).map_or(from, |first| first.max(from));
        let wanted = limit - events.len();
        let window = Window { from: first, until: Some(until) };
        let order = "ORDER BY eventTime DESC, eventID DESC";
        let ids = format!("SELECT eventID FROM events WHERE {conditions} {order} LIMIT {wanted}");
        let ids: Vec<String> = ask(ids, window, wanted, cx)?.iter().map(|[id]| text(id)).collect();
        if !ids.is_empty() {
            let records = format!(
                "SELECT eventJson, readOnly FROM events WHERE {conditions} AND eventID IN ({}) {order}",
                ids.join(", ")
            );
            let records = ask(records, window, wanted, cx)?.into_iter();
            events.extend(records.filter_map(|[record, is_read_only]| event_told(record, is_read_only)));
        }
        until = first;
    }
    Ok(events)
}

/// The columns of a statement's rows.
fn ask<const N: usize>(
    statement: String,
    window: Window,
    at_most: usize,
    cx: &Context<'_>,
) -> Result<Vec<[String; N]>, Failure> {
    let events = Part { windows: vec![window], ..Part::default() };
    let view =
        StoreView { named: "events".to_owned(), events: Some(events), insights: Part::default(), activity: None };
    let query = LakeQuery { id: String::new(), statement, views: vec![view] };
    let rows = cx.world.lake.ask(&query, at_most).map_err(not_looked_up)?;
    let texts = rows.into_iter().map(|row| row.into_iter().map(|(_, text)| text).collect::<Vec<_>>());
    Ok(texts.filter_map(|row| row.try_into().ok()).collect())
}

fn not_looked_up(fault: QueryFault) -> ApiError {
    match fault.kind {
        QueryFaultKind::NoLake => {
            let message = "Management events are looked up in the lake, and there is none here: the service runs without it. \
                           Insights events are looked up with the event category insight.";
            ApiError::new("UnsupportedOperationException", message)
        }
        QueryFaultKind::Busy => ApiError::new("ThrottlingException", "Rate exceeded"),
        _ => ApiError::internal(fault.text),
    }
}

/// What of a record is told beside it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(rename = "eventID")]
    event_id: String,
    event_time: String,
    event_name: String,
    event_source: String,
    #[serde(default)]
    user_identity: Identity,
    #[serde(default)]
    resources: Option<Vec<Resource>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    r#type: Option<String>,
    arn: Option<String>,
    user_name: Option<String>,
    access_key_id: Option<String>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "ARN", alias = "arn")]
    arn: Option<String>,
}

/// How AWS names the owner of an account.
const ROOT: &str = "root";

impl Identity {
    /// A user's name, or that of a role's session.
    fn username(&self) -> Option<String> {
        match self.r#type.as_deref() {
            Some("Root") => Some(self.user_name.clone().unwrap_or_else(|| ROOT.to_owned())),
            Some("AssumedRole" | "FederatedUser") => Some(self.arn.as_ref()?.rsplit_once('/')?.1.to_owned()),
            _ => self.user_name.clone(),
        }
    }
}

/// A record as it is told. Old ones do not say whether they only read: then the lake's column does.
fn event_told(record: String, read_only: String) -> Option<EventTold> {
    let told: Told = serde_json::from_str(&record).ok()?;
    let resource = |Resource { kind, arn }| ResourceTold { resource_type: kind, resource_name: arn };
    Some(EventTold {
        username: told.user_identity.username(),
        event_id: told.event_id,
        event_name: told.event_name,
        read_only: Some(read_only),
        access_key_id: told.user_identity.access_key_id.filter(|id| !id.is_empty()),
        event_time: told.event_time.parse::<Timestamp>().ok()?.into(),
        event_source: told.event_source,
        resources: told.resources.into_iter().flatten().map(resource).collect(),
        cloud_trail_event: record,
    })
}
