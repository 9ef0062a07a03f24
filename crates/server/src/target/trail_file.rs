//! A file in a trail's bucket: Insight records.

use jiff::Timestamp;
use route::retry::{DeliveryPolicy, Failure, Policy};
use serde::{Deserialize, Serialize};
use store::deliveries::{Delivery, NewDelivery};

use super::Target;
use crate::deliver::{Arrived, Delivering, Failed};
use crate::world::BucketError;

/// A file that is to be put into a bucket.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// What it says, before compression.
    pub(crate) text: String,
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
        cx.world.buckets.put(&file.bucket, &file.key, &bytes[..length]).map_err(|error| {
            let failure = match error {
                // It may be made again: CloudTrail tries for 30 days.
                BucketError::NoBucket(_) | BucketError::Other(_) => Failure::InternalError,
                BucketError::NoObject(_) => Failure::InvalidParameter,
            };
            Failed::new(failure, error.to_string())
        })?;
        Ok(Arrived::with(file.key))
    }

    fn policy(&self, _: &Delivery) -> Policy {
        // CloudTrail tries for 30 days; this is what SNS does for AWS's own: 23.
        Policy::Sns(DeliveryPolicy::AWS_MANAGED)
    }
}
