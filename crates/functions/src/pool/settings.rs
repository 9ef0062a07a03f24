//! What a pool is told when it is made.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::sandbox::{Launcher, Layer, Probed};

/// What a pool is told when it is made.
pub struct Settings {
    /// Where code is unpacked. Emptied at the start.
    pub folder: PathBuf,
    /// Where runtimes are installed.
    pub runtimes: PathBuf,
    /// How our own binary is told to be a sandbox.
    pub launcher: Launcher,
    /// Functions are not run at all unless every layer of the sandbox holds.
    pub needs_all_layers: bool,
    /// Layers that are not asked for. None, but where the others are tried by themselves.
    pub leaves_out: Vec<Layer>,
    /// TCP ports that functions may connect to, besides the service's own.
    pub ports: Vec<u16>,
    /// Functions may talk to anybody, in any protocol.
    pub is_online: bool,
    /// The first of as many users as there may be environments; nothing may belong to them.
    pub first_user: u32,
    /// Environments at once.
    pub max_environments: u32,
    /// How long an environment is kept that nobody needs.
    pub idle: Duration,
    /// Written into `/tmp` at most.
    pub scratch_bytes: u64,
    /// The time of log lines.
    pub clock: Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>,
    /// The machine's own time, by which functions count how much of it is left to them.
    pub machine_clock: Box<dyn Fn() -> jiff::Timestamp + Send + Sync>,
    /// 128 bits that nobody can guess.
    pub dice: Box<dyn Fn() -> u128 + Send + Sync>,
}

/// Says at the start how functions are shut in.
pub(super) fn tell(probed: &Probed, settings: &Settings) {
    let held: Vec<String> = probed.held.iter().map(Layer::to_string).collect();
    tracing::info!(layers = held.join(", "), "functions run in a sandbox");
    for (layer, why) in &probed.missing {
        tracing::warn!(%layer, why, "a layer of the functions' sandbox is missing");
    }
    if settings.is_online {
        tracing::warn!("functions may talk to anybody");
    }
}
