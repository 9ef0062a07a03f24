//! What was found, as data: insights, what stands out before enough is learned, and silence of a whole account.
//!
//! Every sentence, table, chart and record that tells of a finding is made from these fields and nothing else, so that
//! two of them cannot disagree.

use serde::{Deserialize, Serialize};

use crate::names::{AccountId, ErrorCode, EventCategory, EventName, EventSource, Region};
use crate::time::{Minute, Minutes};

mod attribution;

pub use attribution::{Attribute, Attribution, Difference, Share};

/// One thing that is worth telling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Finding {
    /// A run of unusual minutes of one API, in one direction.
    Insight(Box<Insight>),
    /// Something large, seen before enough was learned to call it unusual.
    StandsOut(StandsOut),
    /// No events at all from an account in a Region where some were expected.
    NoData(NoData),
}

/// The API that is spoken of: calls of one name in one account and Region, or those of them that failed with one code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// The account whose resources were called (recipientAccountId).
    pub account: AccountId,
    /// The Region of the calls.
    pub region: Region,
    /// The service: `ec2.amazonaws.com`.
    pub source: EventSource,
    /// The API: `RunInstances`.
    pub name: EventName,
    /// `None`: all calls. `Some`: only those that failed with this code.
    pub error: Option<ErrorCode>,
    /// Management or data events: they are counted apart.
    pub category: EventCategory,
}

impl Subject {
    /// Which kind of insight speaks of this.
    pub fn insight_type(&self) -> InsightType {
        if self.error.is_some() { InsightType::ApiErrorRateInsight } else { InsightType::ApiCallRateInsight }
    }
}

/// AWS's two kinds of insight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum InsightType {
    /// Calls a minute.
    ApiCallRateInsight,
    /// Failed calls of one code a minute.
    ApiErrorRateInsight,
}

impl InsightType {
    /// AWS's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            InsightType::ApiCallRateInsight => "ApiCallRateInsight",
            InsightType::ApiErrorRateInsight => "ApiErrorRateInsight",
        }
    }
}

/// Which way the rate went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More than usual.
    Increase,
    /// Less than usual, or none.
    Decrease,
}

impl Direction {
    /// `increase` or `decrease`.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Increase => "increase",
            Direction::Decrease => "decrease",
        }
    }
}

/// A run of unusual minutes of one API in one direction, with all that is told of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Insight {
    /// What behaved unusually.
    pub subject: Subject,
    /// Which way.
    pub direction: Direction,
    /// The first unusual minute.
    pub start: Minute,
    /// The minute after the last unusual one; `None` while it goes on.
    pub end: Option<Minute>,
    /// The minute at which it was called unusual: `called - start` is how long it took.
    pub called: Minute,
    /// AWS's arithmetic over the same minutes.
    pub statistics: Statistics,
    /// Who was behind it, one element an attribute; empty where it was not counted.
    pub attributions: Vec<Attribution>,
    /// What was different from before, most telling first.
    pub differences: Vec<Difference>,
    /// Why it was called unusual.
    pub explanation: Explanation,
    /// For error rates: the share of the API's calls that failed with this code (0 to 1), before and during.
    pub failed_share: Option<FailedShare>,
    /// It lasted so long that it is taken for the new usual: that ends it, or will.
    pub new_usual: bool,
    /// The minutes around it, for charts.
    pub timeline: Timeline,
}

/// The numbers of an Insight record, by AWS's arithmetic.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html>
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// Calls from 00:00 UTC seven days before the Start's day up to the Start (or from the first minute watched, if later:
    /// then those minutes count as without calls).
    pub baseline_calls: u64,
    /// Minutes from 00:00 UTC seven days before the Start's day up to the Start: 10080 to 11519.
    pub baseline_minutes: Minutes,
    /// Calls of the first five minutes, from the Start.
    pub start_calls: u64,
    /// Calls of the whole insight; up to now while it goes on.
    pub insight_calls: u64,
    /// Minutes of the whole insight; up to now while it goes on.
    pub insight_minutes: Minutes,
}

impl Statistics {
    /// How many minutes a Start record speaks of.
    pub const START_MINUTES: Minutes = Minutes(5);

