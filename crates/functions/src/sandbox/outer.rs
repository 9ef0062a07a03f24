//! The outer process: takes the namespaces, in which only its child will be, and ends as that child ends.

use std::io::Write;
use std::process::{Command, Stdio};

use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;

use super::{Layer, Plan, Stage, status_told};

pub(super) fn run(mut plan: Plan) -> Result<u8, String> {
    // With the service its functions end, however it ends.
    set_pdeathsig(Signal::SIGKILL).map_err(|error| format!("cannot be tied to the service: {error}"))?;
    let mut missing = Vec::new();
    if plan.asks_for(Layer::View)
        && let Err(error) = unshare(
            CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWUTS,
        )
    {
        let why = format!("no namespaces: {error}; they need root");
        if !plan.is_probe {
            return Err(why);
        }
        plan.layers.retain(|layer| *layer != Layer::View);
        missing.push((Layer::View, why));
    }
    let stage = serde_json::to_vec(&Stage::Inner { plan, missing }).map_err(|error| error.to_string())?;
    // Also found when the file was replaced by a newer one.
    let mut inner = Command::new("/proc/self/exe")
        .args(std::env::args_os().skip(1))
        .env_clear()
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot run itself again: {error}"))?;
    if let Some(mut stdin) = inner.stdin.take() {
        // If it is gone already, its status says why.
        let _ = stdin.write_all(&stage);
    }
    inner.wait().map(status_told).map_err(|error| format!("cannot wait: {error}"))
}
