//! What is told of an invocation besides what the function itself says: the lines around its log, and errors, in Lambda's
//! words. <https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html>

use std::time::Duration;

use jiff::Timestamp;

/// How an invocation went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It took too long.
    TimedOut(Duration),
    /// Its process ended, with this status.
    Exited(u8),
    /// It had more memory than it may.
    OutOfMemory,
    /// It returned more than it may.
    ResponseTooLarge(usize),
    /// It, or its runtime, says so itself.
    Said {
        /// `Runtime.ImportModuleError`.
        kind: String,
        /// JSON.
        payload: Vec<u8>,
    },
}

impl Failure {
    /// What the caller gets.
    pub(crate) fn payload(&self, request_id: &str) -> Vec<u8> {
        let said = |kind: &str, text: String| {
            serde_json::json!({"errorType": kind, "errorMessage": text}).to_string().into_bytes()
        };
        match self {
            Failure::TimedOut(limit) => {
                let text =
                    format!("RequestId: {request_id} Error: Task timed out after {:.2} seconds", limit.as_secs_f64());
                said("Sandbox.Timedout", text)
            }
            Failure::Exited(status) => {
                said("Runtime.ExitError", format!("RequestId: {request_id} Error: {}", exited(*status)))
            }
            Failure::OutOfMemory => {
                said("Runtime.OutOfMemory", format!("RequestId: {request_id} Error: {}", exited(137)))
            }
            Failure::ResponseTooLarge(limit) => {
                let text = format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).");
                said("Function.ResponseSizeTooLarge", text)
            }
            Failure::Said { payload, .. } if serde_json::from_slice::<serde::de::IgnoredAny>(payload).is_ok() => {
                payload.clone()
            }
            Failure::Said { kind, .. } => said(kind, format!("RequestId: {request_id} Error: {kind}")),
        }
    }

    /// What is logged of it, if its runtime has not done so.
    pub(crate) fn line(&self, request_id: &str, now: Timestamp) -> Option<String> {
        match self {
            Failure::TimedOut(limit) => {
                let seconds = limit.as_secs_f64();
                Some(format!(
                    "{} {request_id} Task timed out after {seconds:.2} seconds\n",
                    now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
                ))
            }
            Failure::Exited(status) => {
                Some(format!("RequestId: {request_id} Error: {}\nRuntime.ExitError\n", exited(*status)))
            }
            Failure::OutOfMemory => {
                Some(format!("RequestId: {request_id} Error: {}\nRuntime.OutOfMemory\n", exited(137)))
            }
            Failure::ResponseTooLarge(limit) => {
                Some(format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).\n"))
            }
            Failure::Said { .. } => None,
        }
    }

    /// What stands at the end of the REPORT line.
    fn status(&self) -> String {
        match self {
            Failure::TimedOut(_) => "Status: timeout".to_owned(),
            Failure::Exited(_) => "Status: error\tError Type: Runtime.ExitError".to_owned(),
            Failure::OutOfMemory => "Status: error\tError Type: Runtime.OutOfMemory".to_owned(),
            Failure::ResponseTooLarge(_) => "Status: error\tError Type: Function.ResponseSizeTooLarge".to_owned(),
            // What a function raises is no failure of its runtime.
            Failure::Said { kind, .. } if !kind.starts_with("Runtime.") => String::new(),
            Failure::Said { kind, .. } => {
                let kind: String = kind.chars().filter(|letter| !letter.is_control()).take(100).collect();
                format!("Status: error\tError Type: {kind}")
            }
        }
    }
}

fn exited(status: u8) -> String {
    let signal = match status {
        0 => return "Runtime exited without providing a reason".to_owned(),
        132 => "illegal instruction",
        134 => "aborted",
        135 => "bus error",
        136 => "floating point exception",
        137 => "killed",
        139 => "segmentation fault",
        143 => "terminated",
        159 => "bad system call",
        129..=192 => return format!("Runtime exited with error: signal: signal {}", status - 128),
        _ => return format!("Runtime exited with error: exit status {status}"),
    };
    format!("Runtime exited with error: signal: {signal}")
}

/// What an invocation cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) took: Duration,
    /// How long its environment took to begin, if it is the first.
    pub(crate) init: Option<Duration>,
    pub(crate) memory_mib: u32,
    pub(crate) peak_bytes: u64,
}

pub(crate) fn init_start(runtime: &str) -> String {
    format!("INIT_START Runtime Version: {runtime}\n")
}

/// Told only where the beginning went wrong.
pub(crate) fn init_report(took: Duration, status: &str) -> String {
    format!("INIT_REPORT Init Duration: {} ms\tPhase: init\tStatus: {status}\n", milliseconds(took))
}

pub(crate) fn start(request_id: &str, version: &str) -> String {
    format!("START RequestId: {request_id} Version: {version}\n")
}

pub(crate) fn end(request_id: &str) -> String {
    format!("END RequestId: {request_id}\n")
}

pub(crate) fn report(request_id: &str, cost: &Cost, failure: Option<&Failure>) -> String {
    // Lambda bills the beginning too. <https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/>
    let billed = (cost.took + cost.init.unwrap_or_default()).as_micros().div_ceil(1000).max(1);
    let init = cost.init.map(|init| format!("\tInit Duration: {} ms", milliseconds(init))).unwrap_or_default();
    format!(
        "REPORT RequestId: {request_id}\tDuration: {} ms\tBilled Duration: {billed} ms\tMemory Size: {} MB\tMax Memory Used: {} MB{init}\t{}\n",
        milliseconds(cost.took),
        cost.memory_mib,
        cost.peak_bytes.div_ceil(1 << 20).min(cost.memory_mib.into()),
        failure.map(Failure::status).unwrap_or_default(),
    )
}

fn milliseconds(took: Duration) -> String {
    format!("{:.2}", took.as_secs_f64() * 1000.0)
}
