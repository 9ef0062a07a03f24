//! Sources: whose log files lie where trails read.
//!
//! ```text
//!  the key of a log file     ──┐
//!                              ├──► (account, Region) ──► the places where its log files lie
//!  the records that it holds ──┘
//! ```
//!
//! CloudTrail names both alike. Whoever copies log files from elsewhere, or hides the account in their keys, may not: then the
//! records are those of the account that they name, and it is watched by whatever trail reads them.

use std::collections::BTreeMap;

use record::names::{AccountId, Region};
use serde::{Deserialize, Serialize};
use store::{Key, List, Reader, Resource, StoreError};

/// Log files of an account-Region lie there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct TrailSource {
    pub(crate) bucket: String,
    /// How their keys begin, up to `AWSLogs/`.
    pub(crate) start: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// `o-…`, if they lie in the folder of an organization.
    pub(crate) organization: Option<String>,
}

impl Resource for TrailSource {
    const KIND: &'static str = "trail-source";
}

impl TrailSource {
    pub(crate) fn key(&self) -> Key {
        Key::new(&self.account, &self.region, format!("{}/{}", self.bucket, self.start))
    }

    fn is_in_place_of(&self, other: &TrailSource) -> bool {
        (&self.bucket, &self.start) == (&other.bucket, &other.start)
    }
}

/// The sources, by account and Region; in each place one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sources(BTreeMap<AccountId, BTreeMap<Region, Vec<TrailSource>>>);

impl Sources {
    /// All that are known.
    pub(crate) fn read(r: &Reader<'_>) -> Result<Sources, StoreError> {
        let mut sources = Sources::default();
        r.list::<TrailSource>(&List::default())?.into_iter().for_each(|stored| sources.add(stored.value));
        Ok(sources)
    }

    /// Those of an account-Region.
    pub(crate) fn of(&self, account: &AccountId, region: &Region) -> &[TrailSource] {
        self.0.get(account).and_then(|regions| regions.get(region)).map_or(&[], Vec::as_slice)
    }

    /// Whether it is known that these files lie there, in the folder of this organization.
    pub(crate) fn has(&self, source: &TrailSource) -> bool {
        self.of(&source.account, &source.region).contains(source)
    }

    /// Whose they are too: of an account-Region that records in such a log file name. `None`: that is known.
    pub(crate) fn learned(&self, file: &TrailSource, account: &str, region: &str) -> Option<TrailSource> {
        if account == file.account.as_str() && region == file.region.as_str() {
            return None;
        }
        let source = TrailSource { account: account.into(), region: region.into(), ..file.clone() };
        let is_known = self.of(&source.account, &source.region).iter().any(|known| known.is_in_place_of(&source));
        (!is_known).then_some(source)
    }

    /// Adds one, in place of what was known of these files.
    pub(crate) fn add(&mut self, source: TrailSource) {
        let regions = self.0.entry(source.account.clone()).or_default();
        let of_region = regions.entry(source.region.clone()).or_default();
        match of_region.iter_mut().find(|known| known.is_in_place_of(&source)) {
            Some(known) => *known = source,
            None => of_region.push(source),
        }
        of_region.sort();
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &TrailSource> {
        self.0.values().flat_map(BTreeMap::values).flatten()
    }
}
