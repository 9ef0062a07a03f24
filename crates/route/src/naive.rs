//! The slow matcher: a whole tree, every value flattened, every way tried. What [`crate::Rules`] is held against.
//!
//! It follows what Event Ruler was observed to do. The values of one path are tried in their order, the paths in theirs. A
//! value remembers in which element of which arrays it lies; values whose elements differ within one array do not go
//! together. Elements that are neither objects nor arrays bind nothing. A field that may be absent is, if no value of it goes
//! together with those chosen so far.

use std::collections::BTreeMap;

use crate::json::Value;
use crate::pattern::{Field, Leaf, Pattern};
use crate::rules::EventError;

/// A value of an event that is neither an object nor an array.
#[derive(Clone, Debug)]
pub(crate) struct Found<'e> {
    pub(crate) value: &'e Value<'e>,
    /// Array and element, from the outermost.
    elements: Vec<(usize, usize)>,
}

/// An event's values by their paths.
pub(crate) type Flat<'e> = BTreeMap<String, Vec<Found<'e>>>;

/// Whether an event matches a pattern.
#[doc(hidden)]
pub fn matches(pattern: &Pattern, event: &str) -> Result<bool, EventError> {
    let event = parse(event)?;
    let flat = flatten(&event);
    Ok(pattern.alternatives.iter().any(|alternative| {
        goes_together(&alternative.fields.iter().map(AsRef::as_ref).collect::<Vec<_>>(), &flat, &mut Vec::new())
    }))
}

/// The event as a tree; anything but an object is no event.
pub(crate) fn parse(event: &str) -> Result<Value<'_>, EventError> {
    let value = Value::parse(event).map_err(|error| EventError::new(error.to_string()))?;
    match value {
        Value::Object(_) => Ok(value),
        _ => Err(EventError::new("Event must be a JSON object")),
    }
}

impl<'e> Found<'e> {
    /// Whether it goes together with what was chosen.
    pub(crate) fn goes_with(&self, chosen: &[(usize, usize)]) -> bool {
        self.elements.iter().all(|(array, element)| chosen.iter().all(|(a, e)| a != array || e == element))
    }

    /// What was chosen, with its elements.
    pub(crate) fn chosen_with(&self, chosen: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let mut all = [chosen, &self.elements].concat();
        all.sort_unstable();
        all.dedup();
        all
    }

    pub(crate) fn hits(&self, field: &Field) -> bool {
        match self.value {
            Value::Null => field.hits(&Leaf::Literal(b"null")),
            Value::Bool(true) => field.hits(&Leaf::Literal(b"true")),
            Value::Bool(false) => field.hits(&Leaf::Literal(b"false")),
            Value::Number(number) => field.hits(&Leaf::Literal(number.as_bytes())),
            Value::String(text) => field.hits(&Leaf::Text(text.as_bytes())),
            Value::Array(_) | Value::Object(_) => false,
        }
    }
}

/// Whether the fields can hit with values that go together.
fn goes_together(fields: &[&Field], flat: &Flat<'_>, chosen: &mut Vec<(usize, usize)>) -> bool {
    let Some((field, rest)) = fields.split_first() else { return true };
    let found: Vec<&Found<'_>> = flat.get(&field.path).into_iter().flatten().filter(|f| f.goes_with(chosen)).collect();
    if found.is_empty() {
        return field.may_be_absent() && goes_together(rest, flat, chosen);
    }
    let depth = chosen.len();
    found.into_iter().filter(|found| found.hits(field)).any(|found| {
        chosen.extend_from_slice(&found.elements);
        let fits = goes_together(rest, flat, chosen);
        chosen.truncate(depth);
        fits
    })
}

/// All values by their paths.
pub(crate) fn flatten<'e>(event: &'e Value<'e>) -> Flat<'e> {
    let mut walk = Walk::default();
    walk.value(event);
    walk.flat
}

#[derive(Default)]
struct Walk<'e> {
    keys: Vec<&'e str>,
    elements: Vec<(usize, usize)>,
    array_count: usize,
    flat: Flat<'e>,
}

impl<'e> Walk<'e> {
    fn value(&mut self, value: &'e Value<'e>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.keys.push(name);
                    self.value(value);
                    self.keys.pop();
                }
            }
            Value::Array(values) => {
                self.array_count += 1;
                let array = self.array_count;
                for (i, value) in values.iter().enumerate() {
                    let binds = matches!(value, Value::Object(_) | Value::Array(_));
                    self.elements.extend(binds.then_some((array, i)));
                    self.value(value);
                    self.elements.truncate(self.elements.len() - usize::from(binds));
                }
            }
            _ => {
                let found = Found { value, elements: self.elements.clone() };
                self.flat.entry(self.keys.join(".")).or_default().push(found);
            }
        }
    }
}
