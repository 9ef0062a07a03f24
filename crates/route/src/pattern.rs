//! Event patterns: which events a rule wants, compiled once and matched many times.
//!
//! A pattern names fields and lists what may stand there: `{"detail": {"eventName": ["DeleteBucket", {"prefix": "Put"}]}}`.
//! All fields must hit; of a list one entry is enough; `$or` makes alternatives. So a compiled pattern is a list of
//! [`Alternative`]s, each a list of fields in the order of their paths, each with its [`Predicate`]s.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>
//!
//! To add an operator: write its file under `pattern/`, then name it in [`operator::OPERATORS`].

use std::sync::Arc;

mod address;
mod anything_but;
mod cidr;
mod compile;
mod complexity;
mod equals_ignore_case;
mod exactly;
mod exists;
mod explain;
mod fold;
mod number;
mod numeric;
mod operator;
mod predicate;
mod prefix;
mod suffix;
mod wildcard;

pub(crate) use address::{Address, Network};
pub(crate) use anything_but::AnythingBut;
pub use explain::{Explanation, FieldResult};
pub(crate) use fold::{Folded, fold};
pub(crate) use number::{comparable, is_written_as, nearest};
pub(crate) use numeric::Range;
pub(crate) use predicate::{Leaf, Predicate};
pub(crate) use wildcard::Wildcard;

use crate::reader::JsonError;
use crate::rules::{EventError, Rules, Scratch};

/// Which service's event patterns are read: they share the language, but not all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    EventBridge,
    /// SNS filter policies: an older form of the language.
    Sns,
}

/// A compiled event pattern. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub(crate) alternatives: Arc<[Alternative]>,
}

/// Fields that must all hit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alternative {
    /// In the order of their paths as Java sorts them, by UTF-16 units: array consistency depends on it.
    pub(crate) fields: Vec<Arc<Field>>,
}

/// What may stand at one path.
#[derive(Debug)]
pub(crate) struct Field {
    /// The keys, joined with dots.
    pub(crate) path: String,
    pub(crate) predicates: Vec<Predicate>,
    /// The predicates as they were written, as compact JSON.
    pub(crate) wanted: String,
}

impl Field {
    /// Whether a value is what the field asks for. That nothing is there is another question.
    pub(crate) fn hits(&self, leaf: &Leaf<'_>) -> bool {
        self.predicates.iter().any(|predicate| predicate.hits(leaf))
    }

    /// Whether the field asks for nothing to be there, perhaps besides other things.
    pub(crate) fn may_be_absent(&self) -> bool {
        self.predicates.iter().any(|predicate| matches!(predicate, Predicate::Absent))
    }
}

/// Why a text is no event pattern.
///
/// Its text is Event Ruler's: EventBridge puts `Event pattern is not valid. Reason: ` before it, SNS
/// `Invalid parameter: FilterPolicy: `.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct PatternError {
    text: String,
}

impl PatternError {
    pub(crate) fn new(text: impl Into<String>) -> PatternError {
        PatternError { text: text.into() }
    }
}

impl From<JsonError> for PatternError {
    fn from(error: JsonError) -> PatternError {
        PatternError { text: error.text }
    }
}

impl Pattern {
    /// Compiles an EventBridge event pattern.
    ///
    /// Refuses what EventBridge refuses, in its words. The length of the text is not looked at: 4,096 characters are a limit
    /// of PutRule's `EventPattern` parameter.
    pub fn compile(text: &str) -> Result<Pattern, PatternError> {
        Pattern::compile_as(text, Dialect::EventBridge)
    }

    pub(crate) fn compile_as(text: &str, dialect: Dialect) -> Result<Pattern, PatternError> {
        let alternatives = compile::alternatives(text, dialect)?;
        complexity::check(&alternatives)?;
        Ok(Pattern { alternatives: alternatives.into() })
    }

    /// Whether an event matches. For one question; whoever has many events or rules builds [`Rules`] once.
    pub fn matches(&self, event: &str) -> Result<bool, EventError> {
        let rules = Rules::new([self]);
        Ok(!rules.matching(event.as_bytes(), &mut Scratch::default())?.is_empty())
    }
}
