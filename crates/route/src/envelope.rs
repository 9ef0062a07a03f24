//! The EventBridge event around a CloudTrail record.
//!
//! This is the way of every record, so it parses nothing and allocates nothing in the long run: the caller, who has
//! walked the record, brings the few [`Facts`] that the envelope shows, and a buffer that it uses again. The record
//! itself becomes `detail`, byte by byte. Insight records are few; [`write_insight_event`] reads them.
//!
//! | eventType | detail-type | source |
//! |---|---|---|
//! | AwsApiCall, and any that is not below | AWS API Call via CloudTrail | `aws.` and the service's name |
//! | AwsConsoleSignIn | AWS Console Sign In via CloudTrail | likewise: `aws.signin` |
//! | AwsConsoleAction | AWS Console Action via CloudTrail | likewise |
//! | AwsServiceEvent | AWS Service Event via CloudTrail | likewise |
//! | AwsVpceEvents | AWS Network Activity Event via CloudTrail | likewise |
//! | AwsCloudTrailInsight | AWS Insight via CloudTrail | `aws.cloudtrail` |
//!
//! `resources` stays empty, as in all samples of AWS: what a record's own `resources` list is found under `detail`.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>,
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html>

use std::io::Write;

use jiff::Timestamp;

mod insight;

pub use insight::{insight_detail, write_insight_event};

/// Larger events are not sent.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>
pub const MAX_EVENT_BYTES: usize = 262_144;

/// What of a record is shown outside of it.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The event's own id. The record's `eventID` is as good as any, and says where the event comes from.
    pub id: &'a str,
    /// `AwsApiCall`, `AwsServiceEvent` …; absent in old records, which are calls.
    pub event_type: Option<&'a str>,
    /// `ec2.amazonaws.com`.
    pub event_source: &'a str,
    /// When it happened, in seconds since 1970-01-01T00:00:00Z.
    pub event_time: i64,
    /// The account that the event belongs to.
    pub account: &'a str,
    /// `us-east-1`.
    pub region: &'a str,
}

/// Why a record makes no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// It is too large.
    #[error("the event would have {bytes} bytes, and events have at most {MAX_EVENT_BYTES}")]
    TooLarge {
        /// How many it would have.
        bytes: usize,
    },
    /// It is no Insight record.
    #[error("this is no Insight record: {reason}")]
    NoInsight {
        /// What it lacks.
        reason: String,
    },
}

/// Writes the event of a record over what is in `event`. On failure `event` is empty.
pub fn write_event(record: &[u8], facts: &Facts<'_>, event: &mut Vec<u8>) -> Result<(), EnvelopeError> {
    event.clear();
    event.extend_from_slice(b"{\"version\":\"0\",\"id\":");
    write_string(facts.id, event);
    event.extend_from_slice(b",\"detail-type\":\"");
    event.extend_from_slice(detail_type(facts.event_type).as_bytes());
    event.extend_from_slice(b"\",\"source\":");
    write_source(facts, event);
    event.extend_from_slice(b",\"account\":");
    write_string(facts.account, event);
    event.extend_from_slice(b",\"time\":\"");
    write_time(facts.event_time, event);
    event.extend_from_slice(b"\",\"region\":");
    write_string(facts.region, event);
    event.extend_from_slice(b",\"resources\":[],\"detail\":");
    let bytes = event.len() + record.len() + 1;
    if bytes > MAX_EVENT_BYTES {
        event.clear();
        return Err(EnvelopeError::TooLarge { bytes });
    }
    event.extend_from_slice(record);
    event.push(b'}');
    Ok(())
}

/// The `detail-type` of events of records of this `eventType`.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-aws-service-specific-topics.html>
pub fn detail_type(event_type: Option<&str>) -> &'static str {
    match event_type {
        // The EventBridge guide writes "Signin", CloudTrail's guide and public rules "Sign In".
        Some("AwsConsoleSignIn") => "AWS Console Sign In via CloudTrail",
        Some("AwsConsoleAction") => "AWS Console Action via CloudTrail",
        Some("AwsServiceEvent") => "AWS Service Event via CloudTrail",
        Some("AwsVpceEvent" | "AwsVpceEvents") => "AWS Network Activity Event via CloudTrail",
        Some("AwsCloudTrailInsight") => "AWS Insight via CloudTrail",
        _ => "AWS API Call via CloudTrail",
    }
}

fn write_source(facts: &Facts<'_>, event: &mut Vec<u8>) {
    let service = match facts.event_type {
        Some("AwsCloudTrailInsight") => "cloudtrail",
        _ => facts.event_source.strip_suffix(".amazonaws.com").unwrap_or(facts.event_source),
    };
    if service.starts_with("aws.") {
        return write_string(service, event);
    }
    event.extend_from_slice(b"\"aws.");
    write_escaped(service, event);
    event.push(b'"');
}

fn write_time(seconds: i64, event: &mut Vec<u8>) {
    let time = Timestamp::from_second(seconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX });
    write!(event, "{time:.0}").expect("memory takes all that is written");
}

fn write_string(text: &str, event: &mut Vec<u8>) {
    event.push(b'"');
    write_escaped(text, event);
    event.push(b'"');
}

/// These texts are plain in all records but made-up ones.
fn write_escaped(text: &str, event: &mut Vec<u8>) {
    if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        event.extend_from_slice(text.as_bytes());
        return;
    }
    let mut json = String::new();
    crate::json::write_string(text, &mut json);
    event.extend_from_slice(&json.as_bytes()[1..json.len() - 1]);
}

/// Whether a rule looks at events, and at which.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RuleState {
    /// `DISABLED`: at none.
    Disabled,
    /// `ENABLED`: at all but read-only management events.
    #[default]
    Enabled,
    /// `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`: at all.
    EnabledWithAllManagementEvents,
}

impl RuleState {
    /// By AWS's name.
    pub fn of_name(name: &str) -> Option<RuleState> {
        Some(match name {
            "DISABLED" => RuleState::Disabled,
            "ENABLED" => RuleState::Enabled,
            "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" => RuleState::EnabledWithAllManagementEvents,
            _ => return None,
        })
    }

    /// AWS's name.
    pub fn as_str(self) -> &'static str {
        match self {
            RuleState::Disabled => "DISABLED",
            RuleState::Enabled => "ENABLED",
            RuleState::EnabledWithAllManagementEvents => "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        }
    }

    /// Whether a rule in this state is shown an event. `is_read_only_management` is what the function of that name says
    /// of a record; of any other event, Insight events among them, it is false.
    pub fn sees(self, is_read_only_management: bool) -> bool {
        match self {
            RuleState::Disabled => false,
            RuleState::Enabled => !is_read_only_management,
            RuleState::EnabledWithAllManagementEvents => true,
        }
    }
}

/// Whether a record is one of the many that plain rules do not see: a management event that only reads, and says so in
/// its name.
///
/// AWS goes by the name: what reads under another name (`LookupEvents`, `TestEventPattern`, `AssumeRole`) reaches plain
/// rules, and so do the two of STS that hand out credentials, which AWS counts as changes.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html>
pub fn is_read_only_management(is_management: bool, is_read_only: bool, event_source: &str, event_name: &str) -> bool {
    is_management
        && is_read_only
        && ["Describe", "Get", "List"].iter().any(|verb| event_name.starts_with(verb))
        && !(event_source == "sts.amazonaws.com" && matches!(event_name, "GetFederationToken" | "GetSessionToken"))
}
