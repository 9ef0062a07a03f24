//! Schedules: rules with a `ScheduleExpression` tell their targets when they are due.
//!
//! What is due is computed when rules are read, which is when one of them was changed; then only the clock is looked at. That
//! a rule fired, when it was due, and the deliveries are one transaction, so that of each time there is one event, whatever
//! the restarts. What was due while the service was down is not made up for, but for the last minute.
//!
//! The event goes to the targets of its own rule. Patterns of other rules do not see it.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html>

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use route::schedule::Schedule;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Key, List, Resource, StoreError, Stored, Writer};

use crate::bus::{BusName, tell_targets};
use crate::deliver::Delivering;
use crate::events::{DEFAULT_BUS, Rule};

/// What was due longer ago is not made up for.
const LATE: SignedDuration = SignedDuration::from_mins(1);

/// When a rule last fired: the time that it was due. Its key: the rule's.
#[derive(Debug, Serialize, Deserialize)]
struct Fired {
    at: wire::Timestamp,
}

impl Resource for Fired {
    const KIND: &'static str = "schedule-fired";
}

/// The schedules of all rules, and when each is due.
#[derive(Debug, Default)]
pub struct Schedules {
    /// Of which state of the rules; `None`: of none yet.
    change_count: Option<u64>,
    due: Vec<Due>,
}

#[derive(Debug)]
struct Due {
    rule: Key,
    expression: String,
    schedule: Schedule,
    /// What a rate is counted from: when the rule was last changed.
    since: Timestamp,
    /// `None`: never again.
    at: Option<Timestamp>,
}

impl Schedules {
    /// Tells the targets of the rules that are due. Says how many rules that were.
    pub fn fire(&mut self, cx: &Delivering<'_>) -> Result<usize, StoreError> {
        if self.change_count != Some(cx.rules.change_count()) {
            let (change_count, due) = cx.store.write(|w| Ok((cx.rules.change_count(), read(w, cx.now)?)))?;
            (self.change_count, self.due) = (Some(change_count), due);
        }
        let mut count = 0;
        for due in &mut self.due {
            while let Some(at) = due.at.filter(|at| *at <= cx.now) {
                if at + LATE >= cx.now {
                    count += usize::from(cx.store.write(|w| fire(w, cx, due, at))?);
                } else {
                    tracing::warn!(rule = due.rule.name, due = %at, "a schedule was due while nobody looked: it is passed over");
                }
                due.at = due.schedule.next_after(at.max(cx.now - LATE), due.since);
            }
        }
        Ok(count)
    }
}

/// Every schedule, with the time when it is due next.
fn read(w: &Writer<'_>, now: Timestamp) -> Result<Vec<Due>, StoreError> {
    let mut all = Vec::new();
    for Stored { key, value: rule, changed_at, .. } in w.list::<Rule>(&List::default())? {
        let Some(expression) = rule.schedule_expression.filter(|_| rule.state != "DISABLED") else { continue };
        // It was one when it was put; that it is none now is a change of ours.
        let Some(schedule) = Schedule::parse(&expression) else {
            tracing::error!(rule = rule.arn, expression, "the rule's schedule cannot be read: it is never due");
            continue;
        };
        let fired = w.get::<Fired>(&key)?.map_or(Timestamp::MIN, |fired| fired.value.at.0);
        // A rule that was changed is due by what it says now.
        let at = schedule.next_after(fired.max(now - LATE).max(changed_at), changed_at);
        all.push(Due { rule: key, expression, schedule, since: changed_at, at });
    }
    let rules: BTreeSet<&Key> = all.iter().map(|due| &due.rule).collect();
    for Stored { key, .. } in w.list::<Fired>(&List::default())? {
        if !rules.contains(&key) {
            w.delete::<Fired>(&key)?;
        }
    }
    Ok(all)
}

/// Tells the targets of a rule, if it is still there and has not fired. Says whether it fired.
fn fire(w: &Writer<'_>, cx: &Delivering<'_>, due: &Due, at: Timestamp) -> Result<bool, StoreError> {
    let Some(rule) = w.get::<Rule>(&due.rule)? else { return Ok(false) };
    let is_as_before = rule.value.schedule_expression.as_ref() == Some(&due.expression)
        && rule.value.state != "DISABLED"
        && rule.changed_at == due.since;
    let fired = w.get::<Fired>(&due.rule)?;
    if !is_as_before || fired.is_some_and(|fired| fired.value.at.0 >= at) {
        return Ok(false);
    }
    let Key { account, region, .. } = &due.rule;
    let event = json!({
        "version": "0",
        "id": cx.world.dice.uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account.as_str(),
        "time": format!("{at:.0}"),
        "region": region.as_str(),
        "resources": [rule.value.arn],
        "detail": {},
    });
    let bus = BusName { account: account.clone(), region: region.clone(), name: DEFAULT_BUS.into() };
    let targets = tell_targets(w, &bus, &rule, &event.to_string(), cx.now)?;
    w.put(&due.rule, &Fired { at: at.into() }, cx.now)?;
    tracing::info!(rule = rule.value.arn, due = %at, targets, "a schedule was due");
    Ok(true)
}
