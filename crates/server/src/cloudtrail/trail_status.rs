//! What has come of a trail's deliveries: when they last succeeded, and what was wrong if they did not.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html>

use jiff::Timestamp as Moment;
use serde::{Deserialize, Serialize};
use store::{Reader, Resource, StoreError, Writer};
use wire::Timestamp;

use super::trail::Trail;
use crate::world::BucketError;

/// A trail's deliveries. Its key is the trail's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct TrailStatus {
    /// Log files into the bucket, whether CloudTrail's own or ours.
    pub(crate) delivery: Attempts,
    /// Messages to the topic.
    pub(crate) notification: Attempts,
    /// Events to the log group.
    pub(crate) logs: Attempts,
    /// Digests into the bucket.
    pub(crate) digest: Attempts,
    /// Why the bucket cannot be listed, if it could not be when it was last tried.
    pub(crate) unlisted: Option<Unlisted>,
}

/// A bucket that cannot be listed: it is gone, it is closed to us, it does not answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unlisted {
    /// The bucket: the trail may have another by now.
    pub(crate) bucket: String,
    /// S3's word for it.
    pub(crate) code: String,
    /// What was said when it was so for the first time.
    pub(crate) text: String,
    /// When that was.
    pub(crate) since: Timestamp,
}

impl Unlisted {
    pub(crate) fn new(bucket: &str, error: &BucketError, now: Moment) -> Unlisted {
        Unlisted { bucket: bucket.into(), code: error.code().into(), text: error.to_string(), since: now.into() }
    }

    /// Which fault it is, whatever was said of it.
    fn fault(&self) -> (&str, &str) {
        (&self.bucket, &self.code)
    }
}

/// How attempts of one kind went.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Attempts {
    pub(crate) attempted_at: Option<Timestamp>,
    pub(crate) succeeded_at: Option<Timestamp>,
    /// What was wrong with the last one, if it failed.
    pub(crate) error: Option<String>,
}

impl Resource for TrailStatus {
    const KIND: &'static str = "trail-status";
}

impl Attempts {
    /// One succeeded. What is told late of earlier ones changes nothing.
    pub(crate) fn succeed(&mut self, at: Moment) {
        let at = Some(Timestamp::from(at));
        self.attempted_at = self.attempted_at.max(at);
        self.succeeded_at = self.succeeded_at.max(at);
        if self.succeeded_at == self.attempted_at {
            self.error = None;
        }
    }

    /// One failed.
    pub(crate) fn fail(&mut self, at: Moment, error: &str) {
        self.attempted_at = self.attempted_at.max(Some(at.into()));
        self.error = Some(error.to_owned());
    }

    /// As AWS still answers it beside the numbers: `2026-02-12T14:30:00Z`, empty if there was none.
    pub(crate) fn text(at: Option<Timestamp>) -> String {
        at.map_or_else(String::new, |at| format!("{:.0}", at.0))
    }
}

impl TrailStatus {
    /// What is known of a trail.
    pub(crate) fn of(r: &Reader<'_>, trail: &Trail) -> Result<TrailStatus, StoreError> {
        Ok(r.get(&trail.own_key())?.map(|stored| stored.value).unwrap_or_default())
    }

    /// Why the trail's bucket cannot be listed.
    pub(crate) fn unlisted(&self, trail: &Trail) -> Option<&Unlisted> {
        self.unlisted.as_ref().filter(|unlisted| unlisted.bucket == trail.bucket)
    }

    /// Whether this is to be noted: that its bucket cannot be listed, or that it can be.
    pub(crate) fn is_news(&self, unlisted: Option<&Unlisted>) -> bool {
        self.unlisted.as_ref().map(Unlisted::fault) != unlisted.map(Unlisted::fault)
    }

    /// Changes it.
    pub(crate) fn change(
        w: &Writer<'_>,
        trail: &Trail,
        now: Moment,
        change: impl FnOnce(&mut TrailStatus),
    ) -> Result<(), StoreError> {
        let before = TrailStatus::of(w, trail)?;
        let mut status = before.clone();
        change(&mut status);
        if status != before {
            w.put(&trail.own_key(), &status, now)?;
        }
        Ok(())
    }
}
