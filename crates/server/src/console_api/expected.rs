//! `GET expected`: what somebody said of insights, and what it held back. `POST expected`: says something. `DELETE expected`: ends it.
//!
//! ```sh
//! curl -H 'x-trailsight-request: 1' http://127.0.0.1:4580/api/console/v1/expected \
//!     -d '{"kind": "expected", "apis": "ec2/RunInstances", "until": "2026-02-12T18:00:00Z", "why": "load test"}'
//! ```

use std::collections::{BTreeMap, BTreeSet};

use detect::said::{Apis, Identities, Keys};
use jiff::Timestamp;
use record::insight::Direction;
use record::names::{AccountId, Region};
use record::sentences;
use record::time::{DAY, Minute};
use record::words::{count, plural, service};
use serde::{Deserialize, Serialize};
use store::insights::{HeldBack, Origin, StoredInsight};
use store::{List, Reader, StoreError, Stored};
use wire::Request;

use super::query::{Query, minute_of};
use super::{not_found, read, wrong};
use crate::Failure;
use crate::http::FrontDoor;
use crate::sayings::{self, Saying, Standing, What};

/// Sayings that are kept, at most: all of them are asked of every API.
const MOST: usize = 1_000;
/// Letters of a reason, and of APIs, and of identities.
const WHY: usize = 500;
const APIS: usize = 1_000;
/// Days that a change may be expected for, and days back that it may have begun.
const LONGEST: i32 = 92;
const BACK: i32 = 90;

/// All that was said.
#[derive(Debug, Serialize)]
pub(super) struct Sayings {
    now: i64,
    said: Vec<Told>,
}

/// Something that was said.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    id: String,
    /// `muted`, `expected`, `falseAlarm` or `real`.
    kind: &'static str,
    /// `ahead`, `inForce` or `ended`.
    state: &'static str,
    account: Option<String>,
    region: Option<String>,
    apis: String,
    error: Option<String>,
    by: Option<String>,
    direction: Option<&'static str>,
    from: i64,
    until: Option<i64>,
    why: String,
    said_by: String,
    said_at: i64,
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

