//! Destinations of functions: a queue, a topic, another function or an event bus that is told what became of an asynchronous
//! invocation; and the dead-letter queue or topic, which gets the event itself.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>

use std::collections::BTreeMap;

use jiff::Timestamp;
use route::json::write_string;
use route::retry::{Failure, Policy, TargetPolicy};
use serde::{Deserialize, Serialize};
use store::deliveries::{Delivery, NewDelivery};

use super::event_bus::bus_here;
use super::function::handed_over;
use super::{Target, queue, read, topic};
use crate::arn::Arn;
use crate::bus::Event;
use crate::deliver::{Arrived, Delivering, Failed};
use crate::lambda::{Condition, Telling};
use crate::sns::MessageAttribute;

const DESTINATION: &str = "lambda-destination";
/// Bytes of an error in a dead letter.
const ERROR_LENGTH: usize = 1_024;

/// A delivery's payload. Fields that come later must not be missed in older rows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DestinationDelivery {
    destination_arn: String,
    function_arn: String,
    body: String,
    /// Of a dead letter: name, type and value.
    attributes: BTreeMap<String, (String, String)>,
    is_success: bool,
}

impl DestinationDelivery {
    /// The record of an invocation.
    pub(crate) fn of(destination_arn: String, telling: &Telling<'_>) -> DestinationDelivery {
        DestinationDelivery {
            destination_arn,
            function_arn: telling.function_arn.clone(),
            body: telling.record(),
            attributes: BTreeMap::new(),
            is_success: telling.condition == Condition::Success,
        }
    }

    /// As a delivery.
    pub(crate) fn delivery(&self, due_at: Timestamp) -> NewDelivery {
        NewDelivery {
            kind: DESTINATION.into(),
            target: self.destination_arn.clone(),
            in_order: None,
            payload: serde_json::to_vec(self).expect("texts and maps of texts are always JSON"),
            due_at,
        }
    }
}

/// The event itself, with why it was given up.
pub(crate) fn dead_letter(arn: String, telling: &Telling<'_>, error: &str) -> DestinationDelivery {
    let error: String = error.chars().take(ERROR_LENGTH).collect();
    let attribute = |name: &str, kind: &str, value: String| (name.to_owned(), (kind.to_owned(), value));
    // 200: the function ran; 429: it was not let run.
    let code = if telling.answer.is_some() { "200" } else { "429" };
    DestinationDelivery {
        destination_arn: arn,
        function_arn: telling.function_arn.clone(),
        body: telling.invocation.event.clone(),
        attributes: BTreeMap::from([
            attribute("RequestID", "String", telling.invocation.request_id.clone()),
            attribute("ErrorCode", "Number", code.into()),
            attribute("ErrorMessage", "String", error),
        ]),
        is_success: false,
    }
}

pub(crate) struct Destination;

impl Target for Destination {
    fn kind(&self) -> &'static str {
        DESTINATION
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let told: DestinationDelivery = read(delivery)?;
        let arn = told.destination_arn.clone();
        match Arn::of(&arn).map(|arn| arn.service) {
            Some("sqs") => queue::send_kept(cx, &arn, told.body, told.attributes),
            Some("sns") => to_topic(cx, told),
            Some("lambda") => handed_over(cx, arn, told.body, delivery),
            Some("events") => to_bus(cx, &told),
            _ => Err(Failed::new(Failure::NoResource, format!("nothing is delivered to `{arn}`"))),
        }
    }

    fn policy(&self, _: &Delivery) -> Policy {
        Policy::Target(TargetPolicy::default())
    }
}

fn to_topic(cx: &Delivering<'_>, told: DestinationDelivery) -> Result<Arrived, Failed> {
    let attribute = |(name, (data_type, value))| {
        (name, MessageAttribute { data_type, string_value: Some(value), binary_value: None })
    };
    let attributes = told.attributes.into_iter().map(attribute).collect();
    topic::to_topic(cx, told.destination_arn, told.body, attributes, None)
}

/// An event on a bus. At least once, as all: whoever is killed before its arrival is noted publishes it again.
fn to_bus(cx: &Delivering<'_>, told: &DestinationDelivery) -> Result<Arrived, Failed> {
    let bus = bus_here(cx, &told.destination_arn)?;
    let id = cx.world.dice.uuid();
    let kind = if told.is_success { "Success" } else { "Failure" };
    let mut event = format!(
        r#"{{"version":"0","id":"{id}","detail-type":"Lambda Function Invocation Result - {kind}","source":"lambda","account":"#
    );
    write_string(bus.account.as_str(), &mut event);
    event.push_str(&format!(r#","time":"{:.0}","region":"#, cx.now));
    write_string(bus.region.as_str(), &mut event);
    event.push_str(r#","resources":["#);
    write_string(&told.destination_arn, &mut event);
    event.push(',');
    write_string(&told.function_arn, &mut event);
    event.push_str(r#"],"detail":"#);
    event.push_str(&told.body);
    event.push('}');
    cx.store
        .write(|w| crate::bus::publish(w, cx.rules, &bus, &[Event::plain(&event)], cx.now))
        .map_err(Failed::of_store)?;
    Ok(Arrived::with(format!("event {id}")))
}
