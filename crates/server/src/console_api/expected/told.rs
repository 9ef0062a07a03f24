//! What was said, as it is told: with the insight it is of, and what it held back.

use detect::said::Keys;
use jiff::Timestamp;
use record::insight::Direction;
use record::sentences;
use record::time::Minute;
use record::words::service;
use serde::Serialize;
use store::insights::HeldBack;
use store::{Reader, StoreError, Stored};

use crate::sayings::{Saying, Standing, What};

/// Something that was said.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::console_api) struct Told {
    pub(super) id: String,
    /// `muted`, `expected`, `falseAlarm` or `real`.
    pub(super) kind: &'static str,
    /// `ahead`, `inForce` or `ended`.
    pub(super) state: &'static str,
    account: Option<String>,
    region: Option<String>,
    pub(super) apis: String,
    error: Option<String>,
    by: Option<String>,
    direction: Option<&'static str>,
    from: i64,
    until: Option<i64>,
    why: String,
    pub(super) said_by: String,
    pub(super) said_at: i64,
    insight: Option<Of>,
    held_back: Held,
}

/// An insight, in few words.
#[derive(Clone, Debug, Serialize)]
struct Of {
    id: String,
    title: String,
    start: i64,
}

/// What it held back.
#[derive(Clone, Debug, Default, Serialize)]
struct Held {
    count: u64,
    last: Option<Of>,
}

impl Told {
    pub(super) fn of(
        r: &Reader<'_>,
        saying: Stored<Saying>,
        held: Option<&HeldBack>,
        now: Timestamp,
    ) -> Result<Told, StoreError> {
        let Stored { key, value, .. } = saying;
        let state = match value.standing(Minute::of_seconds(now.as_second())) {
            Standing::Ahead => "ahead",
            Standing::InForce => "inForce",
            Standing::Ended => "ended",
        };
        let of_keys = |keys: &Keys| {
            (
                keys.account.as_ref().map(ToString::to_string),
                keys.region.as_ref().map(ToString::to_string),
                String::from(keys.apis.clone()),
                keys.error.clone(),
            )
        };
        let (kind, (account, region, apis, error), direction, from, until) = match &value.what {
            What::Muted { keys, since, until, .. } => ("muted", of_keys(keys), None, *since, *until),
            What::Expected { keys, from, until, direction } => {
                ("expected", of_keys(keys), *direction, *from, Some(*until))
            }
            What::Called { subject, direction, start, end, is_real } => {
                let kind = if *is_real { "real" } else { "falseAlarm" };
                let service = service(&subject.source);
                let keys = (
                    Some(subject.account.to_string()),
                    Some(subject.region.to_string()),
                    format!("{service}/{}", subject.name),
                    subject.error.as_ref().map(ToString::to_string),
                );
                (kind, keys, Some(*direction), *start, *end)
            }
        };
        let by = match &value.what {
            What::Muted { by, .. } => by.clone().map(String::from),
            What::Expected { .. } | What::Called { .. } => None,
        };
        let insight = value.insight.as_deref().map_or(Ok(None), |id| Of::read(r, id))?;
        let held_back = held.map_or(Ok(Held::default()), |held| Held::read(r, held))?;
        Ok(Told {
            id: key.name,
            kind,
            state,
            account,
            region,
            apis,
            error,
            by,
            direction: direction.map(Direction::as_str),
            from: from.seconds(),
            until: until.map(Minute::seconds),
            why: value.why,
            said_by: value.said_by,
            said_at: value.said_at,
            insight,
            held_back,
        })
    }
}

impl Held {
    fn read(r: &Reader<'_>, held: &HeldBack) -> Result<Held, StoreError> {
        Ok(Held { count: held.count, last: Of::read(r, &held.last)? })
    }
}

impl Of {
    fn read(r: &Reader<'_>, id: &str) -> Result<Option<Of>, StoreError> {
        Ok(r.insight(id)?.map(|stored| Of {
            title: sentences::title(&stored.insight.subject),
            start: stored.insight.start.seconds(),
            id: stored.id,
        }))
    }
}
