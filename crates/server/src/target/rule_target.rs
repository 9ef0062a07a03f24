//! A target of an EventBridge rule, by what its ARN says it is.
//!
//! A topic gets the text as a message without a subject, a function is handed it as its event, both in the transaction that
//! notes the arrival. Log groups and buses are written to at once, queues are sent it.

use std::collections::BTreeMap;

use route::retry::{Failure, GiveUp, Policy, TargetPolicy};
use store::deliveries::{Delivery, NewDelivery};

use super::api_destination::to_api_destination;
use super::dead_letter::{DeadLetter, Died};
use super::function::handed_over;
use super::topic::to_topic;
use super::{Target, event_bus, log_group, queue, read};
use crate::arn::Arn;
use crate::bus::{RULE_TARGET, TargetDelivery, of_bus_arn};
use crate::deliver::{Arrived, Delivering, Failed};

pub(crate) struct RuleTarget;

impl Target for RuleTarget {
    fn kind(&self) -> &'static str {
        RULE_TARGET
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let told: TargetDelivery = read(delivery)?;
        match Arn::of(&told.target_arn).map(|arn| arn.service) {
            Some("sns") => {
                // An End comes after its Start to whoever is told by the topic, too.
                to_topic(cx, told.target_arn, told.text, BTreeMap::new(), delivery.in_order.clone())
            }
            Some("lambda") => handed_over(cx, told.target_arn, told.text, delivery),
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
        let told: TargetDelivery = read(delivery).unwrap_or_default();
        Policy::Target(TargetPolicy::new(told.max_age_seconds, told.max_attempts).unwrap_or_default())
    }

    fn given_up(&self, cx: &Delivering<'_>, delivery: &Delivery, failed: &Failed, why: GiveUp) -> Vec<NewDelivery> {
        let died = Died { failed, why, attempts: delivery.attempts + 1 };
        let letter = read(delivery).ok().and_then(|told| DeadLetter::of_rule_target(told, &died));
        letter.map(|letter| letter.delivery(cx.now)).into_iter().collect()
    }
}
