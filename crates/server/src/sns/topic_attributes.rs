//! The attributes of a topic: which can be set, to what, and what is told of them.
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>

use std::collections::BTreeMap;

use store::Key;
use wire::ApiError;

use super::delivery_policy::TopicPolicy;
use super::policy::{self, default_policy};
use super::{invalid, topic::Topic};

/// Which kinds of endpoints can have their deliveries logged: `SQSFailureFeedbackRoleArn`.
const FEEDBACK_OF: &[&str] = &["HTTP", "Firehose", "Lambda", "Application", "SQS"];

/// How many subscriptions a topic has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SubscriptionCounts {
    pub(crate) confirmed: usize,
    pub(crate) pending: usize,
    pub(crate) deleted: usize,
}

/// Sets one attribute of a topic. `prefix` comes before the fault: CreateTopic has `Attributes Reason: `.
pub(crate) fn set(topic: &mut Topic, name: &str, value: &str, prefix: &str) -> Result<(), ApiError> {
    let value = checked(name, value).map_err(|what| invalid(format_args!("{prefix}{what}")))?;
    match value {
        Some(value) => drop(topic.attributes.insert(name.to_owned(), value)),
        None => drop(topic.attributes.remove(name)),
    }
    Ok(())
}

/// The value as it is kept; `None` takes the attribute away. An error is the fault without what comes before it.
fn checked(name: &str, value: &str) -> Result<Option<String>, String> {
    let kept = || Ok((!value.is_empty()).then(|| value.to_owned()));
    let one_of = |values: &[&str]| if values.contains(&value) { kept() } else { Err(name.to_owned()) };
    match name {
        "DisplayName" if value.chars().count() > 100 || value.chars().any(char::is_control) => Err(name.into()),
        "DisplayName" | "KmsMasterKeyId" => kept(),
        "Policy" if value.is_empty() => Ok(None),
        "Policy" => policy::checked(value).map(Some),
        "DeliveryPolicy" if value.is_empty() => Ok(None),
        "DeliveryPolicy" => TopicPolicy::read(value).map(|policy| Some(policy.to_json())),
        "SignatureVersion" => one_of(&["1", "2"]),
        "TracingConfig" => one_of(&["PassThrough", "Active"]),
        "MaximumMessageSize" => match value.parse::<u32>() {
            Ok(1024..=1_048_576) => kept(),
            _ => Err(name.into()),
        },
        _ => feedback(name, value),
    }
}

fn feedback(name: &str, value: &str) -> Result<Option<String>, String> {
    let unknown = || "AttributeName".to_owned();
    let what = FEEDBACK_OF.iter().find_map(|of| name.strip_prefix(of)).ok_or_else(unknown)?;
    match what {
        "SuccessFeedbackRoleArn" | "FailureFeedbackRoleArn" => Ok((!value.is_empty()).then(|| value.to_owned())),
        "SuccessFeedbackSampleRate" if value.parse::<u8>().is_ok_and(|percent| percent <= 100) => {
            Ok(Some(value.into()))
        }
        "SuccessFeedbackSampleRate" => Err(name.into()),
        _ => Err(unknown()),
    }
}

/// Whether a topic that is there has this value too: CreateTopic may be asked again.
pub(crate) fn has(topic: &Topic, name: &str, value: &str) -> bool {
    match (checked(name, value), topic.attributes.get(name)) {
        (Ok(Some(value)), there) => there == Some(&value),
        (Ok(None), there) => there.is_none(),
        (Err(_), _) => false,
    }
}

/// All that is told of a topic.
pub(crate) fn told(key: &Key, topic: &Topic, counts: SubscriptionCounts) -> BTreeMap<String, String> {
    let mut told = topic.attributes.clone();
    told.entry("DisplayName".into()).or_default();
    told.entry("Policy".into()).or_insert_with(|| default_policy(&topic.arn, &key.account));
    told.insert("EffectiveDeliveryPolicy".into(), TopicPolicy::of(topic).effective().to_json());
    told.insert("Owner".into(), key.account.to_string());
    told.insert("TopicArn".into(), topic.arn.clone());
    told.insert("SubscriptionsConfirmed".into(), counts.confirmed.to_string());
    told.insert("SubscriptionsPending".into(), counts.pending.to_string());
    told.insert("SubscriptionsDeleted".into(), counts.deleted.to_string());
    told
}
