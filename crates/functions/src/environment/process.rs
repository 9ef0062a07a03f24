//! The process of an environment: a sandbox that is started, looked at and killed with all that it started.

use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::io::AsyncWriteExt;
use tokio::process::Child;
use tokio::time::timeout;

use super::Parts;
use super::looks::Looks;
use crate::InvokeError;
use crate::output::Output;
use crate::runtime_api::RuntimeApi;
use crate::sandbox;

/// How long one that was killed may take to be gone.
const GONE: Duration = Duration::from_secs(5);

/// The outer and the inner process, which are ours.
const OURS: usize = 2;

/// The process, and what is heard of it.
pub(super) struct Running {
    pub(super) api: RuntimeApi,
    pub(super) output: Output,
    pub(super) child: Child,
    pub(super) looks: Looks,
}

impl Running {
    pub(super) async fn start(parts: &Parts) -> Result<Running, InvokeError> {
        let started = Running::try_start(parts).await;
        started.map_err(|error| InvokeError::Other(format!("cannot start a sandbox: {error}")))
    }

    async fn try_start(parts: &Parts) -> std::io::Result<Running> {
        let api = RuntimeApi::open().await?;
        let (output, writer) = Output::new()?;
        let plan = (parts.plan)(api.address.port());
        let mut command = sandbox::command(&parts.launcher);
        command.stdout(Stdio::from(writer.try_clone()?)).stderr(Stdio::from(writer)).process_group(0);
        // The kernel ends it when the *thread* that started it ends: this is one of the pool's own, which stay.
        let mut command = tokio::process::Command::from(command);
        let mut child = command.kill_on_drop(true).spawn()?;
        drop(command);
        let outer = child.id().ok_or_else(|| std::io::Error::other("it ended at once"))?;
        let looks = Looks::at(outer, parts.memory_bytes, Arc::clone(&parts.is_over));
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(&sandbox::in_json(&plan)).await?;
        }
        Ok(Running { api, output, child, looks })
    }

    /// The function's own processes.
    pub(super) fn processes(&self) -> Vec<u32> {
        self.child.id().map(processes).unwrap_or_default()
    }

    pub(super) async fn end(&mut self, has_own_processes: bool) {
        let Some(outer) = self.child.id() else { return };
        if !has_own_processes {
            // As long as the inner process is there, whoever lost its parent is found below it.
            for _ in 0..100 {
                let processes = self.processes();
                if processes.is_empty() {
                    break;
                }
                processes.iter().for_each(|process| send_kill(*process));
                tokio::task::yield_now().await;
            }
        }
        // The inner one first, so that its parent waits for it; with it go all others of its namespace.
        let inner = crate::memory::family(outer).get(1).copied();
        send_kill(inner.unwrap_or(outer));
        if timeout(GONE, self.child.wait()).await.is_err() {
            self.end_at_once();
            let _ = timeout(GONE, self.child.wait()).await;
        }
    }

    fn end_at_once(&self) {
        if let Some(group) = self.child.id().and_then(|id| i32::try_from(id).ok()) {
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end_at_once();
    }
}

/// A function's own processes, in the sandbox with this outer process.
pub(super) fn processes(outer: u32) -> Vec<u32> {
    crate::memory::family(outer).into_iter().skip(OURS).collect()
}

fn send_kill(process: u32) {
    if let Ok(process) = i32::try_from(process) {
        let _ = kill(Pid::from_raw(process), Signal::SIGKILL);
    }
}
