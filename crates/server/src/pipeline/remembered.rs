//! Remembered: what was looked for in each account, and what was said, as it was last time. By what is set or said since, nothing
//! of the past is told.

use detect::engine::Settings;
use detect::said::Said;
use record::names::AccountId;
use record::time::Minute;
use serde::{Deserialize, Serialize};
use store::{Key, Reader, Resource, StoreError};

/// What is looked for in an account, as it was last time; and since which minute of its logs that, and what was said, holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct AccountSettings {
    pub(super) false_alarms_per_month: f64,
    pub(super) reads: bool,
    pub(super) data_events: bool,
    pub(super) since: Option<Minute>,
}

impl Resource for AccountSettings {
    const KIND: &'static str = "account-settings";
}

impl AccountSettings {
    pub(super) fn key(account: &AccountId) -> Key {
        Key::global(account, "settings")
    }

    pub(super) fn settings(&self) -> Settings {
        let AccountSettings { false_alarms_per_month, reads, data_events, .. } = *self;
        Settings { false_alarms_per_month, reads, data_events }
    }
}

/// What was said, as it was last heeded: what comes to light by something that is said later is history, also after a restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Heeded {
    pub(super) said: Said,
}

impl Resource for Heeded {
    const KIND: &'static str = "heeded";
}

impl Heeded {
    pub(super) fn key(account: &AccountId) -> Key {
        Key::global(account, "said")
    }
}

/// What was said, as it is heeded.
pub(crate) fn heeded(r: &Reader<'_>, account: &AccountId) -> Result<Said, StoreError> {
    Ok(r.get::<Heeded>(&Heeded::key(account))?.map(|stored| stored.value.said).unwrap_or_default())
}

/// What is looked for in an account, as it was last time.
pub(crate) fn settings_of(r: &Reader<'_>, account: &AccountId) -> Result<Settings, StoreError> {
    let stored = r.get::<AccountSettings>(&AccountSettings::key(account))?;
    Ok(stored.map_or_else(Settings::default, |stored| stored.value.settings()))
}
