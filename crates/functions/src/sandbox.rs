//! The sandbox: what code of others may not do, in layers that each hold alone.
//!
//! ```text
//!   the service ── spawns, with an empty environment and a plan on stdin ──►  outer   takes new namespaces
//!   outer ──────── spawns ──────────────────────────────────────────────────► inner   goes into a view of its own, gives
//!                                                                                     everything up, layer by layer
//!   inner ──────── spawns ──────────────────────────────────────────────────► the function; waits for it, and for orphans
//! ```
//!
//! Outer and inner are our own binary, run again: between fork and exec hardly anything is allowed, and nothing safely. The
//! first process of a process namespace takes all others with it when it ends, so nothing that a function starts outlives it.
//!
//! What cannot hold here (no root, an old kernel) is found once, by [`probe`], and told. A run asks for exactly the layers that
//! were found, and ends if one of them fails: a sandbox never quietly holds less than was said.

mod files;
mod inner;
mod limits;
mod network;
mod outer;
mod system_calls;
mod view;

use std::fmt;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use serde::{Deserialize, Serialize};

pub use view::{LANG, RUNTIME, TASK};

/// The status with which a sandbox ends that could not be made.
pub(crate) const NO_SANDBOX: u8 = 125;

/// What a line begins with that says why there is no sandbox.
pub(crate) const NO_SANDBOX_SAID: &str = "sandbox: ";

/// One layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Layer {
    /// Namespaces: a file system with nothing in it but what is needed, and no other processes.
    View,
    /// Limits of processes, open files, file size, memory.
    Limits,
    /// A user of its own, who owns nothing.
    User,
    /// No program gives back what was given up.
    Privileges,
    /// Landlock: which files may be read and written.
    Files,
    /// Landlock: which TCP ports may be connected to; none may be listened on.
    Network,
    /// seccomp: what a function has no business asking the kernel for.
    SystemCalls,
}

impl Layer {
    /// All of them, in the order in which they are put on.
    pub const ALL: [Layer; 7] =
        [Layer::View, Layer::Limits, Layer::User, Layer::Privileges, Layer::Files, Layer::Network, Layer::SystemCalls];
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Layer::View => "own view of files and processes (namespaces)",
            Layer::Limits => "limits (rlimits)",
            Layer::User => "own user",
            Layer::Privileges => "no new privileges",
            Layer::Files => "files (Landlock)",
            Layer::Network => "TCP ports (Landlock)",
            Layer::SystemCalls => "system calls (seccomp)",
        })
    }
}

/// How our own binary is told to be [`run`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launcher {
    /// The program.
    pub program: PathBuf,
    /// What makes it call [`run`].
    pub arguments: Vec<String>,
}

/// What is run, and within which bounds. All paths are those outside, but for `program`, `arguments` and `folder`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The layers that must hold.
    pub layers: Vec<Layer>,
    /// Which user and group it becomes.
    pub user: u32,
    /// An empty folder, where the view is put together. Nothing of it is seen by others.
    pub mount_at: PathBuf,
    /// The function's code.
    pub task: PathBuf,
    /// The runtime: `lang/` and `runtime/`.
    pub pack: Option<PathBuf>,
    /// What it may write into, if it has no view of its own.
    pub scratch: PathBuf,
    /// How much it may write into `/tmp`.
    pub scratch_bytes: u64,
    /// TCP ports that may be connected to.
    pub ports: Vec<u16>,
    /// Any port, any protocol: then [`Layer::Network`] is not asked for.
    pub is_online: bool,
    /// How much address space a process may have.
    pub address_space_bytes: u64,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its environment, all of it.
    pub environment: Vec<(String, String)>,
    /// Where it starts.
    pub folder: PathBuf,
    /// Nothing is run; what holds is told instead.
    pub is_probe: bool,
}

impl Plan {
    fn asks_for(&self, layer: Layer) -> bool {
        self.layers.contains(&layer)
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    /// The layers that hold.
    pub held: Vec<Layer>,
    /// Those that do not, and why.
    pub missing: Vec<(Layer, String)>,
}

/// Which layers hold here.
pub fn probe(launcher: &Launcher, plan: &Plan) -> std::io::Result<Probed> {
    let plan = Plan { is_probe: true, layers: Layer::ALL.to_vec(), ..plan.clone() };
    let output = output(launcher, &plan)?;
    serde_json::from_slice(&output.stdout).map_err(|_| {
        std::io::Error::other(format!(
            "the sandbox cannot be tried: {} ({})",
            String::from_utf8_lossy(&output.stderr).trim(),
            output.status
        ))
    })
}

/// Runs a plan to its end.
pub(crate) fn output(launcher: &Launcher, plan: &Plan) -> std::io::Result<std::process::Output> {
    let mut child = command(launcher).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // Plans are smaller than what a pipe holds, or the reader is there: it reads all of it before it writes anything.
    let told = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(&in_json(plan)));
    let output = child.wait_with_output()?;
    told?;
    Ok(output)
}

/// The outer process, still to be given its plan on stdin.
pub(crate) fn command(launcher: &Launcher) -> Command {
    let mut command = Command::new(&launcher.program);
    command.args(&launcher.arguments).env_clear().stdin(Stdio::piped());
    command
}

/// A plan as it is handed over.
pub(crate) fn in_json(plan: &Plan) -> Vec<u8> {
    let stage = Stage::Outer { plan: plan.clone() };
    serde_json::to_vec(&stage).expect("a plan has nothing that JSON cannot say")
}

/// Which of the two processes this is.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Stage {
    Outer { plan: Plan },
    Inner { plan: Plan, missing: Vec<(Layer, String)> },
}

/// What our binary does when it is run as a sandbox: reads its stage from stdin, and ends as the function ends.
pub fn run() -> ExitCode {
    // The service does without huge pages, and what it starts would, too. That it cannot be taken back is no reason to run nothing.
    let _ = nix::sys::prctl::set_thp_disable(false);
    let mut text = Vec::new();
    let done = std::io::stdin()
        .read_to_end(&mut text)
        .map_err(|error| format!("cannot read the plan: {error}"))
        .and_then(|_| serde_json::from_slice(&text).map_err(|error| format!("this is no plan: {error}")))
        .and_then(|stage| match stage {
            Stage::Outer { plan } => outer::run(plan),
            Stage::Inner { plan, missing } => inner::run(&plan, missing),
        });
    done.map_or_else(
        |error| {
            let _ = writeln!(std::io::stderr(), "{NO_SANDBOX_SAID}{error}");
            ExitCode::from(NO_SANDBOX)
        },
        ExitCode::from,
    )
}

/// The status that tells how another process ended, as shells do: 128 and the signal's number if one killed it.
pub(crate) fn status_told(status: std::process::ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}
