//! A subscription as it is remembered: pending until its endpoint says yes, then confirmed; and, once removed, for two more
//! days what it was, because a link in the last message brings it back.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use route::{AttributeValue, FilterPolicy, FilterPolicyScope};
use serde::{Deserialize, Serialize};
use store::{Key, Reader, Resource, Stored};
use wire::ApiError;

use super::delivery_policy::SubscriptionPolicy;
use super::protocol::Protocol;
use super::topic::{key_of, sns_arn};
use super::{invalid, not_found};
use crate::arn::Arn;
use crate::world::Dice;
use crate::{Context, Failure};

/// <https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html>
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(48);

/// A subscription. Its key: its id, under its topic.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) arn: String,
    pub(crate) topic_arn: String,
    pub(crate) protocol: Protocol,
    pub(crate) endpoint: String,
    /// Who subscribed it.
    pub(crate) principal: String,
    /// As they were set, once checked; what was not set is not there.
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) state: State,
}

/// Whether the endpoint wants messages.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum State {
    /// It was asked.
    Pending(Token),
    /// It said yes, or need not be asked.
    Confirmed {
        /// The token that it said yes with: a link may be opened twice.
        token: Option<String>,
        /// Whether the call that confirmed it was signed.
        was_authenticated: bool,
        /// Whether only its owner may end it.
        authenticate_on_unsubscribe: bool,
    },
}

/// What the links in messages to an endpoint prove: whoever has it, has read them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) text: String,
    until: wire::Timestamp,
}

/// A subscription that is no more. The key: that of the subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RemovedSubscription {
    pub(crate) subscription: Subscription,
    pub(crate) token: Token,
}

impl Resource for Subscription {
    const KIND: &'static str = "subscription";
}

impl Resource for RemovedSubscription {
    const KIND: &'static str = "removed-subscription";
}

impl Token {
    pub(crate) fn new(dice: &dyn Dice, now: Timestamp) -> Token {
        Token { text: format!("{:032x}{:032x}", dice.bits(), dice.bits()), until: (now + TOKEN_LIFE).into() }
    }

    /// The same, good for two days from now; a new one if it was over.
    pub(crate) fn renewed(&self, dice: &dyn Dice, now: Timestamp) -> Token {
        if self.is_over(now) {
            return Token::new(dice, now);
        }
        // Links of earlier messages stay good with it.
        Token { text: self.text.clone(), until: (now + TOKEN_LIFE).into() }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.until.0 < now
    }

    pub(crate) fn opens(&self, text: &str, now: Timestamp) -> bool {
        self.text == text && !self.is_over(now)
    }
}

impl RemovedSubscription {
    /// Whether it is forgotten.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.token.is_over(now)
    }
}

impl Subscription {
    pub(crate) fn is_confirmed(&self) -> bool {
        matches!(self.state, State::Confirmed { .. })
    }

    /// Whether it was asked and did not say yes in time: then it is as if it had never been.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        matches!(&self.state, State::Pending(token) if token.is_over(now))
    }

    /// Whether it is told messages alone, without their envelope.
    pub(crate) fn is_raw(&self) -> bool {
        self.attributes.get("RawMessageDelivery").is_some_and(|value| value == "true")
    }

    /// What its filter policy is about.
    pub(crate) fn scope(&self) -> FilterPolicyScope {
        match self.attributes.get("FilterPolicyScope").map(String::as_str) {
            Some("MessageBody") => FilterPolicyScope::MessageBody,
            _ => FilterPolicyScope::MessageAttributes,
        }
    }

    /// Whether its filter policy lets a message through.
    pub(crate) fn wants<'m>(
        &self,
        body: &str,
        attributes: impl IntoIterator<Item = (&'m str, AttributeValue<'m>)>,
    ) -> bool {
        let Some(policy) = self.attributes.get("FilterPolicy") else { return true };
        match FilterPolicy::compile(policy, self.scope()) {
            Ok(policy) => policy.matches(body, attributes),
            // It was one when it was set. Too much is told rather than too little.
            Err(_) => true,
        }
    }

    /// Its own delivery policy.
    pub(crate) fn delivery_policy(&self) -> SubscriptionPolicy {
        let set = self.attributes.get("DeliveryPolicy").and_then(|text| serde_json::from_str(text).ok());
        set.unwrap_or_default()
    }

    /// Where messages go that cannot be delivered.
    pub(crate) fn dead_letter_arn(&self) -> Option<String> {
        let policy = route::json::Value::parse(self.attributes.get("RedrivePolicy")?).ok()?;
        match policy.get("deadLetterTargetArn") {
            Some(route::json::Value::String(arn)) => Some(arn.to_string()),
            _ => None,
        }
    }
}

/// The key of a subscription by its ARN: its topic's, with its id behind. Links are good wherever the topic is.
pub(crate) fn subscription_key(cx: &Context<'_>, arn: &str) -> Result<Key, ApiError> {
    if arn.is_empty() {
        return Err(invalid("SubscriptionArn Reason: no value for required parameter"));
    }
    let named = sns_arn(arn, "SubscriptionArn")?;
    let (topic, id) = named.resource.split_once(':').ok_or_else(|| invalid("SubscriptionId"))?;
    if !cx.caller.access_key.is_empty() && named.region != cx.region.as_str() {
        return Err(invalid("SubscriptionArn"));
    }
    let topic = key_of(&Arn { resource: topic, ..named });
    Ok(Key { parent: topic.name, name: id.to_owned(), ..topic })
}

/// The subscription that a call names; that there is none is an error.
pub(crate) fn subscription(r: &Reader<'_>, cx: &Context<'_>, key: &Key) -> Result<Stored<Subscription>, Failure> {
    let found = r.get::<Subscription>(key)?.filter(|found| !found.value.is_over(cx.now));
    Ok(found.ok_or_else(|| not_found("Subscription"))?)
}
