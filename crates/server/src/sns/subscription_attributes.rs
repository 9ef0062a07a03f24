//! The attributes of a subscription: which can be set, to what, and what is told of them.
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html>

use std::collections::BTreeMap;

use record::names::AccountId;
use route::json::Value;
use route::{FilterPolicy, FilterPolicyScope};
use wire::ApiError;

use super::delivery_policy::{SubscriptionPolicy, TopicPolicy};
use super::invalid;
use super::subscription::{State, Subscription};
use super::topic::Topic;
use crate::arn::Arn;

/// Sets one attribute. `prefix` comes before the fault: Subscribe has `Attributes Reason: `.
pub(crate) fn set(subscription: &mut Subscription, name: &str, value: &str, prefix: &str) -> Result<(), ApiError> {
    let value = checked(subscription, name, value).map_err(|what| invalid(format_args!("{prefix}{what}")))?;
    match value {
        Some(value) => drop(subscription.attributes.insert(name.to_owned(), value)),
        None => drop(subscription.attributes.remove(name)),
    }
    Ok(())
}

/// Sets several: what a filter policy is about comes before the policy.
pub(crate) fn set_all(
    subscription: &mut Subscription,
    attributes: &BTreeMap<String, String>,
    prefix: &str,
) -> Result<(), ApiError> {
    let is_scope = |name: &str| name == "FilterPolicyScope";
    let (scope, others): (Vec<_>, Vec<_>) = attributes.iter().partition(|(name, _)| is_scope(name));
    scope.into_iter().chain(others).try_for_each(|(name, value)| set(subscription, name, value, prefix))
}

/// Whether a subscription that is there has this value too: Subscribe may be asked again.
pub(crate) fn has(subscription: &Subscription, name: &str, value: &str) -> bool {
    match (checked(subscription, name, value), subscription.attributes.get(name)) {
        (Ok(Some(value)), None) => {
            matches!(
                (name, value.as_str()),
                ("RawMessageDelivery", "false") | ("FilterPolicyScope", "MessageAttributes")
            )
        }
        (Ok(value), there) => value.as_ref() == there,
        (Err(_), _) => false,
    }
}

/// The value as it is kept; `None` takes the attribute away. An error is the fault without what comes before it.
fn checked(subscription: &Subscription, name: &str, value: &str) -> Result<Option<String>, String> {
    let protocol = subscription.protocol;
    match name {
        "RawMessageDelivery" => match value.to_ascii_lowercase().as_str() {
            "true" if !protocol.knows_raw() => {
                Err(format!("Delivery protocol [{}] does not support raw message delivery.", protocol.name()))
            }
            value @ ("true" | "false") => Ok(Some(value.to_owned())),
            _ => Err(format!("RawMessageDelivery: Invalid value [{value}]. Must be true or false.")),
        },
        "FilterPolicyScope" => {
            let scope = match value {
                "MessageAttributes" => FilterPolicyScope::MessageAttributes,
                "MessageBody" => FilterPolicyScope::MessageBody,
                _ => {
                    return Err(format!(
                        "FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
                    ));
                }
            };
            if let Some(policy) = subscription.attributes.get("FilterPolicy") {
                FilterPolicy::compile(policy, scope).map_err(|error| error.to_string())?;
            }
            Ok(Some(value.to_owned()))
        }
        "FilterPolicy" => match Value::parse(value) {
            _ if value.is_empty() => Ok(None),
            Ok(Value::Object(fields)) if fields.is_empty() => Ok(None),
            Err(error) => Err(not_json("FilterPolicy", &error.to_string())),
            Ok(_) => match FilterPolicy::compile(value, subscription.scope()) {
                Ok(_) => Ok(Some(value.to_owned())),
                Err(error) => Err(error.to_string()),
            },
        },
        "RedrivePolicy" if value.is_empty() => Ok(None),
        "RedrivePolicy" => {
            let policy = Value::parse(value).map_err(|error| not_json("RedrivePolicy", &error.to_string()))?;
            match policy.get("deadLetterTargetArn") {
                Some(Value::String(arn)) if Arn::of(arn).is_some_and(|arn| arn.service == "sqs") => {
                    Ok(Some(value.to_owned()))
                }
                _ => Err("RedrivePolicy: deadLetterTargetArn is an invalid arn".into()),
            }
        }
        "DeliveryPolicy" if value.is_empty() => Ok(None),
        "DeliveryPolicy" => SubscriptionPolicy::read(value).map(|policy| Some(policy.to_json())),
        _ => Err("AttributeName".into()),
    }
}

fn not_json(name: &str, error: &str) -> String {
    // The text itself is not told again.
    let (what, place) = error.split_once("\n at [Source: ").unwrap_or((error, ""));
    let place = place.rsplit_once("; line:").map_or(String::new(), |(_, place)| {
        format!("\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line:{place}")
    });
    format!("{name}: failed to parse JSON. {what}{place}")
}

/// All that is told of a subscription.
pub(crate) fn told(subscription: &Subscription, topic: Option<&Topic>, owner: &AccountId) -> BTreeMap<String, String> {
    let mut told = subscription.attributes.clone();
    match told.contains_key("FilterPolicy") {
        true => drop(told.entry("FilterPolicyScope".into()).or_insert_with(|| "MessageAttributes".into())),
        false => drop(told.remove("FilterPolicyScope")),
    }
    told.entry("RawMessageDelivery".into()).or_insert_with(|| "false".into());
    if let Some(topic) = topic.filter(|_| subscription.protocol.is_http()) {
        let effective = subscription.delivery_policy().effective(TopicPolicy::of(topic));
        told.insert("EffectiveDeliveryPolicy".into(), effective.to_json());
    }
    let was_authenticated = matches!(subscription.state, State::Confirmed { was_authenticated: true, .. });
    for (name, value) in [
        ("ConfirmationWasAuthenticated", was_authenticated.to_string()),
        ("Endpoint", subscription.endpoint.clone()),
        ("Owner", owner.to_string()),
        ("PendingConfirmation", (!subscription.is_confirmed()).to_string()),
        ("Protocol", subscription.protocol.name().to_owned()),
        ("SubscriptionArn", subscription.arn.clone()),
        ("SubscriptionPrincipal", subscription.principal.clone()),
        ("TopicArn", subscription.topic_arn.clone()),
    ] {
        told.insert(name.into(), value);
    }
    told
}
