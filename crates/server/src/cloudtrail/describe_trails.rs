//! `DescribeTrails`: the settings of the trails of this Region, among them the shadows of multi-Region trails of others.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html>

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::trail::{Trail, trail_of_arn};
use super::trail_name;
use super::trail_told::TrailTold;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeTrails {
    trail_name_list: Option<Vec<String>>,
    include_shadow_trails: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrailsDescribed {
    trail_list: Vec<TrailTold>,
}

impl Operation for DescribeTrails {
    const NAME: &'static str = "DescribeTrails";
    const SHAPE: &'static Shape = &Shape::structure(
        "DescribeTrailsRequest",
        &[
            Member::optional("trailNameList", Shape::list(&Shape::string())),
            Member::optional("includeShadowTrails", Shape::any()),
        ],
    );
    type Output = TrailsDescribed;

    fn run(self, cx: &Context<'_>) -> Result<TrailsDescribed, Failure> {
        let names = self.trail_name_list.unwrap_or_default();
        for name in &names {
            if name.starts_with("arn:") {
                trail_of_arn(name)?;
            } else {
                trail_name::check(name)?;
            }
        }
        let with_shadows = self.include_shadow_trails.unwrap_or(true);
        // Names that nothing has are passed over. By ARN trails of every Region can be asked for.
        let is_asked_for = |trail: &Trail| {
            let is_home = trail.home_region == cx.region;
            match names.is_empty() {
                true => is_home || with_shadows && trail.is_multi_region,
                false => names.iter().any(|name| *name == trail.arn || is_home && *name == trail.name),
            }
        };
        let all = cx.store.try_read(|r| Trail::all(r, cx))?;
        Ok(TrailsDescribed { trail_list: all.into_iter().filter(is_asked_for).map(TrailTold::whole).collect() })
    }
}
