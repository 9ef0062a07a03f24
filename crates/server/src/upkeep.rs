//! Upkeep: what is too old is forgotten, so that a service that runs for years needs no more room than one that runs for months.
//!
//! | what | kept for |
//! |---|---|
//! | counts, insights, gaps | 90 days, as AWS keeps insights |
//! | what was said of insights | 90 days after it ended, or after the insight began |
//! | who called | five-minute stretches for 9 days, which is what an insight's baseline asks for, hours for 30; two million values |
//! | the ledger of log files | 91 days: none is found new that is still read, and the lake is filled of what it knows |
//! | fingerprints of records | 48 hours before the newest log file, and the hour that goes on; older ones are read again where they may be asked for (`pipeline/recall.rs`) |
//! | log events | as long as their groups say; for ever if they say nothing |
//! | sessions | a day after they are over: until then who signs with one is told so |
//! | event data stores that were deleted | seven days, in which that can be taken back |
//! | ids of audit events | a day, and five million: until then one that is sent again is known |
//! | queries and their results | seven days |
//! | deliveries | a week if they arrived, 30 days if they did not |
//!
//! What comes from logs is forgotten by their time, and not by a clock that is ahead of them: one that is wrong for a while, as after a
//! start with the wrong year, must not erase what cannot be had again. Where no logs come any more, nothing of theirs is added,
//! and nothing is forgotten.

use jiff::{SignedDuration, Timestamp};
use record::time::{DAY, Minute, Minutes};
use store::deliveries::DeliveryState;
use store::{Store, StoreError};

use crate::cloudtrail::EventDataStore;
use crate::sayings::Saying;
use crate::sts::Session;
use crate::world::Lake;

/// How long counts are kept. Older log files are not read.
pub const KEPT: Minutes = Minutes(90 * DAY.0);
const LEDGER: Minutes = Minutes(91 * DAY.0);
const FINE: Minutes = Minutes(9 * DAY.0);
const HOURS: Minutes = Minutes(30 * DAY.0);
const FINGERPRINTS: Minutes = Minutes(2 * DAY.0 + 60);
const MOST_VALUES: u64 = 2_000_000;
const DELIVERED: SignedDuration = SignedDuration::from_hours(7 * 24);
const SESSIONS: SignedDuration = SignedDuration::from_hours(24);
/// Queries and their results are known so long, as on AWS.
pub(crate) const QUERIES: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Ids of events that came through channels.
pub(crate) mod audit_event_ids {
    use jiff::SignedDuration;

    pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(24);
    pub(crate) const MOST: u64 = 5_000_000;
}
const DEAD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The present, as far as the logs have come: the clock, unless it is ahead of the newest log file.
pub(crate) fn present(store: &Store, now: Timestamp) -> Result<Timestamp, StoreError> {
    let newest = store.read(|r| r.newest_delivered())?.into_iter().map(|(_, _, delivered)| delivered.seconds()).max();
    let newest = newest.and_then(|seconds| Timestamp::from_second(seconds).ok());
    Ok(newest.map_or(now, |newest| newest.min(now)))
}

/// Forgets what is too old. One small transaction after the other, so that nobody waits long for their turn.
pub fn upkeep(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let present = present(store, now)?;
    let minute = Minute::of_seconds(present.as_second());
    while store.write(|w| w.coarsen_attributions(minute - FINE))? {}
    store.write(|w| w.expire_attributions(minute - HOURS))?;
    store.write(|w| w.limit_attributions(MOST_VALUES))?;
    store.write(|w| w.expire_event_ids(minute - FINGERPRINTS))?;
    let counts = store.write(|w| w.expire_counts(minute - KEPT))?;
    let insights = store.write(|w| w.expire_insights(minute - KEPT))?;
    store.write(|w| w.expire_gaps(minute - KEPT))?;
    store.write(|w| Saying::expire(w, minute))?;
    let log_files = store.write(|w| w.expire_log_files(minute - LEDGER))?;
    let log_events = store.write(|w| w.expire_log_events(now))?;
    let done = store.write(|w| w.expire_deliveries(DeliveryState::Done, now - DELIVERED))?;
    let dead = store.write(|w| w.expire_deliveries(DeliveryState::Dead, present - DEAD))?;
    let sessions = store.write(|w| Session::expire(w, now - SESSIONS))?;
    store.write(|w| EventDataStore::expire(w, present))?;
    store.write(|w| w.expire_audit_event_ids(now - audit_event_ids::KEPT, audit_event_ids::MOST))?;
    let deliveries = done + dead;
    tracing::info!(counts, insights, log_files, log_events, deliveries, sessions, "forgot what is too old");
    Ok(())
}

/// Forgets queries that were started too long ago, and what the lake keeps of them. Says how many.
pub fn forget_queries(store: &Store, lake: &dyn Lake, now: Timestamp) -> Result<usize, StoreError> {
    const AT_ONCE: usize = 500;
    let mut forgotten = 0;
    loop {
        let ids = store.read(|r| r.queries_before(now - QUERIES, AT_ONCE))?;
        // There first: what is not known here any more could not be forgotten there.
        ids.iter().for_each(|id| lake.forget(id));
        store.write(|w| ids.iter().try_for_each(|id| w.delete_query(id)))?;
        forgotten += ids.len();
        if ids.len() < AT_ONCE {
            return Ok(forgotten);
        }
    }
}
