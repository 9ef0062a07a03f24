//! `GetTrailStatus`: whether a trail is logging, and since when.
//!
//! When something was last delivered is not told yet.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html>

use serde::{Deserialize, Serialize};
use wire::Timestamp;
use wire::check::{Member, Shape};

use super::trail::Trail;
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTrailStatus {
    name: String,
}

/// The texts that AWS no longer uses but still answers, empty where there is nothing, are here too.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TrailStatus {
    is_logging: bool,
    start_logging_time: Option<Timestamp>,
    stop_logging_time: Option<Timestamp>,
    latest_delivery_attempt_time: &'static str,
    latest_notification_attempt_time: &'static str,
    latest_notification_attempt_succeeded: &'static str,
    latest_delivery_attempt_succeeded: &'static str,
    time_logging_started: String,
    time_logging_stopped: String,
}

impl Operation for GetTrailStatus {
    const NAME: &'static str = "GetTrailStatus";
    const SHAPE: &'static Shape =
        &Shape::structure("GetTrailStatusRequest", &[Member::required("Name", Shape::string())]);
    type Output = TrailStatus;

    fn run(self, cx: &Context<'_>) -> Result<TrailStatus, Failure> {
        let trail = cx.store.try_read(|r| Trail::find(r, cx, &self.name))?;
        let text = |at: Option<Timestamp>| at.map_or_else(String::new, |at| format!("{:.0}", at.0));
        Ok(TrailStatus {
            is_logging: trail.is_logging,
            start_logging_time: trail.started_at,
            stop_logging_time: trail.stopped_at,
            latest_delivery_attempt_time: "",
            latest_notification_attempt_time: "",
            latest_notification_attempt_succeeded: "",
            latest_delivery_attempt_succeeded: "",
            time_logging_started: text(trail.started_at),
            time_logging_stopped: text(trail.stopped_at),
        })
    }
}
