//! `GetTrailStatus`: whether a trail is logging, since when, and what has come of its deliveries.
//!
//! What is called delivered here is a log file that lay in the trail's bucket and was read, or an Insight file that was put
//! there, whichever came last. That the bucket cannot be listed is told as AWS tells that it cannot be written: by S3's word.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html>

use serde::{Deserialize, Serialize};
use wire::Timestamp;
use wire::check::{Member, Shape};

use super::trail::Trail;
use super::trail_status::{Attempts, TrailStatus};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetTrailStatus {
    name: String,
}

/// The texts that AWS no longer uses but still answers, empty where there is nothing, are here too.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TrailStatusTold {
    is_logging: bool,
    latest_delivery_error: Option<String>,
    latest_notification_error: Option<String>,
    latest_delivery_time: Option<Timestamp>,
    latest_notification_time: Option<Timestamp>,
    start_logging_time: Option<Timestamp>,
    stop_logging_time: Option<Timestamp>,
    latest_cloud_watch_logs_delivery_error: Option<String>,
    latest_cloud_watch_logs_delivery_time: Option<Timestamp>,
    latest_digest_delivery_time: Option<Timestamp>,
    latest_digest_delivery_error: Option<String>,
    latest_delivery_attempt_time: String,
    latest_notification_attempt_time: String,
    latest_notification_attempt_succeeded: String,
    latest_delivery_attempt_succeeded: String,
    time_logging_started: String,
    time_logging_stopped: String,
}

impl Operation for GetTrailStatus {
    const NAME: &'static str = "GetTrailStatus";
    const SHAPE: &'static Shape =
        &Shape::structure("GetTrailStatusRequest", &[Member::required("Name", Shape::string())]);
    type Output = TrailStatusTold;

    fn run(self, cx: &Context<'_>) -> Result<TrailStatusTold, Failure> {
        let (trail, status) = cx.store.try_read(|r| {
            let trail = Trail::find(r, cx, &self.name)?;
            let status = TrailStatus::of(r, &trail)?;
            Ok::<_, Failure>((trail, status))
        })?;
        // What is wrong now goes before what went wrong last.
        let unlisted = status.unlisted(&trail).map(|unlisted| unlisted.code.clone());
        let TrailStatus { delivery, notification, logs, digest, .. } = status;
        Ok(TrailStatusTold {
            is_logging: trail.is_logging,
            latest_delivery_attempt_time: Attempts::text(delivery.attempted_at),
            latest_delivery_attempt_succeeded: Attempts::text(delivery.succeeded_at),
            latest_notification_attempt_time: Attempts::text(notification.attempted_at),
            latest_notification_attempt_succeeded: Attempts::text(notification.succeeded_at),
            latest_delivery_error: unlisted.or(delivery.error),
            latest_delivery_time: delivery.succeeded_at,
            latest_notification_error: notification.error,
            latest_notification_time: notification.succeeded_at,
            latest_cloud_watch_logs_delivery_error: logs.error,
            latest_cloud_watch_logs_delivery_time: logs.succeeded_at,
            latest_digest_delivery_error: digest.error,
            latest_digest_delivery_time: digest.succeeded_at,
            start_logging_time: trail.started_at,
            stop_logging_time: trail.stopped_at,
            time_logging_started: Attempts::text(trail.started_at),
            time_logging_stopped: Attempts::text(trail.stopped_at),
        })
    }
}
