//! Sayings: what somebody said of insights, one document each, by whom and why.
//!
//! | kind | what it does | how it ends |
//! |---|---|---|
//! | muted | of these APIs, or of what some identities do with them, nothing is told, from when it was said | at its time, or when somebody ends it |
//! | expected | a change of these APIs is learned, and not alarmed, within its time | likewise |
//! | called | an insight was a false alarm, or real | when it is taken back: then it was never said |
//!
//! What the detector makes of them is `detect::said`. The pipeline looks at them every second, as at the trails: an account of
//! which something was said that has to do with what was judged is judged again. What was told stays told.

use detect::said::{Called, ExpectedChange, Identities, Keys, LONG_AGO, Muted, Said};
use record::insight::{Direction, Subject};
use record::names::{AccountId, Region};
use record::time::{Minute, Minutes};
use serde::{Deserialize, Serialize};
use store::{Key, List, Reader, Resource, StoreError, Stored, Writer};

/// What ended so long ago is forgotten: when it makes no difference any more to what the days that are kept of an account were
/// learned with, or forgetting it would have the account judged again.
const KEPT: Minutes = Minutes(LONG_AGO.0 + 7 * 1440);

/// Something that was said. Its key: its id, in the account of the service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Saying {
    pub(crate) what: What,
    pub(crate) why: String,
    /// The access key of whoever said it; empty where any key is let in.
    pub(crate) said_by: String,
    /// When, in seconds since 1970.
    pub(crate) said_at: i64,
    /// The insight that it was said of.
    #[serde(default)]
    pub(crate) insight: Option<String>,
}

/// What was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum What {
    Muted {
        keys: Keys,
        #[serde(default)]
        by: Option<Identities>,
        since: Minute,
        until: Option<Minute>,
    },
    Expected {
        keys: Keys,
        from: Minute,
        until: Minute,
        direction: Option<Direction>,
    },
    Called {
        subject: Subject,
        direction: Direction,
        start: Minute,
        /// Its End, if that was known by then.
        end: Option<Minute>,
        is_real: bool,
    },
}

/// Where a saying stands in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Ahead,
    InForce,
    Ended,
}

impl Resource for Saying {
    const KIND: &'static str = "saying";
}

impl Saying {
    pub(crate) fn key(account: &AccountId, id: &str) -> Key {
        Key::global(account, id)
    }

    /// The id of what an insight was called: it is called one thing.
    pub(crate) fn id_of_call(insight: &str) -> String {
        format!("called-{insight}")
    }

    /// Where it stands now.
    pub(crate) fn standing(&self, now: Minute) -> Standing {
        match self.what {
            What::Muted { until, .. } if until.is_some_and(|until| until <= now) => Standing::Ended,
            What::Expected { until, .. } if until <= now => Standing::Ended,
            What::Expected { from, .. } if from > now => Standing::Ahead,
            _ => Standing::InForce,
        }
    }

    /// Which series are meant; `None`: those of one insight.
    pub(crate) fn keys(&self) -> Option<&Keys> {
        match &self.what {
            What::Muted { keys, .. } | What::Expected { keys, .. } => Some(keys),
            What::Called { .. } => None,
        }
    }

    /// It ends at this minute, if it was still to end later. What would end before it began was never said.
    #[must_use]
    pub(crate) fn ended(mut self, now: Minute) -> Option<Saying> {
        match &mut self.what {
            What::Called { .. } => return None,
            What::Muted { until, .. } => *until = Some(until.map_or(now, |until| until.min(now))),
            What::Expected { from, until, .. } => {
                if *from >= now {
                    return None;
                }
                *until = (*until).min(now);
            }
        }
        Some(self)
    }

    /// Forgets what ended long ago, and what was said of insights that are forgotten. Says how many.
    pub(crate) fn expire(w: &Writer<'_>, now: Minute) -> Result<usize, StoreError> {
        let mut forgotten = 0;
        for Stored { key, value, .. } in w.list::<Saying>(&List::default())? {
            let is_over = match value.what {
                What::Muted { until, .. } => until.is_some_and(|until| until < now - KEPT),
                What::Expected { until, .. } => until < now - KEPT,
                What::Called { start, .. } => start < now - KEPT,
            };
            if is_over {
                w.delete::<Saying>(&key)?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }
}

/// All that was said, in the order of ids.
pub(crate) fn list(r: &Reader<'_>, account: &AccountId) -> Result<Vec<Stored<Saying>>, StoreError> {
    r.list(&List::of(account, &Region::from("")))
}

/// All that was said, as the detector takes it.
pub(crate) fn all(r: &Reader<'_>, account: &AccountId) -> Result<Said, StoreError> {
    let mut said = Said::default();
    for Stored { key, value, .. } in list(r, account)? {
        let id = key.name;
        match value.what {
            What::Muted { keys, by, since, until } => said.muted.push(Muted { id, keys, by, since, until }),
            What::Expected { keys, from, until, direction } => {
                said.expected.push(ExpectedChange { id, keys, from, until, direction });
            }
            What::Called { subject, direction, start, end, is_real } => {
                // Its End came later, perhaps.
                let known = match (end, &value.insight) {
                    (None, Some(insight)) => r.insight(insight)?.and_then(|stored| stored.insight.end),
                    _ => end,
                };
                said.called.push(Called { subject, direction, start, end: known, is_real });
            }
        }
    }
    Ok(said)
}
