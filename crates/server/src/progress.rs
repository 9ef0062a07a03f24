//! Progress: how far the pipeline has come, for whoever asks while it is at work.

use std::sync::{Mutex, PoisonError};

use detect::budget::Asked;
use jiff::Timestamp;
use record::names::{AccountId, Region};
use record::time::{Minute, Minutes};
use serde::Serialize;
use store::{Store, StoreError};

use crate::world::lake::Kept;

/// How far the pipeline has come.
#[derive(Debug, Default)]
pub struct Progress {
    come: Mutex<Come>,
    delivering: Mutex<Delivering>,
    lake: Mutex<LakeCome>,
    breakdowns: Mutex<Breakdowns>,
}

/// Faults of ours since the start: what broke down, wherever that was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Breakdowns {
    /// How many.
    pub count: u64,
    /// The last.
    pub last: Option<Breakdown>,
}

/// A fault of ours: a panic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Breakdown {
    /// When, in seconds since 1970.
    pub at: i64,
    /// Of which thread.
    pub thread: String,
    /// Where in the source.
    pub place: String,
    /// What was said.
    pub text: String,
}

/// How the deliveries are getting on. Moments are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivering {
    /// When it was last looked what is due.
    pub looked_at: Option<i64>,
    /// When an attempt last ended.
    pub attempted_at: Option<i64>,
    /// Attempts that go on.
    pub under_way: usize,
    /// Why it cannot be looked, or noted what came of an attempt, if nothing went right since.
    pub error: Option<String>,
}

/// How far the lake has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LakeCome {
    /// What it has kept; `None`: it was not asked yet, or there is none.
    pub kept: Option<Kept>,
    /// Why nothing can be kept, if nothing went right since.
    pub error: Option<String>,
    /// Since when, in seconds since 1970; `None` also where a bucket of log files is what cannot be read.
    pub failing_since: Option<i64>,
    /// When it was last looked what is to be kept, and nothing went wrong.
    pub looked_at: Option<i64>,
}

/// What is counted and not yet in the lake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// Batches of log files.
    pub batches: u64,
    /// When the oldest of them was counted.
    pub oldest_at: Option<Timestamp>,
    /// Bytes of audit events.
    pub audit_event_bytes: u64,
}

impl LakeCome {
    /// How far the lake is behind the ledger.
    pub fn behind(&self, store: &Store) -> Result<Behind, StoreError> {
        let Some(kept) = self.kept else { return Ok(Behind::default()) };
        store.read(|r| {
            let batches = r.newest_batch()?.saturating_sub(kept.batch);
            let oldest = if batches > 0 { r.log_files_of_batch(kept.batch + 1)? } else { Vec::new() };
            Ok(Behind {
                batches,
                oldest_at: oldest.iter().map(|line| line.changed_at).min(),
                audit_event_bytes: r.audit_events_waiting()?.bytes,
            })
        })
    }
}

/// How far it has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Come {
    /// Log files that lay in the trails' buckets when they were last listed and were not counted: how many there were.
    pub listed_files: u64,
    /// How many of them have been read.
    pub read_files: u64,
    /// Log files in the trails' buckets that are not read, because they were delivered more than 90 days ago; at least so many.
    pub too_old_files: u64,
    /// Log files that wait for those of another bucket, as it cannot be read.
    pub held_up: Vec<HeldUp>,
    /// They are being read: nothing is evaluated meanwhile.
    pub is_reading_history: bool,
    /// When the trails' buckets were last listed, in seconds since 1970.
    pub listed_at: Option<i64>,
    /// When something was last counted or evaluated.
    pub stepped_at: Option<i64>,
    /// Each account-Region.
    pub regions: Vec<RegionCome>,
    /// Each account: what makes an insight there.
    pub accounts: Vec<AccountCome>,
    /// What went wrong last, if nothing went right since.
    pub error: Option<String>,
}

/// Log files of a bucket that wait: their records may have been counted from another, which cannot be read now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldUp {
    /// Where they lie.
    pub bucket: String,
    /// How many they are.
    pub files: u64,
    /// The bucket that they wait for.
    pub waits_for: String,
    /// Since when, in seconds since 1970.
    pub since: i64,
    /// Why that one cannot be read: S3's word for it.
    pub code: &'static str,
    /// What it said last.
    pub text: String,
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

/// What makes an insight in an account on the newest of its days.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountCome {
    /// The account.
    pub account: AccountId,
    /// Of increases.
    pub increase: Threshold,
    /// Of decreases.
    pub decrease: Threshold,
}

/// What makes an insight, and why it is that much.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Threshold {
    /// A minute of a series is told if the like of it happens once in 10^this months.
    pub rarity: f64,
    /// How much more often than promised the account has alarmed: 1 to 20.
    pub correction: f64,
    /// Series with calls within 28 days.
    pub series: u32,
}

impl AccountCome {
    pub(crate) fn new(account: &AccountId, [increase, decrease]: &[Asked; 2]) -> AccountCome {
        let threshold =
            |asked: &Asked| Threshold { rarity: asked.rarity, correction: asked.correction, series: asked.series };
        AccountCome { account: account.clone(), increase: threshold(increase), decrease: threshold(decrease) }
    }
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
        self.come.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How the deliveries are getting on now.
    pub fn delivering(&self) -> Delivering {
        self.delivering.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How far the lake has come now.
    pub fn lake(&self) -> LakeCome {
        self.lake.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What broke down since the start.
    pub fn breakdowns(&self) -> Breakdowns {
        self.breakdowns.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Something broke down.
    pub fn broke_down(&self, breakdown: Breakdown) {
        let mut breakdowns = self.breakdowns.lock().unwrap_or_else(PoisonError::into_inner);
        breakdowns.count += 1;
        breakdowns.last = Some(breakdown);
    }

    pub(crate) fn change_lake(&self, change: impl FnOnce(&mut LakeCome)) {
        change(&mut self.lake.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Come)) {
        change(&mut self.come.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn change_delivering(&self, change: impl FnOnce(&mut Delivering)) {
        change(&mut self.delivering.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
