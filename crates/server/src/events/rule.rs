//! A rule as it is remembered.

use serde::{Deserialize, Serialize};
use store::Resource;
use wire::ApiError;

/// The bus that is there from the start.
pub(crate) const DEFAULT_BUS: &str = "default";

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

/// What EventBridge says of a pattern that is none.
pub(crate) fn invalid_pattern(error: &route::PatternError) -> ApiError {
    ApiError::new("InvalidEventPatternException", format!("Event pattern is not valid. Reason: {error}"))
}
