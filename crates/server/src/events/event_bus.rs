//! A bus as it is remembered, and how inputs name one.

use serde::{Deserialize, Serialize};
use store::{Key, Reader, Resource, StoreError, Stored};
use wire::{ApiError, Timestamp};

use super::rule::DEFAULT_BUS;
use super::target::DeadLetterConfig;
use crate::arn::Arn;
use crate::bus::BusName;
use crate::{Context, Failure};

/// Buses of one account and Region.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
pub(crate) const MAX_BUSES: usize = 100;

/// A bus. Its key: its name. The default bus is there also where it is not remembered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct EventBus {
    pub(crate) description: Option<String>,
    pub(crate) kms_key_identifier: Option<String>,
    pub(crate) dead_letter_config: Option<DeadLetterConfig>,
    pub(crate) log_config: Option<LogConfig>,
    /// Who may put events on it, as JSON.
    pub(crate) policy: Option<String>,
}

/// What a bus is to log; kept and given back.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_LogConfig.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LogConfig {
    include_detail: Option<String>,
    level: Option<String>,
}

impl Resource for EventBus {
    const KIND: &'static str = "event-bus";
}

/// A bus as it is told.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EventBusTold {
    name: String,
    arn: String,
    description: Option<String>,
    policy: Option<String>,
    creation_time: Option<Timestamp>,
    last_modified_time: Option<Timestamp>,
}

impl EventBusTold {
    pub(crate) fn of(stored: Stored<EventBus>, cx: &Context<'_>) -> EventBusTold {
        let Stored { key, value: bus, created_at, changed_at } = stored;
        let told = |time: jiff::Timestamp| (time > LONG_AGO).then(|| time.into());
        EventBusTold {
            arn: bus_arn(cx, &key.name),
            name: key.name,
            description: bus.description,
            policy: bus.policy,
            creation_time: told(created_at),
            last_modified_time: told(changed_at),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// The ARN of a bus of this account and Region.
pub(crate) fn bus_arn(cx: &Context<'_>, name: &str) -> String {
    cx.arn("events", format_args!("event-bus/{name}"))
}

/// The bus that an input names, by its name or its ARN; the default bus if it names none.
pub(crate) fn named_bus(cx: &Context<'_>, named: Option<&str>) -> Result<BusName, ApiError> {
    let named = named.unwrap_or(DEFAULT_BUS);
    let name = match Arn::of(named) {
        None => named,
        Some(arn) => {
            let name = arn.resource.strip_prefix("event-bus/").unwrap_or(arn.resource);
            // Buses of other accounts and Regions are not ours to know.
            if arn.account != cx.account.as_str() || arn.region != cx.region.as_str() {
                return Err(no_bus(name));
            }
            name
        }
    };
    Ok(BusName { account: cx.account.clone(), region: cx.region.clone(), name: name.to_owned() })
}

/// The bus, or `ResourceNotFoundException`. A default bus that nobody has changed is as old as time.
pub(crate) fn event_bus(r: &Reader<'_>, bus: &BusName) -> Result<Stored<EventBus>, Failure> {
    let key = Key::new(&bus.account, &bus.region, &*bus.name);
    match r.get(&key)? {
        Some(found) => Ok(found),
        None if bus.name == DEFAULT_BUS => Ok(untouched(key)),
        None => Err(no_bus(&bus.name).into()),
    }
}

/// Whether there is such a bus.
pub(crate) fn has_bus(r: &Reader<'_>, bus: &BusName) -> Result<bool, StoreError> {
    let key = Key::new(&bus.account, &bus.region, &*bus.name);
    Ok(bus.name == DEFAULT_BUS || r.get::<EventBus>(&key)?.is_some())
}

/// When a bus that nobody made was made: it is not told.
const LONG_AGO: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;

/// The default bus where nothing of it is remembered.
pub(crate) fn untouched(key: Key) -> Stored<EventBus> {
    Stored { key, value: EventBus::default(), created_at: LONG_AGO, changed_at: LONG_AGO }
}

/// What is said where there is no such bus.
pub(crate) fn no_bus(name: &str) -> ApiError {
    ApiError::new("ResourceNotFoundException", format!("Event bus {name} does not exist."))
}
