//! Deliver: what is due is handed to its target; what fails is tried again by AWS's schedules, and given up at their end.
//!
//! ```text
//!  due rows ──taken──► Target::deliver ──► done, with what follows from it, in one transaction
//!                            └──────────► when to try next, or dead: a dead letter, if a queue is named for it
//! ```
//!
//! A delivery is made at least once: a process that dies between the two finds it taken, and gives it back when it starts.
//! Who makes them, and how many at once, is `work.rs`'s affair.

use jiff::{SignedDuration, Timestamp};
use route::retry::{Failure, Next, Policy, TargetPolicy, next_attempt};
use store::deliveries::{AtOnce, Delivery, DeliveryId};
use store::{Store, StoreError, Writer};

use crate::bus::RuleBook;
use crate::context::Place;
use crate::metrics::{Metrics, seconds};
use crate::target::{OTHER, TARGETS, Target};
use crate::world::World;

/// Nobody else tries a delivery for so long after it was taken: longer than the longest that one can take, which is a function's
/// quarter of an hour.
const TAKEN_FOR: SignedDuration = SignedDuration::from_mins(20);
/// Deliveries to one target at once, and of one kind: half of the hands are left for the others.
const PER_TARGET: usize = 8;
const PER_KIND: usize = 16;

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
    /// What is counted and measured.
    pub metrics: &'d Metrics,
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
    /// What was answered nevertheless, for whoever is told of the failure in the end.
    pub answer: Option<Vec<u8>>,
    /// It was not tried at all, and is to be tried then: this is no attempt.
    pub postponed_until: Option<Timestamp>,
}

impl Failed {
    /// A failure of this kind.
    pub fn new(failure: Failure, text: impl Into<String>) -> Failed {
        Failed { failure, text: text.into(), answer: None, postponed_until: None }
    }

    /// Not tried: it has to wait until then.
    pub(crate) fn postponed(until: Timestamp, text: impl Into<String>) -> Failed {
        Failed { postponed_until: Some(until), ..Failed::new(Failure::Throttling, text) }
    }

    /// What is remembered could not be read or written.
    pub(crate) fn of_store(error: StoreError) -> Failed {
        Failed::new(Failure::InternalError, error.to_string())
    }
}

/// What came of an attempt, either way.
pub type Attempted = Result<Arrived, Failed>;

/// Tries what is due, at most so many, one after the other. Says how many were tried.
pub fn deliver_due(cx: &Delivering<'_>, limit: usize) -> Result<usize, StoreError> {
    let taken = take_due(cx, limit)?;
    for delivery in &taken {
        note(cx, delivery, attempt(cx, delivery))?;
    }
    Ok(taken.len())
}

/// Takes what is due, at most so many: nobody else is given it meanwhile.
pub fn take_due(cx: &Delivering<'_>, limit: usize) -> Result<Vec<Delivery>, StoreError> {
    let at_once = AtOnce { all: limit, per_target: PER_TARGET, per_kind: PER_KIND };
    cx.store.write(|w| w.take_due(cx.now, cx.now + TAKEN_FOR, at_once))
}

/// Heeds that the clock was turned back: nothing waits for a moment that it named before.
pub(crate) fn heed_clock(cx: &Delivering<'_>) -> Result<(), StoreError> {
    // The moment at which it writes: what others noted while it waited for that is of before it.
    let deliveries = cx.store.write(|w| w.heed_clock(cx.world.clock.now(), TAKEN_FOR))?;
    if deliveries > 0 {
        tracing::warn!(deliveries, "the clock was turned back: what was put off by it is delivered now");
    }
    Ok(())
}

fn target_of(delivery: &Delivery) -> Option<&'static dyn Target> {
    TARGETS.iter().copied().find(|target| target.kind() == delivery.kind)
}

/// Tries a delivery, which may take long.
pub fn attempt(cx: &Delivering<'_>, delivery: &Delivery) -> Attempted {
    match target_of(delivery) {
        Some(target) => target.deliver(cx, delivery),
        None => Err(Failed::new(Failure::InvalidParameter, format!("nothing is delivered to {} yet", delivery.kind))),
    }
}

/// Notes what came of it, with what follows from that.
pub fn note(cx: &Delivering<'_>, delivery: &Delivery, attempted: Attempted) -> Result<(), StoreError> {
    let (outcome, since_due) = match attempted {
        Ok(Arrived { outcome, also }) => {
            cx.store.write(|w| {
                w.delivered(delivery.id, &outcome, cx.now)?;
                also.map_or(Ok(()), |also| also(w))
            })?;
            // Of one that was tried before, when it was due first is when it was added.
            let due = if delivery.attempts == 0 { delivery.next_attempt_at } else { delivery.created_at };
            let (number, kind, target) = (delivery.id.0, &*delivery.kind, &*delivery.target);
            tracing::debug!(delivery = number, kind, target, attempts = delivery.attempts + 1, outcome, "delivered");
            ("delivered", Some(seconds(due, cx.now)))
        }
        Err(Failed { postponed_until: Some(until), text, .. }) => {
            cx.store.write(|w| w.postpone_delivery(delivery.id, &text, until, cx.now))?;
            ("postponed", None)
        }
        Err(failed) => match note_failure(cx, delivery, &failed)? {
            Next::GiveUp(_) => ("given up", None),
            Next::At(_) => ("failed", None),
        },
    };
    cx.metrics.attempted(target_of(delivery).map_or(OTHER, |target| target.kind()), outcome, since_due);
    Ok(())
}

fn note_failure(cx: &Delivering<'_>, delivery: &Delivery, failed: &Failed) -> Result<Next, StoreError> {
    let target = target_of(delivery);
    let policy = target.map_or_else(|| Policy::Target(TargetPolicy::default()), |target| target.policy(delivery));
    let attempts = match (&policy, failed.failure) {
        // Runs of a function count apart from attempts that did not come to one.
        (Policy::Function(_), Failure::FunctionError) => delivery.runs + 1,
        (Policy::Function(_), _) => delivery.attempts - delivery.runs + 1,
        (Policy::Target(_) | Policy::Sns(_), _) => delivery.attempts + 1,
    };
    let first = delivery.first_attempt_at.unwrap_or(cx.now);
    // 53 bits: what a double has between 0 and 1.
    let dice = (cx.world.dice.bits() >> 75) as f64 / (1_u64 << 53) as f64;
    let next = next_attempt(&policy, attempts, first, cx.now, failed.failure, dice);
    let DeliveryId(number) = delivery.id;
    let (kind, target_arn) = (&*delivery.kind, &*delivery.target);
    tracing::warn!(delivery = number, kind, target = target_arn, attempts, ?next, error = failed.text, "not delivered");
    let also = match (target, next) {
        (Some(target), Next::GiveUp(why)) => target.given_up(cx, delivery, failed, why),
        (Some(_), Next::At(_)) | (None, _) => Vec::new(),
    };
    cx.store.write(|w| {
        w.attempt_failed(delivery.id, failed.failure, &failed.text, next, cx.now)?;
        also.iter().try_for_each(|delivery| w.add_delivery(delivery, cx.now).map(drop))
    })?;
    Ok(next)
}
