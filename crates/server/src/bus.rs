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

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use record::names::{AccountId, Region};
use route::envelope::RuleState;
use route::json::Value;
use route::transformer::{RuleContext, TargetInput};
use route::{Pattern, Rules, Scratch};
use serde::{Deserialize, Serialize};
use store::deliveries::NewDelivery;
use store::{Key, List, StoreError, Stored, Writer};

use crate::arn::Arn;
use crate::context::Place;
use crate::events::{DEFAULT_BUS, HttpValues, Rule, Target};

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

/// The rules of every bus that was published on, compiled.
#[derive(Debug, Default)]
pub struct RuleBook {
    buses: Mutex<HashMap<BusName, Arc<Bus>>>,
    /// How often anything was changed.
    change_count: AtomicU64,
}

impl RuleBook {
    /// A rule of this bus, or a target of one, is changed in this transaction.
    pub(crate) fn forget(&self, _: &Writer<'_>, bus: &BusName) {
        self.buses().remove(bus);
        self.change_count.fetch_add(1, Ordering::Relaxed);
    }

    /// How often a rule or a target was changed. Asked within a transaction, what is read there has all of these changes.
    pub(crate) fn change_count(&self) -> u64 {
        self.change_count.load(Ordering::Relaxed)
    }

    /// A bus, if its rules are ready to be asked: nobody waits for the writer's turn to know them.
    pub(crate) fn known(&self, name: &BusName) -> Option<Arc<Bus>> {
        self.buses().get(name).map(Arc::clone)
    }

    /// A bus as it is now.
    pub(crate) fn bus(&self, w: &Writer<'_>, name: &BusName) -> Result<Arc<Bus>, StoreError> {
        if let Some(bus) = self.buses().get(name) {
            return Ok(Arc::clone(bus));
        }
        let bus = Arc::new(Bus::read(w, name)?);
        // A bus without rules is soon read again; and names of buses that there are not take no room.
        if !bus.rules.is_empty() {
            self.buses().insert(name.clone(), Arc::clone(&bus));
        }
        Ok(bus)
    }

    fn buses(&self) -> MutexGuard<'_, HashMap<BusName, Arc<Bus>>> {
        self.buses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A bus: its rules that look at events, by their places in the index.
#[derive(Debug)]
pub(crate) struct Bus {
    index: Rules,
    rules: Vec<BusRule>,
}

#[derive(Debug)]
struct BusRule {
    arn: String,
    name: String,
    state: RuleState,
    targets: Vec<(Target, TargetInput)>,
}

impl Bus {
    /// Whether any of its rules looks at events.
    pub(crate) fn has_rules(&self) -> bool {
        !self.rules.is_empty()
    }

    fn read(w: &Writer<'_>, bus: &BusName) -> Result<Bus, StoreError> {
        let (mut patterns, mut rules) = (Vec::new(), Vec::new());
        for Stored { key, value: rule, .. } in w.list::<Rule>(&bus.rules())? {
            let state = RuleState::of_name(&rule.state).unwrap_or_default();
            let Some(pattern) = rule.event_pattern.filter(|_| state != RuleState::Disabled) else { continue };
            // Both were compiled when they were put; that they are not now is a change of ours.
            let Ok(pattern) = Pattern::compile(&pattern) else {
                tracing::error!(rule = rule.arn, "the rule's pattern cannot be read: it matches nothing");
                continue;
            };
            let rule = BusRule::read(w, bus, key.name, rule.arn, state)?;
            if !rule.targets.is_empty() {
                patterns.push(pattern);
                rules.push(rule);
            }
        }
        Ok(Bus { index: Rules::new(&patterns), rules })
    }

