//! Who is told: given an event and any number of rules, which rules match it, and with which text their targets are told.
//!
//! Everything here is a pure function of its arguments. Knows nothing of our other crates.

pub mod json;
#[doc(hidden)]
pub mod naive;
mod pattern;
mod reader;
mod rules;

pub use pattern::{Explanation, FieldResult, Pattern, PatternError};
pub use rules::{EventError, Rules, Scratch};
