//! Awakening: whoever delivers is told when there is something new, once it is kept.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Store;

type Wake = Arc<dyn Fn() + Send + Sync>;

/// Who is told.
#[derive(Default)]
pub(crate) struct Awakening(Mutex<Option<Wake>>);

impl fmt::Debug for Awakening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Awakening")
    }
}

impl Store {
    /// From now on `wake` is called after each transaction that added a delivery, on the thread that wrote it. It may come
    /// once too often, so it must be quick; whoever delivers still looks by themselves from time to time.
    pub fn when_there_is_to_deliver(&self, wake: impl Fn() + Send + Sync + 'static) {
        *self.awakening.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(wake));
    }

    pub(crate) fn awaken(&self, has_delivery: bool) {
        if has_delivery {
            let wake = self.awakening.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(wake) = wake {
                wake();
            }
        }
    }
}
