//! A mail to a subscription: a message, or the question whether it wants any.

use route::retry::{DeliveryPolicy, Failure, GiveUp, Policy};
use store::deliveries::{Delivery, NewDelivery};

use super::dead_letter::{Died, of_subscription};
use super::{Target, read};
use crate::deliver::{Arrived, Delivering, Failed};
use crate::sns::{SubscriptionDelivery, forms};
use crate::world::MailMessage;

/// Mails of one kind: messages and questions are kept apart, so that one can look at either.
pub(crate) struct Email(pub(crate) &'static str);

impl Target for Email {
    fn kind(&self) -> &'static str {
        self.0
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let told: SubscriptionDelivery = read(delivery)?;
        let form = forms::mail(&told, &cx.sender());
        let mail = MailMessage {
            to: told.endpoint,
            sender_name: told.display_name,
            subject: form.subject,
            text: form.text,
            unsubscribe_url: form.unsubscribe_url,
        };
        cx.world.mail.send(&mail).map_err(|error| {
            let failure = if error.is_final { Failure::InvalidParameter } else { Failure::ConnectionFailure };
            Failed::new(failure, error.text)
        })?;
        Ok(Arrived::with(format!("mailed to {}", mail.to)))
    }

    fn policy(&self, delivery: &Delivery) -> Policy {
        read(delivery).map_or(Policy::Sns(DeliveryPolicy::SMTP), |told: SubscriptionDelivery| told.retry_policy())
    }

    fn given_up(&self, cx: &Delivering<'_>, delivery: &Delivery, failed: &Failed, why: GiveUp) -> Vec<NewDelivery> {
        of_subscription(cx, delivery, &Died { failed, why, attempts: delivery.attempts + 1 })
    }
}
