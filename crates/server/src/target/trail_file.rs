//! A file in a trail's bucket: Insight records. Whoever asks for the trail's status is told of it, and so is its topic.

use jiff::Timestamp;
use route::retry::{DeliveryPolicy, Failure, Policy};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::deliveries::{Delivery, NewDelivery};
use store::{StoreError, Writer};

use super::Target;
use crate::cloudtrail::{Trail, TrailStatus};
use crate::deliver::{Arrived, Delivering, Failed};
use crate::sns::{Message, Structure, has_topic, publish};
use crate::world::BucketError;

/// A file that is to be put into a bucket.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// What it says, before compression.
    pub(crate) text: String,
    /// The ARNs of the trails whose file it is.
    #[serde(default)]
    pub(crate) trails: Vec<String>,
}

impl File {
    /// As a delivery. Files of one `in_order` come one after the other: an End never before its Start.
    pub(crate) fn delivery(&self, in_order: String, due_at: Timestamp) -> NewDelivery {
        NewDelivery {
            kind: TrailFile.kind().into(),
            target: format!("arn:aws:s3:::{}", self.bucket),
            in_order: Some(in_order),
            payload: serde_json::to_vec(self).unwrap_or_default(),
            due_at,
        }
    }

    /// Notes in the status of its trails what has come of it.
    fn note(&self, w: &Writer<'_>, now: Timestamp, change: impl Fn(&mut TrailStatus)) -> Result<(), StoreError> {
        for arn in &self.trails {
            if let Some(trail) = Trail::of_arn(w, arn)? {
                TrailStatus::change(w, &trail, now, &change)?;
            }
        }
        Ok(())
    }

    /// Tells the topics of its trails that it was delivered.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-sns-notifications-for-cloudtrail.html>
    fn notify(&self, w: &Writer<'_>, ids: &[String], now: Timestamp) -> Result<(), StoreError> {
        for (arn, id) in self.trails.iter().zip(ids) {
            let Some(trail) = Trail::of_arn(w, arn)? else { continue };
            let Some(topic) = &trail.sns_topic_arn else { continue };
            let message = Message {
                id: id.clone(),
                subject: None,
                body: json!({ "s3Bucket": self.bucket, "s3ObjectKey": [self.key] }).to_string(),
                structure: Structure::Plain,
                attributes: Default::default(),
                group_id: None,
                time: now.into(),
            };
            let is_there = has_topic(w, topic)?;
            if is_there {
                publish(w, topic, &message, now)?;
            }
            TrailStatus::change(w, &trail, now, |status| match is_there {
                true => status.notification.succeed(now),
                false => status.notification.fail(now, "NotFound"),
            })?;
        }
        Ok(())
    }
}

pub(crate) struct TrailFile;

impl Target for TrailFile {
    fn kind(&self) -> &'static str {
        "trail-file"
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let file: File = serde_json::from_slice(&delivery.payload)
            .map_err(|error| Failed::new(Failure::InvalidJson, format!("the delivery cannot be read: {error}")))?;
        let mut packer = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
        let mut bytes = vec![0; packer.gzip_compress_bound(file.text.len())];
        let length = packer
            .gzip_compress(file.text.as_bytes(), &mut bytes)
            .map_err(|error| Failed::new(Failure::InternalError, format!("the file cannot be packed: {error:?}")))?;
        if let Err(error) = cx.world.buckets.put(&file.bucket, &file.key, &bytes[..length]) {
            let (failure, code) = match error {
                // It may be made again: CloudTrail tries for 30 days.
                BucketError::NoBucket(_) => (Failure::InternalError, "NoSuchBucket"),
                BucketError::Other(_) => (Failure::InternalError, "InternalError"),
                BucketError::NoObject(_) => (Failure::InvalidParameter, "NoSuchKey"),
            };
            let noted = cx.store.write(|w| file.note(w, cx.now, |status| status.delivery.fail(cx.now, code)));
            if let Err(error) = noted {
                tracing::warn!(error = &error as &dyn std::error::Error, "a trail's status cannot be noted");
            }
            return Err(Failed::new(failure, error.to_string()));
        }
        let (now, outcome) = (cx.now, file.key.clone());
        let ids: Vec<String> = file.trails.iter().map(|_| cx.world.dice.uuid()).collect();
        let also = Box::new(move |w: &Writer<'_>| {
            file.note(w, now, |status| status.delivery.succeed(now))?;
            file.notify(w, &ids, now)
        });
        Ok(Arrived { outcome, also: Some(also) })
    }

    fn policy(&self, _: &Delivery) -> Policy {
        // CloudTrail tries for 30 days; this is what SNS does for AWS's own: 23.
        Policy::Sns(DeliveryPolicy::AWS_MANAGED)
    }
}
