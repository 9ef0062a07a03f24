//! `GET expected`: what somebody said of insights, and what it held back. `POST expected`: says something. `DELETE expected`: ends it.
//!
//! ```sh
//! curl -H 'x-trailsight-request: 1' http://127.0.0.1:4580/api/console/v1/expected \
//!     -d '{"kind": "expected", "apis": "ec2/RunInstances", "until": "2026-02-12T18:00:00Z", "why": "load test"}'
//! ```

mod given;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use detect::said::Keys;
use jiff::Timestamp;
use record::names::{AccountId, Region};
use record::time::{DAY, Minute};
use record::words::{count, plural};
use serde::Serialize;
use store::insights::{HeldBack, StoredInsight};
use store::{List, Reader, StoreError, Stored};
use wire::Request;

use super::query::Query;
use super::{not_found, read, wrong};
use crate::Failure;
use crate::http::FrontDoor;
use crate::sayings::{self, Saying, Standing, What};
use given::Given;

pub(super) use told::Told;

/// Sayings that are kept, at most: all of them are asked of every API.
const MOST: usize = 1_000;
/// Letters of a reason.
const WHY: usize = 500;
/// Days back that a change may have begun.
const BACK: i32 = 90;

/// All that was said.
#[derive(Debug, Serialize)]
pub(super) struct Sayings {
    now: i64,
    said: Vec<Told>,
}

/// What was said now.
#[derive(Debug, Serialize)]
pub(super) struct SaidNow {
    said: Told,
    /// What whoever said it should know.
    notice: Option<String>,
}

const LIKE: &str = "{\"kind\": \"muted\", \"apis\": \"ec2/RunInstances\", \"why\": \"…\"}";

/// All of them: what is in force first, the newest first.
pub(super) fn expected(door: &FrontDoor) -> Result<Sayings, Failure> {
    let now = door.world.clock.now();
    let said = door.store.read(|r| told(r, sayings::list(r, &door.place.account)?, now))?;
    Ok(Sayings { now: now.as_second(), said })
}

/// What has to do with an insight: what it was called, what held it back, what was said of it, and what is in force for its API.
pub(super) fn of_insight(
    r: &Reader<'_>,
    mut said: Vec<Stored<Saying>>,
    stored: &StoredInsight,
    now: Timestamp,
) -> Result<Vec<Told>, StoreError> {
    let minute = Minute::of_seconds(now.as_second());
    said.retain(|Stored { key, value, .. }| {
        let is_in_force = value.standing(minute) == Standing::InForce
            && value.keys().is_some_and(|keys| keys.include(&stored.insight.subject));
        value.insight.as_ref() == Some(&stored.id) || stored.held_by.as_ref() == Some(&key.name) || is_in_force
    });
    told(r, said, now)
}

fn told(r: &Reader<'_>, said: Vec<Stored<Saying>>, now: Timestamp) -> Result<Vec<Told>, StoreError> {
    let held: BTreeMap<String, HeldBack> = r.held_back()?.into_iter().map(|held| (held.by.clone(), held)).collect();
    let mut told = Vec::new();
    for saying in said {
        let held = held.get(&saying.key.name);
        told.push(Told::of(r, saying, held, now)?);
    }
    let order = |one: &Told| match one.state {
        "inForce" => 0,
        "ahead" => 1,
        _ => 2,
    };
    told.sort_by(|a, b| (order(a), b.said_at, &a.id).cmp(&(order(b), a.said_at, &b.id)));
    Ok(told)
}

