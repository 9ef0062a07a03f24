//! `PutEventSelectors`: says which events a trail logs, in place of what was said before.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html>

use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::event_selectors::{
    ADVANCED_EVENT_SELECTOR, AdvancedEventSelector, EVENT_SELECTOR, EventSelector, EventSelectors,
};
use super::trail::Trail;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutEventSelectors {
    trail_name: String,
    event_selectors: Option<Vec<EventSelector>>,
    advanced_event_selectors: Option<Vec<AdvancedEventSelector>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TrailEventSelectors {
    #[serde(rename = "TrailARN")]
    trail_arn: String,
    event_selectors: Option<Vec<EventSelector>>,
    advanced_event_selectors: Option<Vec<AdvancedEventSelector>>,
}

impl TrailEventSelectors {
    /// Those of a trail.
    pub(crate) fn of(trail: Trail) -> TrailEventSelectors {
        let (event_selectors, advanced_event_selectors) = match trail.event_selectors {
            EventSelectors::Basic(all) => (Some(all), None),
            EventSelectors::Advanced(all) => (None, Some(all)),
        };
        TrailEventSelectors { trail_arn: trail.arn, event_selectors, advanced_event_selectors }
    }
}

impl Operation for PutEventSelectors {
    const NAME: &'static str = "PutEventSelectors";
    const SHAPE: &'static Shape = &Shape::structure(
        "PutEventSelectorsRequest",
        &[
            Member::required("TrailName", Shape::string()),
            Member::optional("EventSelectors", Shape::list(&EVENT_SELECTOR)),
            Member::optional("AdvancedEventSelectors", Shape::list(&ADVANCED_EVENT_SELECTOR)),
        ],
    );
    type Output = TrailEventSelectors;

    fn run(self, cx: &Context<'_>) -> Result<TrailEventSelectors, Failure> {
        let selectors = match (self.event_selectors, self.advanced_event_selectors) {
            (Some(all), None) => {
                EventSelector::check(&all)?;
                EventSelectors::Basic(all)
            }
            (None, Some(all)) => {
                AdvancedEventSelector::check(&all)?;
                EventSelectors::Advanced(all)
            }
            (Some(_), Some(_)) | (None, None) => {
                let message = "Specify either EventSelectors or AdvancedEventSelectors, and not both.";
                return Err(ApiError::new("InvalidEventSelectorsException", message).into());
            }
        };
        Trail::change(cx, &self.trail_name, |_, trail| {
            trail.event_selectors = selectors;
            Ok(TrailEventSelectors::of(trail.clone()))
        })
    }
}
