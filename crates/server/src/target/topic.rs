//! A topic, as the target of a rule or as a destination of a function: the message is published in the transaction that notes
//! its arrival.

use std::collections::BTreeMap;

use route::retry::Failure;

use crate::deliver::{Arrived, Delivering, Failed};
use crate::sns::{Message, MessageAttribute, Structure, has_topic, publish};

/// Tells a topic something, without a subject. What is of one `order` comes to each subscription one after the other.
pub(super) fn to_topic(
    cx: &Delivering<'_>,
    topic: String,
    body: String,
    attributes: BTreeMap<String, MessageAttribute>,
    order: Option<String>,
) -> Result<Arrived, Failed> {
    if !cx.store.read(|r| has_topic(r, &topic)).map_err(Failed::of_store)? {
        return Err(Failed::new(Failure::NoResource, format!("there is no topic `{topic}`")));
    }
    let message = Message {
        id: cx.world.dice.uuid(),
        subject: None,
        body,
        structure: Structure::Plain,
        attributes,
        group_id: None,
        time: cx.now.into(),
    };
    let (now, outcome) = (cx.now, format!("message {}", message.id));
    // A topic that was deleted meanwhile has nobody to tell.
    let also = Box::new(move |w: &store::Writer<'_>| publish(w, &topic, &message, order.as_deref(), now).map(drop));
    Ok(Arrived { outcome, also: Some(also) })
}
