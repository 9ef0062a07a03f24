//! `ConfirmSubscription`: an endpoint says yes with the token that it was sent. Also a link, which nobody signs.
//! <https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html>
//!
//! The token in a last message brings a removed subscription back.

use serde::{Deserialize, Serialize};
use store::Stored;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::invalid;
use super::subscription::{RemovedSubscription, State, Subscription};
use super::topic::{key_of, sns_arn, under};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConfirmSubscription {
    topic_arn: String,
    token: String,
    authenticate_on_unsubscribe: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConfirmedSubscription {
    subscription_arn: String,
}

impl Operation for ConfirmSubscription {
    const NAME: &'static str = "ConfirmSubscription";
    const SHAPE: &'static Shape = &Shape::structure(
        "ConfirmSubscriptionInput",
        &[
            Member::required("TopicArn", Shape::string()),
            Member::required("Token", Shape::string()),
            Member::optional("AuthenticateOnUnsubscribe", Shape::string()),
        ],
    );
    type Output = ConfirmedSubscription;

    fn run(self, cx: &Context<'_>) -> Result<ConfirmedSubscription, Failure> {
        let is_signed = !cx.caller.access_key.is_empty();
        let topic = sns_arn(&self.topic_arn, "Topic").map_err(|_| invalid("Topic"))?;
        if is_signed && topic.region != cx.region.as_str() {
            return Err(invalid("Topic").into());
        }
        if self.token.is_empty() || !self.token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ApiError::new("InvalidParameter", "Invalid token").into());
        }
        let key = key_of(&topic);
        // Only a call that is signed can ask that the end be signed too.
        let asks_for_keys = self.authenticate_on_unsubscribe.is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let confirmed = State::Confirmed {
            token: Some(self.token.clone()),
            was_authenticated: is_signed,
            authenticate_on_unsubscribe: is_signed && asks_for_keys,
        };
        let subscription_arn = cx.store.try_write(|w| -> Result<String, Failure> {
            for Stored { key, value, .. } in w.list::<Subscription>(&under(&key))? {
                match &value.state {
                    State::Pending(token) if token.opens(&self.token, cx.now) => {
                        let subscription = Subscription { state: confirmed, ..value };
                        w.put(&key, &subscription, cx.now)?;
                        return Ok(subscription.arn);
                    }
                    State::Confirmed { token: Some(token), .. } if *token == self.token => return Ok(value.arn),
                    State::Pending(_) | State::Confirmed { .. } => {}
                }
            }
            for Stored { key, value, .. } in w.list::<RemovedSubscription>(&under(&key))? {
                if value.token.opens(&self.token, cx.now) {
                    let subscription = Subscription { state: confirmed, ..value.subscription };
                    w.delete::<RemovedSubscription>(&key)?;
                    w.put(&key, &subscription, cx.now)?;
                    return Ok(subscription.arn);
                }
            }
            Err(invalid("Token").into())
        })?;
        Ok(ConfirmedSubscription { subscription_arn })
    }
}
