//! Log objects: which objects of a bucket are log files that a trail reads.

use record::log_key::{LogKey, LogKind};
use record::time::Minute;
use store::log_files::LogFile;

use crate::watchers::{TrailSource, Watchers};

/// A log file that a trail reads.
pub(super) enum LogObject {
    File(LogFile, TrailSource),
    /// It was delivered so long ago that nothing would be kept of it.
    TooOld(TrailSource),
}

impl LogObject {
    /// What an object is, if it is one.
    pub(super) fn of(watchers: &Watchers, bucket: &str, key: &str, oldest: Minute) -> Option<LogObject> {
        let told = LogKey::of_path(key).filter(|told| told.kind == LogKind::CloudTrail)?;
        let source = watchers.source(bucket, key, &told)?;
        if told.time < oldest {
            return Some(LogObject::TooOld(source));
        }
        let file = LogFile {
            bucket: bucket.into(),
            key: key.into(),
            etag: String::new(),
            size: 0,
            account_region: Some((source.account.clone(), source.region.clone())),
            delivered: Some(told.time),
        };
        Some(LogObject::File(file, source))
    }
}
