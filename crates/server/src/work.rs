//! What goes on while nobody asks: one thread walks the pipeline, others deliver what is due.
//!
//! They are woken by what happens and look by themselves from time to time, so that nothing is lost with a waking that was
//! missed. A fault of the store is logged and tried again: what a step had not written is found by the next.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use detect::engine::Settings;
use jiff::{SignedDuration, Timestamp};
use store::StoreError;

use crate::deliver::Delivering;
use crate::events::connection::seal_all;
use crate::http::FrontDoor;
use crate::metrics::{Metrics, Part};
use crate::pipeline::{ObjectName, Pipeline};
use crate::upkeep::{forget_queries, upkeep};

mod deliveries;
mod imports;
mod lake;
mod queries;
mod timed;

pub use deliveries::deliver;
pub use lake::{Fault, Follower, follow_ledger};
pub use queries::run_queries;
pub use timed::Timed;

/// How often it is looked for what nobody tells: minutes that are settled by the clock alone, trails that were switched on.
const TICK: Duration = Duration::from_secs(1);
/// From a fault of the store to the next try.
const PAUSE: Duration = Duration::from_secs(2);
/// From one listing of the trails' buckets to the next.
const BETWEEN_LISTINGS: SignedDuration = SignedDuration::from_mins(5);
/// From one upkeep to the next.
const BETWEEN_UPKEEPS: SignedDuration = SignedDuration::from_hours(24);
/// From one judging anew, for calls that came late, to the next: so many times as long as it took, and between these.
const REST_AFTER_CATCHING_UP: i32 = 20;
const LEAST_BETWEEN_CATCHING_UP: SignedDuration = SignedDuration::from_secs(10);
const MOST_BETWEEN_CATCHING_UP: SignedDuration = SignedDuration::from_mins(10);
/// How long more objects are waited for when one has come, and how often.
const GATHERED_FOR: Duration = Duration::from_millis(100);
const GATHERINGS: usize = 10;
/// Objects that are counted in one step.
const STEP_OBJECTS: usize = 2048;

impl FrontDoor {
    /// What deliveries know of it, at this moment.
    pub fn delivering(&self) -> Delivering<'_> {
        Delivering {
            store: &self.store,
            world: &self.world,
            rules: &self.rules,
            place: &self.place,
            metrics: &self.metrics,
            public_url: &self.public_url,
            now: self.world.clock.now(),
        }
    }
}

/// Walks the pipeline until nobody can tell of objects any more. `puts`: objects that were put.
///
/// Objects that come one by one are gathered for a moment. What was missed, as after a start, is counted first, a part at a
/// time and what is put meanwhile along with it, and evaluated when all of it is.
pub fn walk_pipeline(door: &FrontDoor, settings: Settings, puts: &Receiver<ObjectName>) -> Result<(), StoreError> {
    loop {
        // After a fault, what is in memory may be ahead of what is remembered: it is begun again from there.
        let walked = Walk::start(door, settings).and_then(|walk| walk.go_on(door, puts));
        let Err(error) = walked else { return Ok(()) };
        tracing::error!(error = &error as &dyn std::error::Error, "log files cannot be counted");
        door.metrics.failed(Part::Pipeline);
        door.progress.change(|come| come.error = Some(error.to_string()));
        if error.is_for_good() {
            return Err(error);
        }
        if is_over(puts, &door.metrics) {
            return Ok(());
        }
    }
}

/// Waits a little, as after a fault. Says whether nobody can tell of objects any more. An object that was taken to find that
/// out is found by the listing with which the next walk starts.
fn is_over(puts: &Receiver<ObjectName>, metrics: &Metrics) -> bool {
    // Not by the channel: what is put meanwhile would end the pause at once.
    std::thread::park_timeout(PAUSE);
    let taken = puts.try_recv();
    metrics.puts_taken(usize::from(taken.is_ok()));
    taken == Err(TryRecvError::Disconnected)
}

/// Waits for what comes soon after: log files come in swarms, and a step for each would take as many transactions.
fn gather(puts: &Receiver<ObjectName>, objects: &mut Vec<ObjectName>) -> Result<(), RecvTimeoutError> {
    for _ in 0..GATHERINGS {
        match puts.recv_timeout(GATHERED_FOR) {
            Ok(object) => objects.push(object),
            Err(RecvTimeoutError::Timeout) => return Ok(()),
            Err(disconnected) => return Err(disconnected),
        }
        objects.extend(puts.try_iter().take(STEP_OBJECTS));
        if objects.len() >= STEP_OBJECTS {
            return Ok(());
        }
    }
    Ok(())
}

/// The pipeline, and when it does what it does from time to time.
pub struct Walk {
    pipeline: Pipeline,
    /// Objects that were missed, those to be read first last.
    missed: Vec<ObjectName>,
    /// What was learned is kept.
    has_kept: bool,
    lists_at: Timestamp,
    keeps_up_at: Timestamp,
    catches_up_at: Timestamp,
}

impl Walk {
    /// As far as the service was before. What a version before kept in the clear is sealed first.
    pub fn start(door: &FrontDoor, settings: Settings) -> Result<Walk, StoreError> {
        let cx = door.delivering();
        let sealed = seal_all(cx.store, &*cx.world.vault)?;
        if sealed > 0 {
            tracing::info!(sealed, "secrets of connections lay in the clear, and are sealed now");
        }
        let pipeline = Pipeline::open(&cx, settings)?;
        let (lists_at, keeps_up_at, catches_up_at) = (cx.now, cx.now, cx.now);
        Ok(Walk { pipeline, missed: Vec::new(), has_kept: true, lists_at, keeps_up_at, catches_up_at })
    }

