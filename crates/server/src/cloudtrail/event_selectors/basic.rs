//! Basic event selectors: reads or writes, management events or not, and a few kinds of data events by the ARNs of what they touch.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html>

use record::names::EventCategory;
use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::{ApiFacts, EventFacts, is_of};

/// A basic selector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EventSelector {
    #[serde(default)]
    read_write_type: ReadWriteType,
    #[serde(default = "yes")]
    include_management_events: bool,
    #[serde(default)]
    data_resources: Vec<DataResource>,
    #[serde(default)]
    exclude_management_event_sources: Vec<String>,
}

fn yes() -> bool {
    true
}

/// Which events by what they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum ReadWriteType {
    #[default]
    All,
    ReadOnly,
    WriteOnly,
}

/// Data events of one type: those on resources whose ARN begins with one of the values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataResource {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    values: Vec<String>,
}

/// What one looks like.
pub(crate) const EVENT_SELECTOR: Shape = Shape::structure(
    "EventSelector",
    &[
        Member::optional("ReadWriteType", Shape::string().one_of(&["ReadOnly", "WriteOnly", "All"])),
        Member::optional("IncludeManagementEvents", Shape::any()),
        Member::optional("DataResources", Shape::list(&DATA_RESOURCE)),
        Member::optional("ExcludeManagementEventSources", Shape::list(&Shape::string())),
    ],
);

const DATA_RESOURCE: Shape = Shape::structure(
    "DataResource",
    &[Member::optional("Type", Shape::string()), Member::optional("Values", Shape::list(&Shape::string()))],
);

/// AWS's limits on one trail.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
const MOST_SELECTORS: usize = 5;
const MOST_DATA_RESOURCES: usize = 250;

/// The types of data events that basic selectors know, and how the ARNs of what they touch begin.
const DATA_TYPES: &[(&str, &str)] = &[
    ("AWS::DynamoDB::Table", "arn:aws:dynamodb"),
    ("AWS::Lambda::Function", "arn:aws:lambda"),
    ("AWS::S3::Object", "arn:aws:s3"),
];

/// The only services whose management events can be left out.
pub(super) const EXCLUDABLE: &[&str] = &["kms.amazonaws.com", "rdsdata.amazonaws.com"];

impl Default for EventSelector {
    fn default() -> EventSelector {
        EventSelector {
            read_write_type: ReadWriteType::All,
            include_management_events: true,
            data_resources: Vec::new(),
            exclude_management_event_sources: Vec::new(),
        }
    }
}

impl EventSelector {
    /// Refuses what selectors must not be.
    pub(crate) fn check(all: &[EventSelector]) -> Result<(), ApiError> {
        if all.is_empty() || all.len() > MOST_SELECTORS {
            let message = format!("A trail has 1 to {MOST_SELECTORS} event selectors, and these are {}.", all.len());
            return Err(invalid(message));
        }
        let data_resources = || all.iter().flat_map(|selector| &selector.data_resources);
        let count: usize = data_resources().map(|resource| resource.values.len()).sum();
        if count > MOST_DATA_RESOURCES {
            let message = format!("A trail has at most {MOST_DATA_RESOURCES} data resources, and these are {count}.");
            return Err(invalid(message));
        }
        data_resources().try_for_each(DataResource::check)?;
        all.iter().try_for_each(EventSelector::check_excluded)?;
        let selects_nothing = |selector: &EventSelector| {
            !selector.include_management_events && selector.data_resources.iter().all(|of| of.values.is_empty())
        };
        if all.iter().any(selects_nothing) {
            let message = "Invalid combination of parameters in EventSelectors. When includeManagementEvents is false, DataResources must \
                           not be empty.";
            return Err(invalid(message.to_owned()));
        }
        Ok(())
    }

    fn check_excluded(&self) -> Result<(), ApiError> {
        let excluded = &self.exclude_management_event_sources;
        if let Some(source) = excluded.iter().find(|source| !EXCLUDABLE.contains(&source.as_str())) {
            return Err(invalid(format!(
                "Value {source} for ExcludeManagementEventSources is invalid. Valid values are: {}",
                EXCLUDABLE.join(", ")
            )));
        }
        if !excluded.is_empty() && !self.include_management_events {
            let message = "ExcludeManagementEventSources can be used only if IncludeManagementEvents is true.";
            return Err(invalid(message.to_owned()));
        }
        Ok(())
    }

    /// Whether it takes an event.
    pub(super) fn takes(&self, event: &EventFacts<'_>) -> bool {
        let excluded = || self.exclude_management_event_sources.iter().any(|source| source == event.source);
        self.may_take(event.category, event.read_only)
            && match event.category {
                EventCategory::Management => !excluded(),
                _ => self.data_resources.iter().any(|resource| resource.takes(event)),
            }
    }

    /// Whether it could take a call of this API.
    pub(super) fn may_take_api(&self, api: &ApiFacts<'_>) -> bool {
        self.may_take(api.category, api.read_only)
            && match api.category {
                EventCategory::Management => {
                    !self.exclude_management_event_sources.iter().any(|source| source == api.source)
                }
                _ => self.data_resources.iter().any(|of| !of.values.is_empty() && is_of(api.source, &of.r#type)),
            }
    }

    /// Whether it could take an event of this category, reading or writing.
    pub(super) fn may_take(&self, category: EventCategory, read_only: bool) -> bool {
        let is_asked_for = match self.read_write_type {
            ReadWriteType::All => true,
            ReadWriteType::ReadOnly => read_only,
            ReadWriteType::WriteOnly => !read_only,
        };
        is_asked_for
            && match category {
                EventCategory::Management => self.include_management_events,
                EventCategory::Data => self.data_resources.iter().any(|resource| !resource.values.is_empty()),
                EventCategory::NetworkActivity | EventCategory::Insight => false,
            }
    }
}

impl DataResource {
    fn check(&self) -> Result<(), ApiError> {
        let of_type = DATA_TYPES.iter().find(|(name, _)| *name == self.r#type);
        let Some((_, start)) = of_type else {
            let types: Vec<&str> = DATA_TYPES.iter().map(|(name, _)| *name).collect();
            return Err(invalid(format!(
                "Value {} for DataResources.Type is invalid. Valid values are: {}",
                self.r#type,
                types.join(", ")
            )));
        };
        let is_valid = |value: &&String| match value.strip_prefix(start) {
            Some("") => true,
            Some(rest) => rest.starts_with(':') && !rest.contains(['*', '?']) && !rest.contains(char::is_whitespace),
            None => false,
        };
        match self.values.iter().find(|value| !is_valid(value)) {
            Some(value) => Err(invalid(format!("Value {value} for DataResources.Values is invalid."))),
            None => Ok(()),
        }
    }

    fn takes(&self, event: &EventFacts<'_>) -> bool {
        // A record that names no resource is taken only where all of them are.
        let is_all = |value: &str| value.ends_with(":::") || DATA_TYPES.iter().any(|(_, start)| value == *start);
        let begins = |value: &String| match event.resource_arn {
            Some(arn) => arn.starts_with(value.as_str()),
            None => is_all(value),
        };
        event.is_on(&self.r#type) && self.values.iter().any(begins)
    }
}

pub(super) fn invalid(message: String) -> ApiError {
    ApiError::new("InvalidEventSelectorsException", message)
}
