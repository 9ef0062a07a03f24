//! An event bus as the target of a rule: the event is published on that bus, and its rules see it.
//!
//! It stays what it is: its id, account, time and source. An event goes from one bus to a second and never to a third, so
//! that buses that name each other end no loop: rules of the second bus whose target is a bus are not followed.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html>

use route::retry::Failure;
use serde_json::Value;
use store::deliveries::Delivery;

use crate::bus::{BusName, Event, TargetDelivery, forward, of_bus_arn};
use crate::deliver::{Arrived, Delivering, Failed};
use crate::events::has_bus;

/// Members that an event has; what a transformer made may lack them.
const MEMBERS: &[&str] = &["id", "detail-type", "source", "account", "time", "region", "detail"];

pub(super) fn deliver(cx: &Delivering<'_>, delivery: &Delivery, told: TargetDelivery) -> Result<Arrived, Failed> {
    let bus = bus_here(cx, &told.target_arn)?;
    let is_event = serde_json::from_str(&told.text)
        .is_ok_and(|event: Value| MEMBERS.iter().all(|member| event.get(member).is_some()));
    if !is_event {
        let why = "what the rule tells is no event: a bus as a target takes no Input, InputPath or InputTransformer";
        return Err(Failed::new(Failure::InvalidJson, why));
    }
    let event = Event {
        text: told.text.as_bytes(),
        is_read_only_management: told.is_read_only_management,
        // What is delivered in the order of an insight says first which.
        insight: delivery.in_order.as_deref().and_then(|order| order.split(' ').next()),
    };
    // At least once, as all: whoever is killed between the two publishes it again.
    cx.store.write(|w| forward(w, cx.rules, &bus, &event, cx.now)).map_err(Failed::of_store)?;
    Ok(Arrived::with(format!("published on {}", bus.name)))
}

/// The bus that an ARN names, if it is ours and is there.
pub(super) fn bus_here(cx: &Delivering<'_>, arn: &str) -> Result<BusName, Failed> {
    let no_bus = || Failed::new(Failure::NoResource, format!("there is no event bus `{arn}` here"));
    let bus = of_bus_arn(arn).filter(|bus| bus.account == cx.place.account).ok_or_else(no_bus)?;
    match cx.store.read(|r| has_bus(r, &bus)).map_err(Failed::of_store)? {
        true => Ok(bus),
        false => Err(no_bus()),
    }
}
