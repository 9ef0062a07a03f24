//! `GetEventSelectors`: which events a trail logs.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::put_event_selectors::TrailEventSelectors;
use super::trail::Trail;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetEventSelectors {
    trail_name: String,
}

impl Operation for GetEventSelectors {
    const NAME: &'static str = "GetEventSelectors";
    const SHAPE: &'static Shape =
        &Shape::structure("GetEventSelectorsRequest", &[Member::required("TrailName", Shape::string())]);
    type Output = TrailEventSelectors;

    fn run(self, cx: &Context<'_>) -> Result<TrailEventSelectors, Failure> {
        let trail = cx.store.try_read(|r| Trail::find(r, cx, &self.trail_name))?;
        Ok(TrailEventSelectors::of(trail))
    }
}
