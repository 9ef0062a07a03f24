//! Delivery policies: how HTTP/S endpoints are retried, and what they are told a message is.
//!
//! A topic has one for all, a subscription may have its own. What is given is kept as it is given; the effective one says
//! what follows from both. <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>

use route::json::Value;
use route::retry::DeliveryPolicy;
use serde::{Deserialize, Serialize};

use super::topic::Topic;

const DEFAULT_CONTENT_TYPE: &str = "text/plain; charset=UTF-8";

/// How often, and how fast, a failed delivery is tried again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RetryPolicy {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min_delay_target: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_delay_target: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    num_retries: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    num_max_delay_retries: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    num_no_delay_retries: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    num_min_delay_retries: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backoff_function: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThrottlePolicy {
    max_receives_per_second: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestPolicy {
    header_content_type: String,
}

/// A topic's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct TopicPolicy {
    #[serde(default)]
    http: OfTopic,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfTopic {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_healthy_retry_policy: Option<RetryPolicy>,
    #[serde(default)]
    disable_subscription_overrides: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_throttle_policy: Option<ThrottlePolicy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default_request_policy: Option<RequestPolicy>,
}

/// A subscription's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionPolicy {
    #[serde(default)]
    healthy_retry_policy: Option<RetryPolicy>,
    /// AWS knows it no more, and tells it still.
    #[serde(default, skip_deserializing)]
    sickly_retry_policy: (),
    #[serde(default)]
    throttle_policy: Option<ThrottlePolicy>,
    #[serde(default)]
    request_policy: Option<RequestPolicy>,
    #[serde(default)]
    guaranteed: bool,
}

impl RetryPolicy {
    /// The same, with all that was not given.
    fn filled(self) -> RetryPolicy {
        let least = self.min_delay_target.unwrap_or(20);
        RetryPolicy {
            min_delay_target: Some(least),
            max_delay_target: self.max_delay_target.or(Some(least.max(20))),
            num_retries: self.num_retries.or(Some(3)),
            num_max_delay_retries: self.num_max_delay_retries.or(Some(0)),
            num_no_delay_retries: self.num_no_delay_retries.or(Some(0)),
            num_min_delay_retries: self.num_min_delay_retries.or(Some(0)),
            backoff_function: self.backoff_function.or_else(|| Some("linear".into())),
        }
    }

    /// As the schedule that it is.
    pub(crate) fn schedule(&self) -> DeliveryPolicy {
        let text = json(self);
        let read = Value::parse(&text).ok().and_then(|policy| DeliveryPolicy::of_http(&policy, "").ok());
        read.unwrap_or(DeliveryPolicy::HTTP)
    }
}

impl TopicPolicy {
    /// Reads one; a fault is told without what comes before it.
    pub(crate) fn read(text: &str) -> Result<TopicPolicy, String> {
        let policy: TopicPolicy = read(text, &["http"], "defaultHealthyRetryPolicy", "http.defaultHealthyRetryPolicy")?;
        content_type_checked(policy.http.default_request_policy.as_ref())?;
        Ok(policy)
    }

    /// That of a topic.
    pub(crate) fn of(topic: &Topic) -> TopicPolicy {
        let set = topic.attributes.get("DeliveryPolicy").and_then(|text| serde_json::from_str(text).ok());
        set.unwrap_or_default()
    }

    /// What follows of it.
    pub(crate) fn effective(self) -> TopicPolicy {
        let http = self.http;
        TopicPolicy {
            http: OfTopic {
                default_healthy_retry_policy: Some(http.default_healthy_retry_policy.unwrap_or_default().filled()),
                default_request_policy: http.default_request_policy.or_else(|| Some(RequestPolicy::default())),
                ..http
            },
        }
    }

    pub(crate) fn to_json(&self) -> String {
        json(self)
    }
}

impl Default for RequestPolicy {
    fn default() -> RequestPolicy {
        RequestPolicy { header_content_type: DEFAULT_CONTENT_TYPE.into() }
    }
}

impl SubscriptionPolicy {
    /// Reads one; a fault is told without what comes before it.
    pub(crate) fn read(text: &str) -> Result<SubscriptionPolicy, String> {
        let policy: SubscriptionPolicy = read(text, &[], "healthyRetryPolicy", "healthyRetryPolicy")?;
        content_type_checked(policy.request_policy.as_ref())?;
        Ok(policy)
    }

    /// What follows of it, under its topic's.
    pub(crate) fn effective(self, of_topic: TopicPolicy) -> SubscriptionPolicy {
        let topic = of_topic.effective().http;
        let own = if topic.disable_subscription_overrides { SubscriptionPolicy::default() } else { self };
        let retries = own.healthy_retry_policy.or(topic.default_healthy_retry_policy);
        SubscriptionPolicy {
            healthy_retry_policy: Some(retries.unwrap_or_default().filled()),
            throttle_policy: own.throttle_policy.or(topic.default_throttle_policy),
            request_policy: own.request_policy.or(topic.default_request_policy),
            ..own
        }
    }

    pub(crate) fn to_json(&self) -> String {
        json(self)
    }

    pub(crate) fn retries(&self) -> RetryPolicy {
        self.healthy_retry_policy.clone().unwrap_or_default()
    }

    pub(crate) fn receives_per_second(&self) -> Option<u32> {
        self.throttle_policy.as_ref().map(|policy| policy.max_receives_per_second)
    }

    pub(crate) fn content_type(&self) -> &str {
        self.request_policy.as_ref().map_or(DEFAULT_CONTENT_TYPE, |policy| &policy.header_content_type)
    }
}

/// Reads a policy, whose retries lie this far down, and are called so.
fn read<T: for<'de> Deserialize<'de>>(text: &str, way: &[&str], retries: &str, called: &str) -> Result<T, String> {
    let document = Value::parse(text).map_err(|error| format!("DeliveryPolicy: failed to parse JSON. {error}"))?;
    let above = way.iter().try_fold(&document, |value, name| value.get(name));
    if let Some(retries) = above.and_then(|value| value.get(retries)).filter(|value| **value != Value::Null) {
        DeliveryPolicy::of_http(retries, called).map_err(|error| format!("DeliveryPolicy: {error}"))?;
    }
    // What is of a wrong type elsewhere; the reader's own words tell where.
    serde_json::from_str(text).map_err(|error| format!("DeliveryPolicy: {error}"))
}

/// It becomes a header: nothing else may hide in it.
fn content_type_checked(policy: Option<&RequestPolicy>) -> Result<(), String> {
    match policy {
        Some(RequestPolicy { header_content_type: text })
            if text.is_empty() || !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) =>
        {
            Err("DeliveryPolicy: requestPolicy.headerContentType is not a content type".into())
        }
        _ => Ok(()),
    }
}

fn json(policy: &impl Serialize) -> String {
    serde_json::to_string(policy).expect("numbers and texts are always JSON")
}
