//! `GET deliveries`: who was told, and did it arrive: the newest first. `POST deliveries/{id}/again`: tries one again that was given up.

use serde::Serialize;
use store::deliveries::{BacklogTotals, DeliveryId, DeliveryList, DeliveryState};

use super::query::Query;
use super::{not_found, wrong};
use crate::Failure;
use crate::http::FrontDoor;

/// A page.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    deliveries: Vec<Told>,
    /// The `before` of the next page, if there may be one.
    next: Option<i64>,
    waiting: u64,
    dead: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    id: i64,
    kind: String,
    target: String,
    state: &'static str,
    /// Attempts that failed so far.
    failed_attempts: u32,
    created_at: i64,
    first_attempt_at: Option<i64>,
    /// When it is tried again; of one that is over, when it was tried last.
    next_attempt_at: i64,
    changed_at: i64,
    last_error: Option<String>,
    /// What came of it: what the other side answered, or why it was given up.
    outcome: Option<String>,
}

pub(super) fn deliveries(door: &FrontDoor, query: &Query) -> Result<Page, Failure> {
    query.only(&["state", "target", "before", "limit"])?;
    let state = query.word("state", &["waiting", "done", "dead"])?.map(|word| match word {
        "waiting" => DeliveryState::Waiting,
        "done" => DeliveryState::Done,
        _ => DeliveryState::Dead,
    });
    let before = query.text("before").map(|said| said.parse().map(DeliveryId));
    let before = before.transpose().map_err(|_| wrong("before is the number of a delivery."))?;
    let limit = query.number("limit", 50, 1, 100)?;
    let list = DeliveryList { state, target: query.text("target").map(str::to_owned), before };
    let page = door.store.read(|r| {
        let found = r.deliveries(&list, limit)?;
        let BacklogTotals { waiting, dead, .. } = r.backlog_totals()?;
        let next = (found.len() == limit).then(|| found.last().map(|last| last.id.0)).flatten();
        let deliveries = found.into_iter().map(|told| Told {
            id: told.id.0,
            kind: told.kind,
            target: told.target,
            state: match told.state {
                DeliveryState::Waiting => "waiting",
                DeliveryState::Done => "done",
                DeliveryState::Dead => "dead",
            },
            failed_attempts: told.attempts,
            created_at: told.created_at.as_second(),
            first_attempt_at: told.first_attempt_at.map(|at| at.as_second()),
            next_attempt_at: told.next_attempt_at.as_second(),
            changed_at: told.changed_at.as_second(),
            last_error: told.last_error,
            outcome: told.outcome,
        });
        Ok(Page { deliveries: deliveries.collect(), next, waiting, dead })
    })?;
    Ok(page)
}

/// Tries one again that was given up.
pub(super) fn again(door: &FrontDoor, id: &str) -> Result<Again, Failure> {
    let id = id.parse().map(DeliveryId).map_err(|_| not_found("There is no delivery of this number."))?;
    let now = door.world.clock.now();
    door.store.try_write(|w| {
        let found = w.delivery(id)?.ok_or_else(|| not_found("There is no delivery of this number."))?;
        if found.state != DeliveryState::Dead {
            return Err(wrong("Only what was given up is sent again; this was not, or is being sent already."));
        }
        w.replay_delivery(id, now)?;
        Ok(Again { id: id.0, state: "waiting" })
    })
}

/// It waits again.
#[derive(Debug, Serialize)]
pub(super) struct Again {
    id: i64,
    state: &'static str,
}
