//! Sessions in which a statement is planned here and run there.

use std::sync::Arc;

use ballista_core::extension::{SessionConfigExt, SessionStateExt};
use datafusion::execution::SessionState;
use datafusion::prelude::{SessionConfig, SessionContext};
use lake::query::Limits;
use lake::session::{session, session_config, teach};

use crate::codec::{LakeCodec, ScanCodec};
use crate::{ClusterError, Host};

/// What may be sent at once: a statement has the list of all log files that it reads with it, and so may a piece of work.
pub(crate) const MESSAGE_BYTES: u32 = 256 << 20;

/// A cluster that statements are sent to.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// As Ballista's client has it.
    scheduler: String,
}

impl Cluster {
    /// The cluster with this scheduler: `df://HOST:PORT`. Nothing is asked of it yet.
    pub fn at(address: &str) -> Result<Cluster, ClusterError> {
        let Host { name, port } = Host::at(address)?;
        Ok(Cluster { scheduler: format!("http://{name}:{port}") })
    }

    /// A session whose statements this cluster runs, in so many pieces as there are threads in these limits.
    pub fn session(&self, limits: &Limits) -> Result<SessionContext, ClusterError> {
        let state = session(limits)?.state();
        let builder = datafusion::execution::SessionStateBuilder::new_from_existing(state);
        let state = builder.with_config(config(limits)).build().upgrade_for_ballista(self.scheduler.clone())?;
        Ok(with_functions(state))
    }
}

/// How statements are read and run, here and there.
pub(crate) fn config(limits: &Limits) -> SessionConfig {
    session_config(limits)
        .upgrade_for_ballista()
        .with_ballista_logical_extension_codec(Arc::new(LakeCodec::default()))
        .with_ballista_physical_extension_codec(Arc::new(ScanCodec::default()))
        .with_ballista_grpc_client_max_message_size(MESSAGE_BYTES as usize)
}

/// A state with Lake's functions; Ballista leaves its own in the place of all others.
pub(crate) fn with_functions(state: SessionState) -> SessionContext {
    let context = SessionContext::new_with_state(state);
    teach(&context);
    context
}
