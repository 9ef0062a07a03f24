//! Object stores, as an executor reaches them: what is sent has but their names.

use std::fmt;
use std::sync::Arc;

use datafusion::common::{DataFusionError, Result};
use datafusion::execution::object_store::{DefaultObjectStoreRegistry, ObjectStoreRegistry};
use datafusion::object_store::ObjectStore;
use lake::place::SCHEME;
use url::Url;

/// Opens what is called so on this machine, or says why it cannot.
pub type OpenStore = Arc<dyn Fn(&str) -> Result<Arc<dyn ObjectStore>, String> + Send + Sync>;

/// The stores of an executor.
pub(crate) struct Stores {
    open: OpenStore,
    others: DefaultObjectStoreRegistry,
}

impl Stores {
    /// Those that are opened so, and this machine's files.
    pub(crate) fn new(open: OpenStore) -> Stores {
        Stores { open, others: DefaultObjectStoreRegistry::new() }
    }
}

impl fmt::Debug for Stores {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.others.fmt(out)
    }
}

impl ObjectStoreRegistry for Stores {
    fn register_store(&self, url: &Url, store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        self.others.register_store(url, store)
    }

    fn get_store(&self, url: &Url) -> Result<Arc<dyn ObjectStore>> {
        match url.host_str() {
            Some(name) if url.scheme() == SCHEME => (self.open)(name).map_err(DataFusionError::Execution),
            _ => self.others.get_store(url),
        }
    }
}
