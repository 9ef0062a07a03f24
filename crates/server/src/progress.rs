//! Progress: how far the pipeline has come, for whoever asks while it is at work.

use std::sync::{Mutex, PoisonError};

use record::names::{AccountId, Region};
use record::time::{Minute, Minutes};
use serde::Serialize;

/// How far the pipeline has come.
#[derive(Debug, Default)]
pub struct Progress(Mutex<Come>);

/// How far it has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Come {
    /// Log files that lay in the trails' buckets when they were last listed and were not counted: how many there were.
    pub listed_files: u64,
    /// How many of them have been read.
    pub read_files: u64,
    /// Log files in the trails' buckets that are not read, because they were delivered more than 90 days ago.
    pub too_old_files: u64,
    /// They are being read: nothing is evaluated meanwhile.
    pub is_reading_history: bool,
    /// When the trails' buckets were last listed, in seconds since 1970.
    pub listed_at: Option<i64>,
    /// When something was last counted or evaluated.
    pub stepped_at: Option<i64>,
    /// Each account-Region.
    pub regions: Vec<RegionCome>,
    /// What went wrong last, if nothing went right since.
    pub error: Option<String>,
}

/// How far an account-Region has come.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegionCome {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// For how many minutes it was watched: insights begin at 36 hours.
    pub minutes_learned: Minutes,
    /// Every minute before this one is evaluated, in seconds since 1970; `None`: nothing is.
    pub evaluated_until: Option<i64>,
}

impl RegionCome {
    pub(crate) fn new(account: &AccountId, region: &Region, minutes_learned: Minutes, until: Minute) -> RegionCome {
        let evaluated_until = (until.0 > i32::MIN).then(|| until.seconds());
        RegionCome { account: account.clone(), region: region.clone(), minutes_learned, evaluated_until }
    }
}

impl Progress {
    /// As it is now.
    pub fn now(&self) -> Come {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Come)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
