//! All environments: which one runs an invocation, how many there may be, and when they end.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::code::Unpacked;
use crate::environment::{Clock, Environment, Parts};
use crate::runtime_api::Given;
use crate::runtimes::{Chosen, Runtimes};
use crate::sandbox::{self, LANG, Launcher, Layer, Plan, Probed, RUNTIME, TASK};
use crate::variables::{Places, variables};
use crate::{Function, Invocation, InvokeError, Invoked};

/// How often it is looked which environments nobody needs.
const SWEEP: Duration = Duration::from_secs(15);

/// Room for a heap that is reserved and not used, over a function's memory: this limit is for those who ask for too much at
/// once; what is in use is looked at itself.
const ADDRESS_SPACE_BYTES: u64 = 2 << 30;

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

/// Runs functions.
pub struct Pool {
    inner: Arc<Inner>,
    runtime: Option<Runtime>,
}

struct Inner {
    settings: Settings,
    runtimes: Runtimes,
    unpacked: Unpacked,
    probed: Probed,
    /// Where the service answers: told once it listens.
    service: OnceLock<SocketAddr>,
    state: Mutex<State>,
    /// A place was given back.
    freed: Notify,
}

#[derive(Default)]
struct State {
    idle: Vec<Idle>,
    /// Which places are taken.
    places: Vec<bool>,
    /// Environments that are being ended: their places will be free at once.
    ending: usize,
    /// Invocations under way, by function.
    running: BTreeMap<String, u32>,
    /// How often a function was forgotten.
    forgotten: BTreeMap<String, u64>,
}

struct Idle {
    key: Key,
    since: Instant,
    environment: Environment,
}

/// What an environment was started of.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    arn: String,
    version: String,
    revision: String,
    forgotten: u64,
}

impl Pool {
    /// Finds out what a sandbox can hold here, and says so.
    pub fn new(settings: Settings) -> std::io::Result<Pool> {
        let unpacked = Unpacked::new(settings.folder.join("code"))?;
        for folder in ["root", "scratch"] {
            std::fs::create_dir_all(settings.folder.join(folder))?;
        }
        let runtimes = Runtimes::new(settings.runtimes.clone());
        let nothing = settings.folder.join("root");
        let probed = sandbox::probe(&settings.launcher, &plan_of_nothing(&settings, &nothing))?;
        tell(&probed, &settings);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("functions")
            .enable_all()
            .build()?;
        let state = State { places: vec![false; settings.max_environments as usize], ..State::default() };
        let inner = Inner {
            settings,
            runtimes,
            unpacked,
            probed,
            service: OnceLock::new(),
            state: Mutex::new(state),
            freed: Notify::new(),
        };
        let inner = Arc::new(inner);
        runtime.spawn(sweep(Arc::downgrade(&inner)));
        Ok(Pool { inner, runtime: Some(runtime) })
    }

    /// Where the service answers, for AWS_ENDPOINT_URL. Until it is told, nothing is run.
    pub fn answers_at(&self, service: SocketAddr) {
        let _ = self.inner.service.set(service);
    }

    /// Which layers of the sandbox hold here.
    pub fn layers(&self) -> &Probed {
        &self.inner.probed
    }

    /// Why functions of this runtime cannot be run here, in a sentence that says what to do; `None`: they can.
    pub fn cannot_run(&self, runtime: &str) -> Option<String> {
        self.inner.choose(runtime).err()
    }

    /// Runs a function, and waits until it has returned, failed or taken too long.
    pub fn invoke(&self, function: Function, invocation: Invocation) -> Result<Invoked, InvokeError> {
        let _running = Inner::count(&self.inner, &function)?;
        let Some(runtime) = &self.runtime else { return Err(InvokeError::Other("the service is stopping".into())) };
        let key = self.inner.key(&function);
        let (environment, others) = self.inner.take(&key);
        let parts = match environment {
            Some(_) => Ok(None),
            None => self.inner.parts(&function).map(Some),
        };
        let (answer, answered) = std::sync::mpsc::sync_channel(1);
        let inner = Arc::clone(&self.inner);
        // Environments are started by threads of the pool: with the thread that started it, a sandbox ends.
        runtime.spawn(async move {
            inner.end(others).await;
            let done = match parts {
                Ok(parts) => inner.run(environment, parts, key, &function, invocation).await,
                Err(error) => Err(error),
            };
            let _ = answer.send(done);
        });
        answered.recv().unwrap_or_else(|_| Err(InvokeError::Other("the environment broke down".into())))
    }

