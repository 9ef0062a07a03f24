//! Who is told: given an event and any number of rules, which rules match it, and with which text their targets are told.
//!
//! Everything here is a pure function of its arguments. Of our other crates it knows `skim` only.

pub mod envelope;
mod filter_policy;
pub mod json;
#[doc(hidden)]
pub mod naive;
pub mod path;
mod pattern;
mod reader;
pub mod retry;
mod rules;
pub mod schedule;
pub mod transformer;

pub use filter_policy::{AttributeValue, FilterPolicy, FilterPolicyError, FilterPolicyScope};
pub use pattern::{Explanation, FieldResult, Pattern, PatternError};
pub use rules::{EventError, Rules, Scratch};
