//! `GetInsightSelectors`: which kinds of insight a trail or an event data store looks for.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetInsightSelectors.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::event_data_store::{EVENT_DATA_STORE, EventDataStore};
use super::put_insight_selectors::{InsightSelectorsTold, one_of_both};
use super::trail::Trail;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetInsightSelectors {
    trail_name: Option<String>,
    event_data_store: Option<String>,
}

impl Operation for GetInsightSelectors {
    const NAME: &'static str = "GetInsightSelectors";
    const SHAPE: &'static Shape = &Shape::structure(
        "GetInsightSelectorsRequest",
        &[Member::optional("TrailName", Shape::string()), Member::optional("EventDataStore", EVENT_DATA_STORE)],
    );
    type Output = InsightSelectorsTold;

    fn run(self, cx: &Context<'_>) -> Result<InsightSelectorsTold, Failure> {
        let name = match (self.trail_name, self.event_data_store) {
            (Some(name), None) => name,
            (None, Some(store)) => {
                let store = cx.store.try_read(|r| EventDataStore::find(r, cx, &store))?;
                if store.insight_selectors.is_empty() {
                    let message = format!(
                        "Event data store {} does not have Insights enabled. PutInsightSelectors enables them.",
                        store.arn
                    );
                    return Err(ApiError::new("InsightNotEnabledException", message).into());
                }
                return Ok(InsightSelectorsTold::of_store(&store));
            }
            (Some(_), Some(_)) | (None, None) => return Err(one_of_both().into()),
        };
        let trail = cx.store.try_read(|r| Trail::find(r, cx, &name))?;
        if trail.insight_selectors.is_empty() {
            let message = format!(
                "Trail {} does not have Insights enabled. Edit the trail settings to enable Insights, and then try the operation again.",
                trail.arn
            );
            return Err(ApiError::new("InsightNotEnabledException", message).into());
        }
        Ok(InsightSelectorsTold::of_trail(&trail))
    }
}
