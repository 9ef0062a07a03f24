//! A rule as it is remembered.

use serde::{Deserialize, Serialize};
use store::{Reader, Resource, Stored};
use wire::ApiError;

use super::event_bus::{event_bus, named_bus};
use crate::bus::BusName;
use crate::{Context, Failure};

/// The bus that is there from the start.
pub(crate) const DEFAULT_BUS: &str = "default";
/// Rules of one bus.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
pub(crate) const MAX_RULES: usize = 300;

/// A rule. Its key: its name, under its bus.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) arn: String,
    pub(crate) bus: String,
    pub(crate) event_pattern: Option<String>,
    pub(crate) schedule_expression: Option<String>,
    /// `ENABLED`, `DISABLED`, or `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`.
    pub(crate) state: String,
    pub(crate) description: Option<String>,
    pub(crate) role_arn: Option<String>,
}

impl Resource for Rule {
    const KIND: &'static str = "rule";
}

/// A rule as it is told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RuleTold {
    name: String,
    arn: String,
    event_pattern: Option<String>,
    state: String,
    description: Option<String>,
    schedule_expression: Option<String>,
    role_arn: Option<String>,
    event_bus_name: String,
}

impl From<Stored<Rule>> for RuleTold {
    fn from(Stored { key, value: rule, .. }: Stored<Rule>) -> RuleTold {
        RuleTold {
            name: key.name,
            arn: rule.arn,
            event_pattern: rule.event_pattern,
            state: rule.state,
            description: rule.description,
            schedule_expression: rule.schedule_expression,
            role_arn: rule.role_arn,
            event_bus_name: rule.bus,
        }
    }
}

/// The rule of this name, or `ResourceNotFoundException`.
pub(crate) fn rule(r: &Reader<'_>, bus: &BusName, name: &str) -> Result<Stored<Rule>, Failure> {
    let found = r.get(&bus.rule(name))?;
    let message = || format!("Rule {name} does not exist on EventBus {}.", bus.name);
    Ok(found.ok_or_else(|| ApiError::new("ResourceNotFoundException", message()))?)
}

/// The ARN of a rule: of one on the default bus it does not name the bus.
pub(crate) fn rule_arn(bus: &BusName, name: &str) -> String {
    let BusName { account, region, name: on } = bus;
    match on.as_str() {
        DEFAULT_BUS => format!("arn:aws:events:{region}:{account}:rule/{name}"),
        on => format!("arn:aws:events:{region}:{account}:rule/{on}/{name}"),
    }
}

/// What EventBridge says of a pattern that is none.
pub(crate) fn invalid_pattern(error: &route::PatternError) -> ApiError {
    ApiError::new("InvalidEventPatternException", format!("Event pattern is not valid. Reason: {error}"))
}

/// There is as much of it as there may be.
pub(crate) fn limit_exceeded() -> ApiError {
    ApiError::new("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
}

/// An input that no constraint of the model forbids, and EventBridge does.
pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationException", message)
}

/// Changes a rule that is there.
pub(crate) fn change_rule(
    cx: &Context<'_>,
    bus: Option<&str>,
    name: &str,
    change: impl FnOnce(&mut Rule),
) -> Result<(), Failure> {
    let bus = named_bus(cx, bus)?;
    cx.store.try_write(|w| {
        event_bus(w, &bus)?;
        let mut found = rule(w, &bus, name)?;
        change(&mut found.value);
        w.put(&found.key, &found.value, cx.now)?;
        cx.rules.forget(w, &bus);
        Ok(())
    })
}
