//! What `analyze` tells: for a terminal, as JSON, as one page that opens offline.
//!
//! All three are made from the fields of `Finding` and of the `Summary` below and from nothing else, and every sentence
//! from `sentences`: two of them cannot disagree. They know no clock and no terminal.
//!
//! Whatever comes from a log (names, codes, ARNs, user agents) was written by somebody outside and may be an attack on the
//! reader: `sentences` and `text` show control characters as such, `json` escapes them, `page` escapes markup besides.

use record::insight::{Finding, Insight, NoData, StandsOut};
use record::names::{AccountId, Region};
use record::time::{Minute, Minutes};

#[doc(hidden)]
pub mod example;
pub mod json;
pub mod page;
pub mod sentences;
pub mod text;

pub(crate) use record::words;

/// What a report says of the run itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// What was read, as the user named it.
    pub inputs: Vec<String>,
    /// Log files that were read.
    pub files: u64,
    /// Log files that could not be read.
    pub rejected_files: u64,
    /// Records that were read: counted, duplicates, filtered and rejected ones.
    pub records: u64,
    /// Records that were counted.
    pub counted: u64,
    /// Records that were there before.
    pub duplicates: u64,
    /// Records that the user left out.
    pub filtered: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// The first minute with a record.
    pub first: Option<Minute>,
    /// The minute after the last with a record.
    pub end: Option<Minute>,
    /// Only findings from then on are told (`--from`).
    pub reported_from: Option<Minute>,
    /// Only findings before then are told (`--to`).
    pub reported_until: Option<Minute>,
    /// The account-Regions, each with what was learned of it.
    pub watched: Vec<Watched>,
    /// The budget: false alarms promised, an account and month.
    pub false_alarms_per_month: f64,
    /// Whether calls that only read were looked at.
    pub reads: bool,
    /// Whether data events were looked at.
    pub data_events: bool,
}

/// An account-Region, and what was learned of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// Minutes that were watched.
    pub minutes_learned: Minutes,
    /// Series that had a call.
    pub series: u64,
}

impl Watched {
    /// Before so much was watched, nothing is called unusual.
    pub const ENOUGH: Minutes = Minutes(36 * 60);

    /// Too little was watched to call anything unusual.
    pub fn is_young(&self) -> bool {
        self.minutes_learned < Self::ENOUGH
    }
}

/// The findings by kind, in the order in which they are told.
pub(crate) struct Told<'a> {
    /// Rarest for the account first.
    pub(crate) insights: Vec<&'a Insight>,
    /// Earliest first.
    pub(crate) no_data: Vec<&'a NoData>,
    /// By account and Region; most calls first.
    pub(crate) stands_out: Vec<&'a StandsOut>,
}

impl<'a> Told<'a> {
    pub(crate) fn of(findings: &'a [Finding]) -> Told<'a> {
        let (mut insights, mut no_data, mut stands_out) = (Vec::new(), Vec::new(), Vec::new());
        for finding in findings {
            match finding {
                Finding::Insight(insight) => insights.push(&**insight),
                Finding::NoData(gap) => no_data.push(gap),
                Finding::StandsOut(peak) => stands_out.push(peak),
            }
        }
        insights.sort_by(|a, b| {
            let rarer = b.explanation.account_rarity.total_cmp(&a.explanation.account_rarity);
            rarer.then_with(|| (a.start, &a.subject).cmp(&(b.start, &b.subject)))
        });
        no_data.sort_by(|a, b| (a.start, &a.account, &a.region).cmp(&(b.start, &b.account, &b.region)));
        stands_out.sort_by(|a: &&StandsOut, b: &&StandsOut| {
            let by_place = (&a.subject.account, &a.subject.region).cmp(&(&b.subject.account, &b.subject.region));
            let most_first = by_place.then(b.calls.cmp(&a.calls));
            most_first.then_with(|| (a.start, &a.subject).cmp(&(b.start, &b.subject)))
        });
        Told { insights, no_data, stands_out }
    }

    pub(crate) fn open_count(&self) -> usize {
        self.insights.iter().filter(|insight| insight.end.is_none()).count()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.insights.is_empty() && self.no_data.is_empty()
    }
}
