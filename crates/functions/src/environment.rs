//! An execution environment: a runtime in a sandbox, from its start through its invocations to its end.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::code::Code;
use crate::runtime_api::{Given, RESPONSE_BYTES, Told};
use crate::sandbox::{Launcher, NO_SANDBOX, NO_SANDBOX_SAID, Plan, status_told};
use crate::told::{self, Cost, Failure};
use crate::{Function, InvokeError, Invoked};

mod looks;
mod process;

use process::Running;

/// How long a beginning may take before it is tried again within the first invocation.
pub(crate) const INIT_LIMIT: Duration = Duration::from_secs(10);

/// Asked for the time of log lines.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What an environment is made of.
pub(crate) struct Parts {
    pub(crate) launcher: Launcher,
    pub(crate) clock: Clock,
    /// Makes the plan, once the port is known.
    pub(crate) plan: Box<dyn Fn(u16) -> Plan + Send + Sync>,
    pub(crate) has_own_processes: bool,
    /// `python:3.11.2 …`: what INIT_START tells.
    pub(crate) runtime_told: String,
    pub(crate) log_stream: String,
    /// Held as long as somebody may read them.
    pub(crate) _code: Arc<Code>,
    pub(crate) _scratch: Option<TempDir>,
    /// Given back when the environment is gone.
    pub(crate) _place: Box<dyn Send + Sync>,
    pub(crate) memory_bytes: u64,
    /// Told when more memory is in use than this, whether or not anything is asked of it.
    pub(crate) is_over: Arc<Notify>,
}

/// A runtime that runs.
pub(crate) struct Environment {
    // Ended before its place and its code are given back.
    running: Running,
    parts: Parts,
    peak_bytes: u64,
    log: Vec<(Timestamp, String)>,
}

/// What happened.
enum Seen {
    Told(Told),
    Ended(u8),
    TookTooLong,
    TooMuchMemory,
}

impl Environment {
    /// Starts one. It is not ready yet.
    pub(crate) async fn start(parts: Parts) -> Result<Environment, InvokeError> {
        let running = Running::start(&parts).await?;
        Ok(Environment { parts, running, peak_bytes: 0, log: Vec::new() })
    }

    /// The first invocation: the environment begins, and then it is as any other. Says whether it can be used again.
    /// `given`: what the runtime is given when it is ready, told how long it may take.
    pub(crate) async fn first(
        &mut self,
        function: &Function,
        request_id: &str,
        given: impl FnOnce(Duration) -> Given,
    ) -> Result<(Invoked, bool), InvokeError> {
        let began = Instant::now();
        self.tell(told::init_start(&self.parts.runtime_told));
        let mut deadline = None;
        let mut seen = self.ready(began + INIT_LIMIT).await;
        let mut init = began.elapsed();
        if let Err(Failure::TimedOut(_)) = seen {
            // As Lambda does: once more, and now the function's own time runs.
            self.tell(told::init_report(init, "timeout"));
            self.running.end(self.parts.has_own_processes).await;
            self.running = Running::start(&self.parts).await?;
            let again = Instant::now();
            deadline = Some(again + function.timeout);
            self.tell(told::start(request_id, &function.version));
            seen = self.ready(again + function.timeout).await;
            init = Duration::ZERO;
        }
        match seen {
            Ok(()) => Ok(self.run(function, request_id, given, Some(init), deadline).await),
            Err(failure) => {
                self.is_no_sandbox(&failure)?;
                if deadline.is_none() {
                    self.tell(told::init_report(init, "error"));
                    self.tell(told::start(request_id, &function.version));
                }
                let failure = match failure {
                    Failure::TimedOut(_) => Failure::TimedOut(function.timeout),
                    other => other,
                };
                self.running.end(self.parts.has_own_processes).await;
                Ok((self.over(function, request_id, Err(failure), Duration::ZERO, Some(init)), false))
            }
        }
    }

    /// Another invocation.
    pub(crate) async fn next(
        &mut self,
        function: &Function,
        request_id: &str,
        given: impl FnOnce(Duration) -> Given,
    ) -> (Invoked, bool) {
        self.run(function, request_id, given, None, None).await
    }

    async fn run(
        &mut self,
        function: &Function,
        request_id: &str,
        given: impl FnOnce(Duration) -> Given,
        init: Option<Duration>,
        deadline: Option<Instant>,
    ) -> (Invoked, bool) {
        if deadline.is_none() {
            self.tell(told::start(request_id, &function.version));
        }
        let began = Instant::now();
        let deadline = deadline.unwrap_or(began + function.timeout);
        let done = match self.running.api.give(given(deadline.saturating_duration_since(began))) {
            Ok(()) => self.answered(function, deadline).await,
            // It neither takes what it is given nor ends.
            Err(_) => Err(Failure::TimedOut(function.timeout)),
        };
        let took = match &done {
            Err(Failure::TimedOut(limit)) => *limit,
            _ => began.elapsed(),
        };
        let can_be_used_again = matches!(done, Ok(_) | Err(Failure::Said { .. }));
        let peak_bytes = crate::memory::peak_bytes(&self.running.processes());
        self.peak_bytes = self.peak_bytes.max(peak_bytes).max(self.running.looks.peak_bytes());
        if !can_be_used_again {
            self.running.end(self.parts.has_own_processes).await;
        }
        (self.over(function, request_id, done, took, init), can_be_used_again)
    }

