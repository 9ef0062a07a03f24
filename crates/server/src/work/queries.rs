//! Queries, on as many threads as may run at once: each takes the first that waits, and hands it to the lake.
//!
//! Who waits is woken by what happens in the store: a query was added, or is otherwise than it was. That is also how whoever
//! runs one comes to know that it was cancelled. What ran when the process ended has failed; what waited is run after the start.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use store::StoreError;
use store::queries::{Query, QueryState};

use crate::cloudtrail::{EventDataStore, query_delivery};
use crate::http::FrontDoor;
use crate::metrics::Part;
use crate::world::lake::{LakeQuery, QueryDone, QueryFault, QueryFaultKind, QueryStatistics};

/// Queries that run at once; each may take all processors.
const AT_ONCE: usize = 2;
/// How long one waits before one looks by oneself.
const WAIT: Duration = Duration::from_secs(2);
/// How often it is noted how far a query has come.
const BETWEEN_NOTES: SignedDuration = SignedDuration::from_secs(1);
/// AWS's limit on what is said of an error.
const LONGEST_ERROR: usize = 1000;

/// What is said of a query that ran when the process ended.
const STOPPED: &str = "The service was stopped while the query ran. Start the query again.";

/// Runs queries until told to stop, or nobody can tell it any more. What runs then is stopped, and has failed.
pub fn run_queries(door: &FrontDoor, stop: &Receiver<()>) -> Result<(), StoreError> {
    let undelivered = loop {
        match set_right(door) {
            Ok(undelivered) => break undelivered,
            Err(error) => {
                tell(door, &error, "queries cannot be run");
                if error.is_for_good() {
                    return Err(error);
                }
                if stop.recv_timeout(WAIT) != Err(RecvTimeoutError::Timeout) {
                    return Ok(());
                }
            }
        }
    };
    let desk = Arc::new(Desk::default());
    let awakened = Arc::downgrade(&desk);
    door.store.when_queries_change(move || {
        if let Some(desk) = awakened.upgrade() {
            desk.hear();
        }
    });
    std::thread::scope(|scope| {
        let desk = &*desk;
        scope.spawn(|| undelivered.into_iter().for_each(|query| desk.deliver(door, query)));
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(|| desk.work(door))).collect();
        let is_at_work = || !workers.iter().any(|worker| worker.is_finished());
        while is_at_work() && stop.recv_timeout(WAIT) == Err(RecvTimeoutError::Timeout) {}
        desk.close();
        let join = |worker: std::thread::ScopedJoinHandle<'_, Result<(), StoreError>>| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().map(join).fold(Ok(()), Result::and)
    })
}

/// After a start: what ran has failed. Gives those whose results are still to be put into a bucket.
fn set_right(door: &FrontDoor) -> Result<Vec<Query>, StoreError> {
    let now = door.world.clock.now();
    let at_work = door.store.read(|r| r.queries_at_work())?;
    let (running, undelivered): (Vec<Query>, Vec<Query>) =
        at_work.into_iter().partition(|query| query.state == QueryState::Running);
    for query in running {
        door.world.lake.forget(&query.id);
        let failed = ended(query, now, &Err(QueryFault { kind: QueryFaultKind::Failed, text: STOPPED.into() }));
        door.store.write(|w| w.change_query(&failed, QueryState::Running))?;
    }
    Ok(undelivered)
}

/// Says, wherever somebody may look, that something failed.
fn tell(door: &FrontDoor, error: &StoreError, what: &str) {
    tracing::error!(error = error as &dyn std::error::Error, "{what}");
    door.metrics.failed(Part::Queries);
}

