//! Push: EventBridge of a real AWS account posts CloudTrail's events to us, one at a time or several.
//!
//! ```text
//!  POST /trailsight/v1/push, X-Api-Key ──► events ──► records, judged as those of log files
//!                                             └──gathered for a moment──► a log file an account-Region, in a trail's bucket
//!  200: on the disk ◄───────────────────────────────────────────────────────┘ and from there a log file like any other
//! ```
//!
//! Whoever is answered 200 need not keep the event: it lies in a file that is synced. What comes twice (EventBridge promises
//! at least once) is dropped by its `eventID` when it is counted. A bad event is named with its reason, and takes no good one
//! with it.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>

mod files;
mod post;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::deliver::Delivering;
use files::keep;
use post::{Event, Pushed, events};

/// Where events are posted.
pub const PATH: &str = "/trailsight/v1/push";
/// The header that names a key.
pub const KEY_HEADER: &str = "x-api-key";
/// Events, and bytes, that are gathered at once; more are to come again.
const MAX_GATHERED: (usize, usize) = (10_000, 32 << 20);

/// The keys that posts are let in by.
pub trait PushKeys: Send + Sync {
    /// The name under which a key was made; `None` for what is no key.
    fn name_of(&self, key: &str) -> Option<String>;
}

/// No key is good.
pub struct NoPushKeys;

impl PushKeys for NoPushKeys {
    fn name_of(&self, _: &str) -> Option<String> {
        None
    }
}

/// What is answered.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// 200: all is kept. 400: some is bad, the rest is kept. 409: some belongs to no trail. 429, 503: to be sent again.
    #[serde(skip)]
    pub status: u16,
    /// How many events are kept.
    pub accepted: usize,
    /// Those that are not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Refused>,
    /// Why nothing was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// An event that is not kept.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Its place in the post, from 0.
    pub index: usize,
    /// Its `id`, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why.
    pub reason: String,
}

impl Answer {
    /// Nothing was looked at.
    pub fn refusal(status: u16, message: impl Into<String>) -> Answer {
        Answer { status, accepted: 0, refused: Vec::new(), message: Some(message.into()) }
    }
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq)]
enum Kept {
    Yes,
    NoTrail(String),
    Failed(String),
}

/// Where posts come in.
pub struct PushDesk {
    keys: Box<dyn PushKeys>,
    /// How long others are waited for, whose events go into the same file.
    gather: Duration,
    gathering: Mutex<Option<Arc<Batch>>>,
}

/// Posts that share their files.
#[derive(Default)]
struct Batch {
    state: Mutex<BatchState>,
    changed: Condvar,
}

#[derive(Default)]
struct BatchState {
    pushed: Vec<Pushed>,
    bytes: usize,
    kept: Option<Vec<Kept>>,
}

impl BatchState {
    /// Adds records, and says where they begin. `None`: there is no room beside those that wait.
    fn add(&mut self, pushed: Vec<Pushed>) -> Option<usize> {
        let first = self.pushed.len();
        let bytes = self.bytes + pushed.iter().map(|pushed| pushed.record.len()).sum::<usize>();
        if first > 0 && (first + pushed.len() > MAX_GATHERED.0 || bytes > MAX_GATHERED.1) {
            return None;
        }
        self.bytes = bytes;
        self.pushed.extend(pushed);
        Some(first)
    }
}

impl Batch {
    fn state(&self) -> MutexGuard<'_, BatchState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PushDesk {
    /// A desk that lets in by these keys, and gathers for so long.
    pub fn new(keys: Box<dyn PushKeys>, gather: Duration) -> PushDesk {
        PushDesk { keys, gather, gathering: Mutex::default() }
    }

    /// The name of whose key this is.
    pub fn name_of(&self, key: &str) -> Option<String> {
        self.keys.name_of(key)
    }

