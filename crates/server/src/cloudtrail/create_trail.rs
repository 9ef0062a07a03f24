//! `CreateTrail`: makes a trail. It logs nothing until `StartLogging`.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>

use serde::Deserialize;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::event_selectors::EventSelectors;
use super::tags::{TAGS_LIST, Tag, check_new_tags};
use super::trail::Trail;
use super::trail_name;
use super::trail_settings::TrailSettings;
use super::trail_told::TrailTold;
use crate::{Context, Failure, Operation};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
const MOST_TRAILS_A_REGION: usize = 5;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateTrail {
    name: String,
    tags_list: Option<Vec<Tag>>,
    #[serde(flatten)]
    settings: TrailSettings,
}

impl Operation for CreateTrail {
    const NAME: &'static str = "CreateTrail";
    const SHAPE: &'static Shape = &Shape::structure(
        "CreateTrailRequest",
        &[
            Member::required("Name", Shape::string()),
            Member::required("S3BucketName", Shape::string()),
            Member::optional("TagsList", TAGS_LIST),
        ],
    );
    type Output = TrailTold;

    fn run(self, cx: &Context<'_>) -> Result<TrailTold, Failure> {
        trail_name::check(&self.name)?;
        let tags = check_new_tags(self.tags_list.unwrap_or_default())?;
        let mut trail = Trail {
            arn: cx.arn("cloudtrail", format_args!("trail/{}", self.name)),
            name: self.name,
            home_region: cx.region.clone(),
            bucket: String::new(),
            prefix: None,
            sns_topic_name: None,
            sns_topic_arn: None,
            includes_global_service_events: true,
            is_multi_region: false,
            is_organization: false,
            validates_log_files: false,
            recursive_logging: None,
            log_group_arn: None,
            log_role_arn: None,
            kms_key_id: None,
            is_logging: false,
            started_at: None,
            stopped_at: None,
            event_selectors: EventSelectors::default(),
            insight_selectors: Vec::new(),
            insights_since: None,
        };
        cx.store.try_read(|r| self.settings.set(&mut trail, r, cx))?;
        cx.store.try_write(|w| {
            // Shadows of multi-Region trails are among those of every Region.
            let here: Vec<Trail> = Trail::all(w, cx)?.into_iter().filter(|other| other.covers(&cx.region)).collect();
            if here.iter().any(|other| other.name == trail.name) {
                let message = format!("Trail {} already exists for customer: {}", trail.name, cx.account);
                return Err(Failure::from(ApiError::new("TrailAlreadyExistsException", message)));
            }
            if here.len() >= MOST_TRAILS_A_REGION {
                let message =
                    format!("User: {} already has {MOST_TRAILS_A_REGION} trails in {}.", cx.account, cx.region);
                return Err(ApiError::new("MaximumNumberOfTrailsExceededException", message).into());
            }
            w.put(&Trail::key(cx, &cx.region, &trail.name), &trail, cx.now)?;
            Ok(w.set_tags(&trail.arn, &tags)?)
        })?;
        Ok(TrailTold::settings(trail))
    }
}
