//! All environments: which one runs an invocation, how many there may be, and when they end.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::code::Unpacked;
use crate::environment::Environment;
use crate::runtime_api::Given;
use crate::runtimes::{Chosen, Runtimes};
use crate::sandbox::{self, Layer, Probed};
use crate::{Function, Invocation, InvokeError, Invoked};

mod new_parts;
mod places;
mod settings;

use new_parts::{NewParts, plan_of_nothing};
pub use settings::Settings;
use settings::tell;

/// How often it is looked which environments nobody needs.
const SWEEP: Duration = Duration::from_secs(15);

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
    /// An environment has more memory in use than it may, and perhaps nothing to do that would end it.
    is_over: Arc<Notify>,
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
            is_over: Arc::default(),
        };
        let inner = Arc::new(inner);
        runtime.spawn(sweep(Arc::downgrade(&inner), Arc::clone(&inner.is_over)));
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

    /// Ends environments that were counted as ending.
    async fn end(&self, environments: Vec<Environment>) {
        for environment in environments {
            environment.end().await;
            self.state().ending -= 1;
            self.freed.notify_waiters();
        }
    }
}

/// Ends what nobody needs, and what has too much memory, for as long as there is a pool.
async fn sweep(pool: Weak<Inner>, is_over: Arc<Notify>) {
    let mut ticks = interval(SWEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = is_over.notified() => {}
        }
        let Some(inner) = pool.upgrade() else { return };
        let gone: Vec<Environment> = {
            let kept = inner.settings.idle;
            let unneeded = |idle: &mut Idle| idle.since.elapsed() >= kept || !idle.environment.is_alive();
            let mut state = inner.state();
            let gone: Vec<Environment> = state.idle.extract_if(.., unneeded).map(|idle| idle.environment).collect();
            state.ending += gone.len();
            gone
        };
        // One that is slow to go keeps no other.
        for environment in gone {
            let inner = Arc::clone(&inner);
            tokio::spawn(async move { inner.end(vec![environment]).await });
        }
    }
}
