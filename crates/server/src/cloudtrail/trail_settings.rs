//! What can be set of a trail, when it is made and later.
//!
//! A bucket, a topic and a log group must be there. Whether a bucket's or a topic's policy lets CloudTrail in, and whether a role may
//! write logs, is not asked; nor is a key, for there is no KMS here: what is set is kept and given back. <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html>

use serde::Deserialize;
use store::Reader;
use wire::ApiError;

use super::trail::Trail;
use crate::arn::Arn;
use crate::logs::group_of_arn;
use crate::sns::has_topic;
use crate::world::BucketError;
use crate::{Context, Failure};

/// What is to be set. What is not named stays as it is, and an empty text takes away what was set.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct TrailSettings {
    s3_bucket_name: Option<String>,
    s3_key_prefix: Option<String>,
    sns_topic_name: Option<String>,
    include_global_service_events: Option<bool>,
    is_multi_region_trail: Option<bool>,
    enable_log_file_validation: Option<bool>,
    cloud_watch_logs_log_group_arn: Option<String>,
    cloud_watch_logs_role_arn: Option<String>,
    kms_key_id: Option<String>,
    is_organization_trail: Option<bool>,
    recursive_logging: Option<bool>,
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>
const LONGEST_PREFIX: usize = 200;
const LONGEST_TOPIC: usize = 256;

impl TrailSettings {
    /// Sets them, if all of them may be.
    pub(crate) fn set(self, trail: &mut Trail, r: &Reader<'_>, cx: &Context<'_>) -> Result<(), Failure> {
        if let Some(bucket) = self.s3_bucket_name {
            trail.bucket = existing_bucket(bucket_name(bucket)?, cx)?;
        }
        if let Some(prefix) = self.s3_key_prefix {
            trail.prefix = set_or_not(prefix, key_prefix)?;
        }
        if let Some(topic) = self.sns_topic_name {
            trail.sns_topic_name = set_or_not(topic, topic_name)?;
            let arn = |name: &String| match Arn::of(name) {
                Some(_) => name.clone(),
                None => cx.arn("sns", name),
            };
            trail.sns_topic_arn = trail.sns_topic_name.as_ref().map(arn);
            if let Some(arn) = &trail.sns_topic_arn
                && !has_topic(r, arn)?
            {
                let message = "SNS Topic does not exist or the topic policy is incorrect!";
                return Err(ApiError::new("InsufficientSnsTopicPolicyException", message).into());
            }
        }
        if let Some(arn) = self.cloud_watch_logs_log_group_arn {
            trail.log_group_arn = set_or_not(arn, |arn| log_group_arn(arn, r))?;
        }
        if let Some(arn) = self.cloud_watch_logs_role_arn {
            trail.log_role_arn = set_or_not(arn, log_role_arn)?;
        }
        if let Some(key) = self.kms_key_id {
            trail.kms_key_id = set_or_not(key, |key| kms_key_arn(key, cx))?;
        }
        trail.is_multi_region = self.is_multi_region_trail.unwrap_or(trail.is_multi_region);
        trail.is_organization = self.is_organization_trail.unwrap_or(trail.is_organization);
        trail.validates_log_files = self.enable_log_file_validation.unwrap_or(trail.validates_log_files);
        trail.recursive_logging = self.recursive_logging.or(trail.recursive_logging);
        trail.includes_global_service_events =
            self.include_global_service_events.unwrap_or(trail.includes_global_service_events);
        if trail.is_multi_region && !trail.includes_global_service_events {
            let message = "Multi-Region trail must include global service events.";
            return Err(ApiError::new("InvalidParameterCombinationException", message).into());
        }
        Ok(())
    }
}

fn set_or_not<E>(text: String, read: impl FnOnce(String) -> Result<String, E>) -> Result<Option<String>, E> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
pub(crate) fn is_bucket_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let is_end = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| is_end(byte) || b".-_".contains(byte))
        && bytes.first().is_some_and(is_end)
        && bytes.last().is_some_and(is_end)
        && !name.contains("..")
}

