//! Said: what somebody said of what was found, or will be.
//!
//! | kind | what it does |
//! |---|---|
//! | [`ExpectedChange`] | a rise or fall of these APIs is expected from one minute to another: learned, and not alarmed |
//! | [`Called`] | an insight was a false alarm: all of its size enters the series' history, and it raises the account's q; or it was real: it is left out of both |
//! | [`Muted`] | of these APIs, or of what some identities do with them, nothing is told: they are counted, learned and found all the same |
//!
//! All of it is an input, as counts are: the same counts and the same things said give the same findings, in whatever order
//! they were said. What was said and taken back was never said.

use record::insight::{Direction, Insight, Subject};
use record::names::{AccountId, Region};
use record::time::{Minute, Minutes};
use serde::{Deserialize, Serialize};

pub use crate::apis::{Apis, fits};
pub use crate::identities::Identities;

/// What was over so long before a minute has no part any more in what is found from there: counts are kept no longer.
pub const LONG_AGO: Minutes = Minutes(90 * 1440);
/// An insight of which no End is known yet lasts no longer.
const LONGEST: Minutes = Minutes(3 * 1440);

/// All that somebody said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    /// Changes that are expected.
    pub expected: Vec<ExpectedChange>,
    /// Insights that were called a false alarm, or real.
    pub called: Vec<Called>,
    /// What nothing is told of.
    pub muted: Vec<Muted>,
}

/// Which series are meant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Keys {
    /// Of this account only.
    pub account: Option<AccountId>,
    /// In this Region only.
    pub region: Option<Region>,
    /// Of these APIs.
    pub apis: Apis,
    /// Failures with such a code only, `*` standing for any letters; `None`: all calls, and whatever fails.
    pub error: Option<String>,
}

/// A change that is expected: learned, and not alarmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectedChange {
    /// What it is known by.
    pub id: String,
    /// Of which series.
    pub keys: Keys,
    /// The first minute.
    pub from: Minute,
    /// The minute after the last.
    pub until: Minute,
    /// Which way; `None`: both.
    pub direction: Option<Direction>,
}

/// What an insight was called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Called {
    /// What it is of.
    pub subject: Subject,
    /// Which way.
    pub direction: Direction,
    /// Its Start.
    pub start: Minute,
    /// Its End, if that is known.
    pub end: Option<Minute>,
    /// It was real; else it was a false alarm.
    pub is_real: bool,
}

/// Something of which nothing is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Muted {
    /// What it is known by.
    pub id: String,
    /// Of which series.
    pub keys: Keys,
    /// Only what identities like these did; `None`: whoever it was.
    #[serde(default)]
    pub by: Option<Identities>,
    /// The first minute: what was called unusual before was told.
    pub since: Minute,
    /// The minute after the last, if there is one.
    pub until: Option<Minute>,
}

impl Keys {
    /// Whether a series is one of those that are meant.
    pub fn include(&self, subject: &Subject) -> bool {
        self.concern(&subject.account)
            && self.region.as_ref().is_none_or(|region| *region == subject.region)
            && self.apis.include(&subject.source, &subject.name)
            && self
                .error
                .as_ref()
                .is_none_or(|pattern| subject.error.as_ref().is_some_and(|code| fits(pattern, code.as_str())))
    }

    fn concern(&self, account: &AccountId) -> bool {
        self.account.as_ref().is_none_or(|own| own == account)
    }
}

impl Said {
    /// What holds an insight back that is called unusual: the change that was expected, or what mutes it. The first by its id.
    /// `is_doing_of`: whether it is the doing of these identities.
    pub fn holds_back(
        &self,
        insight: &Insight,
        is_expected: bool,
        is_doing_of: impl Fn(&Identities) -> bool,
    ) -> Option<&str> {
        let (subject, called) = (&insight.subject, insight.called);
        let change = self.expected.iter().filter(|one| {
            is_expected
                && one.from <= called
                && called < one.until
                && one.direction.is_none_or(|way| way == insight.direction)
                && one.keys.include(subject)
        });
        let muted = self.muted.iter().filter(|one| {
            !is_expected
                && one.since <= called
                && one.until.is_none_or(|until| called < until)
                && one.keys.include(subject)
                && one.by.as_ref().is_none_or(&is_doing_of)
        });
        let ids = change.map(|one| &one.id).chain(muted.map(|one| &one.id));
        ids.min().map(String::as_str)
    }

    /// What of it makes a difference to what is found in this account before a minute; in an order of its own. Two that are
    /// alike in it find the same until then. What was over [long ago](LONG_AGO) is left out, so that it can be forgotten.
    pub fn before(&self, account: &AccountId, minute: Minute) -> Said {
        let since = Minute(minute.0.saturating_sub(LONG_AGO.0));
        let expected =
            self.expected.iter().filter(|one| one.from < minute && one.from < one.until && one.until > since);
        let expected = expected.filter(|one| one.keys.concern(account));
        let mut expected: Vec<ExpectedChange> = expected
            .map(|one| ExpectedChange { id: String::new(), until: one.until.min(minute), ..one.clone() })
            .collect();
        let called = self.called.iter().filter(|one| one.start < minute && one.start > since);
        let called = called.filter(|one| one.subject.account == *account);
        let mut called: Vec<Called> =
            called.map(|one| Called { end: Some(one.until().min(minute)), ..one.clone() }).collect();
        expected.sort_by_cached_key(|one| format!("{one:?}"));
        expected.dedup();
        called.sort_by_cached_key(|one| format!("{one:?}"));
        called.dedup();
        Said { expected, called, muted: Vec::new() }
    }

