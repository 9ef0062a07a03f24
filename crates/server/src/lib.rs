//! The service: who asks is answered in AWS's words, out of what is remembered.
//!
//! ```text
//!  HTTP ──► http.rs ──► wire: whom it means, who signed, which operation, its input
//!                          └──► operation.rs: the table of its service ──► one file an operation ──► store
//!                                                                                    │
//!  what lies outside (clock, dice, buckets, mail …) is world.rs: traits, plugged in by the binary
//! ```
//!
//! An operation is its own input: a type with a `run`. It knows neither HTTP nor the protocol that carried it, and of time
//! only the moment that its [`Context`] names. So every test asks it as a client would, and turns the clock itself.

mod arn;
mod bus;
mod cloudtrail;
mod cloudtrail_data;
pub mod console_api;
mod context;
pub mod deliver;
pub mod digests;
pub mod evaluate;
mod events;
mod hashed_uuid;
pub mod http;
mod iam;
pub mod ingest;
mod lambda;
mod logs;
pub mod metrics;
mod operation;
mod organizations;
pub mod own_account;
pub mod own_api;
mod page;
pub mod pipeline;
pub mod progress;
pub mod push;
mod rate;
pub mod readiness;
mod refusal;
mod sayings;
pub mod schedules;
mod sealed;
mod signing_key;
mod sns;
pub mod status;
mod sts;
mod target;
pub mod test_insight;
pub mod upkeep;
mod watchers;
pub mod work;
pub mod world;

pub use bus::RuleBook;
pub use context::{Caller, Context, Place};
pub use iam::unique_id;
pub use operation::{Failure, Operation, OperationEntry, Service, answer, operations};
