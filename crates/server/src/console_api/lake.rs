//! `GET lake/schema`: what statements may name. `lake/saved`: statements that somebody kept, for everybody here.
//!
//! Running them is AWS's `StartQuery`, which the page asks. AWS keeps saved queries in its console, and has no operation for them: they are
//! kept here and not in the browser, so that a colleague has them, too.

use serde::{Deserialize, Serialize};
use store::{Key, List, Resource};
use wire::Request;

use super::query::Query;
use super::{not_found, read, wrong};
use crate::Failure;
use crate::cloudtrail::event_data_store::EventDataStore;
use crate::http::FrontDoor;
use crate::world::lake::{Column, Vocabulary};

/// Statements that are kept, at most.
const MOST: usize = 500;
/// Letters of a name, and of a statement: as many as `StartQuery` takes.
const NAME: usize = 100;
const STATEMENT: usize = 10_000;

/// What statements may name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Schema {
    /// Whether there is a lake.
    is_there: bool,
    stores: Vec<Named>,
    events: Vec<Column>,
    insights: Vec<Column>,
    activity: Vec<Column>,
    functions: Vec<String>,
}

/// An event data store.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    id: String,
    name: String,
    arn: String,
    /// `events`, `insights` or `activity`: whose columns it has.
    kind: &'static str,
    status: &'static str,
    retention_days: u32,
}

/// What statements may name here.
pub(super) fn schema(door: &FrontDoor) -> Result<Schema, Failure> {
    let Vocabulary { events, insights, activity, functions } = door.world.lake.vocabulary();
    let (place, now) = (&door.place, door.world.clock.now());
    let stores = door.store.read(|r| EventDataStore::of(r, &place.account, &place.region, now))?;
    let stores = stores.into_iter().map(|store| Named {
        kind: match (store.is_of_insights(), store.is_of_activity()) {
            (true, _) => "insights",
            (false, true) => "activity",
            (false, false) => "events",
        },
        status: store.status().as_str(),
        retention_days: store.retention_days,
        id: store.id,
        name: store.name,
        arn: store.arn,
    });
    Ok(Schema { is_there: !events.is_empty(), stores: stores.collect(), events, insights, activity, functions })
}

/// A statement that somebody kept. Its key: its name, in the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct SavedQuery {
    statement: String,
    saved_by: String,
}

impl Resource for SavedQuery {
    const KIND: &'static str = "saved-query";
}

/// All of them.
#[derive(Debug, Serialize)]
pub(super) struct AllSaved {
    queries: Vec<Saved>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    name: String,
    statement: String,
    saved_at: i64,
    /// The access key of whoever saved it last; empty where any key is let in.
    saved_by: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    name: String,
    statement: String,
}

/// Those that are kept, by name.
pub(super) fn saved(door: &FrontDoor) -> Result<AllSaved, Failure> {
    let list = List::of(&door.place.account, &"".into());
    let queries = door.store.read(|r| r.list::<SavedQuery>(&list))?.into_iter().map(|stored| Saved {
        name: stored.key.name,
        statement: stored.value.statement,
        saved_at: stored.changed_at.as_second(),
        saved_by: stored.value.saved_by,
    });
    Ok(AllSaved { queries: queries.collect() })
}

/// Keeps one, in place of another of that name.
pub(super) fn save(door: &FrontDoor, request: &Request<'_>, who: &str) -> Result<AllSaved, Failure> {
    let Given { name, statement } = read(request.body, "{\"name\": \"Failed sign-ins\", \"statement\": \"SELECT …\"}")?;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(wrong(format!("name is 1 to {NAME} letters, on one line.")));
    }
    if statement.trim().is_empty() || statement.chars().count() > STATEMENT {
        return Err(wrong(format!("statement is 1 to {STATEMENT} letters.")));
    }
    let now = door.world.clock.now();
    let saved_by = door.name_of(who);
    door.store.try_write(|w| {
        let key = Key::global(&door.place.account, name);
        let is_new = w.get::<SavedQuery>(&key)?.is_none();
        if is_new && w.count::<SavedQuery>(&List::of(&door.place.account, &"".into()))? >= MOST {
            return Err(wrong(format!("There are {MOST} saved queries, and there is no room for more: delete some.")));
        }
        w.put(&key, &SavedQuery { statement, saved_by }, now)?;
        Ok::<_, Failure>(())
    })?;
    saved(door)
}

/// Forgets one.
pub(super) fn forget(door: &FrontDoor, query: &Query) -> Result<AllSaved, Failure> {
    query.only(&["name"])?;
    let key = Key::global(&door.place.account, query.required("name")?);
    let was_there = door.store.write(|w| w.delete::<SavedQuery>(&key))?;
    if was_there { saved(door) } else { Err(not_found("There is no saved query of this name.")) }
}
