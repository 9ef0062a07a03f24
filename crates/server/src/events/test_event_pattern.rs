//! `TestEventPattern`: whether a pattern matches an event.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html>

use route::Pattern;
use route::json::Value;
use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::rule::invalid_pattern;
use crate::{Context, Failure, Operation};

/// What every event has.
const ENVELOPE: &[&str] = &["id", "account", "source", "time", "region", "detail-type"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TestEventPattern {
    event_pattern: String,
    event: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TestEventPatternResult {
    result: bool,
}

impl Operation for TestEventPattern {
    const NAME: &'static str = "TestEventPattern";
    const SHAPE: &'static Shape = &Shape::structure(
        "TestEventPatternRequest",
        &[
            Member::required("EventPattern", Shape::string().at_most_long(4096)),
            Member::required("Event", Shape::string()),
        ],
    );
    type Output = TestEventPatternResult;

    fn run(self, _: &Context<'_>) -> Result<TestEventPatternResult, Failure> {
        let no_event = || ApiError::new("ValidationException", "Parameter Event is not valid.");
        let event = Value::parse(&self.event).map_err(|_| no_event())?;
        if ENVELOPE.iter().any(|name| event.get(name).is_none()) {
            return Err(no_event().into());
        }
        let pattern = Pattern::compile(&self.event_pattern).map_err(|error| invalid_pattern(&error))?;
        let result = pattern.matches(&self.event).map_err(|_| no_event())?;
        Ok(TestEventPatternResult { result })
    }
}
