//! `PutEvents`: events of anybody's, put on a bus. Each is taken or refused by itself.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>

use std::collections::BTreeMap;

use route::json::{Value, write_string};
use serde::{Deserialize, Serialize};
use wire::Timestamp;
use wire::check::{Member, Shape};

use super::event_bus::{event_bus, named_bus};
use super::rule::invalid;
use super::shapes::OWN_BUS;
use crate::bus::{BusName, Event, publish};
use crate::{Context, Failure, Operation};

/// Bytes of all entries; they must be fewer.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size>
const MAX_BYTES: usize = 1 << 20;
/// What a time counts as.
const TIME_BYTES: usize = 14;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutEvents {
    entries: Vec<Entry>,
    #[serde(rename = "EndpointId")]
    _endpoint_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    time: Option<Timestamp>,
    source: Option<String>,
    resources: Option<Vec<String>>,
    detail_type: Option<String>,
    detail: Option<String>,
    event_bus_name: Option<String>,
    #[serde(rename = "TraceHeader")]
    _trace_header: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutEventsResult {
    failed_entry_count: usize,
    entries: Vec<PutEntry>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PutEntry {
    event_id: Option<String>,
    error_code: Option<&'static str>,
    error_message: Option<String>,
}

const RESOURCE: Shape = Shape::string().at_most_long(2048);
/// The last two are in no model: AWS tells them where it tells of all entries.
const ENTRY: Shape = Shape::structure(
    "PutEventsRequestEntry",
    &[
        Member::optional("Time", Shape::any()),
        Member::optional("Source", Shape::string()),
        Member::optional("Resources", Shape::list(&RESOURCE)),
        Member::optional("DetailType", Shape::string()),
        Member::optional("Detail", Shape::string()),
        Member::optional("EventBusName", OWN_BUS),
        Member::optional("TraceHeader", Shape::string().length(1, 500)),
        Member::optional("KmsKeyIdentifier", Shape::any()),
        Member::optional("InternalMetadata", Shape::any()),
    ],
);

impl Operation for PutEvents {
    const NAME: &'static str = "PutEvents";
    const SHAPE: &'static Shape = &Shape::structure(
        "PutEventsRequest",
        &[
            Member::required("Entries", Shape::list(&ENTRY).length(1, 10)),
            Member::optional(
                "EndpointId",
                Shape::string().length(1, 50).pattern(r"^[A-Za-z0-9\-]+[\.][A-Za-z0-9\-]+$"),
            ),
        ],
    );
    type Output = PutEventsResult;

    fn run(self, cx: &Context<'_>) -> Result<PutEventsResult, Failure> {
        if self.entries.iter().map(Entry::bytes).sum::<usize>() >= MAX_BYTES {
            return Err(invalid("Total size of the entries in the request is over the limit.").into());
        }
        let mut entries = Vec::with_capacity(self.entries.len());
        let mut of_bus: BTreeMap<&str, (BusName, Vec<String>)> = BTreeMap::new();
        for entry in &self.entries {
            let id = cx.world.dice.uuid();
            match entry.event(&id, cx) {
                Ok(event) => {
                    let named = entry.event_bus_name.as_deref();
                    // A bus that is not there swallows it: AWS says nothing of that.
                    if let Ok(bus) = named_bus(cx, named) {
                        of_bus.entry(named.unwrap_or_default()).or_insert((bus, Vec::new())).1.push(event);
                    }
                    entries.push(PutEntry { event_id: Some(id), ..PutEntry::default() });
                }
                Err((code, message)) => {
                    entries.push(PutEntry {
                        error_code: Some(code),
                        error_message: Some(message),
                        ..PutEntry::default()
                    });
                }
            }
        }
        if !of_bus.is_empty() {
            cx.store.try_write(|w| {
                for (bus, events) in of_bus.values() {
                    match event_bus(w, bus) {
                        Ok(_) => {}
                        Err(Failure::Refused(_)) => continue,
                        Err(error) => return Err(error),
                    }
                    let events: Vec<Event<'_>> = events.iter().map(|text| Event::plain(text)).collect();
                    publish(w, cx.rules, bus, &events, cx.now)?;
                }
                Ok(())
            })?;
        }
        let failed_entry_count = entries.iter().filter(|entry| entry.error_code.is_some()).count();
        Ok(PutEventsResult { failed_entry_count, entries })
    }
}

impl Entry {
    fn bytes(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail];
        self.time.map_or(0, |_| TIME_BYTES)
            + texts.into_iter().flatten().map(String::len).sum::<usize>()
            + self.resources.iter().flatten().map(String::len).sum::<usize>()
    }

    /// The event, or the code and the sentence that refuse it.
    fn event(&self, id: &str, cx: &Context<'_>) -> Result<String, (&'static str, String)> {
        let source = given("Source", self.source.as_deref())?;
        let detail_type = given("DetailType", self.detail_type.as_deref())?;
        let detail = given("Detail", self.detail.as_deref())?;
        // Those are AWS's own: what comes from there is found in log files.
        if source.starts_with("aws.") {
            return Err(("NotAuthorizedForSourceException", "Not authorized for the source.".into()));
        }
        let Ok(detail @ Value::Object(_)) = Value::parse(detail) else {
            return Err(("MalformedDetail", "Detail is malformed.".into()));
        };
        let mut event = String::from(r#"{"version":"0""#);
        let mut member = |name: &str, value: &str| {
            event.push_str(&format!(r#","{name}":"#));
            write_string(value, &mut event);
        };
        member("id", id);
        member("detail-type", detail_type);
        member("source", source);
        member("account", cx.account.as_str());
        member("time", &format!("{:.0}", self.time.map_or(cx.now, |time| time.0)));
        member("region", cx.region.as_str());
        event.push_str(r#","resources":["#);
        for (i, resource) in self.resources.iter().flatten().enumerate() {
            event.push_str(if i > 0 { "," } else { "" });
            write_string(resource, &mut event);
        }
        // As AWS: the blanks between are gone; order, repeated keys and numbers are as they were given.
        event.push_str(r#"],"detail":"#);
        detail.write_to(&mut event);
        event.push('}');
        Ok(event)
    }
}

fn given<'e>(name: &str, text: Option<&'e str>) -> Result<&'e str, (&'static str, String)> {
    let message = || format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
    text.filter(|text| !text.is_empty()).ok_or_else(|| ("InvalidArgument", message()))
}
