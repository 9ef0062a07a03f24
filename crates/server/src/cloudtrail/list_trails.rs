//! `ListTrails`: the names of all trails of the account, whatever their Region.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html>

use serde::{Deserialize, Serialize};
use wire::check::Shape;

use super::trail::Trail;
use crate::{Context, Failure, Operation};

/// There are at most five a Region: they are one page, and no token is ever given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListTrails {
    #[serde(rename = "NextToken")]
    _next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TrailsListed {
    trails: Vec<TrailInfo>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TrailInfo {
    #[serde(rename = "TrailARN")]
    trail_arn: String,
    name: String,
    home_region: String,
}

impl Operation for ListTrails {
    const NAME: &'static str = "ListTrails";
    const SHAPE: &'static Shape = &Shape::structure("ListTrailsRequest", &[]);
    type Output = TrailsListed;

    fn run(self, cx: &Context<'_>) -> Result<TrailsListed, Failure> {
        let trails = cx.store.try_read(|r| Trail::all(r, cx))?;
        let info = |trail: Trail| TrailInfo {
            trail_arn: trail.arn,
            name: trail.name,
            home_region: trail.home_region.to_string(),
        };
        Ok(TrailsListed { trails: trails.into_iter().map(info).collect() })
    }
}
