//! `CreateEventBus`: makes a bus beside the default one.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html>

use serde::{Deserialize, Serialize};
use store::List;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::event_bus::{EventBus, LogConfig, MAX_BUSES, bus_arn};
use super::rule::{DEFAULT_BUS, invalid, limit_exceeded};
use super::shapes::{BUS_NAME, TAGS};
use super::tags::{Tag, few_enough, tags_of};
use super::target::{DEAD_LETTER_CONFIG, DeadLetterConfig};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateEventBus {
    name: String,
    event_source_name: Option<String>,
    description: Option<String>,
    kms_key_identifier: Option<String>,
    dead_letter_config: Option<DeadLetterConfig>,
    log_config: Option<LogConfig>,
    tags: Option<Vec<Tag>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatedBus {
    event_bus_arn: String,
    description: Option<String>,
    kms_key_identifier: Option<String>,
    dead_letter_config: Option<DeadLetterConfig>,
    log_config: Option<LogConfig>,
}

impl Operation for CreateEventBus {
    const NAME: &'static str = "CreateEventBus";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreateEventBusRequest",
        &[
            Member::required("Name", BUS_NAME),
            Member::optional(
                "EventSourceName",
                Shape::string().length(1, 256).pattern(r"aws\.partner(/[\.\-_A-Za-z0-9]+){2,}"),
            ),
            Member::optional("Description", Shape::string().at_most_long(512)),
            Member::optional("KmsKeyIdentifier", Shape::string().at_most_long(2048).pattern(r"^[a-zA-Z0-9_\-/:]*$")),
            Member::optional("DeadLetterConfig", DEAD_LETTER_CONFIG),
            Member::optional(
                "LogConfig",
                Shape::structure(
                    "LogConfig",
                    &[
                        Member::optional("IncludeDetail", Shape::string().one_of(&["NONE", "FULL"])),
                        Member::optional("Level", Shape::string().one_of(&["OFF", "ERROR", "INFO", "TRACE"])),
                    ],
                ),
            ),
            Member::optional("Tags", TAGS),
        ],
    );
    type Output = CreatedBus;

    fn run(self, cx: &Context<'_>) -> Result<CreatedBus, Failure> {
        if let Some(source) = &self.event_source_name {
            let message = format!("Event source {source} does not exist.");
            return Err(ApiError::new("ResourceNotFoundException", message).into());
        }
        if self.name.contains('/') {
            return Err(invalid("Event bus name must not contain '/'.").into());
        }
        let arn = bus_arn(cx, &self.name);
        let bus = EventBus {
            description: self.description.clone(),
            kms_key_identifier: self.kms_key_identifier.clone(),
            dead_letter_config: self.dead_letter_config.clone(),
            log_config: self.log_config.clone(),
            policy: None,
        };
        let tags = tags_of(self.tags.unwrap_or_default());
        few_enough(&tags)?;
        cx.store.try_write(|w| {
            if self.name == DEFAULT_BUS || !w.put(&cx.key(&*self.name), &bus, cx.now)? {
                let message = format!("Event bus {} already exists.", self.name);
                return Err(ApiError::new("ResourceAlreadyExistsException", message).into());
            }
            if w.count::<EventBus>(&List::of(&cx.account, &cx.region))? > MAX_BUSES {
                return Err(limit_exceeded().into());
            }
            Ok::<_, Failure>(w.set_tags(&arn, &tags)?)
        })?;
        Ok(CreatedBus {
            event_bus_arn: arn,
            description: self.description,
            kms_key_identifier: self.kms_key_identifier,
            dead_letter_config: self.dead_letter_config,
            log_config: self.log_config,
        })
    }
}
