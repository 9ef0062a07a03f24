//! `Insight` → the `AwsCloudTrailInsight` JSON record, in the form that trails deliver; its ids, and its place in a bucket.
//!
//! Field order, whole minutes and arithmetic are AWS's
//! (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html>). An insight makes
//! two records that share `sharedEventID`: Start speaks of the first five minutes, End of all of them. Nothing here is
//! drawn by lot or read from a clock: the same insight gives the same bytes, so that delivering it twice writes over
//! itself.
//!
//! Unless strict, AWS's fields are followed by ours, which its versioning rule lets a reader ignore:
//!
//! | where | what |
//! |---|---|
//! | `insightType` beside `insightDetails` | the type once more, where many a Lambda function looks for it |
//! | `insightContext.startTime`, `.endTime` | both ends of the insight; `endTime` is null in Start |
//! | `insightContext.attributions`, after AWS's | source IP address, access key, session, invoking service, resource |
//! | `insightContext.trailsight` | direction, expected range and the rest of the explanation, what was different |

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use sha2::{Digest, Sha256};

use crate::digest::hexadecimal;
use crate::insight::{Attribute, Attribution, Insight, InsightType, Share, Statistics};
use crate::log_key::{LogKey, LogKind};
use crate::names::EventCategory;
use crate::time::{Minute, Minutes};

mod figures;

pub use figures::{Average, Figure, Time, difference_fields, explanation_fields, failed_share_fields, json_line};

/// Which of an insight's two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum State {
    /// The unusual activity began.
    Start,
    /// It ended.
    End,
}

impl State {
    /// AWS's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Start => "Start",
            State::End => "End",
        }
    }
}

/// How a record is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// AWS's fields only.
    pub strict: bool,
}

/// The record as one line of JSON.
///
/// An End of an insight that goes on is told as if it ended with its last known minute.
pub fn insight_record(insight: &Insight, state: State, options: &Options) -> String {
    let subject = &insight.subject;
    let ours = !options.strict;
    let statistics = &insight.statistics;
    let (average, duration) = match state {
        State::Start => (statistics.start_average(), Statistics::START_MINUTES),
        State::End => (statistics.insight_average(), statistics.insight_minutes),
    };
    let end = insight.end.unwrap_or(insight.start + statistics.insight_minutes);

    json_line(&Record {
        event_version: "1.09",
        event_time: Time(match state {
            State::Start => insight.start,
            State::End => end,
        }),
        aws_region: subject.region.as_str(),
        event_id: event_id(insight, state),
        event_type: "AwsCloudTrailInsight",
        recipient_account_id: subject.account.as_str(),
        shared_event_id: shared_event_id(insight),
        insight_details: Details {
            state,
            event_source: subject.source.as_str(),
            event_name: subject.name.as_str(),
            insight_type: subject.insight_type(),
            error_code: subject.error.as_ref().map(|code| code.as_str()),
            source_event_category: subject.category,
            insight_context: Context {
                statistics: RecordStatistics {
                    baseline: Mean { average: Average(statistics.baseline_average()) },
                    insight: Mean { average: Average(average) },
                    insight_duration: duration,
                    baseline_duration: statistics.baseline_minutes,
                },
                attributions: Attributions { insight, state, ours },
                start_time: ours.then_some(Time(insight.start)),
                end_time: ours.then(|| (state == State::End).then_some(Time(end))),
                trailsight: ours.then(|| Trailsight {
                    direction: insight.direction.as_str(),
                    explanation: explanation_fields(&insight.explanation),
                    differences: insight.differences.iter().map(difference_fields).collect(),
                    failed_share: insight.failed_share.as_ref().map(failed_share_fields),
                    new_usual: insight.new_usual,
                }),
            },
        },
        event_category: "Insight",
        insight_type: ours.then(|| subject.insight_type()),
    })
}

/// The content of an Insight log file, before gzip: `{"Records":[…]}`.
pub fn insight_file(records: &[String]) -> String {
    format!("{{\"Records\":[{}]}}", records.join(","))
}

/// The insight's own id, the same in its Start and its End: a hash of series, direction and Start.
pub fn shared_event_id(insight: &Insight) -> String {
    guid(&digest(insight, ""))
}

/// The id of one of its records.
pub fn event_id(insight: &Insight, state: State) -> String {
    guid(&digest(insight, state.as_str()))
}

/// The sixteen letters and digits that make a record's object name its own: from the same hash as its id.
pub fn unique_part(insight: &Insight, state: State) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let hash = digest(insight, state.as_str());
    hash[16..].iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

/// When a record would have been delivered had somebody watched: Start once it was called, End an hour after it (until
/// then a call may continue the insight); on the next five-minute mark, where AWS's files sit.
pub fn delivered_at(insight: &Insight, state: State) -> Minute {
    let known = match state {
        State::Start => insight.called.next(),
        State::End => insight.end.unwrap_or(insight.start + insight.statistics.insight_minutes) + Minutes(60),
    };
    Minute(known.0 + (-known.0).rem_euclid(5))
}

