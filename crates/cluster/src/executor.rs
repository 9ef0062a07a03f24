//! An executor: it takes pieces of work from a scheduler, and gives what it made to whoever goes on with it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::SessionConfig;
use lake::logs::TellUnread;
use lake::query::Limits;
use lake::session::session;

use crate::ClusterError;
use crate::codec::{LakeCodec, ScanCodec};
use crate::session::{MESSAGE_BYTES, config};
use crate::stores::{OpenStore, Stores};

/// Seconds that it waits for a scheduler that is not there yet.
const CONNECT_SECONDS: u16 = 30;
/// What it made is kept for a query's hour.
const MADE_IS_KEPT_SECONDS: u64 = 3600;
/// How often what nobody needs any more is deleted.
const BETWEEN_SWEEPS_SECONDS: u64 = 300;

/// Whom it works for.
#[derive(Clone, Debug)]
pub struct Host {
    /// Where the scheduler is.
    pub name: String,
    /// Its port.
    pub port: u16,
}

impl Host {
    /// From `df://HOST:PORT`.
    pub fn at(address: &str) -> Result<Host, ClusterError> {
        let wrong = || ClusterError::Address(address.to_owned());
        let place = address.strip_prefix("df://").ok_or_else(wrong)?.trim_end_matches('/');
        let (name, port) = place.rsplit_once(':').ok_or_else(wrong)?;
        if name.is_empty() || name.contains(['/', '@', '?', '#']) {
            return Err(wrong());
        }
        Ok(Host { name: name.to_owned(), port: port.parse().map_err(|_| wrong())? })
    }
}

/// What one is told.
#[derive(Clone)]
pub struct Executor {
    /// Whom it works for.
    pub scheduler: Host,
    /// Where others fetch what it made.
    pub listen: SocketAddr,
    /// The address that they are told, if it is another.
    pub known_as: Option<IpAddr>,
    /// Where it puts what it made.
    pub folder: PathBuf,
    /// What it may take: memory, disk, and how many pieces at once.
    pub limits: Limits,
    /// How it reaches lakes, and log files, that lie in buckets.
    pub open_store: OpenStore,
    /// Is told, in a sentence, what of log files it did not read.
    pub tell_unread: TellUnread,
}

impl fmt::Debug for Executor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "an executor at {} for {:?}", self.listen, self.scheduler)
    }
}

impl Executor {
    /// Works until it is told to stop.
    pub async fn work(self) -> Result<(), ClusterError> {
        let functions = BallistaFunctionRegistry::from(&session(&self.limits)?.state());
        let limits = self.limits.clone();
        let (folder, open_store, tell_unread) = (self.folder.clone(), self.open_store, self.tell_unread);
        let runtime = move |_: &SessionConfig| {
            let stores = Arc::new(Stores::new(Arc::clone(&open_store)));
            RuntimeEnvBuilder::new().with_temp_file_path(&folder).with_object_store_registry(stores).build_arc()
        };
        let settings = ExecutorProcessConfig {
            bind_host: self.listen.ip().to_string(),
            external_host: Some(self.known_as.unwrap_or(self.listen.ip()).to_string()),
            port: self.listen.port(),
            scheduler_host: self.scheduler.name,
            scheduler_port: self.scheduler.port,
            scheduler_connect_timeout_seconds: CONNECT_SECONDS,
            vcores: self.limits.threads,
            task_scheduling_policy: TaskSchedulingPolicy::PullStaged,
            work_dir: Some(self.folder.to_string_lossy().into_owned()),
            job_data_ttl_seconds: MADE_IS_KEPT_SECONDS,
            job_data_clean_up_interval_seconds: BETWEEN_SWEEPS_SECONDS,
            memory_pool_size: Some(self.limits.memory_bytes as u64),
            override_function_registry: Some(Arc::new(functions)),
            override_config_producer: Some(Arc::new(move || config(&limits))),
            override_runtime_producer: Some(Arc::new(runtime)),
            override_logical_codec: Some(Arc::new(LakeCodec::default())),
            override_physical_codec: Some(Arc::new(ScanCodec::telling(tell_unread))),
            grpc_max_decoding_message_size: MESSAGE_BYTES,
            grpc_max_encoding_message_size: MESSAGE_BYTES,
            ..ExecutorProcessConfig::default()
        };
        Ok(start_executor_process(Arc::new(settings)).await?)
    }
}
