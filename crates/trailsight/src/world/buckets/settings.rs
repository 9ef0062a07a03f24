//! What a bucket has besides objects, as it was set: kept and given back. Nothing here is enforced.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{Buckets, BucketsError, doing, sync_folder};

/// A bucket's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Its policy, as it was put.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Its tags.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Its public access block; none: it was removed.
    pub public_access_block: Option<PublicAccessBlock>,
    /// `BucketOwnerEnforced`; none: it was removed.
    pub object_ownership: Option<String>,
}

/// What of the public is blocked. A new bucket blocks all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "S3's own names")]
pub struct PublicAccessBlock {
    pub block_public_acls: bool,
    pub ignore_public_acls: bool,
    pub block_public_policy: bool,
    pub restrict_public_buckets: bool,
}

impl Settings {
    /// Those of a new bucket. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html>
    fn new() -> Settings {
        let all = PublicAccessBlock {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        };
        Settings {
            public_access_block: Some(all),
            object_ownership: Some("BucketOwnerEnforced".into()),
            ..Settings::default()
        }
    }
}

impl Buckets {
    /// The settings of a bucket.
    pub fn settings(&self, bucket: &str) -> Result<Settings, BucketsError> {
        self.bucket(bucket)?;
        let path = self.folder(bucket)?.join("settings.json");
        doing(
            || format!("read `{}`", path.display()),
            || match fs::read(&path) {
                Ok(text) => Ok(serde_json::from_slice(&text)?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Settings::new()),
                Err(error) => Err(error),
            },
        )
    }

    /// Changes the settings of a bucket.
    pub fn change_settings(&self, bucket: &str, change: impl FnOnce(&mut Settings)) -> Result<(), BucketsError> {
        let _changes = self.changes();
        let mut settings = self.settings(bucket)?;
        change(&mut settings);
        let folder = self.folder(bucket)?;
        doing(
            || format!("keep the settings of bucket `{bucket}`"),
            || {
                let mut file = NamedTempFile::new_in(self.incoming_folder())?;
                file.write_all(&serde_json::to_vec_pretty(&settings)?)?;
                file.as_file().sync_all()?;
                file.persist(folder.join("settings.json"))?;
                sync_folder(&folder)
            },
        )
    }
}
