//! A trail's log group: what the trail logs is put there too, record by record, Insight events among them.
//!
//! | | stream |
//! |---|---|
//! | a record | `123456789012_CloudTrail_us-east-1` |
//! | an Insight event | `123456789012_CloudTrail-Insight_us-east-1` |
//! | of an organization trail | the same behind `o-…_` |
//!
//! The group is ours, so that putting is no delivery: whoever writes what the records tell of calls [`log`] in the same
//! transaction.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-log-group-log-stream-naming-for-cloudtrail.html>

use std::collections::BTreeMap;

use jiff::Timestamp;
use record::names::{AccountId, Region};
use store::log_events::{LogStreamName, NewLogEvent};
use store::{StoreError, Writer};

use super::{Trail, TrailStatus};
use crate::logs::group_of_arn;

/// CloudTrail sends no larger ones.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-limits.html>
const MAX_BYTES: usize = 256 * 1024;

/// A record, or an Insight event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrailLogEvent<'e> {
    /// Whose it is.
    pub(crate) account: &'e AccountId,
    /// Where it happened.
    pub(crate) region: &'e Region,
    /// Its `eventTime`.
    pub(crate) at: Timestamp,
    /// JSON, as it is in the log file.
    pub(crate) text: &'e str,
    pub(crate) is_insight: bool,
}

/// Puts events into a trail's log group, if it has one, and notes in the trail's status how that went. `organization`: its id,
/// of an organization trail.
pub(crate) fn log(
    w: &Writer<'_>,
    trail: &Trail,
    organization: Option<&str>,
    events: &[TrailLogEvent<'_>],
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(arn) = &trail.log_group_arn else { return Ok(()) };
    let refused = put(w, arn, organization, events, now)?;
    TrailStatus::change(w, trail, now, |status| match refused {
        None => status.logs.succeed(now),
        Some(why) => status.logs.fail(now, &why),
    })
}

/// Says what `LatestCloudWatchLogsDeliveryError` should tell if the group is not there.
fn put(
    w: &Writer<'_>,
    group_arn: &str,
    organization: Option<&str>,
    events: &[TrailLogEvent<'_>],
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let Some(group) = group_of_arn(group_arn) else {
        return Ok(Some(format!("`{group_arn}` is not the ARN of a log group")));
    };
    if w.log_group(&group)?.is_none() {
        return Ok(Some("The specified log group does not exist.".into()));
    }
    let organization = organization.map_or_else(String::new, |id| format!("{id}_"));
    let mut streams: BTreeMap<LogStreamName, Vec<NewLogEvent>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.text.len() <= MAX_BYTES) {
        let kind = if event.is_insight { "CloudTrail-Insight" } else { "CloudTrail" };
        let stream = group.stream(format!("{organization}{}_{kind}_{}", event.account, event.region));
        streams.entry(stream).or_default().push(NewLogEvent { at: event.at, message: event.text.to_owned() });
    }
    for (stream, events) in &streams {
        w.add_log_events(stream, events, now)?;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use store::Store;
    use store::log_events::LogEventList;

    use super::*;

    const GROUP: &str = "arn:aws:logs:us-east-1:123456789012:log-group:trail:*";

    #[test]
    fn records_and_insight_events_go_to_streams_of_their_accounts_and_regions() {
        let store = Store::in_memory().unwrap();
        let (account, region) = (AccountId::from("111122223333"), Region::from("eu-west-1"));
        let at: Timestamp = "2026-02-12T14:30:00Z".parse().unwrap();
        let event = |text, is_insight| TrailLogEvent { account: &account, region: &region, at, text, is_insight };
        let long = "x".repeat(MAX_BYTES + 1);
        let events = [event("one", false), event("two", true), event(&long, false)];
        let put = |organization| store.write(|w| put(w, GROUP, organization, &events, at)).unwrap();
        assert_eq!(put(None).as_deref(), Some("The specified log group does not exist."));
        let group = group_of_arn(GROUP).unwrap();
        store.write(|w| w.create_log_group(&group, at)).unwrap();
        assert_eq!((put(None), put(Some("o-abc"))), (None, None));
        let logged = store.read(|r| r.log_events(&group, &LogEventList::default(), 10)).unwrap();
        let told: Vec<String> = logged.iter().map(|event| format!("{} {}", event.stream, event.message)).collect();
        assert_eq!(
            told,
            [
                "111122223333_CloudTrail-Insight_eu-west-1 two",
                "111122223333_CloudTrail_eu-west-1 one",
                "o-abc_111122223333_CloudTrail-Insight_eu-west-1 two",
                "o-abc_111122223333_CloudTrail_eu-west-1 one",
            ]
        );
    }
}