/// The object key of one record's file: `[prefix/]AWSLogs/[o-id/]ACCOUNT/CloudTrail-Insight/REGION/YYYY/MM/DD/…json.gz`.
///
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>
pub fn file_key(insight: &Insight, state: State, prefix: Option<&str>, organization: Option<&str>) -> String {
    let time = delivered_at(insight, state);
    let key = LogKey {
        prefix: prefix.map(|prefix| prefix.trim_end_matches('/').to_owned()),
        organization: organization.map(str::to_owned),
        account: insight.subject.account.as_str().to_owned(),
        region: insight.subject.region.as_str().to_owned(),
        day: time.day_start(),
        kind: LogKind::Insight,
        time,
        unique: unique_part(insight, state),
        is_of_2014: false,
    };
    key.to_string()
}

fn digest(insight: &Insight, state: &str) -> [u8; 32] {
    let subject = &insight.subject;
    let mut hash = Sha256::new();
    for part in [
        "trailsight insight 1",
        subject.account.as_str(),
        subject.region.as_str(),
        subject.source.as_str(),
        subject.name.as_str(),
        subject.error.as_ref().map_or("", |code| code.as_str()),
        subject.category.as_str(),
        insight.direction.as_str(),
        &insight.start.to_string(),
        state,
    ] {
        // The length before each part: no two series can spell the same.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// The first half of a hash as a GUID of version 8, which is the one for ids made one's own way (RFC 9562).
fn guid(hash: &[u8; 32]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hexadecimal(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'static str,
    event_time: Time,
    aws_region: &'a str,
    #[serde(rename = "eventID")]
    event_id: String,
    event_type: &'static str,
    recipient_account_id: &'a str,
    #[serde(rename = "sharedEventID")]
    shared_event_id: String,
    insight_details: Details<'a>,
    event_category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    insight_type: Option<InsightType>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    state: State,
    event_source: &'a str,
    event_name: &'a str,
    insight_type: InsightType,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    source_event_category: EventCategory,
    insight_context: Context<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    statistics: RecordStatistics,
    #[serde(skip_serializing_if = "Attributions::is_empty")]
    attributions: Attributions<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<Option<Time>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trailsight: Option<Trailsight>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordStatistics {
    baseline: Mean,
    insight: Mean,
    insight_duration: Minutes,
    baseline_duration: Minutes,
}

#[derive(Serialize)]
struct Mean {
    average: Average,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trailsight {
    direction: &'static str,
    explanation: figures::ExplanationFields,
    differences: Vec<figures::DifferenceFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_share: Option<figures::FailedShareFields>,
    new_usual: bool,
}

/// AWS's attributes that a record of this insight has, then ours.
struct Attributions<'a> {
    insight: &'a Insight,
    state: State,
    ours: bool,
}

impl<'a> Attributions<'a> {
    fn told(&self) -> impl Iterator<Item = &'a Attribution> {
        let (is_call_rate, ours) = (self.insight.subject.error.is_none(), self.ours);
        Attribute::ALL
            .into_iter()
            .filter(move |attribute| match attribute {
                Attribute::UserIdentityArn | Attribute::UserAgent => true,
                Attribute::ErrorCode => is_call_rate,
                Attribute::SourceIpAddress
                | Attribute::AccessKeyId
                | Attribute::SessionName
                | Attribute::InvokedBy
                | Attribute::Resource => ours,
            })
            .filter_map(|attribute| self.insight.attributions.iter().find(|told| told.attribute == attribute))
    }

    fn is_empty(&self) -> bool {
        self.told().next().is_none()
    }
}

impl Serialize for Attributions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let statistics = &self.insight.statistics;
        let mut list = serializer.serialize_seq(None)?;
        for told in self.told() {
            let (values, minutes) = match self.state {
                State::Start => (&told.start, Statistics::START_MINUTES),
                State::End => (&told.insight, statistics.insight_minutes),
            };
            list.serialize_element(&Element {
                attribute: told.attribute.as_str(),
                insight: top_five(values, minutes),
                baseline: top_five(&told.baseline, statistics.baseline_minutes),
            })?;
        }
        list.end()
    }
}

#[derive(Serialize)]
struct Element<'a> {
    attribute: &'static str,
    insight: Vec<Value<'a>>,
    baseline: Vec<Value<'a>>,
}

#[derive(Serialize)]
struct Value<'a> {
    value: &'a str,
    average: Average,
}

fn top_five(shares: &[Share], minutes: Minutes) -> Vec<Value<'_>> {
    let average = |calls: u64| Average(calls as f64 / f64::from(minutes.0.max(1)));
    shares.iter().take(5).map(|share| Value { value: &share.value, average: average(share.calls) }).collect()
}

#[cfg(test)]
mod tests;