pub(crate) fn bucket_name(name: String) -> Result<String, ApiError> {
    let message =
        || format!("S3 bucket name {name} is not valid: 3 to 63 lowercase letters, numbers, periods and hyphens.");
    if is_bucket_name(&name) { Ok(name) } else { Err(ApiError::new("InvalidS3BucketNameException", message())) }
}

/// A bucket that cannot be asked now may be there; the trail's deliveries will tell.
pub(crate) fn existing_bucket(name: String, cx: &Context<'_>) -> Result<String, ApiError> {
    match cx.world.buckets.exists(&name) {
        Ok(false) | Err(BucketError::NoBucket(_)) => {
            let message = format!("S3 bucket {name} does not exist!");
            Err(ApiError::new("S3BucketDoesNotExistException", message))
        }
        Ok(true)
        | Err(
            BucketError::NoObject(_) | BucketError::TooLarge { .. } | BucketError::Denied(_) | BucketError::Other(_),
        ) => Ok(name),
    }
}

/// The bucket of `s3://bucket/prefix`, and how keys in it begin.
pub(crate) fn bucket_and_prefix(uri: &str) -> (&str, &str) {
    let path = uri.strip_prefix("s3://").unwrap_or(uri);
    path.split_once('/').unwrap_or((path, ""))
}

pub(crate) fn key_prefix(prefix: String) -> Result<String, ApiError> {
    let length = prefix.chars().count();
    if length > LONGEST_PREFIX || prefix.chars().any(char::is_control) {
        let message = format!("S3 key prefix is not valid. Maximum allowed length: {LONGEST_PREFIX} characters.");
        return Err(ApiError::new("InvalidS3PrefixException", message));
    }
    Ok(prefix)
}

fn topic_name(topic: String) -> Result<String, ApiError> {
    let name = match Arn::of(&topic) {
        Some(arn) if arn.service == "sns" => arn.resource,
        Some(_) => "",
        None => &topic,
    };
    let (stem, _) = name.strip_suffix(".fifo").map_or((name, false), |stem| (stem, true));
    let is_name = !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !is_name || name.len() > LONGEST_TOPIC {
        let message = format!("SNS topic {topic} is not valid: a topic's name or its ARN is.");
        return Err(ApiError::new("InvalidSnsTopicNameException", message));
    }
    Ok(topic)
}

/// Log groups are named with all their streams: `arn:aws:logs:us-east-1:123456789012:log-group:trail:*`.
fn log_group_arn(text: String, r: &Reader<'_>) -> Result<String, Failure> {
    let group = text.strip_suffix(":*").filter(|one| !one.ends_with(":*")).and_then(group_of_arn);
    if let Some(group) = group
        && r.log_group(&group)?.is_some()
    {
        return Ok(text);
    }
    let message = "CloudTrail cannot validate the specified log group ARN.";
    Err(ApiError::new("InvalidCloudWatchLogsLogGroupArnException", message).into())
}

fn log_role_arn(text: String) -> Result<String, ApiError> {
    let is_role = Arn::of(&text).is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with("role/"));
    if !is_role {
        let message = "CloudTrail cannot validate the specified role ARN.";
        return Err(ApiError::new("InvalidCloudWatchLogsRoleArnException", message));
    }
    Ok(text)
}

/// A key is named by its id, its alias, or the ARN of either; it is kept as an ARN.
pub(crate) fn kms_key_arn(key: String, cx: &Context<'_>) -> Result<String, ApiError> {
    let is_word = |text: &str, more: &[u8]| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
    };
    let is_resource = |resource: &str| match resource.split_once('/') {
        Some(("key", id)) => is_word(id, b"-"),
        Some(("alias", name)) => is_word(name, b"-_/"),
        _ => false,
    };
    match Arn::of(&key) {
        Some(arn) if arn.service == "kms" && is_resource(arn.resource) => Ok(key),
        None if is_resource(&key) => Ok(cx.arn("kms", key)),
        None if is_word(&key, b"-") => Ok(cx.arn("kms", format_args!("key/{key}"))),
        _ => Err(ApiError::new("InvalidKmsKeyIdException", format!("KMS key {key} is not valid."))),
    }
}
