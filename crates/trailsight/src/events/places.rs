//! Places: where an event holds what. A place is the keys on the way to it, joined with dots; arrays have none.

use std::fmt::Write;

use route::json::Value;
use rustc_hash::FxHashSet;

/// Everything that an event holds, in its order.
pub struct Places<'e> {
    places: Vec<(String, &'e Value<'e>)>,
}

impl<'e> Places<'e> {
    /// All places of an event.
    pub fn of(event: &'e Value<'e>) -> Places<'e> {
        let mut all = Places { places: Vec::new() };
        let mut path = String::new();
        all.enter(event, &mut path);
        all
    }

    fn enter(&mut self, value: &'e Value<'e>, path: &mut String) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    let len = path.len();
                    // Writing to a text cannot fail.
                    let _ = if len == 0 { path.write_str(key) } else { write!(path, ".{key}") };
                    self.places.push((path.clone(), value));
                    self.enter(value, path);
                    path.truncate(len);
                }
            }
            Value::Array(elements) => elements.iter().for_each(|element| self.enter(element, path)),
            _ => {}
        }
    }

    /// What lies at a place: as often as an array before it has elements.
    pub fn at<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'e Value<'e>> + 'a {
        self.places.iter().filter(move |place| place.0 == path).map(|place| place.1)
    }

    /// The places that a pattern can ask for, each once, in the event's order: those with a value that is no object.
    pub fn fields(&self) -> Vec<&str> {
        self.once(is_field)
    }

    /// The places that hold exactly this text.
    pub fn holding(&self, text: &str) -> Vec<&str> {
        self.once(|value| holds(value, text))
    }

    fn once(&self, is_wanted: impl Fn(&Value<'_>) -> bool) -> Vec<&str> {
        let mut seen = FxHashSet::default();
        let wanted = self.places.iter().filter(|place| is_wanted(place.1)).map(|place| place.0.as_str());
        wanted.filter(|path| seen.insert(*path)).collect()
    }

    /// The first value on the way to a place below which nothing can lie, with its place.
    pub fn end_of_the_way(&self, path: &str) -> Option<(&str, &'e Value<'e>)> {
        let mut before: Vec<_> = path.match_indices('.').map(|(dot, _)| &path[..dot]).collect();
        before.reverse();
        let mut found = before.into_iter().flat_map(|above| self.places.iter().filter(move |place| place.0 == above));
        found.next().filter(|place| is_field(place.1)).map(|place| (place.0.as_str(), place.1))
    }
}

/// A scalar, or an array of some.
fn is_field(value: &Value<'_>) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(elements) => elements.iter().any(is_field),
        _ => true,
    }
}

fn holds(value: &Value<'_>, text: &str) -> bool {
    match value {
        Value::String(held) => held == text,
        Value::Array(elements) => elements.iter().any(|element| holds(element, text)),
        _ => false,
    }
}
