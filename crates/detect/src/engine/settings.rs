//! Settings: what a person may set, for all accounts or for some, and what somebody said of insights.

use std::collections::BTreeMap;
use std::sync::Arc;

use record::names::{AccountId, EventCategory};
use record::time::Minute;

use crate::said::Said;
use crate::tally::Counted;

/// What a person may set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// B: false alarms that are promised, an account and month.
    pub false_alarms_per_month: f64,
    /// Call rates of reads are watched too. AWS watches those of writes only.
    pub reads: bool,
    /// Data events are watched too.
    pub data_events: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { false_alarms_per_month: 3.0, reads: false, data_events: false }
    }
}

impl Settings {
    /// Whether this series is watched.
    ///
    /// AWS's scope: call rates of write management events, error rates of all management events
    /// (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-insights-events-with-cloudtrail.html>).
    pub fn watches(&self, counted: &Counted) -> bool {
        match counted.subject.category {
            EventCategory::Management => counted.subject.error.is_some() || counted.writes || self.reads,
            EventCategory::Data => self.data_events,
            EventCategory::NetworkActivity | EventCategory::Insight => false,
        }
    }
}

/// What is set for each account, and what somebody said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsBook {
    /// For accounts that nothing is set for.
    pub usual: Settings,
    /// For the others.
    pub accounts: BTreeMap<AccountId, Settings>,
    /// What somebody said, of any account.
    pub said: Arc<Said>,
}

impl SettingsBook {
    /// What is set for this account.
    pub fn of(&self, account: &AccountId) -> &Settings {
        self.accounts.get(account).unwrap_or(&self.usual)
    }

    /// Whether another book finds the same in this account before a minute, which is asked for where it matters.
    pub fn is_alike(&self, other: &SettingsBook, account: &AccountId, minute: impl FnOnce() -> Minute) -> bool {
        let is_said_alike = || {
            let minute = minute();
            self.said.before(account, minute) == other.said.before(account, minute)
        };
        self.of(account) == other.of(account) && (Arc::ptr_eq(&self.said, &other.said) || is_said_alike())
    }
}

impl From<Settings> for SettingsBook {
    fn from(usual: Settings) -> SettingsBook {
        SettingsBook { usual, ..SettingsBook::default() }
    }
}
