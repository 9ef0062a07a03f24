//! `UpdateTrail`: changes what is set of a trail; logging goes on meanwhile.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::trail::Trail;
use super::trail_settings::TrailSettings;
use super::trail_told::TrailTold;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateTrail {
    name: String,
    #[serde(flatten)]
    settings: TrailSettings,
}

impl Operation for UpdateTrail {
    const NAME: &'static str = "UpdateTrail";
    const SHAPE: &'static Shape = &Shape::structure("UpdateTrailRequest", &[Member::required("Name", Shape::string())]);
    type Output = TrailTold;

    fn run(self, cx: &Context<'_>) -> Result<TrailTold, Failure> {
        Trail::change(cx, &self.name, |r, trail| {
            self.settings.set(trail, r, cx)?;
            Ok(TrailTold::settings(trail.clone()))
        })
    }
}
