//! Event selectors: which events a trail logs. Basic ones, or advanced ones, never both; an event is logged if any takes it.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html>,
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html>

use record::api_call::ApiCall;
use record::names::EventCategory;
use serde::{Deserialize, Serialize};

mod advanced;
mod basic;

pub(crate) use advanced::{ADVANCED_EVENT_SELECTOR, AdvancedEventSelector};
pub(crate) use basic::{EVENT_SELECTOR, EventSelector};

/// A trail's selectors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum EventSelectors {
    Basic(Vec<EventSelector>),
    Advanced(Vec<AdvancedEventSelector>),
}

impl Default for EventSelectors {
    /// All management events, as a trail has it that was made through the API.
    fn default() -> EventSelectors {
        EventSelectors::Basic(vec![EventSelector::default()])
    }
}

/// What selectors look at in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventFacts<'a> {
    pub(crate) category: EventCategory,
    pub(crate) read_only: bool,
    pub(crate) source: &'a str,
    pub(crate) name: &'a str,
    pub(crate) event_type: Option<&'a str>,
    pub(crate) user_arn: Option<&'a str>,
    pub(crate) error_code: Option<&'a str>,
    /// The ARN of the resource: of an object, a function, a table.
    pub(crate) resource_arn: Option<&'a str>,
}

impl<'a> EventFacts<'a> {
    /// Those of a call.
    pub(crate) fn of(call: &'a ApiCall<'_>) -> EventFacts<'a> {
        EventFacts {
            category: call.category,
            read_only: call.read_only,
            source: &call.source,
            name: &call.name,
            event_type: call.event_type.as_deref(),
            user_arn: call.identity.arn.as_deref(),
            error_code: call.error_code.as_deref(),
            resource_arn: call.resource.as_deref(),
        }
    }

    /// Whether the resource is of a type like `AWS::S3::Object`.
    ///
    /// Records seldom say the type of a resource. But who was called says of which service it is.
    fn is_on(&self, resource_type: &str) -> bool {
        is_of(self.source, resource_type)
    }
}

/// Whether a service has resources of a type.
fn is_of(source: &str, resource_type: &str) -> bool {
    let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    let service = service.rsplit('.').next().unwrap_or(service);
    resource_type.split("::").nth(1).is_some_and(|of| of.eq_ignore_ascii_case(service))
}

/// What selectors can look at in an API, whoever calls it upon whatever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ApiFacts<'a> {
    pub(crate) category: EventCategory,
    pub(crate) read_only: bool,
    pub(crate) source: &'a str,
    pub(crate) name: &'a str,
}

impl EventSelectors {
    /// Whether any of them takes the event.
    pub(crate) fn log(&self, event: &EventFacts<'_>) -> bool {
        match self {
            EventSelectors::Basic(all) => all.iter().any(|selector| selector.takes(event)),
            EventSelectors::Advanced(all) => all.iter().any(|selector| selector.takes(event)),
        }
    }

    /// Whether some call of this API could be logged.
    pub(crate) fn may_log_api(&self, api: &ApiFacts<'_>) -> bool {
        match self {
            EventSelectors::Basic(all) => all.iter().any(|selector| selector.may_take_api(api)),
            EventSelectors::Advanced(all) => all.iter().any(|selector| selector.may_take_api(api)),
        }
    }

    /// Whether some event of this category, reading or writing, could be logged.
    pub(crate) fn may_log(&self, category: EventCategory, read_only: bool) -> bool {
        match self {
            EventSelectors::Basic(all) => all.iter().any(|selector| selector.may_take(category, read_only)),
            EventSelectors::Advanced(all) => all.iter().any(|selector| selector.may_take(category, read_only)),
        }
    }
}

#[cfg(test)]
mod tests;
