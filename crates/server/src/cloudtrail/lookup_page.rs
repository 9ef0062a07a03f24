//! A page of events that were looked up, the newest first, and the token of the next: the same for management events, which the
//! lake has, and Insights events, which the store has.
//!
//! A token says where a page ended, and what was asked: with anything else asked it is refused. What comes in meanwhile is
//! newer than all tokens, so nothing is skipped or told twice.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::SignedDuration;
use serde::Serialize;
use wire::{ApiError, Timestamp};

use crate::page::cut;

/// AWS keeps them for so long, and tells so many at once.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
const MOST_RESULTS: usize = 50;

/// A page.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LookupPage {
    events: Vec<EventTold>,
    next_token: Option<String>,
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EventTold {
    pub(crate) event_id: String,
    pub(crate) event_name: String,
    /// `true`, `false`: a text, as AWS has it. Nobody calls an insight, so of these it is not told, and neither is who called.
    pub(crate) read_only: Option<String>,
    pub(crate) access_key_id: Option<String>,
    pub(crate) event_time: Timestamp,
    pub(crate) event_source: String,
    pub(crate) username: Option<String>,
    pub(crate) resources: Vec<ResourceTold>,
    pub(crate) cloud_trail_event: String,
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Resource.html>
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResourceTold {
    pub(crate) resource_type: Option<String>,
    pub(crate) resource_name: Option<String>,
}

/// What is looked up, and which page of it. Both ends of the time belong to it.
pub(crate) struct Asked<W> {
    pub(crate) what: W,
    pub(crate) start: Option<Timestamp>,
    pub(crate) end: Option<Timestamp>,
    pub(crate) max_results: Option<usize>,
    pub(crate) next_token: Option<String>,
}

impl<W> Asked<W> {
    /// The same question by something else.
    pub(crate) fn by<V, E>(self, what: impl FnOnce(W) -> Result<V, E>) -> Result<Asked<V>, E> {
        let Asked { what: by, start, end, max_results, next_token } = self;
        Ok(Asked { what: what(by)?, start, end, max_results, next_token })
    }

    /// Events in a page.
    pub(crate) fn limit(&self) -> usize {
        self.max_results.unwrap_or(MOST_RESULTS).clamp(1, MOST_RESULTS)
    }

    /// Whether it begins after it ends.
    pub(crate) fn is_backwards(&self) -> bool {
        self.start.zip(self.end).is_some_and(|(start, end)| start > end)
    }
}

/// A question by which tokens are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Question(u64);

/// Where a page ended: at which time, as its source counts it, and at which event of that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) at: i64,
    pub(crate) id: String,
}

impl Question {
    pub(crate) fn of(asked: impl Hash) -> Question {
        let mut hasher = DefaultHasher::new();
        asked.hash(&mut hasher);
        Question(hasher.finish())
    }

    /// Where the page before ended; `None`: it is the first. What is said of a token of another question, each operation says.
    pub(crate) fn after(
        self,
        token: Option<&str>,
        wrong_token: impl FnOnce() -> ApiError,
    ) -> Result<Option<Place>, ApiError> {
        token.map(|token| self.place(token).ok_or_else(wrong_token)).transpose()
    }

    fn place(self, token: &str) -> Option<Place> {
        let mut parts = token.splitn(3, '.');
        let (of, at, id) = (parts.next()?, parts.next()?, parts.next()?);
        let is_ours = u64::from_str_radix(of, 16).ok()? == self.0;
        is_ours.then_some(Place { at: at.parse().ok()?, id: id.to_owned() })
    }

    /// The first page of these, of which one more than fit tells that there is a next.
    pub(crate) fn page<T>(
        self,
        found: Vec<T>,
        limit: usize,
        place: impl Fn(&T) -> Place,
        told: impl Fn(T) -> EventTold,
    ) -> LookupPage {
        let (found, next_token) = cut(found, limit, |last| {
            let Place { at, id } = place(last);
            format!("{:016x}.{at}.{id}", self.0)
        });
        LookupPage { events: found.into_iter().map(told).collect(), next_token }
    }
}