    /// This function was changed or deleted: what was started of it ends.
    pub fn forget(&self, function_arn: &str) {
        let gone: Vec<Environment> = {
            let mut state = self.inner.state();
            *state.forgotten.entry(function_arn.to_owned()).or_default() += 1;
            let gone = state.idle.extract_if(.., |idle| idle.key.arn == function_arn).map(|idle| idle.environment);
            let gone: Vec<Environment> = gone.collect();
            state.ending += gone.len();
            gone
        };
        if let Some(runtime) = &self.runtime {
            let inner = Arc::clone(&self.inner);
            runtime.spawn(async move { inner.end(gone).await });
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Not under the lock: each gives its place back.
        let idle = std::mem::take(&mut self.inner.state().idle);
        drop(idle);
        if let Some(runtime) = self.runtime.take() {
            // Whoever drops us may be a thread that must not wait.
            runtime.shutdown_background();
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, function: &Function) -> Key {
        Key {
            arn: function.arn.clone(),
            version: function.version.clone(),
            revision: function.revision.clone(),
            forgotten: self.state().forgotten.get(&function.arn).copied().unwrap_or_default(),
        }
    }

    fn choose(&self, runtime: &str) -> Result<Chosen, String> {
        let missing = self.probed.missing.iter();
        let missing = missing.filter(|(layer, _)| !self.settings.is_online || *layer != Layer::Network);
        let missing: Vec<String> = missing.map(|(layer, why)| format!("{layer}: {why}")).collect();
        if self.settings.needs_all_layers && !missing.is_empty() {
            return Err(format!(
                "the sandbox is to hold with all its layers, and these are missing: {}",
                missing.join("; ")
            ));
        }
        self.runtimes.choose(runtime)
    }

    /// One more invocation of a function, as long as the answer lives.
    fn count(this: &Arc<Inner>, function: &Function) -> Result<Running, InvokeError> {
        let mut state = this.state();
        let running = state.running.entry(function.arn.clone()).or_default();
        if function.reserved_concurrency.is_some_and(|limit| *running >= limit) {
            if *running == 0 {
                state.running.remove(&function.arn);
            }
            return Err(InvokeError::TooMany("Rate Exceeded.".into()));
        }
        *running += 1;
        Ok(Running { inner: Arc::clone(this), arn: function.arn.clone() })
    }

    /// An environment that can run this, and those that never will again: of older revisions, or ended by themselves.
    fn take(&self, key: &Key) -> (Option<Environment>, Vec<Environment>) {
        let mut state = self.state();
        let mut gone: Vec<Environment> = state
            .idle
            .extract_if(.., |idle| {
                idle.key.arn == key.arn && idle.key.version == key.version && idle.key != *key
                    || !idle.environment.is_alive()
            })
            .map(|idle| idle.environment)
            .collect();
        // The one that was used last, so that the others can end.
        let mine =
            state.idle.iter().rposition(|idle| idle.key == *key).map(|place| state.idle.remove(place).environment);
        if mine.is_none() && gone.is_empty() && state.places.iter().all(|taken| *taken) && !state.idle.is_empty() {
            gone.push(state.idle.remove(0).environment);
        }
        state.ending += gone.len();
        (mine, gone)
    }

    /// What a new environment is made of. Its place is found when it is started.
    fn parts(&self, function: &Function) -> Result<NewParts, InvokeError> {
        let chosen = self.choose(&function.runtime).map_err(InvokeError::CannotRun)?;
        if let Some(warning) = &chosen.warning {
            tracing::warn!(function = function.arn, "{warning}");
        }
        let code = self.unpacked.get(&function.code).map_err(|error| InvokeError::CannotRun(error.to_string()))?;
        Ok(NewParts { chosen, code })
    }

    async fn run(
        self: &Arc<Inner>,
        environment: Option<Environment>,
        parts: Option<NewParts>,
        key: Key,
        function: &Function,
        invocation: Invocation,
    ) -> Result<Invoked, InvokeError> {
        let request_id = invocation.request_id.clone();
        let given = |left| self.given(function, invocation, left);
        let (environment, invoked, can_be_used_again) = match (environment, parts) {
            (Some(mut environment), _) => {
                let (invoked, again) = environment.next(function, &request_id, given).await;
                (environment, invoked, again)
            }
            (None, Some(parts)) => {
                let place = self.place().await?;
                let parts = self.prepare(parts, place, function)?;
                let mut environment = Environment::start(parts).await?;
                let (invoked, again) = environment.first(function, &request_id, given).await?;
                (environment, invoked, again)
            }
            (None, None) => return Err(InvokeError::Other("there is no environment".into())),
        };
        if can_be_used_again {
            let mut state = self.state();
            if state.forgotten.get(&key.arn).copied().unwrap_or_default() == key.forgotten {
                state.idle.push(Idle { key, since: Instant::now(), environment });
                return Ok(invoked);
            }
        }
        environment.end().await;
        Ok(invoked)
    }

    /// What a runtime is given, with so much time left to it.
    fn given(&self, function: &Function, invocation: Invocation, left: Duration) -> Given {
        let now = (self.settings.machine_clock)();
        let dice = (self.settings.dice)();
        let trace_id = format!(
            "Root=1-{:08x}-{:024x};Parent={:016x};Sampled=0",
            now.as_second(),
            dice & ((1 << 96) - 1),
            (self.settings.dice)() as u64,
        );
        let left_ms = i64::try_from(left.as_millis()).unwrap_or(i64::MAX);
        Given {
            request_id: invocation.request_id,
            payload: invocation.payload,
            deadline_ms: now.as_millisecond().saturating_add(left_ms),
            function_arn: function.arn.clone(),
            trace_id,
            client_context: invocation.client_context,
        }
    }

    fn prepare(&self, new: NewParts, place: Place, function: &Function) -> Result<Parts, InvokeError> {
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
        let (task, lang, runtime) = if has_view {
            (PathBuf::from(TASK), PathBuf::from(LANG), PathBuf::from(RUNTIME))
        } else {
            let pack = new.chosen.pack.clone().unwrap_or_default();
            (new.code.folder.clone(), pack.join("lang"), pack.join("runtime"))
        };
        let (program, arguments) = new.chosen.program(&lang, &task, &function.handler);
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
            folder: task.clone(),
            is_probe: false,
        };
        let has_pack = new.chosen.pack.is_some();
        let (for_plan, stream) = (function.clone(), log_stream.clone());
        let make = move |port: u16| {
            let places = Places {
                task: &task,
                lang: has_pack.then_some(lang.as_path()),
                runtime: has_pack.then_some(runtime.as_path()),
                scratch: (!has_view).then_some(plan.scratch.as_path()),
            };
            let api = format!("127.0.0.1:{port}");
            let environment = variables(&for_plan, &places, &api, &format!("http://{service}"), &stream);
            let mut ports = plan.ports.clone();
            ports.push(port);
            Plan { ports, environment, ..plan.clone() }
        };
        Ok(Parts {
            launcher: settings.launcher.clone(),
            clock: Arc::clone(&settings.clock) as Clock,
            plan: Box::new(make),
            has_own_processes: has_view,
            runtime_told: new.chosen.told.clone(),
            log_stream,
            _code: new.code,
            _scratch: scratch,
            _place: Box::new(place),
            memory_bytes: u64::from(function.memory_mib) << 20,
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

    /// A free place; one that is just being left is waited for.
    async fn place(self: &Arc<Inner>) -> Result<Place, InvokeError> {
        loop {
            let freed = self.freed.notified();
            {
                let mut state = self.state();
                if let Some(number) = state.places.iter().position(|taken| !*taken) {
                    state.places[number] = true;
                    let number = u32::try_from(number).expect("there are as many places as a u32 said");
                    return Ok(Place { inner: Arc::downgrade(self), number });
                }
                if state.ending == 0 {
                    return Err(InvokeError::TooMany("Rate Exceeded.".into()));
                }
            }
            freed.await;
        }
    }

    /// Ends environments that were counted as ending.
    async fn end(&self, environments: Vec<Environment>) {
        for environment in environments {
            environment.end().await;
            self.state().ending -= 1;
            self.freed.notify_waiters();
        }
    }
}

/// A new environment, before it has a place.
struct NewParts {
    chosen: Chosen,
    code: Arc<crate::code::Code>,
}

/// A place, and with it a user, that nobody else has meanwhile.
struct Place {
    inner: Weak<Inner>,
    number: u32,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.upgrade() {
            inner.state().places[self.number as usize] = false;
        }
    }
}

/// An invocation under way.
struct Running {
    inner: Arc<Inner>,
    arn: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.inner.state();
        if let Some(running) = state.running.get_mut(&self.arn) {
            *running -= 1;
            if *running == 0 {
                state.running.remove(&self.arn);
            }
        }
    }
}

/// Ends what nobody needs, for as long as there is a pool.
async fn sweep(pool: Weak<Inner>) {
    let mut ticks = interval(SWEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(inner) = pool.upgrade() else { return };
        let gone: Vec<Environment> = {
            let kept = inner.settings.idle;
            let unneeded = |idle: &mut Idle| idle.since.elapsed() >= kept || !idle.environment.is_alive();
            let mut state = inner.state();
            let gone: Vec<Environment> = state.idle.extract_if(.., unneeded).map(|idle| idle.environment).collect();
            state.ending += gone.len();
            gone
        };
        inner.end(gone).await;
    }
}

fn plan_of_nothing(settings: &Settings, nothing: &Path) -> Plan {
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

fn tell(probed: &Probed, settings: &Settings) {
    let held: Vec<String> = probed.held.iter().map(Layer::to_string).collect();
    tracing::info!(layers = held.join(", "), "functions run in a sandbox");
    for (layer, why) in &probed.missing {
        tracing::warn!(%layer, why, "a layer of the functions' sandbox is missing");
    }
    if settings.is_online {
        tracing::warn!("functions may talk to anybody");
    }
}