    /// Calls a minute before the insight.
    pub fn baseline_average(&self) -> f64 {
        self.baseline_calls as f64 / self.baseline_minutes.0.max(1) as f64
    }

    /// Calls a minute in the five minutes from the Start.
    pub fn start_average(&self) -> f64 {
        self.start_calls as f64 / f64::from(Self::START_MINUTES.0)
    }

    /// Calls a minute over the whole insight.
    pub fn insight_average(&self) -> f64 {
        self.insight_calls as f64 / self.insight_minutes.0.max(1) as f64
    }
}

/// Share of calls that failed, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailedShare {
    /// Over the baseline; `None` if there was no call.
    pub before: Option<f64>,
    /// During the insight; `None` if there was no call.
    pub during: Option<f64>,
}

/// Why a rate was called unusual: the numbers behind the decision, at the most telling minute (the one of the highest rarity).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// How it was seen: a count within some minutes, or the time since the last call.
    pub kind: Evidence,
    /// The last minute of the window that was most telling.
    pub minute: Minute,
    /// The length of that window; for silence, the time since the last call.
    pub window: Minutes,
    /// Calls within the window.
    pub calls: f64,
    /// Calls that were expected within it.
    pub expected: f64,
    /// 5 % of windows would have fewer calls than this.
    pub expected_low: f64,
    /// 5 % of windows would have more calls than this.
    pub expected_high: f64,
    /// Calls over expected calls.
    pub ratio: f64,
    /// R: on this series, once in 10^R months.
    pub rarity: f64,
    /// On any series of the account, once in 10^this months.
    pub account_rarity: f64,
    /// N: series of the account that had a call within 28 days.
    pub series_count: u32,
    /// B: the false alarms promised, an account and month.
    pub false_alarms_per_month: f64,
    /// The rarity that was asked for.
    pub threshold: f64,
    /// How much more often than promised this account's own record shows alarms: 1 to 20.
    pub correction: f64,
    /// Minutes of this account and Region that had been watched by then.
    pub minutes_learned: Minutes,
    /// Calls a minute over all that was learned.
    pub mean_per_minute: f64,
    /// This hour of the week over the mean.
    pub hour_factor: f64,
    /// Recent calls over what the hours of the week would give.
    pub level_factor: f64,
    /// Variance over mean of the window's count.
    pub clumpiness: f64,
    /// Surprises like this that the series had before (older ones weigh less).
    pub past_exceedances: f64,
    /// The size of this surprise, in the series' own units.
    pub size: f64,
    /// The largest size of those before; 0 if there was none.
    pub largest_past_size: f64,
}

/// How something unusual was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The calls within a window of minutes.
    Window,
    /// The time since the last call, against the series' own gaps.
    Silence,
}

/// Calls and expected calls around an insight, in equal steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// The first minute of the first step.
    pub from: Minute,
    /// Minutes a step: 1 for short insights, more for long ones.
    pub step: Minutes,
    /// Calls of each step.
    pub calls: Vec<u64>,
    /// Calls expected of each step; 0 where nothing is known.
    pub expected: Vec<f64>,
    /// Upper end (95 %) of what each step would usually have.
    pub high: Vec<f64>,
}

/// A peak in an account that was watched for less than 36 hours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StandsOut {
    /// What peaked.
    pub subject: Subject,
    /// The first minute of the five.
    pub start: Minute,
    /// The minute after the last with a call.
    pub end: Minute,
    /// Calls within the five minutes.
    pub calls: u64,
    /// Calls of the same kind in the whole run.
    pub calls_in_all: u64,
    /// Minutes of this account and Region that were watched.
    pub minutes_learned: Minutes,
    /// Who was behind it.
    pub attributions: Vec<Attribution>,
    /// The minutes around it.
    pub timeline: Timeline,
}

/// An account-Region from which nothing came though something was expected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoData {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The first minute without events.
    pub start: Minute,
    /// The minute in which events came back; `None` while there are none.
    pub end: Option<Minute>,
    /// Calls that were expected of it (up to now).
    pub expected: f64,
}
