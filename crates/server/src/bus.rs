//! The bus: which targets are to be told of an event, and with which text.
//!
//! ```text
//!  PutEvents ──┐
//!  records   ──┼─► publish ──► one index of all rules of the bus ──► its targets' texts ──► a delivery row each
//!  insights  ──┘                        RuleBook
//! ```
//!
//! All happens within the transaction of what the events tell of, so that nobody is told of what was not kept, and nothing
//! that was kept is forgotten. Per event nothing is read from the store: a bus's rules are read once, compiled into one
//! index, and kept until one of them changes. Whoever changes a rule or a target says so with [`RuleBook::forget`] in the
//! transaction that changes it. As there is one writer at a time, whoever publishes next finds either the old or the new.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-what-is-how-it-works-concepts.html>

mod rules;

use jiff::Timestamp;
use record::names::{AccountId, Region};
use route::Scratch;
use route::envelope::RuleState;
use serde::{Deserialize, Serialize};
use store::{Key, List, StoreError, Stored, Writer};

use crate::arn::Arn;
use crate::context::Place;
use crate::events::{DEFAULT_BUS, HttpValues, Rule};
use rules::BusRule;

pub(crate) use rules::Bus;
pub use rules::RuleBook;

/// The kind of deliveries to targets of rules; their payload is a [`TargetDelivery`].
pub(crate) const RULE_TARGET: &str = "rule-target";

/// Which bus.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BusName {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) name: String,
}

impl BusName {
    /// The bus that AWS's services publish on: what was recorded and found in any account and Region under a trail's prefix
    /// comes to the one of this place.
    pub(crate) fn of_services(place: &Place) -> BusName {
        BusName { account: place.account.clone(), region: place.region.clone(), name: DEFAULT_BUS.into() }
    }

    /// The key of a rule.
    pub(crate) fn rule(&self, name: &str) -> Key {
        Key::new(&self.account, &self.region, name).under(&*self.name)
    }

    /// What the targets of a rule are under.
    pub(crate) fn targets_of(&self, rule: &str) -> String {
        // A rule's name has no slash, so that no two rules share it whatever their buses are called.
        format!("{}/{rule}", self.name)
    }

    /// The rules of the bus.
    pub(crate) fn rules(&self) -> List {
        List { parent: Some(self.name.clone()), ..List::of(&self.account, &self.region) }
    }
}

/// An event as it is published.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'e> {
    /// The whole event as JSON, `version` to `detail`.
    pub(crate) text: &'e [u8],
    /// What [`route::envelope::is_read_only_management`] says of a record; plain rules do not see those.
    pub(crate) is_read_only_management: bool,
    /// Of an Insight event, its `sharedEventID`: each target is told of an End after its Start.
    pub(crate) insight: Option<&'e str>,
}

impl<'e> Event<'e> {
    /// An event that is neither of a record nor of an insight.
    pub(crate) fn plain(text: &'e str) -> Event<'e> {
        Event { text: text.as_bytes(), is_read_only_management: false, insight: None }
    }
}

/// What is to be delivered to the target of a rule. Fields that come later must not be missed in older rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct TargetDelivery {
    /// The rule that matched.
    pub(crate) rule_arn: String,
    /// Its target.
    pub(crate) target_id: String,
    /// To whom.
    pub(crate) target_arn: String,
    /// What is told.
    pub(crate) text: String,
    /// The event, where it is another text, and may be wanted: of what cannot be delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event: Option<String>,
    /// The queue for what cannot be delivered.
    pub(crate) dead_letter_arn: Option<String>,
    /// `MaximumRetryAttempts`; what is not given is the most.
    pub(crate) max_attempts: Option<i64>,
    /// `MaximumEventAgeInSeconds`.
    pub(crate) max_age_seconds: Option<i64>,
    /// As whom.
    pub(crate) role_arn: Option<String>,
    /// The message group, of a FIFO queue.
    pub(crate) message_group: Option<String>,
    /// What the request of an API destination has besides.
    pub(crate) http: Option<HttpValues>,
    /// What the event says of itself, for the rules of a bus that it goes on to.
    pub(crate) is_read_only_management: bool,
}

/// Publishes events on a bus. Says how many deliveries that makes; an event that nobody wants makes none.
pub(crate) fn publish(
    w: &Writer<'_>,
    book: &RuleBook,
    bus: &BusName,
    events: &[Event<'_>],
    now: Timestamp,
) -> Result<usize, StoreError> {
    let bus = book.bus(w, bus)?;
    let mut scratch = Scratch::default();
    let mut count = 0;
    for event in events {
        for delivery in bus.deliveries(event, &mut scratch, now) {
            w.add_delivery(&delivery, now)?;
            count += 1;
        }
    }
    Ok(count)
}

/// Publishes an event that comes from another bus. It goes on to no third one: targets that are buses are not told.
pub(crate) fn forward(
    w: &Writer<'_>,
    book: &RuleBook,
    bus: &BusName,
    event: &Event<'_>,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let bus = book.bus(w, bus)?;
    let mut count = 0;
    for delivery in bus.deliveries(event, &mut Scratch::default(), now) {
        if of_bus_arn(&delivery.target).is_none() {
            w.add_delivery(&delivery, now)?;
            count += 1;
        }
    }
    Ok(count)
}

/// The bus that an ARN names; none of an ARN of something else.
pub(crate) fn of_bus_arn(arn: &str) -> Option<BusName> {
    let arn = Arn::of(arn).filter(|arn| arn.service == "events")?;
    let name = arn.resource.strip_prefix("event-bus/")?;
    Some(BusName { account: arn.account.into(), region: arn.region.into(), name: name.to_owned() })
}

/// Tells the targets of one rule of an event, whatever its pattern is: what a schedule does. Says how many deliveries it makes.
pub(crate) fn tell_targets(
    w: &Writer<'_>,
    bus: &BusName,
    rule: &Stored<Rule>,
    event: &str,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let rule = BusRule::read(w, bus, rule.key.name.clone(), rule.value.arn.clone(), RuleState::Enabled)?;
    let mut deliveries = Vec::new();
    rule.tell((event, &Event::plain(event)), &mut None, now, &mut deliveries);
    deliveries.iter().try_for_each(|delivery| w.add_delivery(delivery, now).map(drop))?;
    Ok(deliveries.len())
}

#[cfg(test)]
mod tests;
