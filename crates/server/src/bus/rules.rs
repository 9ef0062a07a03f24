//! The rules of buses: read once, compiled into one index a bus, and asked of every event.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use route::envelope::RuleState;
use route::json::Value;
use route::transformer::{RuleContext, TargetInput};
use route::{Pattern, Rules, Scratch};
use store::deliveries::NewDelivery;
use store::{List, StoreError, Stored, Writer};

use super::{BusName, Event, RULE_TARGET, TargetDelivery};
use crate::events::{HttpValues, Rule, Target};

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

    pub(super) fn buses(&self) -> MutexGuard<'_, HashMap<BusName, Arc<Bus>>> {
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
pub(super) struct BusRule {
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
    pub(super) fn read(
        w: &Writer<'_>,
        bus: &BusName,
        name: String,
        arn: String,
        state: RuleState,
    ) -> Result<BusRule, StoreError> {
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
    pub(super) fn tell<'e>(
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
