//! `StartLogging`: switches a trail on.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html>

use serde::Deserialize;
use wire::check::{Member, Shape};

use super::done::Done;
use super::trail::Trail;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StartLogging {
    name: String,
}

impl Operation for StartLogging {
    const NAME: &'static str = "StartLogging";
    const SHAPE: &'static Shape =
        &Shape::structure("StartLoggingRequest", &[Member::required("Name", Shape::string())]);
    type Output = Done;

    fn run(self, cx: &Context<'_>) -> Result<Done, Failure> {
        Trail::change(cx, &self.name, |_, trail| {
            // Of a trail that is on already, the moment stays.
            if !trail.is_logging {
                trail.is_logging = true;
                trail.started_at = Some(cx.now.into());
            }
            Ok(Done {})
        })
    }
}
