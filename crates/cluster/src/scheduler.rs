//! The scheduler: it plans what comes, shares it out, and knows who has made what.

use std::net::SocketAddr;
use std::sync::Arc;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::utils::default_session_builder;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::{create_scheduler, start_grpc_service_with_listener};
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use lake::query::Limits;
use tokio::net::TcpListener;

use crate::ClusterError;
use crate::codec::{LakeCodec, ScanCodec};
use crate::session::{MESSAGE_BYTES, config, with_functions};

/// Seconds without a word of an executor after which what it had is given to others.
const EXECUTOR_TIMEOUT_SECONDS: u64 = 20;
/// How often it is looked for those.
const BETWEEN_LOOKS_SECONDS: u64 = 2;

/// A scheduler that listens.
pub struct Scheduler {
    listener: TcpListener,
    address: SocketAddr,
}

impl Scheduler {
    /// Listens there; port 0 is any that is free.
    pub async fn listen(address: SocketAddr) -> Result<Scheduler, ClusterError> {
        let failed = |error| ClusterError::Listen(address, error);
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Scheduler { listener, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves, until it is dropped.
    pub async fn serve(self) -> Result<(), ClusterError> {
        let settings = SchedulerConfig {
            external_host: self.address.ip().to_string(),
            bind_host: self.address.ip().to_string(),
            bind_port: self.address.port(),
            scheduling_policy: TaskSchedulingPolicy::PullStaged,
            executor_timeout_seconds: EXECUTOR_TIMEOUT_SECONDS,
            expire_dead_executor_interval_seconds: BETWEEN_LOOKS_SECONDS,
            override_config_producer: Some(Arc::new(|| config(&Limits::default()))),
            override_session_builder: Some(Arc::new(|config| {
                Ok(with_functions(default_session_builder(config)?).state())
            })),
            override_logical_codec: Some(Arc::new(LakeCodec::default())),
            override_physical_codec: Some(Arc::new(ScanCodec::default())),
            grpc_server_max_decoding_message_size: MESSAGE_BYTES,
            grpc_server_max_encoding_message_size: MESSAGE_BYTES,
            grpc_client_max_message_size: MESSAGE_BYTES,
            ..SchedulerConfig::default()
        };
        let cluster = BallistaCluster::new_from_config(&settings).await?;
        let scheduler = create_scheduler::<LogicalPlanNode, PhysicalPlanNode>(cluster, Arc::new(settings)).await?;
        Ok(start_grpc_service_with_listener(self.listener, scheduler).await?)
    }
}
