//! `trailsight cluster`: the programs that run Lake queries for services, each until it is told to stop.

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::ClusterCommand;

/// What is said where the feature `cluster` was not built in.
#[cfg(not(feature = "cluster"))]
pub(crate) const NOT_BUILT_IN: &str =
    "this trailsight was built without clusters: cargo build --release -p trailsight --features cluster";

/// Runs one of them.
#[cfg(not(feature = "cluster"))]
pub fn run(_: &ClusterCommand) -> Result<ExitCode> {
    anyhow::bail!(NOT_BUILT_IN)
}

/// Runs one of them.
#[cfg(feature = "cluster")]
pub fn run(command: &ClusterCommand) -> Result<ExitCode> {
    roles::run(command)
}

#[cfg(feature = "cluster")]
mod roles {
    use std::io::Write;
    use std::process::ExitCode;

    use anyhow::{Context, Result};
    use cluster::{Executor, Host, Scheduler};
    use lake::query::Limits;

    use crate::cli::{ClusterCommand, ExecutorArgs};

    pub(super) fn run(command: &ClusterCommand) -> Result<ExitCode> {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
        runtime.block_on(async {
            match command {
                ClusterCommand::Scheduler { listen } => {
                    let scheduler = Scheduler::listen(*listen).await?;
                    say(&format!("scheduler: listening on df://{}", scheduler.address()));
                    scheduler.serve().await?;
                }
                ClusterCommand::Executor(arguments) => {
                    let executor = executor(arguments)?;
                    let pieces = executor.limits.threads;
                    say(&format!("executor: works for {}, {pieces} pieces at once", arguments.scheduler));
                    executor.work().await?;
                }
            }
            Ok(ExitCode::SUCCESS)
        })
    }

    fn executor(arguments: &ExecutorArgs) -> Result<Executor> {
        let ExecutorArgs { scheduler, listen, known_as, dir, threads, memory } = arguments;
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let mut limits = Limits { memory_bytes: (*memory as usize) << 20, ..Limits::default() };
        if let Some(threads) = threads {
            limits.threads = threads.get();
        }
        let scheduler = Host::at(scheduler)?;
        Ok(Executor { scheduler, listen: *listen, known_as: *known_as, folder: dir.clone(), limits })
    }

    fn say(line: &str) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}
