//! Targets: whatever a delivery can be made to. One kind a file; the table of them is here.

use route::retry::{Failure, GiveUp, Policy};
use serde::de::DeserializeOwned;
use store::deliveries::{Delivery, NewDelivery};

use crate::deliver::{Arrived, Delivering, Failed};

mod api_destination;
mod connection_token;
pub(crate) mod dead_letter;
mod destination;
pub(crate) mod digest_file;
mod email;
mod event_bus;
mod function;
mod http;
mod log_group;
mod pace;
mod queue;
mod rule_target;
mod topic;
pub(crate) mod trail_file;

/// A kind of target.
pub(crate) trait Target: Sync {
    /// The kind that its deliveries are stored under: never changed.
    fn kind(&self) -> &'static str;

    /// Tries a delivery.
    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed>;

    /// When it is tried again.
    fn policy(&self, delivery: &Delivery) -> Policy;

    /// It is tried no more. What is to be delivered instead, such as a message to a dead-letter queue: written in the
    /// transaction that gives it up.
    fn given_up(&self, _: &Delivering<'_>, _: &Delivery, _: &Failed, _: GiveUp) -> Vec<NewDelivery> {
        Vec::new()
    }
}

/// What a delivery's payload says.
fn read<T: DeserializeOwned>(delivery: &Delivery) -> Result<T, Failed> {
    serde_json::from_slice(&delivery.payload)
        .map_err(|error| Failed::new(Failure::InvalidJson, format!("the delivery cannot be read: {error}")))
}

/// Every kind of target. To add one: write its file, then name it here.
pub(crate) static TARGETS: &[&dyn Target] = &[
    &trail_file::TrailFile,
    &digest_file::DigestFileTarget,
    &rule_target::RuleTarget,
    &function::Asynchronous,
    &function::Subscriber,
    &destination::Destination,
    &email::Email("sns-email"),
    &email::Email("sns-email-confirmation"),
    &http::Http("sns-http"),
    &http::Http("sns-http-confirmation"),
    &connection_token::ConnectionAuthorization,
    &queue::SubscribedQueue("sns-sqs"),
    &queue::SubscribedQueue("sns-sqs-confirmation"),
    &dead_letter::DeadLetters,
];

/// How metrics call the kinds of deliveries that are none of these: a newer version may have left them.
pub(crate) const OTHER: &str = "other";

/// The names of all of them, each once.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    TARGETS.iter().map(|target| target.kind())
}
