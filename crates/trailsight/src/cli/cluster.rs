//! `trailsight cluster`: a scheduler, and executors that work for it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `trailsight cluster`.
#[derive(Debug, Subcommand)]
pub enum ClusterCommand {
    /// Plan what services ask, and share it out to executors. It asks nobody who he is: keep it in a network of its own.
    Scheduler {
        /// Where it listens; port 0 is any that is free.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50050")]
        listen: std::net::SocketAddr,
    },
    /// Work for a scheduler. It must see the lake's files (DIR/lake of the service) under the path that the service sees them, or reach the bucket
    /// that they lie in (--links).
    Executor(ExecutorArgs),
}

/// What an executor is told.
#[derive(Args, Debug)]
pub struct ExecutorArgs {
    /// Whom it works for: df://HOST:PORT.
    #[arg(long, value_name = "URL", default_value = "df://127.0.0.1:50050")]
    pub scheduler: String,
    /// Where others fetch what it made.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:50051")]
    pub listen: std::net::SocketAddr,
    /// The address that others are told, if it is not the one it listens on.
    #[arg(long, value_name = "ADDRESS")]
    pub known_as: Option<std::net::IpAddr>,
    /// Where it puts what it made, for an hour.
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// The service's links (its DIR/buckets.toml, or a copy), if a lake, or log files that are asked, lie in a bucket. Who we are there, the environment says.
    #[arg(long, value_name = "FILE")]
    pub links: Option<PathBuf>,
    /// Pieces of work that it does at once; as many as there are processors, if nothing is said.
    #[arg(long, value_name = "N")]
    pub threads: Option<std::num::NonZeroUsize>,
    /// MiB of memory for all of them together; what sorts and groups need beyond that goes to disk.
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(64..))]
    pub memory: u32,
}
