//! Imports: log files of a bucket's history whose events are brought into the lake, without being counted.
//!
//! ```text
//!   INITIALIZING ──► IN_PROGRESS ──► COMPLETED     FAILED, if some files could not be brought in
//!         └───────────────┴──► STOPPED             StartImport with its id begins again
//! ```
//!
//! What is in the lake already is not brought in again, whichever way it came: an import may be repeated, and may overlap with
//! what trails read. As on AWS, files whose names tell a time outside of the one asked for are passed over, and so are those
//! that are older than the store keeps events. `crate::work` brings them in, a part at a time.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-copy-trail-to-lake-eds.html>

use jiff::Timestamp;
use record::log_key::LogKey;
use record::names::{AccountId, Region};
use serde::{Deserialize, Serialize};
use store::{Key, List, Reader, Resource, StoreError, Writer};
use wire::ApiError;
use wire::check::Shape;

use super::event_data_store::EventDataStore;
use super::trail_settings::bucket_and_prefix;
use crate::{Context, Failure};

/// An import. Its key: its id, in its account and Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Import {
    /// A UUID.
    pub(crate) id: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// The store that is to have the events: its ARN.
    pub(crate) destination: String,
    pub(crate) source: S3ImportSource,
    pub(crate) start: Option<wire::Timestamp>,
    pub(crate) end: Option<wire::Timestamp>,
    pub(crate) status: ImportStatus,
    pub(crate) created_at: wire::Timestamp,
    pub(crate) updated_at: wire::Timestamp,
    pub(crate) statistics: ImportStatistics,
    /// The key up to which the bucket was walked.
    pub(crate) walked: String,
    /// The part that is being brought in.
    pub(crate) part: Option<Part>,
    /// Log files that were passed over because the store keeps no events that old.
    #[serde(default)]
    pub(crate) too_old: u64,
}

impl Resource for Import {
    const KIND: &'static str = "import";
}

/// What a key is to an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    /// A log file that it brings in.
    It,
    /// A log file that was asked for, and is older than the store keeps events.
    TooOld,
    /// Anything else.
    Not,
}

/// The files behind `Import::walked`, up to this key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Of all parts of all imports.
    pub(crate) number: u64,
    pub(crate) through: String,
}

/// Where log files are. The bucket is opened as it is linked; Region and role are kept, and told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct S3ImportSource {
    pub(crate) s3_location_uri: String,
    pub(crate) s3_bucket_region: String,
    pub(crate) s3_bucket_access_role_arn: String,
}

impl S3ImportSource {
    /// The bucket, and how keys in it begin.
    pub(crate) fn parts(&self) -> (&str, &str) {
        bucket_and_prefix(&self.s3_location_uri)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImportSource {
    pub(crate) s3: S3ImportSource,
}

/// AWS's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ImportStatus {
    Initializing,
    InProgress,
    Failed,
    Stopped,
    Completed,
}

impl ImportStatus {
    /// Files are still to be brought in.
    pub(crate) fn is_going_on(self) -> bool {
        matches!(self, ImportStatus::Initializing | ImportStatus::InProgress)
    }
}

/// How far it has come. A prefix is a folder of log files: those of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImportStatistics {
    pub(crate) prefixes_found: u64,
    pub(crate) prefixes_completed: u64,
    pub(crate) files_completed: u64,
    pub(crate) events_completed: u64,
    pub(crate) failed_entries: u64,
}

/// An import's id.
pub(crate) const IMPORT_ID: Shape = Shape::string().length(36, 36).pattern(r"^[a-f0-9\-]+$");

impl Import {
    pub(crate) fn key(&self) -> Key {
        Key::new(&self.account, &self.region, &*self.id)
    }

    /// Those of this account and Region, the newest first.
    pub(crate) fn all(r: &Reader<'_>, cx: &Context<'_>) -> Result<Vec<Import>, StoreError> {
        let stored = r.list::<Import>(&List::of(&cx.account, &cx.region))?;
        let mut all: Vec<Import> = stored.into_iter().map(|stored| stored.value).collect();
        all.sort_by(|one, other| (other.created_at, &other.id).cmp(&(one.created_at, &one.id)));
        Ok(all)
    }

    pub(crate) fn find(r: &Reader<'_>, cx: &Context<'_>, id: &str) -> Result<Import, Failure> {
        let found = r.get::<Import>(&Key::new(&cx.account, &cx.region, id))?;
        Ok(found
            .map(|stored| stored.value)
            .ok_or_else(|| ApiError::new("ImportNotFoundException", format!("The import {id} was not found.")))?)
    }

    /// The one that is to be gone on with, of any account.
    pub(crate) fn next(r: &Reader<'_>) -> Result<Option<Import>, StoreError> {
        let stored = r.list::<Import>(&List::default())?.into_iter().map(|stored| stored.value);
        let waiting = stored.filter(|import| import.status.is_going_on() || import.part.is_some());
        // One that was begun to be brought in is first brought in as far.
        Ok(waiting.min_by_key(|import| (import.part.is_none(), import.created_at)))
    }

    /// The store that it brings events into, unless it was deleted.
    pub(crate) fn destination(&self, r: &Reader<'_>, now: Timestamp) -> Result<Option<EventDataStore>, StoreError> {
        let all = EventDataStore::of(r, &self.account, &self.region, now)?;
        Ok(all.into_iter().find(|store| store.arn == self.destination && store.deleted_at.is_none()))
    }

    /// Whether a key is that of a log file that it is to bring in. `oldest`: from when on the store keeps events.
    pub(crate) fn wants(&self, key: &str, oldest: Timestamp) -> Wants {
        let key = LogKey::of_path(key).filter(|key| key.kind.is_of_events());
        let Some(at) = key.and_then(|key| Timestamp::from_second(key.time.seconds()).ok()) else { return Wants::Not };
        let is_asked_for = self.start.is_none_or(|start| at >= start.0) && self.end.is_none_or(|end| at <= end.0);
        match is_asked_for {
            true if at >= oldest => Wants::It,
            true => Wants::TooOld,
            false => Wants::Not,
        }
    }

    /// Remembers it as it is now.
    pub(crate) fn put(&mut self, w: &Writer<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.updated_at = now.into();
        w.put(&self.key(), self, now).map(drop)
    }
}

/// An import, as operations tell it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImportTold {
    import_id: String,
    import_source: ImportSource,
    destinations: [String; 1],
    import_status: ImportStatus,
    created_timestamp: wire::Timestamp,
    updated_timestamp: wire::Timestamp,
    start_event_time: Option<wire::Timestamp>,
    end_event_time: Option<wire::Timestamp>,
    import_statistics: Option<ImportStatistics>,
}

impl ImportTold {
    /// As it was just started.
    pub(crate) fn started(import: Import) -> ImportTold {
        ImportTold { import_statistics: None, ..ImportTold::of(import) }
    }

    pub(crate) fn of(import: Import) -> ImportTold {
        ImportTold {
            import_id: import.id,
            import_source: ImportSource { s3: import.source },
            destinations: [import.destination],
            import_status: import.status,
            created_timestamp: import.created_at,
            updated_timestamp: import.updated_at,
            start_event_time: import.start,
            end_event_time: import.end,
            import_statistics: Some(import.statistics),
        }
    }
}
