//! What creating and updating a function have in common: its settings, held against what Lambda takes and what can be done
//! here.

use std::collections::BTreeMap;

use serde::Deserialize;
use wire::{ApiError, Value};

use super::function::{Configuration, DeadLetterConfig, Environment, EphemeralStorage};
use super::words::{invalid, not_here};
use crate::arn::Arn;
use crate::world::Functions;

/// Bytes of an environment, as JSON.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_ENVIRONMENT_BYTES: usize = 4096;

/// What is written into `/tmp` at most.
pub(crate) const STORAGE_MIB: u32 = 512;

/// What Lambda itself sets. <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// The runtimes that a function can be made with.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
const RUNTIMES: &[&str] = &[
    "nodejs20.x",
    "python3.14",
    "provided.al2023",
    "python3.12",
    "python3.13",
    "nodejs24.x",
    "nodejs22.x",
    "java25",
    "python3.10",
    "python3.11",
    "java21",
    "ruby3.3",
    "ruby3.4",
    "ruby3.2",
    "python3.8",
    "python3.9",
    "java17",
    "nodejs16.x",
    "dotnet10",
    "dotnet8",
    "java11",
    "dotnet6",
    "nodejs18.x",
    "provided.al2",
    "java8.al2",
    "python3.15",
    "nodejs26.x",
    "ruby4.0",
];

/// Those that one could be made with once.
const FORMER_RUNTIMES: &[&str] = &[
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "java8",
    "python2.7",
    "python3.6",
    "python3.7",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "go1.x",
    "ruby2.5",
    "ruby2.7",
    "provided",
];

