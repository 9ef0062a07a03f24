//! `PutInsightSelectors`: says which kinds of insight a trail looks for, or an event data store, and in which store of its own
//! these are then. None: Insights are off.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutInsightSelectors.html>

use serde::{Deserialize, Serialize};
use wire::ApiError;
use wire::check::{Member, Shape};

use super::event_data_store::{EVENT_DATA_STORE, EventDataStore};
use super::insight_selectors::{InsightSelector, WrittenInsightSelector, invalid};
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

/// Those of a trail, or of an event data store.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InsightSelectorsTold {
    #[serde(rename = "TrailARN")]
    pub(crate) trail_arn: Option<String>,
    pub(crate) event_data_store_arn: Option<String>,
    pub(crate) insights_destination: Option<String>,
    pub(crate) insight_selectors: Vec<InsightSelector>,
}

impl InsightSelectorsTold {
    pub(crate) fn of_trail(trail: &Trail) -> InsightSelectorsTold {
        InsightSelectorsTold {
            trail_arn: Some(trail.arn.clone()),
            event_data_store_arn: None,
            insights_destination: None,
            insight_selectors: trail.insight_selectors.clone(),
        }
    }

    pub(crate) fn of_store(store: &EventDataStore) -> InsightSelectorsTold {
        InsightSelectorsTold {
            trail_arn: None,
            event_data_store_arn: Some(store.arn.clone()),
            insights_destination: store.insights_destination.clone(),
            insight_selectors: store.insight_selectors.clone(),
        }
    }
}

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
    type Output = InsightSelectorsTold;

    fn run(self, cx: &Context<'_>) -> Result<InsightSelectorsTold, Failure> {
        let selectors = self.insight_selectors.into_iter().map(WrittenInsightSelector::read);
        let insight_selectors = selectors.collect::<Result<Vec<InsightSelector>, ApiError>>();
        match (self.trail_name, self.event_data_store, self.insights_destination) {
            (Some(name), None, None) => put_of_trail(cx, &name, insight_selectors?),
            (None, Some(store), destination) => put_of_store(cx, &store, destination.as_deref(), insight_selectors?),
            (Some(_), Some(_), _) | (None, None, _) | (Some(_), None, Some(_)) => Err(one_of_both().into()),
        }
    }
}

fn put_of_trail(
    cx: &Context<'_>,
    name: &str,
    insight_selectors: Vec<InsightSelector>,
) -> Result<InsightSelectorsTold, Failure> {
    Trail::change(cx, name, |r, trail| {
        let tags = TrailTags::of(&r.tags(&trail.arn)?)?;
        for selector in &insight_selectors {
            selector.check(&trail.event_selectors, tags.reads_events(), "the trail")?;
        }
        if trail.insight_selectors.is_empty() && !insight_selectors.is_empty() {
            trail.insights_since = Some(cx.now.into());
        }
        trail.insight_selectors = insight_selectors;
        Ok(InsightSelectorsTold::of_trail(trail))
    })
}

fn put_of_store(
    cx: &Context<'_>,
    name: &str,
    destination: Option<&str>,
    insight_selectors: Vec<InsightSelector>,
) -> Result<InsightSelectorsTold, Failure> {
    EventDataStore::change(cx, name, |r, store| {
        store.check_active()?;
        store.check_own("given Insight selectors: the insights of trails are in the event data store insights")?;
        if store.is_of_insights() {
            let message =
                "Insights are looked for in management events, and this is an event data store of Insight events.";
            return Err(invalid(message).into());
        }
        store.check_insight_selectors(&insight_selectors)?;
        store.insights_destination = match destination {
            Some(destination) => {
                let destination = EventDataStore::find_active(r, cx, destination)?;
                if !destination.is_of_insights() || destination.is_always_there() {
                    let message = format!(
                        "The InsightsDestination {} must be an event data store of your own with the selector eventCategory Equals Insight.",
                        destination.arn
                    );
                    return Err(invalid(message).into());
                }
                Some(destination.arn)
            }
            None if insight_selectors.is_empty() => None,
            None => {
                let message = "Specify an InsightsDestination: the event data store that the insights are to be in.";
                return Err(ApiError::new("InvalidParameterCombinationException", message).into());
            }
        };
        store.insight_selectors = insight_selectors;
        Ok(InsightSelectorsTold::of_store(store))
    })
}

/// What is said if neither a trail nor an event data store is named, or both are.
pub(crate) fn one_of_both() -> ApiError {
    let message = "Specify either a TrailName or an EventDataStore, and not both.";
    ApiError::new("InvalidParameterCombinationException", message)
}
