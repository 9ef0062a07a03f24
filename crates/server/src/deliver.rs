//! Deliver: what is due is handed to its target; what fails is tried again by AWS's schedules, and given up at their end.
//!
//! ```text
//!  due rows ──taken──► Target::deliver ──► done, with what follows from it, in one transaction
//!                            └──────────► when to try next, or dead: the dead-letter store
//! ```
//!
//! A delivery is made at least once: a process that dies between the two finds it taken, and gives it back when it starts.

use jiff::{SignedDuration, Timestamp};
use route::retry::{Failure, Policy, TargetPolicy, next_attempt};
use store::deliveries::{Delivery, DeliveryId};
use store::{Store, StoreError, Writer};

use crate::bus::RuleBook;
use crate::context::Place;
use crate::target::TARGETS;
use crate::world::World;

/// Nobody else tries a delivery for so long after it was taken.
const TAKEN_FOR: SignedDuration = SignedDuration::from_mins(5);
/// Deliveries to one target at once.
const PER_TARGET: usize = 8;

/// What deliveries know of where they are.
pub struct Delivering<'d> {
    /// What is remembered.
    pub store: &'d Store,
    /// What lies outside.
    pub world: &'d World,
    /// The rules of the buses.
    pub rules: &'d RuleBook,
    /// Where the service is.
    pub place: &'d Place,
    /// How others reach it.
    pub public_url: &'d str,
    /// This moment.
    pub now: Timestamp,
}

/// What came of an attempt.
pub struct Arrived {
    /// In a few words, for whoever looks.
    pub outcome: String,
    /// What else is to be written with it.
    #[expect(clippy::type_complexity, reason = "said once")]
    pub also: Option<Box<dyn FnOnce(&Writer<'_>) -> Result<(), StoreError>>>,
}

impl Arrived {
    /// Nothing follows from it.
    pub fn with(outcome: impl Into<String>) -> Arrived {
        Arrived { outcome: outcome.into(), also: None }
    }
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Failed {
    /// Which kind of failure: it decides whether and when there is another attempt.
    pub failure: Failure,
    /// What happened, in a sentence.
    pub text: String,
}

impl Failed {
    /// A failure of this kind.
    pub fn new(failure: Failure, text: impl Into<String>) -> Failed {
        Failed { failure, text: text.into() }
    }
}

/// Tries what is due, at most so many. Says how many were tried.
pub fn deliver_due(cx: &Delivering<'_>, limit: usize) -> Result<usize, StoreError> {
    let taken = cx.store.write(|w| w.take_due(cx.now, cx.now + TAKEN_FOR, limit, PER_TARGET))?;
    for delivery in &taken {
        deliver(cx, delivery)?;
    }
    Ok(taken.len())
}

fn deliver(cx: &Delivering<'_>, delivery: &Delivery) -> Result<(), StoreError> {
    let target = TARGETS.iter().find(|target| target.kind() == delivery.kind);
    let attempted = match target {
        Some(target) => target.deliver(cx, delivery),
        None => Err(Failed::new(Failure::InvalidParameter, format!("nothing is delivered to {} yet", delivery.kind))),
    };
    match attempted {
        Ok(Arrived { outcome, also }) => cx.store.write(|w| {
            w.delivered(delivery.id, &outcome, cx.now)?;
            also.map_or(Ok(()), |also| also(w))
        }),
        Err(failed) => {
            let policy =
                target.map_or_else(|| Policy::Target(TargetPolicy::default()), |target| target.policy(delivery));
            let attempts = delivery.attempts + 1;
            let first = delivery.first_attempt_at.unwrap_or(cx.now);
            // 53 bits: what a double has between 0 and 1.
            let dice = (cx.world.dice.bits() >> 75) as f64 / (1_u64 << 53) as f64;
            let next = next_attempt(&policy, attempts, first, cx.now, failed.failure, dice);
            let DeliveryId(number) = delivery.id;
            tracing::warn!(
                delivery = number,
                target = delivery.target,
                attempts,
                ?next,
                error = failed.text,
                "not delivered"
            );
            cx.store.write(|w| w.attempt_failed(delivery.id, failed.failure, &failed.text, next, cx.now))
        }
    }
}
