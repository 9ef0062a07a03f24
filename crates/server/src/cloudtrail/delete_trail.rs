//! `DeleteTrail`: forgets a trail. What it wrote stays in its bucket.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::done::Done;
use super::trail::Trail;
use super::trail_status::TrailStatus;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteTrail {
    name: String,
}

impl Operation for DeleteTrail {
    const NAME: &'static str = "DeleteTrail";
    const SHAPE: &'static Shape = &Shape::structure("DeleteTrailRequest", &[Member::required("Name", Shape::string())]);
    type Output = Done;

    fn run(self, cx: &Context<'_>) -> Result<Done, Failure> {
        cx.store.try_write(|w| {
            let trail = Trail::find_at_home(w, cx, &self.name)?;
            w.delete::<Trail>(&Trail::key(cx, &trail.home_region, &trail.name))?;
            w.delete::<TrailStatus>(&trail.own_key())?;
            w.remove_all_tags(&trail.arn)?;
            Ok(Done {})
        })
    }
}
