//! `Unsubscribe`: a subscription ends. Also a link, which nobody signs.
//! <https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html>
//!
//! People and HTTP/S endpoints are told, with a link that brings it back: a link may have been opened by a program that
//! reads mail.

use serde::Deserialize;
use store::Key;
use wire::ApiError;
use wire::check::{Member, Shape};

use super::message::{Said, ask};
use super::subscription::{RemovedSubscription, State, Subscription, Token, subscription_key};
use super::topic::{Topic, under};
use crate::{Context, Failure, Operation};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Unsubscribe {
    subscription_arn: String,
}

impl Operation for Unsubscribe {
    const NAME: &'static str = "Unsubscribe";
    const SHAPE: &'static Shape =
        &Shape::structure("UnsubscribeInput", &[Member::required("SubscriptionArn", Shape::string())]);
    type Output = ();

    fn run(self, cx: &Context<'_>) -> Result<(), Failure> {
        let key = subscription_key(cx, &self.subscription_arn)?;
        let topic_key = Key { parent: String::new(), name: key.parent.clone(), ..key.clone() };
        let dice = &*cx.world.dice;
        cx.store.try_write(|w| {
            let Some(subscription) = w.get::<Subscription>(&key)?.map(|found| found.value) else { return Ok(()) };
            if let State::Confirmed { authenticate_on_unsubscribe: true, .. } = &subscription.state
                && cx.caller.access_key.is_empty()
            {
                return Err(needs_keys(&subscription.arn).into());
            }
            for removed in w.list::<RemovedSubscription>(&under(&topic_key))? {
                if removed.value.is_over(cx.now) {
                    w.delete::<RemovedSubscription>(&removed.key)?;
                }
            }
            w.delete::<Subscription>(&key)?;
            w.drop_deliveries(&subscription.arn, cx.now)?;
            if !subscription.is_confirmed() {
                return Ok(());
            }
            let token = Token::new(dice, cx.now);
            let is_told = subscription.protocol.is_http() || subscription.protocol.is_mail();
            if is_told && let Some(topic) = w.get::<Topic>(&topic_key)? {
                let asks = Said::UnsubscribeConfirmation;
                ask(w, &topic.value, &subscription, asks, (dice.uuid(), &token), cx.now)?;
            }
            w.put(&key, &RemovedSubscription { subscription, token }, cx.now)?;
            Ok(())
        })
    }
}

fn needs_keys(arn: &str) -> ApiError {
    let message = format!("User: ANONYMOUS is not authorized to perform: SNS:Unsubscribe on resource: {arn}");
    ApiError::new("AuthorizationError", message).with_status(403)
}
