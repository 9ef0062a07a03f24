//! What a new environment is made of: a runtime, a function's code, and the plan of its sandbox.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::places::Place;
use super::{Inner, Settings};
use crate::code::Code;
use crate::environment::{Clock, Parts};
use crate::runtimes::Chosen;
use crate::sandbox::{LANG, Layer, Plan, RUNTIME, TASK};
use crate::variables::{Places, variables};
use crate::{Function, InvokeError};

/// Room for a heap that is reserved and not used, over a function's memory: this limit is for those who ask for too much at
/// once; what is in use is looked at itself.
const ADDRESS_SPACE_BYTES: u64 = 2 << 30;

/// A new environment, before it has a place.
pub(super) struct NewParts {
    chosen: Chosen,
    code: Arc<Code>,
}

/// Where a function finds its code, its language and its runtime.
struct Folders {
    task: PathBuf,
    lang: PathBuf,
    runtime: PathBuf,
}

impl NewParts {
    /// `has_view`: it sees them where Lambda has them.
    fn folders(&self, has_view: bool) -> Folders {
        if has_view {
            return Folders { task: TASK.into(), lang: LANG.into(), runtime: RUNTIME.into() };
        }
        let pack = self.chosen.pack.clone().unwrap_or_default();
        Folders { task: self.code.folder.clone(), lang: pack.join("lang"), runtime: pack.join("runtime") }
    }
}

impl Inner {
    /// What a new environment is made of. Its place is found when it is started.
    pub(super) fn parts(&self, function: &Function) -> Result<NewParts, InvokeError> {
        let chosen = self.choose(&function.runtime).map_err(InvokeError::CannotRun)?;
        if let Some(warning) = &chosen.warning {
            tracing::warn!(function = function.arn, "{warning}");
        }
        let code = self.unpacked.get(&function.code).map_err(|error| InvokeError::CannotRun(error.to_string()))?;
        Ok(NewParts { chosen, code })
    }

    /// It, at its place.
    pub(super) fn prepare(&self, new: NewParts, place: Place, function: &Function) -> Result<Parts, InvokeError> {
        let settings = &self.settings;
        let Some(service) = self.service.get().copied() else {
            return Err(InvokeError::Other("the service does not answer yet".into()));
        };
        let user = settings.first_user + place.number;
        let mut layers = self.probed.held.clone();
        layers.retain(|layer| !(settings.leaves_out.contains(layer) || settings.is_online && *layer == Layer::Network));
        let has_view = layers.contains(&Layer::View);
        let scratch = if has_view { None } else { Some(self.scratch(user, layers.contains(&Layer::User))?) };
        let now = (settings.clock)();
        let log_stream = format!("{}/[{}]{:032x}", now.strftime("%Y/%m/%d"), function.version, (settings.dice)());
        let folders = new.folders(has_view);
        let (program, arguments) = new.chosen.program(&folders.lang, &folders.task, &function.handler);
        let mut ports = settings.ports.clone();
        ports.push(service.port());
        let plan = Plan {
            layers,
            user,
            mount_at: settings.folder.join("root"),
            task: new.code.folder.clone(),
            pack: new.chosen.pack.clone(),
            scratch: scratch.as_ref().map(|scratch| scratch.path().to_owned()).unwrap_or_default(),
            scratch_bytes: settings.scratch_bytes,
            ports,
            is_online: settings.is_online,
            address_space_bytes: (u64::from(function.memory_mib) << 20) + ADDRESS_SPACE_BYTES,
            program,
            arguments,
            environment: Vec::new(),
            folder: folders.task.clone(),
            is_probe: false,
        };
        Ok(Parts {
            launcher: settings.launcher.clone(),
            clock: Arc::clone(&settings.clock) as Clock,
            plan: Box::new(with_variables(plan, folders, function.clone(), service, log_stream.clone())),
            has_own_processes: has_view,
            runtime_told: new.chosen.told.clone(),
            log_stream,
            _code: new.code,
            _scratch: scratch,
            _place: Box::new(place),
            memory_bytes: u64::from(function.memory_mib) << 20,
            is_over: Arc::clone(&self.is_over),
        })
    }

    /// A folder to write into, where there is no view with a `/tmp` of its own.
    fn scratch(&self, user: u32, user_is_own: bool) -> Result<tempfile::TempDir, InvokeError> {
        let folder = self.settings.folder.join("scratch");
        tempfile::Builder::new()
            .prefix("tmp-")
            .tempdir_in(&folder)
            .and_then(|made| {
                if user_is_own {
                    std::os::unix::fs::chown(made.path(), Some(user), Some(user))?;
                }
                Ok(made)
            })
            .map_err(|error| InvokeError::Other(format!("cannot make a folder in {}: {error}", folder.display())))
    }
}

/// The plan with the function's variables, once the port of its Runtime API is known.
fn with_variables(
    plan: Plan,
    folders: Folders,
    function: Function,
    service: SocketAddr,
    log_stream: String,
) -> impl Fn(u16) -> Plan {
    let (has_pack, has_view) = (plan.pack.is_some(), plan.layers.contains(&Layer::View));
    move |port| {
        let places = Places {
            task: &folders.task,
            lang: has_pack.then_some(folders.lang.as_path()),
            runtime: has_pack.then_some(folders.runtime.as_path()),
            scratch: (!has_view).then_some(plan.scratch.as_path()),
        };
        let api = format!("127.0.0.1:{port}");
        let environment = variables(&function, &places, &api, &format!("http://{service}"), &log_stream);
        let mut ports = plan.ports.clone();
        ports.push(port);
        Plan { ports, environment, ..plan.clone() }
    }
}

/// What it is tried with which layers of a sandbox hold.
pub(super) fn plan_of_nothing(settings: &Settings, nothing: &Path) -> Plan {
    Plan {
        layers: Vec::new(),
        user: settings.first_user,
        mount_at: settings.folder.join("root"),
        task: nothing.to_owned(),
        pack: None,
        scratch: nothing.to_owned(),
        scratch_bytes: settings.scratch_bytes,
        ports: Vec::new(),
        is_online: settings.is_online,
        address_space_bytes: 0,
        program: PathBuf::new(),
        arguments: Vec::new(),
        environment: Vec::new(),
        folder: PathBuf::from("/"),
        is_probe: true,
    }
}
