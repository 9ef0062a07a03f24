//! Deliveries, on several threads: one takes what is due and hands it out, the others deliver, each one thing at a time.
//!
//! No more is taken than there are hands free, so that nothing waits behind what is slow (a function may run for a quarter of
//! an hour). That one target does not take all hands is the store's affair, and so is order: what has to wait for something
//! before it is not due.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::StoreError;
use store::deliveries::Delivery;

use crate::deliver::{attempt, note, take_due};
use crate::http::FrontDoor;
use crate::metrics::Part;

use super::timed::Timed;

/// Deliveries that are made at once.
const HANDS: usize = 32;
/// How long one waits before one looks whether something has become due: what is tried again, and what was not heard of.
const WAIT: Duration = Duration::from_millis(500);
/// From a fault of the store, as all begins, to the next try.
const PAUSE: Duration = Duration::from_secs(2);

/// Delivers what is due until told to stop, or nobody can tell it any more. What is being delivered then is waited for.
pub fn deliver(door: &FrontDoor, stop: &Receiver<()>) -> Result<(), StoreError> {
    while let Err(error) = door.store.write(|w| w.release_taken()) {
        tell(door, &error, "what is due cannot be delivered");
        if error.is_for_good() {
            return Err(error);
        }
        if stop.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout) {
            return Ok(());
        }
    }
    let desk = Arc::new(Desk::default());
    let awakened = Arc::downgrade(&desk);
    door.store.when_there_is_to_deliver(move || {
        if let Some(desk) = awakened.upgrade() {
            desk.hear();
        }
    });
    std::thread::scope(|scope| {
        for _ in 0..HANDS {
            scope.spawn(|| desk.deliver(door));
        }
        // Should it break down, the service does: it is told when the threads are joined.
        let handing_out = scope.spawn(|| desk.hand_out(door));
        let mut timed = Timed::default();
        while !handing_out.is_finished() && stop.recv_timeout(WAIT) == Err(RecvTimeoutError::Timeout) {
            // A fault of ours there must not keep the hands from being told to stop.
            if catch_unwind(AssertUnwindSafe(|| timed.look(&door.delivering()))).is_err() {
                tracing::error!("what is done by the clock broke down");
                door.metrics.failed(Part::Clockwork);
            }
        }
        desk.close();
        handing_out.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Says, wherever somebody may look, that something of the store failed.
fn tell(door: &FrontDoor, error: &StoreError, what: &str) {
    tracing::error!(error = error as &dyn std::error::Error, "{what}");
    door.metrics.failed(Part::Deliveries);
    door.progress.change_delivering(|come| come.error = Some(error.to_string()));
}

/// Where deliveries are handed out.
#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Handed out, and about to be taken by a free hand.
    waiting: VecDeque<Delivery>,
    /// Hands at work.
    busy: usize,
    /// Something was added, or was delivered and more may be due because of it.
    has_news: bool,
    /// No more is handed out.
    is_closed: bool,
}

impl State {
    fn free_hands(&self) -> usize {
        HANDS.saturating_sub(self.busy + self.waiting.len())
    }
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There is something new.
    fn hear(&self) {
        self.state().has_news = true;
        self.changed.notify_all();
    }

    fn close(&self) {
        self.state().is_closed = true;
        self.changed.notify_all();
    }

    fn hand_out(&self, door: &FrontDoor) -> Result<(), StoreError> {
        while let Some(free) = self.free_hands() {
            let cx = door.delivering();
            let taken = match take_due(&cx, free) {
                Ok(taken) => {
                    let under_way = HANDS - free + taken.len();
                    door.metrics.under_way(under_way);
                    door.progress.change_delivering(|come| {
                        come.looked_at = Some(cx.now.as_second());
                        come.under_way = under_way;
                        come.error = None;
                    });
                    taken
                }
                Err(error) => {
                    tell(door, &error, "what is due cannot be delivered");
                    if error.is_for_good() {
                        return Err(error);
                    }
                    Vec::new()
                }
            };
            if taken.is_empty() {
                self.wait();
            } else {
                self.state().waiting.extend(taken);
                self.changed.notify_all();
            }
        }
        Ok(())
    }

    /// Waits until a hand is free; none when it is closed.
    fn free_hands(&self) -> Option<usize> {
        let wait = self.changed.wait_while(self.state(), |state| !state.is_closed && state.free_hands() == 0);
        let mut state = wait.unwrap_or_else(PoisonError::into_inner);
        state.has_news = false;
        (!state.is_closed).then(|| state.free_hands())
    }

    /// Waits until there is something new, for a while at most.
    fn wait(&self) {
        drop(self.changed.wait_timeout_while(self.state(), WAIT, |state| !state.is_closed && !state.has_news));
    }

    fn deliver(&self, door: &FrontDoor) {
        while let Some(delivery) = self.next() {
            // It may take long: when it began is not when it ended.
            let made = catch_unwind(AssertUnwindSafe(|| {
                let attempted = attempt(&door.delivering(), &delivery);
                note(&door.delivering(), &delivery, attempted)
            }));
            match made {
                Ok(Ok(())) => {}
                // It stays taken for a while, and is made once more then.
                Ok(Err(error)) => {
                    let (number, target) = (delivery.id.0, &delivery.target);
                    tell(door, &error, &format!("it cannot be noted what came of delivery {number} to {target}"));
                }
                // A fault of ours. The delivery stays taken for a while, and is tried again.
                Err(_) => {
                    tracing::error!(delivery = delivery.id.0, target = delivery.target, "a delivery broke down");
                    door.metrics.failed(Part::Deliveries);
                }
            }
            door.progress.change_delivering(|come| come.attempted_at = Some(door.world.clock.now().as_second()));
            let mut state = self.state();
            state.busy -= 1;
            state.has_news = true;
            drop(state);
            self.changed.notify_all();
        }
    }

    /// The next to be delivered; none when it is closed. What is not begun then is given back when the service starts.
    fn next(&self) -> Option<Delivery> {
        let wait = self.changed.wait_while(self.state(), |state| !state.is_closed && state.waiting.is_empty());
        let mut state = wait.unwrap_or_else(PoisonError::into_inner);
        if state.is_closed {
            return None;
        }
        let next = state.waiting.pop_front();
        state.busy += 1;
        next
    }
}
