//! Tags: key and value, of anything that has an ARN. Also where settings are kept that AWS has no words for.

use std::collections::BTreeMap;

use crate::error::doing;
use crate::{Reader, StoreError, Writer};

/// The tags of one thing, by key.
pub type Tags = BTreeMap<String, String>;

impl Writer<'_> {
    /// Sets tags; those with other keys stay.
    pub fn set_tags(&self, arn: &str, tags: &Tags) -> Result<(), StoreError> {
        let work = || {
            for (key, value) in tags {
                self.execute("INSERT OR REPLACE INTO tag (arn, key, value) VALUES (?1, ?2, ?3)", (arn, key, value))?;
            }
            Ok(())
        };
        self.doing(|| format!("tag `{arn}`"), work)
    }

    /// Takes tags away; keys that are not there are passed over.
    pub fn remove_tags<'k>(&self, arn: &str, keys: impl IntoIterator<Item = &'k str>) -> Result<(), StoreError> {
        let work = || {
            for key in keys {
                self.execute("DELETE FROM tag WHERE arn = ?1 AND key = ?2", (arn, key))?;
            }
            Ok(())
        };
        self.doing(|| format!("take tags from `{arn}`"), work)
    }

    /// Takes all tags away, of something that is deleted.
    pub fn remove_all_tags(&self, arn: &str) -> Result<(), StoreError> {
        let work = || self.execute("DELETE FROM tag WHERE arn = ?1", [arn]).map(drop);
        self.doing(|| format!("take all tags from `{arn}`"), work)
    }
}

impl Reader<'_> {
    /// The tags of one thing.
    pub fn tags(&self, arn: &str) -> Result<Tags, StoreError> {
        let work = || {
            let mut all = self.prepare("SELECT key, value FROM tag WHERE arn = ?1")?;
            let tags = all.query_map([arn], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(tags.collect::<Result<_, _>>()?)
        };
        doing(|| format!("read the tags of `{arn}`"), work)
    }

    /// Everything that has a tag of this key, by ARN, with its value.
    pub fn tagged(&self, key: &str) -> Result<BTreeMap<String, String>, StoreError> {
        let work = || {
            let mut all = self.prepare("SELECT arn, value FROM tag WHERE key = ?1")?;
            let tagged = all.query_map([key], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(tagged.collect::<Result<_, _>>()?)
        };
        doing(|| format!("look for the tag `{key}`"), work)
    }
}
