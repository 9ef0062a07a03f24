//! A target of a rule as it is remembered: as it was given, members that only AWS's own services mean included.

use std::collections::BTreeMap;

use route::transformer::{InputError, InputTransformer as Asked, TargetInput};
use serde::{Deserialize, Serialize};
use store::Resource;
use wire::Value;
use wire::check::{Member, Shape};

use super::http_parameters::{HTTP_PARAMETERS, HttpParameters};
use super::shapes::RULE_NAME;

/// Targets of one rule.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
pub(crate) const MAX_TARGETS: usize = 5;

/// A target. Its key: its id, under its bus and rule.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) role_arn: Option<String>,
    pub(crate) input: Option<String>,
    pub(crate) input_path: Option<String>,
    pub(crate) input_transformer: Option<InputTransformer>,
    kinesis_parameters: Option<Value>,
    run_command_parameters: Option<Value>,
    ecs_parameters: Option<Value>,
    batch_parameters: Option<Value>,
    pub(crate) sqs_parameters: Option<SqsParameters>,
    pub(crate) http_parameters: Option<HttpParameters>,
    redshift_data_parameters: Option<Value>,
    sage_maker_pipeline_parameters: Option<Value>,
    pub(crate) dead_letter_config: Option<DeadLetterConfig>,
    pub(crate) retry_policy: Option<RetryPolicy>,
    app_sync_parameters: Option<Value>,
}

impl Resource for Target {
    const KIND: &'static str = "target";
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InputTransformer {
    input_paths_map: Option<BTreeMap<String, String>>,
    input_template: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SqsParameters {
    pub(crate) message_group_id: Option<String>,
}

/// Where what cannot be delivered goes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeadLetterConfig {
    pub(crate) arn: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RetryPolicy {
    pub(crate) maximum_retry_attempts: Option<i64>,
    pub(crate) maximum_event_age_in_seconds: Option<i64>,
}

impl Target {
    /// What it is told, compiled.
    pub(crate) fn told(&self) -> Result<TargetInput, InputError> {
        let transformer = self.input_transformer.as_ref();
        let paths: Vec<(&str, &str)> = transformer
            .and_then(|transformer| transformer.input_paths_map.as_ref())
            .into_iter()
            .flatten()
            .map(|(name, path)| (name.as_str(), path.as_str()))
            .collect();
        let transformer = transformer.map(|asked| Asked { paths: &paths, template: &asked.input_template });
        TargetInput::new(&self.id, self.input.as_deref(), self.input_path.as_deref(), transformer)
    }
}

const PATH_NAME: Shape = Shape::string().length(1, 256).pattern(r"[A-Za-z0-9\_\-]+");
const PATH: Shape = Shape::string().at_most_long(256);

/// What a target must be like.
pub(crate) const TARGET: Shape = Shape::structure(
    "Target",
    &[
        Member::required("Id", RULE_NAME),
        Member::required("Arn", Shape::string().length(1, 1600)),
        Member::optional("RoleArn", Shape::string().length(1, 1600)),
        Member::optional("Input", Shape::string().at_most_long(8192)),
        Member::optional("InputPath", Shape::string().at_most_long(256)),
        Member::optional(
            "InputTransformer",
            Shape::structure(
                "InputTransformer",
                &[
                    Member::optional("InputPathsMap", Shape::map(&PATH_NAME, &PATH).at_most_long(100)),
                    Member::required("InputTemplate", Shape::string().length(1, 8192)),
                ],
            ),
        ),
        Member::optional(
            "SqsParameters",
            Shape::structure("SqsParameters", &[Member::optional("MessageGroupId", Shape::string().at_most_long(100))]),
        ),
        Member::optional("HttpParameters", HTTP_PARAMETERS),
        Member::optional("DeadLetterConfig", DEAD_LETTER_CONFIG),
        Member::optional(
            "RetryPolicy",
            Shape::structure(
                "RetryPolicy",
                &[
                    Member::optional("MaximumRetryAttempts", Shape::integer().range(0.0, 185.0)),
                    Member::optional("MaximumEventAgeInSeconds", Shape::integer().range(60.0, 86_400.0)),
                ],
            ),
        ),
    ],
);

/// What a `DeadLetterConfig` must be like.
pub(crate) const DEAD_LETTER_CONFIG: Shape =
    Shape::structure("DeadLetterConfig", &[Member::optional("Arn", Shape::string().length(1, 1600))]);