    /// Nothing was said that has to do with what is found.
    pub fn is_silent(&self) -> bool {
        self.expected.is_empty() && self.called.is_empty()
    }

    /// The Starts of an account's insights that were called false alarms.
    pub(crate) fn false_alarms(&self, account: &AccountId) -> Vec<(Direction, Minute)> {
        let called = self.called.iter().filter(|one| !one.is_real && one.subject.account == *account);
        called.map(|one| (one.direction, one.start)).collect()
    }
}

impl Called {
    /// The minute after its last, so far.
    fn until(&self) -> Minute {
        self.end.unwrap_or(self.start + LONGEST)
    }
}

/// Some minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) from: Minute,
    pub(crate) until: Minute,
}

impl Span {
    fn has(self, minute: Minute) -> bool {
        self.from <= minute && minute < self.until
    }

    /// Whether a window that ends with this minute has any of it in it.
    fn is_seen_from(self, minute: Minute, window: Minutes) -> bool {
        self.from <= minute && minute.next() - window < self.until
    }
}

/// How a surprise is remembered by its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remember {
    /// As any: so much of its size counts at most that an attack does not teach the series to expect attacks.
    Usual,
    /// With all of its size: it was a false alarm.
    Whole,
    /// Not at all: it was real, or expected.
    Not,
}

/// What was said of one series, as it is asked while minutes go by.
#[derive(Clone, Debug, Default)]
pub(crate) struct OfSeries {
    /// When an increase was expected, and when a decrease was: apart from each other, in order.
    expected: [Vec<Span>; 2],
    /// When either was.
    either: Vec<Span>,
    called: Vec<(Direction, Span, bool)>,
}

impl OfSeries {
    /// `None` if nothing was said of it.
    pub(crate) fn of(said: &Said, subject: &Subject) -> Option<Box<OfSeries>> {
        let mut of_series = OfSeries::default();
        for one in said.expected.iter().filter(|one| one.from < one.until && one.keys.include(subject)) {
            let span = Span { from: one.from, until: one.until };
            for direction in [Direction::Increase, Direction::Decrease] {
                if one.direction.is_none_or(|way| way == direction) {
                    of_series.expected[direction as usize].push(span);
                }
            }
            of_series.either.push(span);
        }
        of_series.expected.iter_mut().chain([&mut of_series.either]).for_each(join);
        let called = said.called.iter().filter(|one| one.subject == *subject);
        of_series.called =
            called.map(|one| (one.direction, Span { from: one.start, until: one.until() }, one.is_real)).collect();
        (!of_series.either.is_empty() || !of_series.called.is_empty()).then(|| Box::new(of_series))
    }

    /// Whether a change in this direction is expected of a minute.
    pub(crate) fn expects(&self, direction: Direction, minute: Minute) -> bool {
        self.expected[direction as usize].iter().any(|span| span.has(minute))
    }

    /// The last minute up to this one at which what is expected of a direction began or was over.
    pub(crate) fn edge(&self, direction: Direction, minute: Minute) -> Option<Minute> {
        let spans = self.expected[direction as usize].iter();
        spans.flat_map(|span| [span.from, span.until]).filter(|edge| *edge <= minute).max()
    }

    /// The directions of which what is expected begins or is over at this very minute.
    pub(crate) fn edges_at(&self, minute: Minute) -> impl Iterator<Item = Direction> {
        let ways = [Direction::Increase, Direction::Decrease].into_iter();
        ways.filter(move |way| self.edge(*way, minute) == Some(minute))
    }

    /// The next minute after this one at which anything that is expected begins or is over.
    pub(crate) fn next_edge(&self, minute: Minute) -> Option<Minute> {
        let spans = self.expected.iter().flatten();
        spans.flat_map(|span| [span.from, span.until]).filter(|edge| *edge > minute).min()
    }

    /// The time within which any change is expected of this minute.
    pub(crate) fn expected_around(&self, minute: Minute) -> Option<Span> {
        self.either.iter().copied().find(|span| span.has(minute))
    }

    /// The end of the last such time before this minute.
    pub(crate) fn was_expected_until(&self, minute: Minute) -> Option<Minute> {
        self.either.iter().map(|span| span.until).filter(|until| *until <= minute).max()
    }

    /// How a surprise is remembered that a window of this length shows at this minute. One that has something real or expected
    /// in it is not.
    pub(crate) fn remember(&self, direction: Direction, minute: Minute, window: Minutes) -> Remember {
        let mut remember = Remember::Usual;
        if self.expected[direction as usize].iter().any(|span| span.is_seen_from(minute, window)) {
            return Remember::Not;
        }
        for (way, span, is_real) in &self.called {
            if *way == direction && span.is_seen_from(minute, window) {
                if *is_real {
                    return Remember::Not;
                }
                remember = Remember::Whole;
            }
        }
        remember
    }
}

/// Spans that meet or overlap are one.
fn join(spans: &mut Vec<Span>) {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans.drain(..) {
        match joined.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            _ => joined.push(span),
        }
    }
    *spans = joined;
}