/// What was said now.
#[derive(Debug, Serialize)]
pub(super) struct SaidNow {
    said: Told,
    /// What whoever said it should know.
    notice: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Given {
    kind: String,
    account: Option<String>,
    region: Option<String>,
    apis: Option<String>,
    error: Option<String>,
    by: Option<String>,
    direction: Option<String>,
    from: Option<Moment>,
    until: Option<Moment>,
    insight: Option<String>,
    why: Option<String>,
}

/// Seconds since 1970, or RFC 3339.
#[derive(Deserialize)]
#[serde(untagged)]
enum Moment {
    Seconds(i64),
    Text(String),
}

impl Moment {
    fn minute(&self, name: &str) -> Result<Minute, Failure> {
        match self {
            Moment::Seconds(seconds) => minute_of(name, &seconds.to_string()),
            Moment::Text(text) => minute_of(name, text),
        }
    }
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

impl Told {
    fn of(r: &Reader<'_>, saying: Stored<Saying>, held: Option<&HeldBack>, now: Timestamp) -> Result<Told, StoreError> {
        let Stored { key, value, .. } = saying;
        let state = match value.standing(Minute::of_seconds(now.as_second())) {
            Standing::Ahead => "ahead",
            Standing::InForce => "inForce",
            Standing::Ended => "ended",
        };
        let of_keys = |keys: &Keys| {
            let account = keys.account.as_ref().map(ToString::to_string);
            (
                account,
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
        let insight = match &value.insight {
            Some(id) => Of::read(r, id)?,
            None => None,
        };
        let held_back = match held {
            Some(held) => Held { count: held.count, last: Of::read(r, &held.last)? },
            None => Held::default(),
        };
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

impl Of {
    fn read(r: &Reader<'_>, id: &str) -> Result<Option<Of>, StoreError> {
        Ok(r.insight(id)?.map(|stored| Of {
            title: sentences::title(&stored.insight.subject),
            start: stored.insight.start.seconds(),
            id: stored.id,
        }))
    }
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

impl Given {
    fn what(&self, of: Option<&StoredInsight>, now: Minute) -> Result<What, Failure> {
        match self.kind.as_str() {
            "muted" => {
                self.has_none(&[("direction", self.direction.is_some()), ("from", self.from.is_some())])?;
                let until = self.until.as_ref().map(|until| until.minute("until")).transpose()?;
                if until.is_some_and(|until| until <= now) {
                    return Err(wrong("until is over already."));
                }
                Ok(What::Muted { keys: self.keys()?, by: self.by()?, since: now, until })
            }
            "expected" => {
                self.has_none(&[("by", self.by.is_some())])?;
                let from = self.from.as_ref().map_or(Ok(now), |from| from.minute("from"))?;
                let until = self
                    .until
                    .as_ref()
                    .ok_or_else(|| wrong("until is missing: what is never over is muted, and not expected."))?;
                let until = until.minute("until")?;
                if until <= from {
                    return Err(wrong("until must be after from."));
                }
                if (until - from).0 > LONGEST * DAY.0 {
                    return Err(wrong(format!("From from to until are {LONGEST} days at most.")));
                }
                if (now - from).0 > BACK * DAY.0 {
                    return Err(wrong(format!("from is {BACK} days back at most: nothing older is kept.")));
                }
                let direction = match self.direction.as_deref() {
                    None | Some("both") => None,
                    Some("increase") => Some(Direction::Increase),
                    Some("decrease") => Some(Direction::Decrease),
                    Some(_) => return Err(wrong("direction is one of increase, decrease, both.")),
                };
                Ok(What::Expected { keys: self.keys()?, from, until, direction })
            }
            "falseAlarm" | "real" => {
                self.has_none(&[
                    ("account", self.account.is_some()),
                    ("region", self.region.is_some()),
                    ("apis", self.apis.is_some()),
                    ("error", self.error.is_some()),
                    ("by", self.by.is_some()),
                    ("direction", self.direction.is_some()),
                    ("from", self.from.is_some()),
                    ("until", self.until.is_some()),
                ])?;
                let of = of.ok_or_else(|| wrong("insight is missing: the id of the one that is meant."))?;
                if of.origin == Origin::Test {
                    return Err(wrong("This insight is a test: nothing is learned of it."));
                }
                let insight = &of.insight;
                Ok(What::Called {
                    subject: insight.subject.clone(),
                    direction: insight.direction,
                    start: insight.start,
                    end: insight.end,
                    is_real: self.kind == "real",
                })
            }
            _ => Err(wrong("kind is one of muted, expected, falseAlarm, real.")),
        }
    }

    fn has_none(&self, fields: &[(&str, bool)]) -> Result<(), Failure> {
        match fields.iter().find(|(_, is_said)| *is_said) {
            Some((name, _)) => Err(wrong(format!("{name} means nothing where kind is {}.", self.kind))),
            None => Ok(()),
        }
    }

    /// Whose doing is meant, if not anybody's.
    fn by(&self) -> Result<Option<Identities>, Failure> {
        let Some(by) = self.by.as_deref().filter(|by| !by.trim().is_empty()) else { return Ok(None) };
        let read = Some(by).filter(|by| by.len() <= APIS).and_then(Identities::read);
        read.map(Some).ok_or_else(|| {
            wrong("by is identities' ARNs with blanks between, as arn:aws:iam::*:role/scanner; leave it out for all.")
        })
    }

    fn keys(&self) -> Result<Keys, Failure> {
        let said =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let (account, region, error) = (said(&self.account), said(&self.region), said(&self.error));
        if account
            .as_ref()
            .is_some_and(|account| account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err(wrong("account is twelve digits; leave it out for all."));
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._*:".contains(&byte);
        if region
            .as_ref()
            .is_some_and(|region| region.len() > 64 || !region.bytes().all(is_name) || region.contains('*'))
        {
            return Err(wrong("region is a Region, as us-east-1; leave it out for all."));
        }
        if error.as_ref().is_some_and(|error| error.len() > 200 || !error.bytes().all(is_name)) {
            return Err(wrong(
                "error is an error code, as AccessDenied or Throttl*; leave it out for calls and whatever fails.",
            ));
        }
        let apis =
            self.apis.as_deref().ok_or_else(|| wrong("apis is missing: as ec2/RunInstances, or iam/Get* sts."))?;
        let read = Some(apis).filter(|apis| apis.len() <= APIS).and_then(Apis::read);
        let apis = read.ok_or_else(|| {
            wrong("apis are services or APIs with blanks between, as sts, ec2.amazonaws.com/RunInstances or iam/Get*.")
        })?;
        Ok(Keys {
            account: account.map(|id| AccountId::from(&*id)),
            region: region.map(|name| Region::from(&*name)),
            apis,
            error,
        })
    }
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
