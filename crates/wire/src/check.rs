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
mod words;

pub use pattern::{Pattern, is_tag_text};

/// What a value must be like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    kind: Kind,
    shortest: Option<u64>,
    longest: Option<u64>,
    least: Option<f64>,
    most: Option<f64>,
    pattern: Option<Pattern>,
    one_of: &'static [&'static str],
    is_double: bool,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A text, a number, a boolean, a moment: a value without parts.
    Simple,
    Structure {
        name: &'static str,
        members: &'static [Member],
    },
    List(&'static Shape),
    Map {
        key: &'static Shape,
        value: &'static Shape,
    },
}

/// A member of a structure.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    name: &'static str,
    shape: Shape,
    is_required: bool,
}

/// What a shape is made of, for whoever makes inputs of it.
#[derive(Clone, Copy, Debug)]
pub enum Parts {
    /// Nothing: a value. Of some only these texts are taken.
    Value(&'static [&'static str]),
    /// Members.
    Members(&'static [Member]),
    /// Items, each of this shape.
    Items(&'static Shape),
    /// Entries: keys are texts, values of this shape.
    Entries(&'static Shape),
}

impl Member {
    /// What it is called.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it must be there.
    pub const fn is_required(&self) -> bool {
        self.is_required
    }

    /// What it must be like.
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// One that must be there.
    pub const fn required(name: &'static str, shape: Shape) -> Member {
        Member { name, shape, is_required: true }
    }

    /// One that may be missing.
    pub const fn optional(name: &'static str, shape: Shape) -> Member {
        Member { name, shape, is_required: false }
    }
}

impl Shape {
    const fn of(kind: Kind) -> Shape {
        Shape {
            kind,
            shortest: None,
            longest: None,
            least: None,
            most: None,
            pattern: None,
            one_of: &[],
            is_double: false,
        }
    }

    /// What it is made of.
    pub const fn parts(&self) -> Parts {
        match self.kind {
            Kind::Simple => Parts::Value(self.one_of),
            Kind::Structure { members, .. } => Parts::Members(members),
            Kind::List(items) => Parts::Items(items),
            Kind::Map { value, .. } => Parts::Entries(value),
        }
    }

    /// A text.
    pub const fn string() -> Shape {
        Shape::of(Kind::Simple)
    }

    /// A whole number.
    pub const fn integer() -> Shape {
        Shape::of(Kind::Simple)
    }

    /// A number that may have a fraction.
    pub const fn double() -> Shape {
        Shape { is_double: true, ..Shape::of(Kind::Simple) }
    }

    /// A value of which nothing is asked: a boolean, a moment, a blob.
    pub const fn any() -> Shape {
        Shape::of(Kind::Simple)
    }

    /// A structure. Its name is what AWS calls its type, which is seen where a whole list is told of.
    pub const fn structure(name: &'static str, members: &'static [Member]) -> Shape {
        Shape::of(Kind::Structure { name, members })
    }

    /// A list.
    pub const fn list(items: &'static Shape) -> Shape {
        Shape::of(Kind::List(items))
    }

    /// A map.
    pub const fn map(key: &'static Shape, value: &'static Shape) -> Shape {
        Shape::of(Kind::Map { key, value })
    }

    /// With this many characters, items or entries, at least and at most.
    pub const fn length(self, shortest: u64, longest: u64) -> Shape {
        Shape { shortest: Some(shortest), longest: Some(longest), ..self }
    }

    /// With at least this many characters, items or entries.
    pub const fn at_least_long(self, shortest: u64) -> Shape {
        Shape { shortest: Some(shortest), ..self }
    }

    /// With at most this many characters, items or entries.
    pub const fn at_most_long(self, longest: u64) -> Shape {
        Shape { longest: Some(longest), ..self }
    }

    /// A number between the two, or one of them.
    pub const fn range(self, least: f64, most: f64) -> Shape {
        Shape { least: Some(least), most: Some(most), ..self }
    }

    /// A number not less than this.
    pub const fn at_least(self, least: f64) -> Shape {
        Shape { least: Some(least), ..self }
    }

    /// A text that matches as a whole.
    pub const fn pattern(self, text: &'static str) -> Shape {
        Shape { pattern: Some(Pattern::new(text)), ..self }
    }

    /// The same for patterns that only AWS's engine knows, as `(?!…)`: the text is what is told, the function what is asked.
    pub const fn pattern_by(self, text: &'static str, accepts: fn(&str) -> bool) -> Shape {
        Shape { pattern: Some(Pattern::by(text, accepts)), ..self }
    }

    /// One of these texts.
    pub const fn one_of(self, texts: &'static [&'static str]) -> Shape {
        Shape { one_of: texts, ..self }
    }
}

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
