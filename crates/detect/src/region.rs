//! A Region of an account: which of its minutes are known.
//!
//! A minute with calls is known. A run of minutes without any waits: if a call comes before it surely would have, the minutes
//! were without calls; if one would surely have come, they are a gap from its first minute: no logs, not no calls. Nothing is
//! learned of a gap, and nothing within it is called unusual; it is told of by itself.
//!
//! Surely: the chance of such a silence is below e^-20. That is where twenty calls are expected of machines, and some
//! hundreds of people, who come in clumps. In the first week, when nobody knows what nights and weekends are like, no more is
//! expected than came in the quietest hour so far; on the first day, nothing. Who was heard for less than a day, and then not for
//! four weeks (a trail that was tried once; one stray log file), was not watched meanwhile: those minutes are unknown too, but as
//! nothing was expected of them, that is told to nobody.

use record::time::{DAY, Minute, Minutes, WEEK};
use serde::{Deserialize, Serialize};

use crate::counts::{Counts, Cursor};
use crate::series::Series;
use crate::tally::RegionId;
use crate::watch::Watch;

/// -ln of the chance of a run of empty minutes that makes it a gap.
const GAP_NATS: f64 = 20.0;
/// The shortest gap: log files come every five minutes or so.
const GAP_LENGTH: Minutes = Minutes(5);
/// A silence so long after less than a day of calls is no knowledge.
const FORGOTTEN: Minutes = Minutes(28 * 1440);
/// Known minutes that an open gap may be looked at in, at most: its expectation is told no further.
const GAP_TOLD: Minutes = Minutes(28 * 1440);
/// How long back series may ask which minutes were known.
const REMEMBERED: Minutes = Minutes(4 * 1440);

/// A run of minutes of which nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// The first minute without events.
    pub start: Minute,
    /// The minute in which events came back.
    pub end: Option<Minute>,
    /// Calls that were expected of it, so far.
    pub expected: f64,
}

impl Gap {
    /// Calls were missed, which somebody may want to know.
    pub fn is_told(&self) -> bool {
        self.expected > 0.0
    }
}

/// The minutes of one account-Region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Region {
    id: RegionId,
    watch: Watch,
    /// All calls of the Region as one series: tells how many are to be expected.
    total: Series,
    #[serde(skip)]
    cursor: Cursor,
    /// Activity has been read up to here.
    read: Minute,
    /// The hour that is going on, and its calls so far; the fewest calls of any whole hour.
    hour: (Minute, f64),
    quietest_hour: Option<f64>,
    gaps: Vec<Gap>,
    /// The watch as it was when the open gap began: what is expected of it is what was expected then.
    before_gap: Option<Box<Watch>>,
    /// First minutes of the gaps found since the series were last brought up.
    new_gaps: Vec<Minute>,
}

impl Region {
    /// A Region that was first heard of in this minute.
    pub(crate) fn new(id: RegionId, first: Minute) -> Region {
        let watch = Watch::new(first);
        let total = Series::new(&watch);
        Region {
            id,
            watch,
            total,
            cursor: Cursor::default(),
            read: first,
            hour: (first.hour_start(), f64::INFINITY),
            quietest_hour: None,
            gaps: Vec::new(),
            before_gap: None,
            new_gaps: Vec::new(),
        }
    }

    /// The same, as another tally numbers it.
    pub(crate) fn renumber(&mut self, id: RegionId) {
        self.id = id;
    }

    /// Which Region of the tally this is.
    pub fn id(&self) -> RegionId {
        self.id
    }

    /// What is known of its minutes.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Its gaps, in order.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    pub(crate) fn new_gaps(&self) -> &[Minute] {
        &self.new_gaps
    }

    /// Decides what it can of the minutes before `until`.
    pub(crate) fn decide(&mut self, activity: &Counts, until: Minute) {
        let mut calls = Vec::new();
        activity.read(&mut self.cursor, self.read, until, &mut calls);
        self.read = self.read.max(until);
        let mut learned = 0;
        for at in 0..calls.len() {
            let minute = calls[at].0;
            if minute > self.watch.frontier() {
                self.learn(&calls[learned..at]);
                learned = at;
                self.decide_empty(minute);
                match self.gaps.last_mut() {
                    Some(gap) if gap.end.is_none() => {
                        gap.end = Some(minute);
                        self.before_gap = None;
                    }
                    _ => self.watch.known(minute),
                }
            }
            self.watch.known(minute.next());
        }
        self.learn(&calls[learned..]);
        if until > self.watch.frontier() {
            self.decide_empty(until);
        }
    }

    /// Brings the total up to the last of these calls, no further: what is expected of a gap is what was expected at its start.
    fn learn(&mut self, calls: &[(Minute, u32)]) {
        for &(minute, count) in calls {
            if minute.hour_start() > self.hour.0 {
                // A whole hour without a call lies between, or this one is the next.
                let is_next = minute.hour_start() - self.hour.0 == Minutes(60);
                let fewest = if is_next { self.hour.1 } else { 0.0 };
                self.quietest_hour = Some(self.quietest_hour.map_or(fewest, |quietest| quietest.min(fewest)));
                self.hour = (minute.hour_start(), 0.0);
            }
            self.hour.1 += f64::from(count);
        }
        if let Some(last) = calls.last() {
            self.total.advance(&self.watch, last.0.next(), calls, &mut ());
        }
    }

    /// The minutes that still wait were without calls.
    pub(crate) fn settle(&mut self, until: Minute) {
        if until > self.watch.frontier() {
            self.watch.known(until);
            self.total.advance(&self.watch, until, &[], &mut ());
        }
    }

    /// All series have passed these minutes.
    pub(crate) fn passed(&mut self, until: Minute) {
        self.new_gaps.clear();
        self.watch.forget_before(until.min(self.total.frontier()) - REMEMBERED);
    }

    /// Are the minutes without calls, from the frontier to `until`, a gap? If so they are unknown.
    fn decide_empty(&mut self, until: Minute) {
        let open = self.gaps.last().filter(|gap| gap.end.is_none());
        let from = open.map_or(self.watch.frontier(), |gap| gap.start);
        let expected = self.expected_between(from, until.min(from + GAP_TOLD));
        match self.gaps.last_mut() {
            Some(gap) if gap.end.is_none() => gap.expected = expected,
            _ => {
                let would_have_come = until - from >= GAP_LENGTH && self.total.nats_of_none(expected) >= GAP_NATS;
                let is_forgotten = until - from >= FORGOTTEN && self.watch.age() < DAY;
                if !would_have_come && !is_forgotten {
                    return;
                }
                self.gaps.push(Gap { start: from, end: None, expected });
                self.new_gaps.push(from);
                self.before_gap = Some(Box::new(self.watch.clone()));
            }
        }
        self.watch.unknown(until);
    }

    /// Calls that would have come, as things stood at the last call.
    fn expected_between(&self, from: Minute, until: Minute) -> f64 {
        let watch = self.before_gap.as_deref().unwrap_or(&self.watch);
        let most = match watch.age() {
            age if age < DAY => 0.0,
            age if age < WEEK => self.quietest_hour.unwrap_or(0.0) / 60.0,
            _ => f64::INFINITY,
        };
        let (mut expected, mut minute) = (0.0, from);
        while minute < until {
            let end = (minute.hour_start() + Minutes(60)).min(until);
            expected += self.total.forecast(watch, minute).min(most) * f64::from((end - minute).0);
            minute = end;
        }
        expected
    }
}
