//! What AWS says of inputs that break their constraints.
//!
//! An operation says the shape of its input once, as a table of constants, beside the type that reads it:
//!
//! ```
//! use wire::check::{Member, Shape};
//!
//! static TAG: Shape = Shape::structure("Tag", &[
//!     Member::required("Key", Shape::string().length(1, 128)),
//!     Member::optional("Value", Shape::string().length(1, 256)),
//! ]);
//! static PUT_RULE: Shape = Shape::structure("PutRuleRequest", &[
//!     Member::required("Name", Shape::string().length(1, 64).pattern(r"[\.\-_A-Za-z0-9]+")),
//!     Member::optional("State", Shape::string().one_of(&["ENABLED", "DISABLED"])),
//!     Member::optional("Tags", Shape::list(&TAG).length(0, 200)),
//! ]);
//! ```
//!
//! All that is wrong is told at once, in the order of the table:
//!
//! ```text
//! 2 validation errors detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression
//! pattern: [\.\-_A-Za-z0-9]+; Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null
//! ```
//!
//! A list of texts and a map are judged whole: AWS names the list, and lists the constraints of its items. What is of another
//! type than the shape says is not judged here; reading it says so.
//! <https://smithy.io/2.0/spec/constraint-traits.html>

use crate::error::ApiError;
use crate::service::{Protocol, Service};
use crate::value::Value;

mod pattern;
mod shape;
mod words;

pub use pattern::{Pattern, is_tag_text};
use shape::Kind;
pub use shape::{Member, Parts, Shape};

/// More is not told: nobody reads it, and a small request could ask for a very long answer.
const MAX_VIOLATIONS: usize = 100;

/// One constraint that is broken.
struct Violation {
    value: String,
    place: String,
    constraint: String,
}

/// Holds an input against its shape. The error has the code that the service gives it.
pub fn check(shape: &Shape, input: &Value, service: Service) -> Result<(), ApiError> {
    let mut violations = Vec::new();
    walk(shape, input, "", &mut violations);
    if violations.is_empty() {
        return Ok(());
    }
    let code = match service {
        Service::Logs => "InvalidParameterException",
        _ if service.protocol() == Protocol::Query => "ValidationError",
        _ => "ValidationException",
    };
    Err(ApiError::new(code, told(&violations)))
}

/// What is said of a member that must be there and is not.
pub(crate) fn missing(place: &str) -> ApiError {
    let violation = null_at(place.to_owned());
    ApiError::new("ValidationException", told(&[violation]))
}

fn null_at(place: String) -> Violation {
    Violation { value: "null".into(), place, constraint: "Member must not be null".into() }
}

fn told(violations: &[Violation]) -> String {
    let (count, s) = (violations.len(), if violations.len() == 1 { "" } else { "s" });
    let told: Vec<String> = violations
        .iter()
        .map(|Violation { value, place, constraint }| {
            format!("Value {value} at '{place}' failed to satisfy constraint: {constraint}")
        })
        .collect();
    format!("{count} validation error{s} detected: {}", told.join("; "))
}

/// A member's name as AWS tells it: `trailName` for `TrailName`.
pub(crate) fn member_name(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + chars.as_str())
}

fn below(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

fn walk(shape: &Shape, value: &Value, place: &str, violations: &mut Vec<Violation>) {
    if violations.len() >= MAX_VIOLATIONS {
        return;
    }
    let mut tell = |constraint: String| {
        let value = words::quoted(shape, value);
        violations.push(Violation { value, place: place.to_owned(), constraint });
    };
    match shape.kind {
        Kind::Simple => broken(shape, value).into_iter().for_each(tell),
        Kind::Structure { members, .. } => {
            for member in members {
                let place = below(place, &member_name(member.name));
                match value.member(member.name) {
                    Some(value) => walk(&member.shape, value, &place, violations),
                    None if member.is_required => violations.push(null_at(place)),
                    None => {}
                }
            }
        }
        Kind::List(item) => {
            let Some(items) = value.items() else { return };
            length_broken(shape, items.len()).into_iter().for_each(&mut tell);
            if let Kind::Simple = item.kind {
                if items.iter().any(|value| **value == Value::Null || !broken(item, value).is_empty()) {
                    tell(words::whole("Member must satisfy constraint", item));
                }
                return;
            }
            for (i, value) in items.into_iter().enumerate() {
                walk(item, value, &below(place, &format!("{}.member", i + 1)), violations);
            }
        }
        Kind::Map { key, value: of } => {
            let Some(entries) = value.entries() else { return };
            length_broken(shape, entries.len()).into_iter().for_each(&mut tell);
            if entries.iter().any(|(name, _)| !broken(key, &Value::from(*name)).is_empty()) {
                tell(words::whole("Map keys must satisfy constraint", key));
            }
            if let Kind::Simple = of.kind {
                if entries.iter().any(|(_, value)| !broken(of, value).is_empty()) {
                    tell(words::whole("Map value must satisfy constraint", of));
                }
                return;
            }
            for (name, value) in entries {
                walk(of, value, &below(place, &format!("{name}.member")), violations);
            }
        }
    }
}

/// The constraints that a value without parts breaks.
fn broken(shape: &Shape, value: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    if let Some(text) = value.as_text() {
        if let Some(pattern) = shape.pattern.filter(|pattern| !pattern.accepts(text)) {
            broken.push(words::pattern(pattern.text()));
        }
        broken.extend(length_broken(shape, text.chars().count()));
        if !shape.one_of.is_empty() && !shape.one_of.contains(&text) {
            broken.push(words::one_of(shape.one_of));
        }
    }
    let number = match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Word(word) => word.parse().ok(),
        _ => None,
    };
    if let Some(number) = number {
        broken.extend(shape.most.filter(|most| number > *most).map(|most| words::most(shape, most)));
        broken.extend(shape.least.filter(|least| number < *least).map(|least| words::least(shape, least)));
    }
    broken
}

fn length_broken(shape: &Shape, length: usize) -> Option<String> {
    let length = length as u64;
    (shape.longest.filter(|longest| length > *longest).map(words::longest))
        .or_else(|| shape.shortest.filter(|shortest| length < *shortest).map(words::shortest))
}