/// Says something.
pub(super) fn say(door: &FrontDoor, request: &Request<'_>, who: &str) -> Result<SaidNow, Failure> {
    let given: Given = read(request.body, LIKE)?;
    let now = door.world.clock.now();
    let said_by = door.name_of(who);
    let why = given.why.as_deref().unwrap_or_default().trim().to_owned();
    if why.chars().count() > WHY || why.chars().any(char::is_control) {
        return Err(wrong(format!("why is up to {WHY} letters, on one line.")));
    }
    let said = door.store.try_write(|w| {
        let of = match &given.insight {
            Some(id) => Some(
                w.insight(id)?
                    .ok_or_else(|| not_found("There is no insight of this id: it may be older than 90 days."))?,
            ),
            None => None,
        };
        let what = given.what(of.as_ref(), Minute::of_seconds(now.as_second()))?;
        if why.is_empty() && !matches!(what, What::Called { .. }) {
            return Err(wrong("why is missing: whoever looks for what was not told wants to know."));
        }
        let id = match (&what, &given.insight) {
            (What::Called { .. }, Some(insight)) => Saying::id_of_call(insight),
            _ => door.world.dice.uuid(),
        };
        let key = Saying::key(&door.place.account, &id);
        let is_new = w.get::<Saying>(&key)?.is_none();
        if is_new && w.count::<Saying>(&List::of(&door.place.account, &Region::from("")))? >= MOST {
            return Err(wrong(format!(
                "{MOST} things were said, and there is no room for more: end or take back some."
            )));
        }
        let insight = given.insight.clone();
        let saying = Saying { what, why, said_by, said_at: now.as_second(), insight };
        w.put(&key, &saying, now)?;
        let stored = w.get::<Saying>(&key)?.ok_or_else(|| not_found("It was not kept."))?;
        let keys = stored.value.keys().cloned();
        Ok::<_, Failure>((Told::of(w, stored, None, now)?, keys))
    });
    let (said, keys) = said?;
    tracing::info!(
        kind = said.kind,
        id = said.id,
        apis = said.apis,
        who = said.said_by,
        "something was said of insights"
    );
    let minute = Minute::of_seconds(now.as_second());
    let notice = keys.map(|keys| door.store.read(|r| notice(r, &keys, minute))).transpose()?.flatten();
    Ok(SaidNow { said, notice })
}

/// What was named and is like nothing that was counted: a slip, or something that is still to come.
fn notice(r: &Reader<'_>, keys: &Keys, now: Minute) -> Result<Option<String>, StoreError> {
    let since = Minute(now.0 - BACK * DAY.0);
    let (account, region) = (keys.account.as_ref().map(AccountId::as_str), keys.region.as_ref().map(Region::as_str));
    let found = r.subjects(account, region, since)?.into_iter().filter(|subject| keys.include(subject));
    let apis: BTreeSet<_> = found.map(|one| (one.source, one.name)).collect();
    Ok(match apis.len() {
        0 => Some("Nothing that was counted within 90 days is like this: if it is still to come, that is well.".into()),
        1 => None,
        many => Some(format!("This is {} by now.", plural(&count(many as u64), "API"))),
    })
}

/// Ends one, or takes it back.
pub(super) fn end(door: &FrontDoor, query: &Query, who: &str) -> Result<Sayings, Failure> {
    query.only(&["id"])?;
    let key = Saying::key(&door.place.account, query.required("id")?);
    let now = door.world.clock.now();
    let minute = Minute::of_seconds(now.as_second());
    door.store.try_write(|w| {
        let found = w.get::<Saying>(&key)?.ok_or_else(|| not_found("Nothing of this id was said."))?;
        if found.value.standing(minute) == Standing::Ended {
            return Err(wrong("It has ended already."));
        }
        match found.value.ended(minute) {
            Some(ended) => w.put(&key, &ended, now).map(drop)?,
            None => w.delete::<Saying>(&key).map(drop)?,
        }
        Ok::<_, Failure>(())
    })?;
    tracing::info!(id = key.name, who = door.name_of(who), "what was said of insights was ended");
    expected(door)
}

/// What insights were called, by their ids.
#[derive(Default)]
pub(super) struct Calls(BTreeMap<String, &'static str>);

impl Calls {
    pub(super) fn read(r: &Reader<'_>, account: &AccountId) -> Result<Calls, StoreError> {
        Ok(Calls::among(&sayings::list(r, account)?))
    }

    pub(super) fn among(said: &[Stored<Saying>]) -> Calls {
        let called = said.iter().filter_map(|saying| match saying.value.what {
            What::Called { is_real, .. } => {
                Some((saying.value.insight.clone()?, if is_real { "real" } else { "falseAlarm" }))
            }
            _ => None,
        });
        Calls(called.collect())
    }

    /// `falseAlarm`, `real`, or nothing.
    pub(super) fn of(&self, insight: &str) -> Option<&'static str> {
        self.0.get(insight).copied()
    }
}