/// Where whoever runs queries waits for news.
#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default)]
struct State {
    /// How often something happened.
    news: u64,
    /// No more is run.
    is_closed: bool,
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self) {
        self.state().news += 1;
        self.changed.notify_all();
    }

    fn close(&self) {
        self.state().is_closed = true;
        self.changed.notify_all();
    }

    /// Waits until there is more news than this, for a while at most.
    fn wait(&self, news: u64) {
        drop(self.changed.wait_timeout_while(self.state(), WAIT, |state| !state.is_closed && state.news == news));
    }

    /// Waits a little, as after a fault. Says whether it goes on.
    fn pause(&self) -> bool {
        drop(self.changed.wait_timeout_while(self.state(), WAIT, |state| !state.is_closed));
        !self.state().is_closed
    }

    fn work(&self, door: &FrontDoor) -> Result<(), StoreError> {
        loop {
            let State { news, is_closed } = *self.state();
            if is_closed {
                return Ok(());
            }
            let now = door.world.clock.now();
            let taken = match door.store.read(|r| r.has_queued_query()) {
                Ok(true) => door.store.write(|w| w.take_query(now)),
                Ok(false) => Ok(None),
                Err(error) => Err(error),
            };
            match taken {
                Ok(Some(query)) => self.run(door, query),
                Ok(None) => self.wait(news),
                Err(error) => {
                    tell(door, &error, "queries cannot be run");
                    if error.is_for_good() {
                        return Err(error);
                    }
                    self.pause();
                }
            }
        }
    }

    /// Runs a query that was taken, notes what came of it, and puts its result where it is to lie.
    fn run(&self, door: &FrontDoor, query: Query) {
        // A fault of ours must not end more than this query.
        let ran = catch_unwind(AssertUnwindSafe(|| self.ask_lake(door, &query)));
        let done = ran.unwrap_or_else(|_| {
            tracing::error!(query = query.id, "a query broke down");
            door.metrics.failed(Part::Queries);
            Err(QueryFault {
                kind: QueryFaultKind::Failed,
                text: "The query broke down; see the service's log.".into(),
            })
        });
        let query = ended(query, door.world.clock.now(), &done);
        let is_noted = loop {
            match door.store.write(|w| w.change_query(&query, QueryState::Running)) {
                Ok(is_noted) => break is_noted,
                Err(error) => {
                    tell(door, &error, "it cannot be noted what came of a query");
                    // What is not noted has failed after the next start.
                    if error.is_for_good() || !self.pause() {
                        return;
                    }
                }
            }
        };
        if !is_noted || query.state != QueryState::Finished {
            door.world.lake.forget(&query.id);
        } else if query.is_delivering {
            self.deliver(door, query);
        }
    }

    fn ask_lake(&self, door: &FrontDoor, query: &Query) -> Result<QueryDone, QueryFault> {
        let unreadable = |error: StoreError| {
            tell(door, &error, "a query cannot be run");
            QueryFault {
                kind: QueryFaultKind::Failed,
                text: "What is remembered could not be read. Start the query again.".into(),
            }
        };
        let now = door.world.clock.now();
        let all = door.store.read(|r| EventDataStore::of(r, &query.account, &query.region, now)).map_err(unreadable)?;
        let view = |(named, id): &(String, String)| {
            let store = all.iter().find(|store| store.id == *id && store.deleted_at.is_none());
            let gone = || QueryFault {
                kind: QueryFaultKind::NoStore,
                text: format!("The event data store {named} was deleted before the query was run."),
            };
            Ok(store.ok_or_else(gone)?.view(named, &all, now))
        };
        let views = query.details.stores.iter().map(view).collect::<Result<_, QueryFault>>()?;
        let asked = LakeQuery { id: query.id.clone(), statement: query.details.statement.clone(), views };
        // It is asked often: the store only where there is news.
        let (seen, was_cancelled) = (AtomicU64::new(u64::MAX), AtomicBool::new(false));
        let is_cancelled = || {
            let State { news, is_closed } = *self.state();
            if seen.swap(news, Ordering::Relaxed) != news {
                let state = door.store.read(|r| Ok(r.query(&query.id)?.map(|query| query.state)));
                let still_runs = !matches!(state, Ok(state) if state != Some(QueryState::Running));
                was_cancelled.fetch_or(!still_runs, Ordering::Relaxed);
            }
            is_closed || was_cancelled.load(Ordering::Relaxed)
        };
        let mut noted_at: Option<Timestamp> = None;
        let mut progress = |statistics: QueryStatistics| {
            let now = door.world.clock.now();
            if noted_at.is_some_and(|noted_at| now >= noted_at && now < noted_at + BETWEEN_NOTES) {
                return;
            }
            noted_at = Some(now);
            let mut come = query.clone();
            count(&mut come, statistics);
            // What is not noted now is noted the next time, or when it has ended.
            if let Err(error) = door.store.write(|w| w.change_query(&come, QueryState::Running)) {
                tracing::warn!(error = &error as &dyn std::error::Error, "it cannot be noted how far a query has come");
            }
        };
        let done = door.world.lake.run(&asked, &is_cancelled, &mut progress);
        match done {
            // Nobody cancelled it, if it is not noted so: the process is being stopped.
            Err(fault) if fault.kind == QueryFaultKind::Cancelled => {
                Err(QueryFault { kind: QueryFaultKind::Failed, text: STOPPED.into() })
            }
            done => done,
        }
    }

    /// Puts a result where it is to lie, and notes what came of that.
    fn deliver(&self, door: &FrontDoor, mut query: Query) {
        let Some((uri, _)) = query.details.delivery.clone() else { return };
        let (status, why) = query_delivery::deliver(&door.delivering(), &query, &uri);
        if let Some(why) = why {
            tracing::warn!(query = query.id, uri, why, "a result cannot be put where it is to lie");
        }
        query.details.delivery = Some((uri, status.to_owned()));
        query.is_delivering = false;
        while let Err(error) = door.store.write(|w| w.change_query(&query, QueryState::Finished)) {
            tell(door, &error, "it cannot be noted what came of a delivery");
            // It is made once more after the next start.
            if error.is_for_good() || !self.pause() {
                return;
            }
        }
    }
}

/// The query as it is when it has ended so.
fn ended(mut query: Query, now: Timestamp, done: &Result<QueryDone, QueryFault>) -> Query {
    query.details.ended_at = Some(now.as_millisecond());
    match done {
        Ok(done) => {
            query.state = QueryState::Finished;
            query.is_delivering = query.details.delivery.is_some();
            query.details.rows = done.rows;
            count(&mut query, done.statistics);
        }
        Err(fault) => {
            query.state = match fault.kind {
                QueryFaultKind::TimedOut => QueryState::TimedOut,
                // One that was cancelled is noted by whoever did it; one that the service stopped has failed.
                QueryFaultKind::Cancelled
                | QueryFaultKind::Statement
                | QueryFaultKind::NoStore
                | QueryFaultKind::TooLarge
                | QueryFaultKind::NoLake
                | QueryFaultKind::Busy
                | QueryFaultKind::Failed => QueryState::Failed,
            };
            query.details.error = Some(fault.text.chars().take(LONGEST_ERROR).collect());
            if let Some((_, status)) = &mut query.details.delivery {
                "FAILED".clone_into(status);
            }
        }
    }
    query
}

fn count(query: &mut Query, statistics: QueryStatistics) {
    query.details.events_matched = statistics.events_matched;
    query.details.events_scanned = statistics.events_scanned;
    query.details.bytes_scanned = statistics.bytes_scanned;
}
