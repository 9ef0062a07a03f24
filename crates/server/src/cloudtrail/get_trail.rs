//! `GetTrail`: one trail's settings.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrail.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::trail::Trail;
use super::trail_told::TrailTold;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTrail {
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TrailFound {
    trail: TrailTold,
}

impl Operation for GetTrail {
    const NAME: &'static str = "GetTrail";
    const SHAPE: &'static Shape = &Shape::structure("GetTrailRequest", &[Member::required("Name", Shape::string())]);
    type Output = TrailFound;

    fn run(self, cx: &Context<'_>) -> Result<TrailFound, Failure> {
        let trail = cx.store.try_read(|r| Trail::find(r, cx, &self.name))?;
        Ok(TrailFound { trail: TrailTold::whole(trail) })
    }
}
