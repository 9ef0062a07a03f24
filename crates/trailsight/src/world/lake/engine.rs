//! Where queries are run: in this process, or on the cluster that the settings name.

#[cfg(feature = "cluster")]
use cluster::{Cluster, ClusterError};
use lake::LakeError;
use lake::query::{Limits, SessionContext};
use lake::session::session;

/// Where queries are run; here, if nothing else is said. Whoever waits for an answer is always answered here.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    #[cfg(feature = "cluster")]
    cluster: Option<Cluster>,
}

impl Engine {
    /// The cluster with the scheduler at this address: `df://HOST:PORT`.
    #[cfg(feature = "cluster")]
    pub fn at(address: &str) -> Result<Engine, ClusterError> {
        Ok(Engine { cluster: Some(Cluster::at(address)?) })
    }

    /// Whether it is this process.
    pub(super) fn is_here(&self) -> bool {
        #[cfg(feature = "cluster")]
        return self.cluster.is_none();
        #[cfg(not(feature = "cluster"))]
        true
    }

    /// A session for a statement there.
    pub(super) fn session(&self, limits: &Limits) -> Result<SessionContext, LakeError> {
        #[cfg(feature = "cluster")]
        if let Some(cluster) = &self.cluster {
            return cluster.session(limits).map_err(|error| LakeError::Failed(error.to_string()));
        }
        session(limits)
    }
}
