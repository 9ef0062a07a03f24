//! `GetInsightSelectors`: which kinds of insight a trail looks for.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetInsightSelectors.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::later;
use super::put_insight_selectors::{EVENT_DATA_STORE, TrailInsightSelectors, one_of_both};
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
    type Output = TrailInsightSelectors;

    fn run(self, cx: &Context<'_>) -> Result<TrailInsightSelectors, Failure> {
        let name = match (self.trail_name, self.event_data_store) {
            (Some(name), None) => name,
            (None, Some(_)) => return Err(later::event_data_stores().into()),
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
        Ok(TrailInsightSelectors { trail_arn: trail.arn, insight_selectors: trail.insight_selectors })
    }
}
