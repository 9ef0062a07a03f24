//! Puts: objects that were put into buckets, noted as they come, for the thread that counts log files.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use server::metrics::Metrics;
use server::pipeline::ObjectName;

use crate::world::buckets::OnPut;

/// Objects that were put and are not looked at yet.
const PUTS_WAITING: usize = 1 << 16;

/// What is noted, and where it waits.
pub(super) struct Puts {
    on_put: OnPut,
    pub(super) noting: Noting,
    pub(super) waiting: Receiver<ObjectName>,
}

/// Where objects are noted, as long as anybody looks at them.
#[derive(Clone)]
pub(super) struct Noting(Arc<Mutex<Option<SyncSender<ObjectName>>>>);

impl Puts {
    /// Whether there was room for an object is counted in `metrics`.
    pub(super) fn noted_in(metrics: &Arc<Metrics>) -> Puts {
        let (put, waiting) = sync_channel(PUTS_WAITING);
        let noting = Noting(Arc::new(Mutex::new(Some(put))));
        let on_put: OnPut = Arc::new({
            let (noting, metrics) = (noting.clone(), Arc::clone(metrics));
            move |bucket, key| {
                // When too many wait, the next listing of the bucket finds the rest.
                if let Some(put) = &*noting.0.lock().unwrap_or_else(PoisonError::into_inner) {
                    metrics.put_noted(put.try_send((bucket.to_owned(), key.to_owned())).is_ok());
                }
            }
        });
        Puts { on_put, noting, waiting }
    }

    /// What is to be told of each object.
    pub(super) fn on_put(&self) -> OnPut {
        Arc::clone(&self.on_put)
    }
}

impl Noting {
    /// Nothing is noted any more, and whoever waits for it is told so.
    pub(super) fn end(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