/// Settings as they are given. What is not said stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Settings {
    pub(crate) role: Option<String>,
    pub(crate) runtime: Option<String>,
    pub(crate) handler: Option<String>,
    description: Option<String>,
    timeout: Option<u32>,
    memory_size: Option<u32>,
    environment: Option<Environment>,
    dead_letter_config: Option<DeadLetterConfig>,
    ephemeral_storage: Option<EphemeralStorage>,
    logging_config: Option<LoggingConfig>,
    tracing_config: Option<TracingConfig>,
    snap_start: Option<SnapStart>,
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<String>,
    layers: Option<Vec<String>>,
    vpc_config: Option<VpcConfig>,
    file_system_configs: Option<Vec<Value>>,
    image_config: Option<Value>,
    code_signing_config_arn: Option<String>,
    tenancy_config: Option<Value>,
    capacity_provider_config: Option<Value>,
    durable_config: Option<Value>,
    runtime_config: Option<Value>,
    accelerator_config: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LoggingConfig {
    log_format: Option<String>,
    application_log_level: Option<String>,
    system_log_level: Option<String>,
    log_group: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TracingConfig {
    mode: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SnapStart {
    apply_on: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VpcConfig {
    subnet_ids: Option<Vec<String>>,
    security_group_ids: Option<Vec<String>>,
}

impl Settings {
    /// Puts what is said in the place of what was there, if all of it can be, and `functions` can run what comes of it.
    pub(crate) fn put_into(self, configuration: &mut Configuration, functions: &dyn Functions) -> Result<(), ApiError> {
        self.hold()?;
        if let Some(sentence) = self.runtime.as_deref().and_then(|runtime| functions.never_runs(runtime)) {
            return Err(not_here(&sentence));
        }
        fn set<T>(place: &mut T, given: Option<T>) {
            if let Some(given) = given {
                *place = given;
            }
        }
        set(&mut configuration.role, self.role);
        set(&mut configuration.runtime, self.runtime);
        set(&mut configuration.handler, self.handler);
        set(&mut configuration.description, self.description);
        set(&mut configuration.timeout_seconds, self.timeout);
        set(&mut configuration.memory_mib, self.memory_size);
        set(&mut configuration.storage_mib, self.ephemeral_storage.map(|storage| storage.size));
        if let Some(environment) = self.environment {
            configuration.environment = environment.variables;
        }
        if let Some(DeadLetterConfig { target_arn }) = self.dead_letter_config {
            configuration.dead_letter_arn = target_arn.filter(|arn| !arn.is_empty());
        }
        if let Some(LoggingConfig { log_group: Some(group), .. }) = self.logging_config {
            configuration.log_group = Some(group);
        }
        Ok(())
    }

    fn hold(&self) -> Result<(), ApiError> {
        if let Some(runtime) = &self.runtime {
            hold_runtime(runtime)?;
        }
        if let Some(variables) = self.environment.as_ref().and_then(|environment| environment.variables.as_ref()) {
            hold_environment(variables)?;
        }
        let dead_letters = self.dead_letter_config.as_ref().and_then(|config| config.target_arn.as_deref());
        if let Some(arn) = dead_letters.filter(|arn| !arn.is_empty())
            && !Arn::of(arn).is_some_and(|arn| matches!(arn.service, "sqs" | "sns"))
        {
            return Err(invalid("The dead letter queue must be an SQS queue or an SNS topic."));
        }
        self.hold_against_what_is_here()
    }

    /// What AWS can do and this cannot is refused: a function that runs otherwise than it was told to would be worse.
    fn hold_against_what_is_here(&self) -> Result<(), ApiError> {
        let is_given = |list: Option<usize>| list.is_some_and(|length| length > 0);
        let logging = self.logging_config.as_ref();
        let vpc = self.vpc_config.as_ref();
        let in_vpc =
            |ids: fn(&VpcConfig) -> &Option<Vec<String>>| is_given(vpc.and_then(|vpc| ids(vpc).as_ref().map(Vec::len)));
        let refused = [
            (
                self.tracing_config.as_ref().is_some_and(|tracing| tracing.mode.as_deref() == Some("Active")),
                "Functions are not traced here: leave TracingConfig out, or set its Mode to PassThrough.",
            ),
            (
                self.snap_start.as_ref().is_some_and(|snap| snap.apply_on.as_deref() == Some("PublishedVersions")),
                "SnapStart is not there: set ApplyOn to None. A function that was started is kept for the next invocation.",
            ),
            (
                self.kms_key_arn.as_ref().is_some_and(|arn| !arn.is_empty()),
                "Environments are not encrypted with a key of KMS here: leave KMSKeyArn out.",
            ),
            (
                self.ephemeral_storage.is_some_and(|storage| storage.size > STORAGE_MIB),
                "A function has 512 MB of /tmp here: leave EphemeralStorage out, or set its Size to 512.",
            ),
            (
                is_given(self.layers.as_ref().map(Vec::len)),
                "Layers are not there: put what they hold into the function's archive.",
            ),
            (
                in_vpc(|vpc| &vpc.subnet_ids) || in_vpc(|vpc| &vpc.security_group_ids),
                "Functions run on this machine and in no VPC: leave VpcConfig out.",
            ),
            (
                is_given(self.file_system_configs.as_ref().map(Vec::len)),
                "File systems are not mounted here: leave FileSystemConfigs out.",
            ),
            (
                self.image_config.is_some(),
                "Container images are not run here: use a zip archive, and leave ImageConfig out.",
            ),
            (
                self.code_signing_config_arn.as_ref().is_some_and(|arn| !arn.is_empty()),
                "Signatures of code are not looked at here: leave CodeSigningConfigArn out.",
            ),
            (self.tenancy_config.is_some(), "Tenants are not kept apart here: leave TenancyConfig out."),
            (
                self.capacity_provider_config.is_some(),
                "There are no capacity providers: leave CapacityProviderConfig out.",
            ),
            (self.durable_config.is_some(), "Durable functions are not there: leave DurableConfig out."),
            (self.runtime_config.is_some(), "There are no runtimes but AWS's: leave RuntimeConfig out."),
            (self.accelerator_config.is_some(), "There are no accelerators: leave AcceleratorConfig out."),
            (
                logging.is_some_and(|logging| logging.log_format.as_deref() == Some("JSON")),
                "Functions log as text here: set LogFormat to Text.",
            ),
            (
                logging.is_some_and(|logging| {
                    logging.application_log_level.is_some() || logging.system_log_level.is_some()
                }),
                "Log levels belong to the log format JSON, and functions log as text here: leave them out.",
            ),
        ];
        match refused.into_iter().find(|(is_asked, _)| *is_asked) {
            Some((_, sentence)) => Err(not_here(sentence)),
            None => Ok(()),
        }
    }
}

fn hold_runtime(runtime: &str) -> Result<(), ApiError> {
    if RUNTIMES.contains(&runtime) {
        return Ok(());
    }
    Err(invalid(match FORMER_RUNTIMES.contains(&runtime) {
        true => format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. We \
             recommend you use a supported runtime while creating or updating functions."
        ),
        false => format!(
            "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be a \
             valid ARN",
            RUNTIMES.join(", ")
        ),
    }))
}

fn hold_environment(variables: &BTreeMap<String, String>) -> Result<(), ApiError> {
    const UNABLE: &str = "Lambda was unable to configure your environment variables because the environment variables you \
                          have provided";
    let reserved: Vec<&str> = variables.keys().map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        return Err(invalid(format!(
            "{UNABLE} contains reserved keys that are currently not supported for modification. Reserved keys used in \
             this request: {}",
            reserved.join(", ")
        )));
    }
    let measured = serde_json::to_string(variables).expect("a map of texts is always JSON");
    if measured.len() > MAX_ENVIRONMENT_BYTES {
        return Err(invalid(format!("{UNABLE} exceeded the 4KB limit. String measured: {measured}")));
    }
    Ok(())
}
