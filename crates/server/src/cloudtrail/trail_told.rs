//! How a trail is told to clients.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html>

use serde::Serialize;

use super::event_selectors::EventSelectors;
use super::trail::Trail;

/// A trail, as `CreateTrail` and `UpdateTrail` answer it; the last three are told by `GetTrail` and `DescribeTrails` only.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TrailTold {
    name: String,
    s3_bucket_name: String,
    s3_key_prefix: Option<String>,
    sns_topic_name: Option<String>,
    #[serde(rename = "SnsTopicARN")]
    sns_topic_arn: Option<String>,
    include_global_service_events: bool,
    is_multi_region_trail: bool,
    #[serde(rename = "TrailARN")]
    trail_arn: String,
    log_file_validation_enabled: bool,
    cloud_watch_logs_log_group_arn: Option<String>,
    cloud_watch_logs_role_arn: Option<String>,
    kms_key_id: Option<String>,
    is_organization_trail: bool,
    recursive_logging: Option<bool>,
    home_region: Option<String>,
    has_custom_event_selectors: Option<bool>,
    has_insight_selectors: Option<bool>,
}

impl TrailTold {
    /// Its settings.
    pub(crate) fn settings(trail: Trail) -> TrailTold {
        TrailTold {
            name: trail.name,
            s3_bucket_name: trail.bucket,
            s3_key_prefix: trail.prefix,
            sns_topic_name: trail.sns_topic_name,
            sns_topic_arn: trail.sns_topic_arn,
            include_global_service_events: trail.includes_global_service_events,
            is_multi_region_trail: trail.is_multi_region,
            trail_arn: trail.arn,
            log_file_validation_enabled: trail.validates_log_files,
            cloud_watch_logs_log_group_arn: trail.log_group_arn,
            cloud_watch_logs_role_arn: trail.log_role_arn,
            kms_key_id: trail.kms_key_id,
            is_organization_trail: trail.is_organization,
            recursive_logging: trail.recursive_logging,
            home_region: None,
            has_custom_event_selectors: None,
            has_insight_selectors: None,
        }
    }

    /// All of it.
    pub(crate) fn whole(trail: Trail) -> TrailTold {
        let home_region = Some(trail.home_region.to_string());
        let has_custom_event_selectors = Some(trail.event_selectors != EventSelectors::default());
        let has_insight_selectors = Some(!trail.insight_selectors.is_empty());
        TrailTold { home_region, has_custom_event_selectors, has_insight_selectors, ..TrailTold::settings(trail) }
    }
}
