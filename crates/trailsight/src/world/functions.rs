//! Functions, run in the sandbox of `crates/functions`: its words for ours.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use functions::sandbox::Launcher;
use functions::{Pool, Settings};
use server::world::{Clock, Dice, Function, FunctionCredentials, Functions, Invocation, InvokeError, Invoked};

use crate::cli::{FunctionsArgs, FunctionsSandbox};
use crate::world::clock::{MovedClock, SystemClock};
use crate::world::dice::SystemDice;

/// How long an environment is kept that nobody needs.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// As on Lambda, if nobody says otherwise.
const SCRATCH_BYTES: u64 = 512 << 20;

/// How our own binary is told to be a sandbox.
pub fn launcher() -> Launcher {
    Launcher { program: "/proc/self/exe".into(), arguments: vec!["run-sandboxed".into()] }
}

/// Functions in sandboxes; or the reason why there can be none.
#[derive(Clone)]
pub struct Sandboxed {
    pool: Result<Arc<Pool>, String>,
}

impl Sandboxed {
    /// Functions of the service with this data directory. The service runs also where functions cannot.
    pub fn open(data: &Path, arguments: &FunctionsArgs, clock: MovedClock) -> Sandboxed {
        let pool = Pool::new(Settings {
            folder: data.join("functions"),
            runtimes: data.join("runtimes"),
            launcher: launcher(),
            needs_all_layers: arguments.functions_sandbox == FunctionsSandbox::Require,
            leaves_out: Vec::new(),
            ports: arguments.functions_port.clone(),
            is_online: arguments.functions_online,
            first_user: functions::FIRST_USER,
            max_environments: arguments.functions_at_once,
            idle: IDLE,
            scratch_bytes: SCRATCH_BYTES,
            clock: Arc::new(move || clock.now()),
            machine_clock: Box::new(|| SystemClock.now()),
            dice: Box::new(|| SystemDice.bits()),
        });
        let pool = pool.map(Arc::new).map_err(|error| {
            tracing::error!(%error, "functions cannot be run");
            format!("functions cannot be run here: {error}")
        });
        Sandboxed { pool }
    }

    /// The service answers here; until this is told, nothing is run.
    pub fn answers_at(&self, service: SocketAddr) {
        if let Ok(pool) = &self.pool {
            pool.answers_at(service);
        }
    }
}

impl Functions for Sandboxed {
    fn invoke(&self, function: &Function, invocation: &Invocation) -> Result<Invoked, InvokeError> {
        let pool = self.pool.as_ref().map_err(|why| InvokeError::CannotRun(why.clone()))?;
        let done = pool.invoke(inside(function), invocation_inside(invocation)).map_err(|error| match error {
            functions::InvokeError::TooMany(text) => InvokeError::TooMany(text),
            functions::InvokeError::CannotRun(text) => InvokeError::CannotRun(text),
            functions::InvokeError::Other(text) => InvokeError::Other(text),
        })?;
        Ok(Invoked {
            payload: done.payload,
            error: done.has_failed.then(|| "Unhandled".to_owned()),
            log: done.log,
            log_stream: done.log_stream,
        })
    }

    fn cannot_run(&self, runtime: &str) -> Option<String> {
        match &self.pool {
            Ok(pool) => pool.cannot_run(runtime),
            Err(why) => Some(why.clone()),
        }
    }

    fn never_runs(&self, runtime: &str) -> Option<String> {
        functions::runtimes::never_run(runtime)
    }

    fn forget(&self, function_arn: &str) {
        if let Ok(pool) = &self.pool {
            pool.forget(function_arn);
        }
    }
}

fn inside(function: &Function) -> functions::Function {
    let FunctionCredentials { access_key, secret_key, session_token } = function.credentials.clone();
    functions::Function {
        arn: function.arn.clone(),
        name: function.name.clone(),
        version: function.version.clone(),
        revision: function.revision.clone(),
        runtime: function.runtime.clone(),
        handler: function.handler.clone(),
        code: Arc::clone(&function.code),
        memory_mib: function.memory_mib,
        timeout: function.timeout,
        environment: function.environment.clone(),
        credentials: functions::Credentials { access_key, secret_key, session_token },
        region: function.region.clone(),
        reserved_concurrency: function.reserved_concurrency,
        log_group: function.log_group.clone(),
    }
}

fn invocation_inside(invocation: &Invocation) -> functions::Invocation {
    functions::Invocation {
        request_id: invocation.request_id.clone(),
        payload: invocation.payload.clone(),
        client_context: invocation.client_context.clone(),
    }
}
