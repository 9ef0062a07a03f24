//! Functions: what is needed to run one, and what comes of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A function, as much of it as is needed to run it.
#[derive(Clone, PartialEq, Eq)]
pub struct Function {
    /// `arn:aws:lambda:us-east-1:123456789012:function:name`, without a version.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `$LATEST`, or a number.
    pub version: String,
    /// Changes with its code and its settings: what was started of another revision is not used again.
    pub revision: String,
    /// `python3.11`.
    pub runtime: String,
    /// `index.handler`.
    pub handler: String,
    /// Its code: a zip archive.
    pub code: Arc<[u8]>,
    /// MiB.
    pub memory_mib: u32,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Names and values, as its owner set them.
    pub environment: BTreeMap<String, String>,
    /// What it signs its own requests with.
    pub credentials: FunctionCredentials,
    /// Where it is.
    pub region: String,
    /// How many may run at once, if that is limited.
    pub reserved_concurrency: Option<u32>,
    /// `/aws/lambda/name`.
    pub log_group: String,
}

impl fmt::Debug for Function {
    /// Without what its owner keeps in its environment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Function { arn, version, revision, .. } = self;
        f.debug_struct("Function")
            .field("arn", arn)
            .field("version", version)
            .field("revision", revision)
            .finish_non_exhaustive()
    }
}

/// What a function signs its own requests with.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FunctionCredentials {
    /// `ASIA…`.
    pub access_key: String,
    /// The secret.
    pub secret_key: String,
    /// The session's token.
    pub session_token: String,
}

impl fmt::Debug for FunctionCredentials {
    /// Without what is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionCredentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// One invocation of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Its id: a UUID.
    pub request_id: String,
    /// JSON.
    pub payload: Vec<u8>,
    /// What the client says of itself, as JSON.
    pub client_context: Option<String>,
}

/// What came of an invocation that took place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invoked {
    /// What it returned, or the error as JSON.
    pub payload: Vec<u8>,
    /// `Unhandled`, if it failed.
    pub error: Option<String>,
    /// What it and its surroundings logged (START, END, REPORT too), in order.
    pub log: Vec<(jiff::Timestamp, String)>,
    /// `2026/11/28/[$LATEST]0123…`: the log stream of whoever ran it.
    pub log_stream: String,
}

/// Why an invocation did not take place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// As many as may run at once are running.
    #[error("{0}")]
    TooMany(String),
    /// There is nothing here to run it with, or its code cannot be unpacked; a sentence that says what to do.
    #[error("{0}")]
    CannotRun(String),
    /// Anything else; it may be better another time.
    #[error("{0}")]
    Other(String),
}

/// Whatever runs functions.
pub trait Functions: Send + Sync {
    /// Runs it, and waits until it has returned, failed or taken too long.
    fn invoke(&self, function: &Function, invocation: &Invocation) -> Result<Invoked, InvokeError>;

    /// Why functions of this runtime cannot be run here, in a sentence that says what to do; `None`: they can.
    fn cannot_run(&self, runtime: &str) -> Option<String>;

    /// Why functions of this runtime are not run here, whatever is installed, in a sentence that says which are; `None`: they can be.
    fn never_runs(&self, _runtime: &str) -> Option<String> {
        None
    }

    /// This function was changed or deleted: what was started of it may end.
    fn forget(&self, function_arn: &str);
}