    /// Takes a post in. Returns when what it accepts is on the disk.
    pub fn take(&self, cx: &Delivering<'_>, body: &[u8]) -> Answer {
        let events = match events(body) {
            Ok(events) => events,
            Err(message) => return Answer::refusal(400, message),
        };
        let (mut good, mut refused) = (Vec::new(), Vec::new());
        let mut ids = Vec::with_capacity(events.len());
        for (index, Event { id, record }) in events.into_iter().enumerate() {
            match record {
                Ok(pushed) => good.push((index, pushed)),
                Err(reason) => refused.push(Refused { index, id: id.clone(), reason }),
            }
            ids.push(id);
        }
        let mut status = if refused.is_empty() { 200 } else { 400 };
        let mut accepted = 0;
        let (indices, good): (Vec<usize>, Vec<Pushed>) = good.into_iter().unzip();
        let Some(kept) = self.keep(cx, good) else {
            return Answer::refusal(429, "More is coming in than can be written: send it again later.");
        };
        for (index, kept) in indices.into_iter().zip(kept) {
            let (worse, reason) = match kept {
                Kept::Yes => {
                    accepted += 1;
                    continue;
                }
                Kept::NoTrail(reason) => (409, reason),
                Kept::Failed(reason) => (503, reason),
            };
            status = status.max(worse);
            refused.push(Refused { index, id: ids[index].take(), reason });
        }
        refused.sort_by_key(|refused| refused.index);
        Answer { status, accepted, refused, message: None }
    }

    /// Keeps records, together with those of others that come at the same time. `None`: too many are waiting.
    fn keep(&self, cx: &Delivering<'_>, pushed: Vec<Pushed>) -> Option<Vec<Kept>> {
        if pushed.is_empty() {
            return Some(Vec::new());
        }
        let count = pushed.len();
        let (batch, first, is_first) = {
            let mut gathering = self.gathering();
            let is_first = gathering.is_none();
            let batch = Arc::clone(gathering.get_or_insert_default());
            let mut state = batch.state();
            let first = state.add(pushed)?;
            drop(state);
            (batch, first, is_first)
        };
        if is_first {
            // Whoever comes first writes for all.
            let waited = batch.changed.wait_timeout_while(batch.state(), self.gather, |_| true);
            drop(waited);
            *self.gathering() = None;
            let pushed = std::mem::take(&mut batch.state().pushed);
            let kept = catch_unwind(AssertUnwindSafe(|| keep(cx, &pushed))).unwrap_or_else(|_| {
                tracing::error!("keeping what was pushed broke down");
                vec![Kept::Failed("It could not be kept; see the service's log.".into()); pushed.len()]
            });
            batch.state().kept = Some(kept);
            batch.changed.notify_all();
        }
        let state = batch.changed.wait_while(batch.state(), |state| state.kept.is_none());
        let state = state.unwrap_or_else(PoisonError::into_inner);
        state.kept.as_ref().map(|kept| kept[first..first + count].to_vec())
    }

    fn gathering(&self) -> MutexGuard<'_, Option<Arc<Batch>>> {
        self.gathering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use record::names::{AccountId, Region};

    use super::*;

    #[test]
    fn what_is_turned_away_takes_no_room() {
        let record = |bytes: usize| {
            let (account, region) = (AccountId::from("123456789012"), Region::from("us-east-1"));
            vec![Pushed { account, region, event_time: 0, record: "x".repeat(bytes) }]
        };
        let mut state = BatchState::default();
        assert_eq!(state.add(record(MAX_GATHERED.1 / 2)), Some(0));
        assert_eq!(state.add(record(MAX_GATHERED.1)), None);
        assert_eq!(state.add(record(MAX_GATHERED.1 / 2)), Some(1));
        assert_eq!(state.add(record(1)), None);
        // Whoever comes first is never turned away.
        assert_eq!(BatchState::default().add(record(MAX_GATHERED.1 + 1)), Some(0));
    }
}
