//! A function as it is remembered, and as it is told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use store::{Reader, Resource, Stored};
use wire::Timestamp;

use super::name::{LATEST, Named};
use super::policy::Statement;
use super::versions::published;
use super::words::no_function;
use crate::Failure;

/// A function. Its key: its name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Function {
    /// What `$LATEST` is.
    pub(crate) latest: Configuration,
    /// How many may run at once, if that is limited.
    #[serde(default)]
    pub(crate) reserved_concurrency: Option<u32>,
    /// Who may invoke it. Remembered and told; nothing hangs on it, as only the account's own reach it.
    #[serde(default)]
    pub(crate) policy: Vec<Statement>,
    /// The number of the version that was published last; no number is given twice.
    #[serde(default)]
    pub(crate) last_version: u64,
}

impl Resource for Function {
    const KIND: &'static str = "function";
}

/// What one version of a function is: its code and its settings.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Configuration {
    /// `$LATEST`, or a number.
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) role: String,
    pub(crate) runtime: String,
    pub(crate) handler: String,
    pub(crate) timeout_seconds: u32,
    pub(crate) memory_mib: u32,
    pub(crate) storage_mib: u32,
    /// As its owner set it; none if nothing was said of it.
    pub(crate) environment: Option<BTreeMap<String, String>>,
    pub(crate) dead_letter_arn: Option<String>,
    pub(crate) architecture: String,
    /// Its log group, if it is another than the one that it has by its name.
    pub(crate) log_group: Option<String>,
    /// Base64: what the code is known by.
    pub(crate) code_sha256: String,
    pub(crate) code_bytes: u64,
    /// Another after every change of anything.
    pub(crate) revision_id: String,
    /// Another after every change of code or settings: what was started of the one before is not used again.
    pub(crate) run_id: String,
    pub(crate) modified_at: Timestamp,
}

impl Configuration {
    /// The log group of a function of this name.
    pub(crate) fn log_group(&self, name: &str) -> String {
        self.log_group.clone().unwrap_or_else(|| format!("/aws/lambda/{name}"))
    }
}

/// The function that is meant, whichever version; none if it is not there.
pub(crate) fn find(r: &Reader<'_>, named: &Named) -> Result<Option<Function>, store::StoreError> {
    Ok(r.get::<Function>(&named.key)?.map(|Stored { value, .. }| value))
}

/// The function that is meant, or `ResourceNotFoundException`.
pub(crate) fn function(r: &Reader<'_>, named: &Named) -> Result<Function, Failure> {
    find(r, named)?.ok_or_else(|| no_function(&named.arn).into())
}

/// The function and the version that are meant; none if there is either not.
pub(crate) fn find_version(
    r: &Reader<'_>,
    named: &Named,
) -> Result<Option<(Function, Configuration)>, store::StoreError> {
    let Some(function) = find(r, named)? else { return Ok(None) };
    let version = match named.version() {
        LATEST => Some(function.latest.clone()),
        qualifier => published(r, named, qualifier)?,
    };
    Ok(version.map(|version| (function, version)))
}

/// The function and the version that are meant, or `ResourceNotFoundException`.
pub(crate) fn version(r: &Reader<'_>, named: &Named) -> Result<(Function, Configuration), Failure> {
    find_version(r, named)?.ok_or_else(|| no_function(named.told()).into())
}

/// What is just being done to it. It is done when it is told: who asks again finds it done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It was created.
    Created,
    /// It was changed.
    Updated,
    /// Nothing.
    Done,
    /// As in lists, which do not say.
    Untold,
}

/// A function as it is told.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionTold {
    function_name: String,
    function_arn: String,
    runtime: String,
    role: String,
    handler: String,
    code_size: u64,
    description: String,
    timeout: u32,
    memory_size: u32,
    last_modified: String,
    code_sha256: String,
    version: String,
    dead_letter_config: Option<DeadLetterConfig>,
    environment: Option<Environment>,
    tracing_config: Tracing,
    revision_id: String,
    state: Option<&'static str>,
    state_reason: Option<&'static str>,
    state_reason_code: Option<&'static str>,
    last_update_status: Option<&'static str>,
    last_update_status_reason: Option<&'static str>,
    last_update_status_reason_code: Option<&'static str>,
    package_type: &'static str,
    architectures: [String; 1],
    ephemeral_storage: EphemeralStorage,
    snap_start: SnapStart,
    logging_config: Logging,
}

/// `{"TargetArn": "arn:aws:sqs:…"}`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeadLetterConfig {
    pub(crate) target_arn: Option<String>,
}

/// `{"Variables": {"A": "b"}}`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Environment {
    pub(crate) variables: Option<BTreeMap<String, String>>,
}

/// `{"Size": 512}`
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EphemeralStorage {
    pub(crate) size: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tracing {
    mode: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SnapStart {
    apply_on: &'static str,
    optimization_status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Logging {
    log_format: &'static str,
    log_group: String,
}

const CREATING: &str = "The function is being created.";

impl FunctionTold {
    /// One version of it. The ARN has the version only where that was asked for.
    pub(crate) fn of(named: &Named, configuration: &Configuration, progress: Progress) -> FunctionTold {
        let is = |wanted: Progress, text: &'static str| (progress == wanted).then_some(text);
        FunctionTold {
            function_name: named.name().to_owned(),
            function_arn: named.told(),
            runtime: configuration.runtime.clone(),
            role: configuration.role.clone(),
            handler: configuration.handler.clone(),
            code_size: configuration.code_bytes,
            description: configuration.description.clone(),
            timeout: configuration.timeout_seconds,
            memory_size: configuration.memory_mib,
            last_modified: configuration.modified_at.iso().replace('Z', "+0000"),
            code_sha256: configuration.code_sha256.clone(),
            version: configuration.version.clone(),
            dead_letter_config: configuration
                .dead_letter_arn
                .clone()
                .map(|arn| DeadLetterConfig { target_arn: Some(arn) }),
            environment: configuration.environment.clone().map(|variables| Environment { variables: Some(variables) }),
            tracing_config: Tracing { mode: "PassThrough" },
            revision_id: configuration.revision_id.clone(),
            state: match progress {
                Progress::Created => Some("Pending"),
                Progress::Updated | Progress::Done => Some("Active"),
                Progress::Untold => None,
            },
            state_reason: is(Progress::Created, CREATING),
            state_reason_code: is(Progress::Created, "Creating"),
            last_update_status: is(Progress::Updated, "InProgress").or(is(Progress::Done, "Successful")),
            last_update_status_reason: is(Progress::Updated, CREATING),
            last_update_status_reason_code: is(Progress::Updated, "Creating"),
            package_type: "Zip",
            architectures: [configuration.architecture.clone()],
            ephemeral_storage: EphemeralStorage { size: configuration.storage_mib },
            snap_start: SnapStart { apply_on: "None", optimization_status: "Off" },
            logging_config: Logging { log_format: "Text", log_group: configuration.log_group(named.name()) },
        }
    }
}