    /// For simulations: see [`Pipeline::read_alone`].
    #[doc(hidden)]
    pub fn read_alone(mut self) -> Walk {
        self.pipeline.read_alone();
        self
    }

    /// Goes on until nobody can tell of objects any more.
    fn go_on(mut self, door: &FrontDoor, puts: &Receiver<ObjectName>) -> Result<(), StoreError> {
        // It is looked around at once.
        let mut wait = Duration::ZERO;
        loop {
            let mut objects = Vec::new();
            match puts.recv_timeout(wait) {
                Ok(object) => {
                    objects.push(object);
                    if self.missed.is_empty() && gather(puts, &mut objects).is_err() {
                        return Ok(());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            objects.extend(puts.try_iter().take(STEP_OBJECTS));
            door.metrics.puts_taken(objects.len());
            self.step(door, objects)?;
            wait = if self.missed.is_empty() && self.has_kept { TICK } else { Duration::ZERO };
        }
    }

    /// Counts these objects and what was missed, and goes on to the minutes that are settled now. After a failure, what is in
    /// memory may be ahead of what is remembered: then it is to be started again.
    pub fn step(&mut self, door: &FrontDoor, mut objects: Vec<ObjectName>) -> Result<(), StoreError> {
        let cx = door.delivering();
        if self.missed.is_empty()
            && (is_due(cx.now, self.lists_at, BETWEEN_LISTINGS) || self.pipeline.reads_elsewhere(&cx)?)
        {
            self.missed = self.pipeline.missed(&cx)?;
            self.missed.reverse();
            self.lists_at = cx.now + BETWEEN_LISTINGS;
            let files = self.missed.len() as u64;
            if files > 0 {
                tracing::info!(files, "log files lie in the trails' buckets that were not read yet");
            }
            door.progress.change(|come| {
                (come.listed_files, come.read_files) = (files, 0);
                come.listed_at = Some(cx.now.as_second());
            });
        }
        let from_missed = self.missed.len().min(STEP_OBJECTS);
        objects.extend(self.missed.drain(self.missed.len() - from_missed..).rev());
        for objects in objects.chunks(STEP_OBJECTS) {
            self.pipeline.count(&cx, objects)?;
        }
        if self.missed.is_empty() {
            if self.pipeline.is_behind() && is_due(cx.now, self.catches_up_at, MOST_BETWEEN_CATCHING_UP) {
                self.pipeline.catch_up(&cx)?;
                let took = door.world.clock.now().duration_since(cx.now);
                self.catches_up_at = cx.now + rest_after_catching_up(took);
            }
            self.pipeline.evaluate(&cx)?;
            self.has_kept = self.pipeline.keep_learned(&cx)?;
            if is_due(cx.now, self.keeps_up_at, BETWEEN_UPKEEPS) {
                upkeep(cx.store, cx.now)?;
                forget_queries(cx.store, &*cx.world.lake, cx.now)?;
                self.keeps_up_at = cx.now + BETWEEN_UPKEEPS;
            }
        }
        let held_up = self.pipeline.held_up();
        door.progress.change(|come| {
            come.read_files += from_missed as u64;
            come.is_reading_history = !self.missed.is_empty();
            come.stepped_at = Some(cx.now.as_second());
            come.regions = self.pipeline.regions();
            come.accounts = self.pipeline.accounts();
            come.too_old_files = self.pipeline.too_old();
            come.held_up = held_up;
            come.error = None;
        });
        Ok(())
    }
}

/// How long it is waited, after calls that came late were taken in, until the next are.
fn rest_after_catching_up(took: SignedDuration) -> SignedDuration {
    (took * REST_AFTER_CATCHING_UP).clamp(LEAST_BETWEEN_CATCHING_UP, MOST_BETWEEN_CATCHING_UP)
}

/// Whether something is to be done that is done every so often, and next at this moment. Where the clock was turned back, that
/// moment may be far away: then it is done at once.
fn is_due(now: Timestamp, next: Timestamp, every: SignedDuration) -> bool {
    now >= next || now + every < next
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::metrics::Form;

    #[test]
    fn an_object_that_is_taken_after_a_fault_waits_no_more() {
        let metrics = Metrics::default();
        let (put, puts) = sync_channel(1);
        metrics.put_noted(put.try_send(("logs".to_owned(), "key".to_owned())).is_ok());
        // So that it does not pause.
        std::thread::current().unpark();
        assert!(!is_over(&puts, &metrics));
        let text = metrics.write(Form::Prometheus);
        assert!(text.contains("\ntrailsight_puts_waiting 0"), "{text}");
        drop(put);
        std::thread::current().unpark();
        assert!(is_over(&puts, &metrics));
    }

    #[test]
    fn whoever_took_long_to_catch_up_rests_long() {
        let rest = |millis| rest_after_catching_up(SignedDuration::from_millis(millis));
        assert_eq!(rest(20), LEAST_BETWEEN_CATCHING_UP);
        assert_eq!(rest(3_000), SignedDuration::from_mins(1));
        assert_eq!(rest(90_000), MOST_BETWEEN_CATCHING_UP);
        assert_eq!(rest(-3_600_000), LEAST_BETWEEN_CATCHING_UP, "the clock was turned back");
    }

    #[test]
    fn what_is_done_every_so_often_is_done_at_once_where_the_clock_was_turned_back() {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(100);
        let is_due_in = |time| is_due(now, now + time, BETWEEN_LISTINGS);
        assert!(is_due_in(SignedDuration::ZERO) && is_due_in(SignedDuration::from_hours(-1)));
        assert!(!is_due_in(SignedDuration::from_secs(1)) && !is_due_in(BETWEEN_LISTINGS));
        assert!(is_due_in(SignedDuration::from_mins(6)));
    }
}
