//! A digest in a trail's bucket, with its signature in its metadata.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>

use jiff::Timestamp;
use record::digest::SIGNATURE_ALGORITHM;
use route::retry::Policy;
use serde::{Deserialize, Serialize};
use store::deliveries::{Delivery, NewDelivery};
use store::{StoreError, Writer};

use super::trail_file::{TrailFile, put};
use super::{Target, read};
use crate::cloudtrail::{Trail, TrailStatus};
use crate::deliver::{Arrived, Delivering, Failed};

/// The kind of deliveries of digests.
pub(crate) const DIGEST_FILE: &str = "digest-file";

/// A digest that is to be put into a bucket.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DigestFile {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// What it says, before compression.
    pub(crate) text: String,
    /// In hexadecimal.
    pub(crate) signature: String,
    /// The trail's ARN.
    pub(crate) trail: String,
}

impl DigestFile {
    /// As a delivery. Those of one chain come one after the other.
    pub(crate) fn delivery(&self, chain: &str, due_at: Timestamp) -> NewDelivery {
        NewDelivery {
            kind: DIGEST_FILE.into(),
            target: format!("arn:aws:s3:::{}", self.bucket),
            in_order: Some(format!("digest {chain}")),
            payload: serde_json::to_vec(self).unwrap_or_default(),
            due_at,
        }
    }
}

pub(super) struct DigestFileTarget;

impl Target for DigestFileTarget {
    fn kind(&self) -> &'static str {
        DIGEST_FILE
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let file: DigestFile = read(delivery)?;
        let metadata = [("signature", &*file.signature), ("signature-algorithm", SIGNATURE_ALGORITHM)];
        if let Err(error) = put(cx, &file.bucket, &file.key, &file.text, &metadata) {
            let noted =
                cx.store.write(|w| note(w, &file.trail, cx.now, |status| status.digest.fail(cx.now, error.code)));
            return Err(error.failed(noted));
        }
        let (now, trail) = (cx.now, file.trail);
        let also = move |w: &Writer<'_>| note(w, &trail, now, |status| status.digest.succeed(now));
        Ok(Arrived { outcome: file.key, also: Some(Box::new(also)) })
    }

    fn policy(&self, delivery: &Delivery) -> Policy {
        TrailFile.policy(delivery)
    }
}

/// Notes in a trail's status, if the trail is still there, what has come of a digest.
fn note(w: &Writer<'_>, trail: &str, now: Timestamp, change: impl FnOnce(&mut TrailStatus)) -> Result<(), StoreError> {
    match Trail::of_arn(w, trail)? {
        Some(trail) => TrailStatus::change(w, &trail, now, change),
        None => Ok(()),
    }
}
