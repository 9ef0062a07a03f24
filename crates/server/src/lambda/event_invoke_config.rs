//! How a function's asynchronous invocations are retried, and who is told of what became of them:
//! `PutFunctionEventInvokeConfig`, `UpdateFunctionEventInvokeConfig`, `GetFunctionEventInvokeConfig`,
//! `DeleteFunctionEventInvokeConfig`, `ListFunctionEventInvokeConfigs`.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html>

use serde::{Deserialize, Serialize};
use store::{Reader, Resource, Stored, Writer};
use wire::check::{Member, Shape};
use wire::{ApiError, Timestamp};

use super::function::{find, find_version};
use super::name::{LATEST, Named};
use super::page::page;
use super::shapes;
use super::words::{invalid, not_here, not_there};
use crate::arn::Arn;
use crate::{Context, Failure, Operation};

/// The settings. Their key: the version or alias, under the function's name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct EventInvokeConfig {
    pub(crate) maximum_retry_attempts: Option<i64>,
    pub(crate) maximum_event_age_in_seconds: Option<i64>,
    pub(crate) on_success: Option<String>,
    pub(crate) on_failure: Option<String>,
}

impl Resource for EventInvokeConfig {
    const KIND: &'static str = "function-event-invoke-config";
}

/// The settings of the version that is meant; those of nobody if it has none.
pub(crate) fn event_invoke_config(r: &Reader<'_>, named: &Named) -> Result<EventInvokeConfig, store::StoreError> {
    let found = r.get::<EventInvokeConfig>(&named.alias_key(named.version()))?;
    Ok(found.map(|stored| stored.value).unwrap_or_default())
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DestinationConfig {
    on_success: Option<Destination>,
    on_failure: Option<Destination>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    destination: Option<String>,
}

/// The settings as they are told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConfigTold {
    last_modified: Timestamp,
    function_arn: String,
    maximum_retry_attempts: Option<i64>,
    maximum_event_age_in_seconds: Option<i64>,
    destination_config: DestinationConfig,
}

impl ConfigTold {
    fn of(named: &Named, stored: Stored<EventInvokeConfig>) -> ConfigTold {
        let config = stored.value;
        let told = |destination| Some(Destination { destination });
        ConfigTold {
            last_modified: stored.changed_at.into(),
            function_arn: format!("{}:{}", named.arn, stored.key.name),
            maximum_retry_attempts: config.maximum_retry_attempts,
            maximum_event_age_in_seconds: config.maximum_event_age_in_seconds,
            destination_config: DestinationConfig {
                on_success: told(config.on_success),
                on_failure: told(config.on_failure),
            },
        }
    }
}

/// What both ways to set it are given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    function_name: String,
    qualifier: Option<String>,
    maximum_retry_attempts: Option<i64>,
    maximum_event_age_in_seconds: Option<i64>,
    destination_config: Option<DestinationConfig>,
}

const DESTINATION: Shape = Shape::string().at_most_long(350).pattern(
    r"$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)",
);
const GIVEN: &[Member] = &[
    Member::required("FunctionName", shapes::ANY_FUNCTION),
    Member::optional("Qualifier", shapes::QUALIFIER),
    Member::optional("MaximumRetryAttempts", Shape::integer().range(0.0, 2.0)),
    Member::optional("MaximumEventAgeInSeconds", Shape::integer().range(60.0, 21_600.0)),
    Member::optional(
        "DestinationConfig",
        Shape::structure(
            "DestinationConfig",
            &[
                Member::optional(
                    "OnSuccess",
                    Shape::structure("OnSuccess", &[Member::optional("Destination", DESTINATION)]),
                ),
                Member::optional(
                    "OnFailure",
                    Shape::structure("OnFailure", &[Member::optional("Destination", DESTINATION)]),
                ),
            ],
        ),
    ),
];

impl Given {
    /// Sets it; over what there is, or in its place.
    fn set(self, cx: &Context<'_>, is_whole: bool) -> Result<ConfigTold, Failure> {
        let named = Named::of(cx, &self.function_name, self.qualifier.as_deref())?;
        let destinations = self.destination_config.clone();
        if self.maximum_retry_attempts.is_none()
            && self.maximum_event_age_in_seconds.is_none()
            && destinations.is_none()
        {
            let message = "You must specify at least one of error handling or destination setting.";
            return Err(invalid(message).into());
        }
        let stored = cx.store.try_write(|w| {
            find_version(w, &named)?.ok_or_else(|| not_there("The function doesn't exist."))?;
            let key = named.alias_key(named.version());
            let before = w.get::<EventInvokeConfig>(&key)?.map(|stored| stored.value);
            let mut config = match (before, is_whole) {
                (Some(before), false) => before,
                (_, true) => EventInvokeConfig::default(),
                (None, false) => return Err(no_config(&named).into()),
            };
            if let Some(attempts) = self.maximum_retry_attempts {
                config.maximum_retry_attempts = Some(attempts);
            }
            if let Some(seconds) = self.maximum_event_age_in_seconds {
                config.maximum_event_age_in_seconds = Some(seconds);
            }
            if let Some(DestinationConfig { on_success, on_failure }) = destinations {
                if let Some(Destination { destination }) = on_success {
                    config.on_success = hold_destination(w, &named, destination, "onSuccess")?;
                }
                if let Some(Destination { destination }) = on_failure {
                    config.on_failure = hold_destination(w, &named, destination, "onFailure")?;
                }
            }
            w.put(&key, &config, cx.now)?;
            Ok::<_, Failure>(Stored { key, value: config, created_at: cx.now, changed_at: cx.now })
        })?;
        Ok(ConfigTold::of(&named, stored))
    }
}

