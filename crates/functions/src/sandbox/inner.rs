//! The inner process: puts the layers on, starts the function, and is its `init`: it waits for whoever lost its parent.

use std::io::Write;
use std::process::{Command, Stdio};

use nix::errno::Errno;
use nix::sys::prctl::{set_child_subreaper, set_no_new_privs, set_pdeathsig};
use nix::sys::signal::Signal;
use nix::sys::stat::{Mode, umask};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{Gid, Pid, Uid, setgroups, setresgid, setresuid};

use super::{Layer, Plan, Probed, files, limits, network, system_calls, view};

pub(super) fn run(plan: &Plan, mut missing: Vec<(Layer, String)>) -> Result<u8, String> {
    tie_to_parent()?;
    set_child_subreaper(true).map_err(|error| format!("cannot take care of orphans: {error}"))?;
    umask(Mode::from_bits_truncate(0o022));
    let mut held = Vec::new();
    for layer in Layer::ALL.into_iter().filter(|layer| plan.asks_for(*layer)) {
        match put_on(layer, plan, &held) {
            Ok(()) => held.push(layer),
            Err(why) if plan.is_probe => missing.push((layer, why)),
            Err(why) => return Err(format!("{layer}: {why}")),
        }
    }
    if plan.is_probe {
        let probed = serde_json::to_vec(&Probed { held, missing }).map_err(|error| error.to_string())?;
        #[expect(clippy::disallowed_methods, reason = "the other end is ours")]
        let mut stdout = std::io::stdout();
        stdout.write_all(&probed).map_err(|error| error.to_string())?;
        return Ok(0);
    }
    start_and_wait(plan)
}

fn put_on(layer: Layer, plan: &Plan, held: &[Layer]) -> Result<(), String> {
    match layer {
        Layer::View => view::enter(plan),
        Layer::Limits => limits::set(held_user_will_be_own(plan)),
        Layer::User => become_user(plan.user),
        Layer::Privileges => set_no_new_privs().map_err(|error| error.to_string()),
        Layer::Files => files::restrict(plan, held.contains(&Layer::View)),
        Layer::Network => network::restrict(&plan.ports),
        Layer::SystemCalls => system_calls::restrict(plan.is_online, held.contains(&Layer::View)),
    }
}

/// How many processes a user has is counted over all of them: it can be limited only if the user is nobody else.
fn held_user_will_be_own(plan: &Plan) -> bool {
    plan.asks_for(Layer::User) && Uid::effective().is_root()
}

fn become_user(user: u32) -> Result<(), String> {
    let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
    setgroups(&[])
        .and_then(|()| setresgid(gid, gid, gid))
        .and_then(|()| setresuid(uid, uid, uid))
        .map_err(|error| format!("cannot become user {user}: {error}; it needs root"))?;
    // Whoever changes its user is untied.
    tie_to_parent()
}

fn tie_to_parent() -> Result<(), String> {
    set_pdeathsig(Signal::SIGKILL).map_err(|error| format!("cannot be tied to its parent: {error}"))
}

fn start_and_wait(plan: &Plan) -> Result<u8, String> {
    // Last: from here on this process, too, has no more room than a function. The function gets it handed down, for nobody may
    // limit others any longer.
    if plan.asks_for(Layer::Limits) {
        limits::set_address_space(plan.address_space_bytes)?;
    }
    let child = Command::new(&plan.program)
        .args(&plan.arguments)
        .env_clear()
        .envs(plan.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&plan.folder)
        .stdin(Stdio::null())
        .spawn()
        .map_err(|error| format!("cannot start {}: {error}", plan.program.display()))?;
    let child = Pid::from_raw(i32::try_from(child.id()).map_err(|error| error.to_string())?);
    loop {
        match waitpid(None, None) {
            Ok(WaitStatus::Exited(who, code)) if who == child => return Ok(u8::try_from(code).unwrap_or(1)),
            Ok(WaitStatus::Signaled(who, signal, _)) if who == child => {
                return Ok(u8::try_from(128 + signal as i32).unwrap_or(1));
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(format!("cannot wait: {error}")),
        }
    }
}
