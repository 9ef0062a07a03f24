//! A file in a trail's bucket: Insight records. Whoever asks for the trail's status is told of it, and so is its topic.

use jiff::Timestamp;
use record::digest::{DigestedFile, event_times, hash};
use record::log_key::LogKey;
use record::names::{AccountId, Region};
use route::retry::{DeliveryPolicy, Failure, Policy};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::delivered_files::{DeliveredFile, FilePlace};
use store::deliveries::{Delivery, NewDelivery};
use store::{StoreError, Writer};

use super::{Target, read};
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
                publish(w, topic, &message, None, now)?;
            }
            TrailStatus::change(w, &trail, now, |status| match is_there {
                true => status.notification.succeed(now),
                false => status.notification.fail(now, "NotFound"),
            })?;
        }
        Ok(())
    }

    /// What digests are to know of it once it lies there; `None` for what is no log file.
    pub(crate) fn delivered(&self, at: Timestamp) -> Option<DeliveredFile> {
        let key: LogKey = self.key.parse().ok()?;
        Some(DeliveredFile {
            place: FilePlace { bucket: self.bucket.clone(), prefix: key.prefix },
            account: AccountId::from(&*key.account),
            region: Region::from(&*key.region),
            delivered_at: at,
            file: DigestedFile {
                bucket: self.bucket.clone(),
                key: self.key.clone(),
                hash: hash(self.text.as_bytes()),
                times: event_times(&self.text),
            },
        })
    }
}

pub(crate) struct TrailFile;

impl Target for TrailFile {
    fn kind(&self) -> &'static str {
        "trail-file"
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let file: File = read(delivery)?;
        if let Err(error) = put(cx, &file.bucket, &file.key, &file.text, &[]) {
            let noted = cx.store.write(|w| file.note(w, cx.now, |status| status.delivery.fail(cx.now, error.code)));
            return Err(error.failed(noted));
        }
        let (now, outcome) = (cx.now, file.key.clone());
        let ids: Vec<String> = file.trails.iter().map(|_| cx.world.dice.uuid()).collect();
        let delivered = file.delivered(now);
        let also = Box::new(move |w: &Writer<'_>| {
            if let Some(delivered) = &delivered {
                w.add_delivered_file(delivered)?;
            }
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

/// Why a file was not put into a bucket.
pub(super) struct NotPut {
    failure: Failure,
    /// S3's word for it.
    pub(super) code: &'static str,
    text: String,
}

impl NotPut {
    /// As the delivery's failure. `noted`: whether it could be noted in the trail's status.
    pub(super) fn failed(self, noted: Result<(), StoreError>) -> Failed {
        if let Err(error) = noted {
            tracing::warn!(error = &error as &dyn std::error::Error, "a trail's status cannot be noted");
        }
        Failed::new(self.failure, self.text)
    }
}

/// Puts a text into a bucket, compressed.
pub(super) fn put(
    cx: &Delivering<'_>,
    bucket: &str,
    key: &str,
    text: &str,
    metadata: &[(&str, &str)],
) -> Result<(), NotPut> {
    let bytes = packed(text.as_bytes()).map_err(|text| NotPut {
        failure: Failure::InternalError,
        code: "InternalError",
        text,
    })?;
    cx.world.buckets.put_with(bucket, key, &bytes, metadata).map_err(|error| {
        let failure = match error {
            // It may be made again, or open again: CloudTrail tries for 30 days.
            BucketError::NoBucket(_)
            | BucketError::Denied(_)
            | BucketError::Other(_)
            | BucketError::TooLarge { .. } => Failure::InternalError,
            BucketError::NoObject(_) => Failure::InvalidParameter,
        };
        NotPut { failure, code: error.code(), text: error.to_string() }
    })
}

/// A text as gzip.
pub(crate) fn packed(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut packer = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut bytes = vec![0; packer.gzip_compress_bound(text.len())];
    let length =
        packer.gzip_compress(text, &mut bytes).map_err(|error| format!("the file cannot be packed: {error:?}"))?;
    bytes.truncate(length);
    Ok(bytes)
}
