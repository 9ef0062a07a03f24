//! What a method sees, and what it says: counts in, alarms out.

use std::ops::Range;

use record::insight::Direction;
use record::time::Minute;
use sim::counts::{CountsAccount, FIRST, MINUTES};

/// The counts of one account, as every method gets them. Minutes are numbered from 0.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    /// Minute 0.
    pub(crate) first: Minute,
    /// How many minutes there are.
    pub(crate) minutes: usize,
    /// Minutes in which logging failed. Naive methods are told of them; ours has to find out.
    pub(crate) gaps: Vec<Range<usize>>,
    /// The minutes with calls of each series, ascending, and how many.
    pub(crate) series: Vec<Vec<(u32, u32)>>,
}

impl From<&CountsAccount> for Observed {
    fn from(account: &CountsAccount) -> Observed {
        let series = account.series.iter().map(|series| series.calls.clone()).collect();
        Observed { first: FIRST, minutes: MINUTES, gaps: account.gaps.clone(), series }
    }
}

/// Something that a method calls unusual.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alarm {
    /// Which series.
    pub(crate) series: usize,
    /// Which way.
    pub(crate) direction: Direction,
    /// The first unusual minute, as the method says.
    pub(crate) start: usize,
    /// The minute after the last unusual one, as the method says.
    pub(crate) end: usize,
    /// The minute after which it was known.
    pub(crate) called: usize,
}

impl Alarm {
    /// It speaks of at least one of these minutes, give or take.
    pub(crate) fn touches(&self, minutes: &Range<usize>, before: usize, after: usize) -> bool {
        let end = self.end.max(self.called + 1);
        self.start < minutes.end + after && end + before > minutes.start
    }
}