/// A destination that can be told.
fn hold_destination(
    w: &Writer<'_>,
    named: &Named,
    destination: Option<String>,
    which: &str,
) -> Result<Option<String>, Failure> {
    let Some(arn) = destination.filter(|arn| !arn.is_empty()) else { return Ok(None) };
    let service = Arn::of(&arn).map(|arn| arn.service).unwrap_or_default();
    match service {
        "sqs" | "sns" | "events" => {}
        "lambda" => {
            let target = Named::of_arn(&arn);
            if target.as_ref().is_some_and(|target| target.key == named.key) {
                return Err(invalid("You can't specify the function as a destination for itself.").into());
            }
            let is_there = match &target {
                Some(target) => find_version(w, target)?.is_some(),
                None => false,
            };
            if !is_there {
                return Err(invalid(format!("The destination ARN {arn} is invalid.")).into());
            }
        }
        "s3" => {
            return Err(not_here(
                "Buckets are no destinations here: name a queue, a topic, a function or an event bus.",
            )
            .into());
        }
        _ => {
            let told = |name: &str, kind: &str| match name == which {
                true => format!("{name}={kind}(destination={arn})"),
                false => format!("{name}=null"),
            };
            return Err(invalid(format!(
                "The provided destination config DestinationConfig({}, {}) is invalid.",
                told("onSuccess", "OnSuccess"),
                told("onFailure", "OnFailure")
            ))
            .into());
        }
    }
    Ok(Some(arn))
}

fn no_config(named: &Named) -> ApiError {
    not_there(format!("The function {} doesn't have an EventInvokeConfig", named.with_version()))
}

macro_rules! setters {
    ($($name:ident $is_whole:literal)*) => {$(
        #[derive(Deserialize)]
        #[serde(transparent)]
        pub(crate) struct $name(Given);

        impl Operation for $name {
            const NAME: &'static str = stringify!($name);
            const SHAPE: &'static Shape = &Shape::structure(concat!(stringify!($name), "Request"), GIVEN);
            type Output = ConfigTold;

            fn run(self, cx: &Context<'_>) -> Result<ConfigTold, Failure> {
                self.0.set(cx, $is_whole)
            }
        }
    )*};
}

setters! {
    PutFunctionEventInvokeConfig true
    UpdateFunctionEventInvokeConfig false
}

const ONE: &[Member] =
    &[Member::required("FunctionName", shapes::ANY_FUNCTION), Member::optional("Qualifier", shapes::QUALIFIER)];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetFunctionEventInvokeConfig {
    function_name: String,
    qualifier: Option<String>,
}

impl Operation for GetFunctionEventInvokeConfig {
    const NAME: &'static str = "GetFunctionEventInvokeConfig";
    const SHAPE: &'static Shape = &Shape::structure("GetFunctionEventInvokeConfigRequest", ONE);
    type Output = ConfigTold;

    fn run(self, cx: &Context<'_>) -> Result<ConfigTold, Failure> {
        let named = Named::of(cx, &self.function_name, self.qualifier.as_deref())?;
        let found = cx.get::<EventInvokeConfig>(&named.alias_key(named.version()))?;
        Ok(ConfigTold::of(&named, found.ok_or_else(|| no_config(&named))?))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteFunctionEventInvokeConfig {
    function_name: String,
    qualifier: Option<String>,
}

impl Operation for DeleteFunctionEventInvokeConfig {
    const NAME: &'static str = "DeleteFunctionEventInvokeConfig";
    const SHAPE: &'static Shape = &Shape::structure("DeleteFunctionEventInvokeConfigRequest", ONE);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let named = Named::of(cx, &self.function_name, self.qualifier.as_deref())?;
        let key = named.alias_key(named.version());
        match cx.store.write(|w| w.delete::<EventInvokeConfig>(&key))? {
            true => Ok(()),
            false => Err(no_config(&named).into()),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListFunctionEventInvokeConfigs {
    function_name: String,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListedConfigs {
    next_marker: Option<String>,
    function_event_invoke_configs: Vec<ConfigTold>,
}

impl Operation for ListFunctionEventInvokeConfigs {
    const NAME: &'static str = "ListFunctionEventInvokeConfigs";
    const SHAPE: &'static Shape = &Shape::structure(
        "ListFunctionEventInvokeConfigsRequest",
        &[
            Member::required("FunctionName", shapes::ANY_FUNCTION),
            Member::optional("MaxItems", Shape::integer().range(1.0, 50.0)),
        ],
    );
    type Output = ListedConfigs;

    fn run(self, cx: &Context<'_>) -> Result<ListedConfigs, Failure> {
        let named = Named::of(cx, &self.function_name, Some(LATEST))?;
        let all = cx.store.try_read(|r| {
            find(r, &named)?.ok_or_else(|| not_there("The function doesn't exist."))?;
            Ok::<_, Failure>(r.list::<EventInvokeConfig>(&named.list())?)
        })?;
        let (page, next_marker) = page(all, |stored| stored.key.name.clone(), self.marker.as_deref(), self.max_items)?;
        let told = page.into_iter().map(|stored| ConfigTold::of(&named, stored));
        Ok(ListedConfigs { next_marker, function_event_invoke_configs: told.collect() })
    }
}