    async fn answered(&mut self, function: &Function, deadline: Instant) -> Result<Vec<u8>, Failure> {
        loop {
            return match self.seen(deadline).await {
                Seen::Told(Told::IsReady) => continue,
                Seen::Told(Told::Response(payload)) => Ok(payload.into()),
                Seen::Told(Told::TooLarge) => Err(Failure::ResponseTooLarge(RESPONSE_BYTES)),
                Seen::Told(Told::Error(kind, payload) | Told::InitError(kind, payload)) => {
                    Err(Failure::Said { kind, payload: payload.into() })
                }
                Seen::Ended(status) => Err(Failure::Exited(status)),
                Seen::TookTooLong => Err(Failure::TimedOut(function.timeout)),
                Seen::TooMuchMemory => Err(Failure::OutOfMemory),
            };
        }
    }

    async fn ready(&mut self, deadline: Instant) -> Result<(), Failure> {
        match self.seen(deadline).await {
            Seen::Told(Told::IsReady) => Ok(()),
            Seen::Told(Told::Error(kind, payload) | Told::InitError(kind, payload)) => {
                Err(Failure::Said { kind, payload: payload.into() })
            }
            // Nothing was asked yet.
            Seen::Told(Told::Response(_) | Told::TooLarge) => Err(Failure::Exited(1)),
            Seen::Ended(status) => Err(Failure::Exited(status)),
            Seen::TookTooLong => Err(Failure::TimedOut(INIT_LIMIT)),
            Seen::TooMuchMemory => Err(Failure::OutOfMemory),
        }
    }

    /// Waits for what happens next, and keeps what is logged meanwhile.
    async fn seen(&mut self, deadline: Instant) -> Seen {
        loop {
            tokio::select! {
                biased;
                // First: whoever tells a lot would put it off.
                () = self.running.looks.too_much() => return Seen::TooMuchMemory,
                Some(told) = self.running.api.told.recv() => {
                    self.listen();
                    return Seen::Told(told);
                }
                () = sleep_until(deadline) => return Seen::TookTooLong,
                ended = self.running.child.wait() => {
                    self.listen();
                    return match self.running.api.told.try_recv() {
                        Ok(told @ (Told::Response(_) | Told::Error(..) | Told::InitError(..))) => Seen::Told(told),
                        _ => Seen::Ended(ended.map_or(1, status_told)),
                    };
                }
                () = self.running.output.is_there() => self.listen(),
            }
        }
    }

    fn listen(&mut self) {
        let now = (self.parts.clock)();
        self.running.output.read(|line| self.log.push((now, line)));
    }

    fn tell(&mut self, line: String) {
        self.log.push(((self.parts.clock)(), line));
    }

    /// Ends an invocation: the rest of its log, and what it cost.
    fn over(
        &mut self,
        function: &Function,
        request_id: &str,
        done: Result<Vec<u8>, Failure>,
        took: Duration,
        init: Option<Duration>,
    ) -> Invoked {
        self.listen();
        let now = (self.parts.clock)();
        self.running.output.end_invocation(|line| self.log.push((now, line)));
        let failure = done.as_ref().err();
        if let Some(line) = failure.and_then(|failure| failure.line(request_id, now)) {
            self.tell(line);
        }
        let cost = Cost { took, init, memory_mib: function.memory_mib, peak_bytes: self.peak_bytes };
        self.tell(told::end(request_id));
        self.tell(told::report(request_id, &cost, failure));
        Invoked {
            has_failed: failure.is_some(),
            payload: done.unwrap_or_else(|failure| failure.payload(request_id)),
            log: std::mem::take(&mut self.log),
            log_stream: self.parts.log_stream.clone(),
        }
    }

    /// A sandbox that could not be made is no failure of the function.
    fn is_no_sandbox(&self, failure: &Failure) -> Result<(), InvokeError> {
        if *failure != Failure::Exited(NO_SANDBOX) {
            return Ok(());
        }
        match self.log.iter().find_map(|(_, line)| line.strip_prefix(NO_SANDBOX_SAID)) {
            Some(why) => {
                Err(InvokeError::Other(format!("the function cannot be run in a sandbox: {}", why.trim_end())))
            }
            None => Ok(()),
        }
    }

    /// Whether it runs still, and may go on.
    pub(crate) fn is_alive(&mut self) -> bool {
        !self.running.looks.is_too_much() && matches!(self.running.child.try_wait(), Ok(None))
    }

    /// Ends it, and all that it started.
    pub(crate) async fn end(mut self) {
        self.running.end(self.parts.has_own_processes).await;
    }
}