    /// Whom an event is to be told, rule by rule.
    pub(crate) fn deliveries(&self, event: &Event<'_>, scratch: &mut Scratch, now: Timestamp) -> Vec<NewDelivery> {
        if self.rules.is_empty() {
            return Vec::new();
        }
        let matching = match self.index.matching(event.text, scratch) {
            Ok([]) => return Vec::new(),
            Ok(matching) => matching,
            Err(error) => {
                tracing::warn!(error = %error, "what was published is no event");
                return Vec::new();
            }
        };
        let Ok(text) = std::str::from_utf8(event.text) else {
            tracing::warn!("what was published is no text");
            return Vec::new();
        };
        // Read into a tree only if a target wants a part of it.
        let mut read = None;
        let mut deliveries = Vec::new();
        for rule in matching.iter().filter_map(|place| self.rules.get(*place as usize)) {
            if rule.state.sees(event.is_read_only_management) {
                rule.tell((text, event), &mut read, now, &mut deliveries);
            }
        }
        deliveries
    }
}

impl BusRule {
    /// A rule with its targets.
    fn read(w: &Writer<'_>, bus: &BusName, name: String, arn: String, state: RuleState) -> Result<BusRule, StoreError> {
        let of_rule = List { parent: Some(bus.targets_of(&name)), ..List::of(&bus.account, &bus.region) };
        let mut targets = Vec::new();
        for Stored { value: target, .. } in w.list::<Target>(&of_rule)? {
            match target.told() {
                Ok(told) => targets.push((target, told)),
                Err(error) => {
                    tracing::error!(rule = arn, target = target.id, error = %error, "the target is told nothing");
                }
            }
        }
        Ok(BusRule { arn, name, state, targets })
    }

    /// Tells its targets of an event. `read`: the event as a tree, once somebody wanted it.
    fn tell<'e>(
        &self,
        (text, event): (&'e str, &Event<'_>),
        read: &mut Option<Option<Value<'e>>>,
        now: Timestamp,
        deliveries: &mut Vec<NewDelivery>,
    ) {
        let ingestion_time = format!("{now:.0}");
        let context = RuleContext { rule_arn: &self.arn, rule_name: &self.name, ingestion_time: &ingestion_time };
        for (target, told) in &self.targets {
            let told = match told {
                TargetInput::Event => Some(text.to_owned()),
                TargetInput::Constant(text) => Some(text.clone()),
                TargetInput::Path(_) | TargetInput::Template(_) => {
                    let event = read.get_or_insert_with(|| Value::parse(text).ok());
                    event.as_ref().and_then(|event| told.deliver(event, &context))
                }
            };
            let http = target.http_parameters.as_ref().map(|http| {
                let event = match http.look_at_events() {
                    true => read.get_or_insert_with(|| Value::parse(text).ok()).as_ref(),
                    false => None,
                };
                http.of_event(event)
            });
            deliveries.extend(told.and_then(|told| delivery(self, target, (told, http), (text, event), now)));
        }
    }
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

fn delivery(
    rule: &BusRule,
    target: &Target,
    (told, http): (String, Option<HttpValues>),
    (text, event): (&str, &Event<'_>),
    now: Timestamp,
) -> Option<NewDelivery> {
    let retry = target.retry_policy.clone().unwrap_or_default();
    let dead_letter_arn = target.dead_letter_config.as_ref().and_then(|config| config.arn.clone());
    let payload = TargetDelivery {
        rule_arn: rule.arn.clone(),
        target_id: target.id.clone(),
        target_arn: target.arn.clone(),
        event: (dead_letter_arn.is_some() && told != text).then(|| text.to_owned()),
        text: told,
        dead_letter_arn,
        max_attempts: retry.maximum_retry_attempts,
        max_age_seconds: retry.maximum_event_age_in_seconds,
        role_arn: target.role_arn.clone(),
        message_group: target.sqs_parameters.as_ref().and_then(|queue| queue.message_group_id.clone()),
        http,
        is_read_only_management: event.is_read_only_management,
    };
    Some(NewDelivery {
        kind: RULE_TARGET.into(),
        target: target.arn.clone(),
        // In order for each target by itself: one that hangs holds up no other.
        in_order: event.insight.map(|insight| format!("{insight} {} {}", rule.arn, target.id)),
        payload: serde_json::to_vec(&payload).ok()?,
        due_at: now,
    })
}

#[cfg(test)]
mod tests;
