//! Awakening: whoever delivers, or runs queries, is told when there is something new, once it is kept.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Store;

type Wake = Arc<dyn Fn() + Send + Sync>;

/// Who is told.
#[derive(Default)]
pub(crate) struct Awakening(Mutex<Wakes>);

#[derive(Default)]
struct Wakes {
    deliveries: Option<Wake>,
    queries: Option<Wake>,
}

/// What is new.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct News {
    /// Something is to be delivered.
    pub(crate) has_delivery: bool,
    /// A query was added, or is otherwise than it was.
    pub(crate) has_query: bool,
}

impl fmt::Debug for Awakening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Awakening")
    }
}

impl Store {
    /// From now on `wake` is called after each transaction that added a delivery, on the thread that wrote it. It may come
    /// once too often, so it must be quick; whoever delivers still looks by themselves from time to time.
    pub fn when_there_is_to_deliver(&self, wake: impl Fn() + Send + Sync + 'static) {
        self.wakes().deliveries = Some(Arc::new(wake));
    }

    /// From now on `wake` is called after each transaction that added or changed a query; as above.
    pub fn when_queries_change(&self, wake: impl Fn() + Send + Sync + 'static) {
        self.wakes().queries = Some(Arc::new(wake));
    }

    fn wakes(&self) -> std::sync::MutexGuard<'_, Wakes> {
        self.awakening.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn awaken(&self, news: News) {
        if !news.has_delivery && !news.has_query {
            return;
        }
        let (deliveries, queries) = {
            let wakes = self.wakes();
            (wakes.deliveries.clone(), wakes.queries.clone())
        };
        for wake in [deliveries.filter(|_| news.has_delivery), queries.filter(|_| news.has_query)].into_iter().flatten()
        {
            wake();
        }
    }
}
