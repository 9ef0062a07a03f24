//! Event patterns: compiled once, matched many times.

use crate::rules::EventError;

/// A compiled event pattern.
#[derive(Clone, Debug)]
pub struct Pattern {}

/// Why a text is no event pattern, in AWS's words, without what EventBridge puts before them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct PatternError {
    text: String,
}

/// What became of an event at a pattern: for the question "why does my rule not match?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Whether the pattern matches the event.
    pub is_match: bool,
    /// One list of fields for each way to match (`$or` makes several; they come in the pattern's order). Where nothing
    /// matches, the nearest way first is the caller's affair: count the fields that do not hit.
    pub alternatives: Vec<Vec<FieldResult>>,
}

/// What became of one field of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldResult {
    /// The field's path, its keys joined with dots.
    pub path: String,
    /// What the pattern asks for there, as compact JSON: `["a",{"prefix":"b"}]`.
    pub wanted: String,
    /// What the event holds there, as JSON texts, in the event's order. Empty: no such field.
    pub found: Vec<String>,
    /// Whether one of the values found (or their absence) is what the pattern asks for.
    pub is_hit: bool,
    /// The field has hits by itself, but none in the array element that the fields before it have chosen.
    pub is_in_another_element: bool,
}

impl Pattern {
    /// Compiles an EventBridge event pattern.
    pub fn compile(_text: &str) -> Result<Pattern, PatternError> {
        todo!()
    }

    /// Whether an event matches. For one question; for many use [`crate::Rules`].
    pub fn matches(&self, _event: &str) -> Result<bool, EventError> {
        todo!()
    }

    /// Whether an event matches, and field by field why.
    pub fn explain(&self, _event: &str) -> Result<Explanation, EventError> {
        todo!()
    }
}
