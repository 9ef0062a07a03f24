//! `LookupEvents`: the Insight events of the last 90 days. Management events are not kept yet: of them there are none.
//!
//! Insights of every account and Region that is watched are told; each says its own.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use record::names::{EventCategory, EventName, EventSource};
use serde::Deserialize;
use store::insight_events::Lookup;
use wire::check::{Member, Shape};
use wire::{ApiError, Timestamp};

use super::insight_lookup::{Asked, InsightsPage, Unasked};
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
    attribute_key: String,
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
    type Output = InsightsPage;

    fn run(self, cx: &Context<'_>) -> Result<InsightsPage, Failure> {
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
        let mut lookup = Lookup { category: Some(EventCategory::Management), ..Lookup::default() };
        if let Some(LookupAttribute { attribute_key, attribute_value }) = attribute {
            check_length(&attribute_value)?;
            match attribute_key.as_str() {
                "EventId" => lookup.id = Some(attribute_value),
                "EventName" => lookup.name = Some(EventName::from(attribute_value.as_str())),
                "EventSource" => lookup.source = Some(EventSource::from(attribute_value.as_str())),
                _ if is_insight => {
                    let message = "Insights events are looked up by EventId, EventName or EventSource.";
                    return Err(invalid_attributes(message).into());
                }
                _ => {}
            }
        }
        let asked = Asked {
            lookup,
            start: self.start_time,
            end: self.end_time,
            max_results: self.max_results,
            next_token: self.next_token,
        };
        let refusal = |unasked| match unasked {
            Unasked::TimeRange => ApiError::new("InvalidTimeRangeException", "The start time is after the end time."),
            Unasked::Token => {
                let message =
                    "The token does not belong to these parameters: each page is asked for with the same ones.";
                ApiError::new("InvalidNextTokenException", message)
            }
        };
        if is_insight {
            InsightsPage::read(asked, cx, |unasked| refusal(unasked).into())
        } else if asked.start.zip(asked.end).is_some_and(|(start, end)| start > end) {
            Err(refusal(Unasked::TimeRange).into())
        } else if asked.next_token.is_some() {
            Err(refusal(Unasked::Token).into())
        } else {
            Ok(InsightsPage::empty())
        }
    }
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
