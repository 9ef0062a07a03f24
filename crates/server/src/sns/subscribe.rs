//! `Subscribe`: an endpoint wants a topic's messages. Unless it is ours, it is asked first.
//! <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>
//!
//! Asked again with the same attributes, or none, it answers the same; one that is still pending is asked once more.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::check::{Member, Shape};

use super::message::{Said, ask};
use super::protocol::Protocol;
use super::subscription::{State, Subscription, Token};
use super::topic::{topic, topic_key, under};
use super::{endpoint, invalid, subscription_attributes};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Subscribe {
    topic_arn: String,
    protocol: String,
    endpoint: Option<String>,
    attributes: Option<BTreeMap<String, String>>,
    return_subscription_arn: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Subscribed {
    subscription_arn: String,
}

impl Operation for Subscribe {
    const NAME: &'static str = "Subscribe";
    const SHAPE: &'static Shape = &Shape::structure(
        "SubscribeInput",
        &[
            Member::required("TopicArn", Shape::string()),
            Member::required("Protocol", Shape::string()),
            Member::optional("Endpoint", Shape::string()),
            Member::optional("Attributes", Shape::map(&Shape::string(), &Shape::string())),
            Member::optional("ReturnSubscriptionArn", Shape::any()),
        ],
    );
    type Output = Subscribed;

    fn run(self, cx: &Context<'_>) -> Result<Subscribed, Failure> {
        let key = topic_key(cx, &self.topic_arn)?;
        let protocol = Protocol::of_name(&self.protocol).ok_or_else(|| {
            invalid(format_args!("Amazon SNS does not support this protocol string: {}", self.protocol))
        })?;
        let endpoint = self.endpoint.filter(|endpoint| !endpoint.is_empty()).ok_or_else(|| invalid("Endpoint"))?;
        endpoint::check(protocol, &endpoint)?;
        let attributes = self.attributes.unwrap_or_default();
        let dice = &*cx.world.dice;
        let subscribed = cx.store.try_write(|w| -> Result<Subscription, Failure> {
            let topic = topic(w, &key)?.value;
            let mut there = None;
            for found in w.list::<Subscription>(&under(&key))? {
                if found.value.is_over(cx.now) {
                    w.delete::<Subscription>(&found.key)?;
                } else if found.value.protocol == protocol && found.value.endpoint == endpoint {
                    there = Some(found);
                }
            }
            let is_new = there.is_none();
            let (subscription_key, mut subscription) = match there {
                Some(there) => (there.key, there.value),
                None => {
                    let id = dice.uuid();
                    let state = match endpoint::is_confirmed_at_once(protocol, &endpoint, &key.account) {
                        true => State::Confirmed {
                            token: None,
                            was_authenticated: true,
                            authenticate_on_unsubscribe: false,
                        },
                        false => State::Pending(Token::new(dice, cx.now)),
                    };
                    let subscription = Subscription {
                        arn: format!("{}:{id}", topic.arn),
                        topic_arn: topic.arn.clone(),
                        protocol,
                        endpoint,
                        principal: format!("arn:aws:iam::{}:root", cx.account),
                        attributes: BTreeMap::new(),
                        state,
                    };
                    (cx.key(id).under(key.name.as_str()), subscription)
                }
            };
            if is_new {
                subscription_attributes::set_all(&mut subscription, &attributes, "Attributes Reason: ")?;
            } else if attributes.iter().any(|(name, value)| !subscription_attributes::has(&subscription, name, value)) {
                return Err(invalid("Attributes Reason: Subscription already exists with different attributes").into());
            }
            if let State::Pending(token) = &subscription.state {
                let token = token.renewed(dice, cx.now);
                ask(w, &topic, &subscription, Said::SubscriptionConfirmation, (dice.uuid(), &token), cx.now)?;
                subscription.state = State::Pending(token);
                w.put(&subscription_key, &subscription, cx.now)?;
            } else if is_new {
                w.put(&subscription_key, &subscription, cx.now)?;
            }
            Ok(subscription)
        })?;
        let is_named = subscribed.is_confirmed() || self.return_subscription_arn == Some(true);
        let subscription_arn = if is_named { subscribed.arn } else { "pending confirmation".into() };
        Ok(Subscribed { subscription_arn })
    }
}
