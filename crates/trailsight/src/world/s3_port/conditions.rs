//! Conditions of whoever asks for an object: by its ETag, or by when it was stored.
//!
//! | | an ETag | a time, if no ETag is named | what does not hold |
//! |---|---|---|---|
//! | it is the one that is meant | `If-Match` | `If-Unmodified-Since` | 412 |
//! | it is news | `If-None-Match` | `If-Modified-Since` | 304, of a copy 412 |
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html>

use object_store::GetOptions;
use s3s::dto::{ETagCondition, Timestamp};
use s3s::{S3Result, s3_error};

use super::at;
use crate::world::buckets::{About, BucketsError};

/// When an object is given.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
    pub(super) if_modified_since: Option<Timestamp>,
    pub(super) if_unmodified_since: Option<Timestamp>,
}

/// Those of a request for an object.
macro_rules! conditions_of {
    ($input:ident) => {
        Conditions {
            if_match: $input.if_match,
            if_none_match: $input.if_none_match,
            if_modified_since: $input.if_modified_since,
            if_unmodified_since: $input.if_unmodified_since,
        }
    };
}

/// Those of a copy, about what is copied.
macro_rules! conditions_of_source {
    ($input:ident) => {
        Conditions {
            if_match: $input.copy_source_if_match,
            if_none_match: $input.copy_source_if_none_match,
            if_modified_since: $input.copy_source_if_modified_since,
            if_unmodified_since: $input.copy_source_if_unmodified_since,
        }
    };
}

pub(super) use {conditions_of, conditions_of_source};

impl Conditions {
    /// Whether an object is given to who asks for it.
    pub(super) fn hold(&self, about: &About) -> S3Result<()> {
        match self.failed(about) {
            None => Ok(()),
            Some(Failed::Meant) => Err(BucketsError::ConditionFailed.into()),
            Some(Failed::News) => Err(s3_error!(NotModified)),
        }
    }

    /// Whether an object is copied.
    pub(super) fn hold_of_copy(&self, about: &About) -> S3Result<()> {
        self.failed(about).map_or(Ok(()), |_| Err(BucketsError::ConditionFailed.into()))
    }

    /// What a store elsewhere is asked: it knows its ETags itself.
    pub(super) fn of_etags(&self) -> GetOptions {
        let text = |condition: &ETagCondition| match condition {
            ETagCondition::Any => "*".to_owned(),
            ETagCondition::ETag(etag) => format!("\"{}\"", etag.value()),
        };
        GetOptions {
            if_match: self.if_match.as_ref().map(text),
            if_none_match: self.if_none_match.as_ref().map(text),
            ..GetOptions::default()
        }
    }

    /// What is left to be held of what such a store gives: times, in whole seconds.
    pub(super) fn of_times(&self) -> Conditions {
        Conditions {
            if_unmodified_since: self.if_unmodified_since.clone().filter(|_| self.if_match.is_none()),
            if_modified_since: self.if_modified_since.clone().filter(|_| self.if_none_match.is_none()),
            ..Conditions::default()
        }
    }

    fn failed(&self, about: &About) -> Option<Failed> {
        let is = |condition: &ETagCondition| match condition {
            ETagCondition::Any => true,
            ETagCondition::ETag(etag) => etag.value() == about.etag,
        };
        // Whoever names a time has it from `Last-Modified`, where it has no fraction of a second.
        let stored_at = jiff::Timestamp::from_second(about.modified_at.as_second()).unwrap_or(about.modified_at);
        let stored_at = at(stored_at);
        let is_meant = match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) => is(condition),
            (None, since) => since.as_ref().is_none_or(|since| stored_at <= *since),
        };
        let is_news = match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) => !is(condition),
            (None, since) => since.as_ref().is_none_or(|since| stored_at > *since),
        };
        if !is_meant {
            Some(Failed::Meant)
        } else if !is_news {
            Some(Failed::News)
        } else {
            None
        }
    }
}

/// What does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failed {
    /// It is another object, or another content.
    Meant,
    /// Whoever asks has it.
    News,
}
