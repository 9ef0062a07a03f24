//! `LookupEvents`: the management events, or the Insights events, of the last 90 days.
//!
//! Those of every account and Region that is watched are told; each says its own.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use record::names::{EventCategory, EventName, EventSource};
use serde::Deserialize;
use store::insight_events::Lookup;
use wire::check::{Member, Shape};
use wire::{ApiError, Timestamp};

use super::event_lookup::{self, Attribute};
use super::insight_lookup;
use super::lookup_page::{Asked, LookupPage};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LookupEvents {
    lookup_attributes: Option<Vec<LookupAttribute>>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    event_category: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LookupAttribute {
    attribute_key: Attribute,
    attribute_value: String,
}

const LOOKUP_ATTRIBUTE: Shape = Shape::structure(
    "LookupAttribute",
    &[
        Member::required(
            "AttributeKey",
            Shape::string().one_of(&[
                "EventId",
                "EventName",
                "ReadOnly",
                "Username",
                "ResourceType",
                "ResourceName",
                "EventSource",
                "AccessKeyId",
            ]),
        ),
        Member::required("AttributeValue", Shape::string().length(1, 2000)),
    ],
);

impl Operation for LookupEvents {
    const NAME: &'static str = "LookupEvents";
    const SHAPE: &'static Shape = &Shape::structure(
        "LookupEventsRequest",
        &[
            Member::optional("LookupAttributes", Shape::list(&LOOKUP_ATTRIBUTE)),
            Member::optional("MaxResults", Shape::integer().range(1.0, 50.0)),
        ],
    );
    type Output = LookupPage;

    fn run(self, cx: &Context<'_>) -> Result<LookupPage, Failure> {
        let mut attributes = self.lookup_attributes.unwrap_or_default();
        let attribute = attributes.pop();
        if !attributes.is_empty() {
            return Err(invalid_attributes("Only one lookup attribute can be given.").into());
        }
        let is_insight = match self.event_category.as_deref() {
            None => false,
            Some("insight") => true,
            Some(other) => {
                let message = format!("The event category {other} is not valid. The only one is insight.");
                return Err(ApiError::new("InvalidEventCategoryException", message).into());
            }
        };
        let attribute = attribute.map(|LookupAttribute { attribute_key, attribute_value }| {
            check_length(&attribute_value)?;
            Ok::<_, ApiError>((attribute_key, attribute_value))
        });
        let asked = Asked {
            what: attribute.transpose()?,
            start: self.start_time,
            end: self.end_time,
            max_results: self.max_results,
            next_token: self.next_token,
        };
        if asked.is_backwards() {
            let message = "The start time is after the end time.";
            return Err(ApiError::new("InvalidTimeRangeException", message).into());
        }
        if is_insight {
            let asked = asked.by(insights_by)?;
            return insight_lookup::look_up(&asked, cx, wrong_token);
        }
        if matches!(&asked.what, Some((Attribute::ReadOnly, value)) if !["true", "false"].contains(&value.as_str())) {
            return Err(invalid_attributes("ReadOnly is true or false.").into());
        }
        event_lookup::look_up(&asked, cx, wrong_token)
    }
}

/// What insights are looked up by.
fn insights_by(attribute: Option<(Attribute, String)>) -> Result<Lookup, ApiError> {
    let mut lookup = Lookup { category: Some(EventCategory::Management), ..Lookup::default() };
    match attribute {
        None => {}
        Some((Attribute::EventId, id)) => lookup.id = Some(id),
        Some((Attribute::EventName, name)) => lookup.name = Some(EventName::from(name.as_str())),
        Some((Attribute::EventSource, source)) => lookup.source = Some(EventSource::from(source.as_str())),
        Some(_) => {
            return Err(invalid_attributes("Insights events are looked up by EventId, EventName or EventSource."));
        }
    }
    Ok(lookup)
}

fn wrong_token() -> ApiError {
    let message = "The token does not belong to these parameters: each page is asked for with the same ones.";
    ApiError::new("InvalidNextTokenException", message)
}

/// Some characters count twice. <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupAttribute.html>
fn check_length(value: &str) -> Result<(), ApiError> {
    let length: usize = value.chars().map(|char| if "_ ,\n".contains(char) { 2 } else { 1 }).sum();
    match length {
        0..=2000 => Ok(()),
        _ => Err(invalid_attributes("The value of a lookup attribute has at most 2000 characters.")),
    }
}

fn invalid_attributes(message: &str) -> ApiError {
    ApiError::new("InvalidLookupAttributesException", message)
}
