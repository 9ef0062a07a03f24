//! Looks at how much memory an environment has in use, from its start to its end: also while it has nothing to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// How often it is looked how much memory is in use.
const LOOK: Duration = Duration::from_millis(20);

/// What is looked at, and what was seen. Dropped, nobody looks any longer.
#[derive(Debug)]
pub(super) struct Looks {
    peak_bytes: Arc<AtomicU64>,
    is_too_much: watch::Receiver<bool>,
    _looking: JoinSet<()>,
}

impl Looks {
    /// Looks at a sandbox, of which `outer` is the outer process. Whoever waits for `is_over` is told when it has more in use than
    /// it may, again and again until it is ended.
    pub(super) fn at(outer: u32, limit_bytes: u64, is_over: Arc<Notify>) -> Looks {
        let peak_bytes = Arc::new(AtomicU64::new(0));
        let (tell, is_too_much) = watch::channel(false);
        let mut looking = JoinSet::new();
        looking.spawn(look(outer, limit_bytes, Arc::clone(&peak_bytes), tell, is_over));
        Looks { peak_bytes, is_too_much, _looking: looking }
    }

    /// The most that was seen.
    pub(super) fn peak_bytes(&self) -> u64 {
        self.peak_bytes.load(Ordering::Relaxed)
    }

    /// Whether more was in use than may be, at any time.
    pub(super) fn is_too_much(&self) -> bool {
        *self.is_too_much.borrow()
    }

    /// Waits until more is in use than may be.
    pub(super) async fn too_much(&mut self) {
        if self.is_too_much.wait_for(|is| *is).await.is_err() {
            // Nobody looks any longer: the runtime is stopping.
            std::future::pending::<()>().await;
        }
    }
}

/// One interval for as long as the environment lives: what it asks and answers does not put a look off.
async fn look(
    outer: u32,
    limit_bytes: u64,
    peak_bytes: Arc<AtomicU64>,
    is_too_much: watch::Sender<bool>,
    is_over: Arc<Notify>,
) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let resident_bytes = crate::memory::resident_bytes(&super::process::processes(outer), limit_bytes);
        peak_bytes.fetch_max(resident_bytes, Ordering::Relaxed);
        if resident_bytes > limit_bytes {
            is_too_much.send_replace(true);
        }
        // It may have had nothing to do, or have become idle just now.
        if *is_too_much.borrow() {
            is_over.notify_one();
        }
    }
}
