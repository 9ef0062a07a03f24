//! A target of an EventBridge rule, by what its ARN says it is.
//!
//! A topic gets the text as a message without a subject, a function is handed it as its event, both in the transaction that
//! notes the arrival. Log groups and buses are written to at once, queues are sent it.

use route::retry::{Failure, GiveUp, Policy, TargetPolicy};
use store::StoreError;
use store::deliveries::{Delivery, NewDelivery};

use super::api_destination::to_api_destination;
use super::dead_letter::{DeadLetter, Died};
use super::function::handed_over;
use super::{Target, event_bus, log_group, queue};
use crate::arn::Arn;
use crate::bus::{RULE_TARGET, TargetDelivery, of_bus_arn};
use crate::deliver::{Arrived, Delivering, Failed};
use crate::sns::{Message, Structure, has_topic, publish};

pub(crate) struct RuleTarget;

impl Target for RuleTarget {
    fn kind(&self) -> &'static str {
        RULE_TARGET
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let told = read(delivery)?;
        match Arn::of(&told.target_arn).map(|arn| arn.service) {
            Some("sns") => to_topic(cx, told),
            Some("lambda") => handed_over(cx, told.target_arn, told.text, "events"),
            Some("events") if told.target_arn.contains(":api-destination/") => to_api_destination(cx, delivery, &told),
            Some("logs") => log_group::deliver(cx, told),
            Some("events") if of_bus_arn(&told.target_arn).is_some() => event_bus::deliver(cx, delivery, told),
            Some("sqs") => queue::to_queue(cx, delivery, told),
            Some(service) => {
                Err(Failed::new(Failure::InvalidParameter, format!("targets of {service} are not delivered to yet")))
            }
            None => Err(Failed::new(Failure::NoResource, format!("`{}` is no ARN", told.target_arn))),
        }
    }

    fn policy(&self, delivery: &Delivery) -> Policy {
        let told = read(delivery).unwrap_or_default();
        Policy::Target(TargetPolicy::new(told.max_age_seconds, told.max_attempts).unwrap_or_default())
    }

    fn given_up(&self, cx: &Delivering<'_>, delivery: &Delivery, failed: &Failed, why: GiveUp) -> Vec<NewDelivery> {
        let died = Died { failed, why, attempts: delivery.attempts + 1 };
        let letter = read(delivery).ok().and_then(|told| DeadLetter::of_rule_target(told, &died));
        letter.map(|letter| letter.delivery(cx.now)).into_iter().collect()
    }
}

fn read(delivery: &Delivery) -> Result<TargetDelivery, Failed> {
    serde_json::from_slice(&delivery.payload)
        .map_err(|error| Failed::new(Failure::InvalidJson, format!("the delivery cannot be read: {error}")))
}

fn to_topic(cx: &Delivering<'_>, told: TargetDelivery) -> Result<Arrived, Failed> {
    let cannot_read = |error: StoreError| Failed::new(Failure::InternalError, error.to_string());
    if !cx.store.read(|r| has_topic(r, &told.target_arn)).map_err(cannot_read)? {
        return Err(Failed::new(Failure::NoResource, format!("there is no topic `{}`", told.target_arn)));
    }
    let message = Message {
        id: cx.world.dice.uuid(),
        subject: None,
        body: told.text,
        structure: Structure::Plain,
        attributes: Default::default(),
        group_id: None,
        time: cx.now.into(),
    };
    let (now, topic, outcome) = (cx.now, told.target_arn, format!("message {}", message.id));
    // A topic that was deleted meanwhile has nobody to tell.
    let also = Box::new(move |w: &store::Writer<'_>| publish(w, &topic, &message, now).map(drop));
    Ok(Arrived { outcome, also: Some(also) })
}
