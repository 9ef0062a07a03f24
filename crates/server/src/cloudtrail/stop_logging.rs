//! `StopLogging`: switches a trail off, and with it its Insights.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::done::Done;
use super::trail::Trail;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StopLogging {
    name: String,
}

impl Operation for StopLogging {
    const NAME: &'static str = "StopLogging";
    const SHAPE: &'static Shape = &Shape::structure("StopLoggingRequest", &[Member::required("Name", Shape::string())]);
    type Output = Done;

    fn run(self, cx: &Context<'_>) -> Result<Done, Failure> {
        Trail::change(cx, &self.name, |_, trail| {
            // Of a trail that is off already, the moment stays.
            if trail.is_logging {
                trail.is_logging = false;
                trail.stopped_at = Some(cx.now.into());
            }
            Ok(Done {})
        })
    }
}
