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
    use std::path::Path;
    use std::process::ExitCode;
    use std::sync::Arc;

    use anyhow::{Context, Result, ensure};
    use cluster::{Executor, Host, OpenStore, Scheduler};
    use lake::query::Limits;
    use record::words::clean;
    use tokio::runtime::Handle;

    use crate::cli::{ClusterCommand, ExecutorArgs};
    use crate::world::aws::Aws;
    use crate::world::linked::LinkedBuckets;
    use crate::world::links::LinksFile;

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
        let ExecutorArgs { scheduler, listen, known_as, dir, links, threads, memory } = arguments;
        std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let mut limits = Limits { memory_bytes: (*memory as usize) << 20, ..Limits::default() };
        if let Some(threads) = threads {
            limits.threads = threads.get();
        }
        let scheduler = Host::at(scheduler)?;
        let open_store = open_store(links.as_deref())?;
        Ok(Executor {
            scheduler,
            listen: *listen,
            known_as: *known_as,
            folder: dir.clone(),
            limits,
            open_store,
            tell_unread: Arc::new(|line| say(&format!("executor: {}", clean(line)))),
        })
    }

    /// The way to buckets by the links in a file, which is read again whenever it has changed.
    fn open_store(links: Option<&Path>) -> Result<OpenStore> {
        let Some(file) = links.map(LinksFile::at) else {
            return Ok(Arc::new(|name: &str| {
                Err(format!(
                    "what is to be read lies in the bucket `{name}`, and this executor knows no links: --links FILE"
                ))
            }));
        };
        ensure!(file.path().exists(), "there is no {}", file.path().display());
        let buckets = LinkedBuckets::open(file, Arc::new(Aws::new()?), Handle::current())?;
        Ok(Arc::new(move |name: &str| {
            buckets.look();
            let unknown = || format!("no bucket `{name}` is among this executor's links");
            let linked = buckets.get(name).ok_or_else(unknown)?;
            linked.object_store().map_err(|error| format!("{error:#}"))
        }))
    }

    fn say(line: &str) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}
