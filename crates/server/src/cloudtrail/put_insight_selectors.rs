//! `PutInsightSelectors`: says which kinds of insight a trail looks for. None: Insights are off.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutInsightSelectors.html>

use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::insight_selectors::{InsightSelector, WrittenInsightSelector};
use super::later;
use super::trail::Trail;
use super::trail_tags::TrailTags;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutInsightSelectors {
    trail_name: Option<String>,
    insight_selectors: Vec<WrittenInsightSelector>,
    event_data_store: Option<String>,
    insights_destination: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TrailInsightSelectors {
    #[serde(rename = "TrailARN")]
    pub(crate) trail_arn: String,
    pub(crate) insight_selectors: Vec<InsightSelector>,
}

/// An event data store, by ARN or the end of it.
pub(crate) const EVENT_DATA_STORE: Shape = Shape::string().length(3, 256).pattern(r"^[a-zA-Z0-9._/\-:]+$");

impl Operation for PutInsightSelectors {
    const NAME: &'static str = "PutInsightSelectors";
    const SHAPE: &'static Shape = &Shape::structure(
        "PutInsightSelectorsRequest",
        &[
            Member::optional("TrailName", Shape::string()),
            Member::required("InsightSelectors", Shape::list(&Shape::any())),
            Member::optional("EventDataStore", EVENT_DATA_STORE),
            Member::optional("InsightsDestination", EVENT_DATA_STORE),
        ],
    );
    type Output = TrailInsightSelectors;

    fn run(self, cx: &Context<'_>) -> Result<TrailInsightSelectors, Failure> {
        let name = match (self.trail_name, self.event_data_store.or(self.insights_destination)) {
            (Some(name), None) => name,
            (None, Some(_)) => return Err(later::event_data_stores().into()),
            (Some(_), Some(_)) | (None, None) => return Err(one_of_both().into()),
        };
        let selectors = self.insight_selectors.into_iter().map(WrittenInsightSelector::read);
        let insight_selectors: Vec<InsightSelector> = selectors.collect::<Result<_, ApiError>>()?;
        Trail::change(cx, &name, |r, trail| {
            let tags = TrailTags::of(&r.tags(&trail.arn)?)?;
            for selector in &insight_selectors {
                selector.check(&trail.event_selectors, tags.reads_events())?;
            }
            if trail.insight_selectors.is_empty() && !insight_selectors.is_empty() {
                trail.insights_since = Some(cx.now.into());
            }
            trail.insight_selectors.clone_from(&insight_selectors);
            Ok(TrailInsightSelectors { trail_arn: trail.arn.clone(), insight_selectors })
        })
    }
}

/// What is said if neither a trail nor an event data store is named, or both are.
pub(crate) fn one_of_both() -> ApiError {
    let message = "Specify either a TrailName or an EventDataStore, and not both.";
    ApiError::new("InvalidParameterCombinationException", message)
}
