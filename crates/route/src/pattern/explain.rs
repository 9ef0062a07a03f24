//! Why an event does or does not match: the question every EventBridge user asks.

use super::{Field, Pattern};
use crate::naive::{Found, flatten, parse};
use crate::rules::EventError;

/// What became of an event at a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Whether the pattern matches the event.
    pub is_match: bool,
    /// The fields of each way to match. There is one way, or as many as `$or` makes, in the pattern's order.
    pub alternatives: Vec<Vec<FieldResult>>,
}

/// What became of one field of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldResult {
    /// The field's path: its keys, joined with dots.
    pub path: String,
    /// What the pattern asks for there, as compact JSON: `["a",{"prefix":"b"}]`.
    pub wanted: String,
    /// What the event holds there, as JSON texts, in the event's order. None: there is no such field, or it is an object or
    /// an empty list.
    pub found: Vec<String>,
    /// Whether one of the values found, or that there is none, is what the pattern asks for.
    pub is_hit: bool,
    /// The field would hit by itself, but only in an element of an array in which a field before it does not hit.
    pub is_in_another_element: bool,
}

impl Pattern {
    /// Whether an event matches, and field by field why.
    ///
    /// # Errors
    ///
    /// If the event is no JSON object.
    pub fn explain(&self, event: &str) -> Result<Explanation, EventError> {
        let is_match = self.matches(event)?;
        let event = parse(event)?;
        let flat = flatten(&event);
        let alternatives = self.alternatives.iter().map(|alternative| {
            // What goes together with what the fields before it chose: every way there is.
            let mut ways = vec![Vec::new()];
            let results = alternative.fields.iter().map(|field| {
                let found = flat.get(&field.path).map_or(&[][..], Vec::as_slice);
                let next = ways_with(&ways, field, found);
                let is_hit = !next.is_empty();
                let is_in_another_element = !is_hit && found.iter().any(|found| found.hits(field));
                if is_hit {
                    ways = next;
                }
                FieldResult {
                    path: field.path.clone(),
                    wanted: field.wanted.clone(),
                    found: found.iter().map(|found| found.value.to_json()).collect(),
                    is_hit,
                    is_in_another_element,
                }
            });
            results.collect()
        });
        Ok(Explanation { is_match, alternatives: alternatives.collect() })
    }
}

/// Elements chosen so far: array and element.
type Way = Vec<(usize, usize)>;

/// So many ways are followed; in an event with more, a field may be said to hit in an element where it does not.
const WAY_LIMIT: usize = 1000;

/// The ways that go on with a field.
fn ways_with(ways: &[Way], field: &Field, found: &[Found<'_>]) -> Vec<Way> {
    let mut next: Vec<Way> = Vec::new();
    for way in ways {
        let mut fitting = found.iter().filter(|found| found.goes_with(way)).peekable();
        if fitting.peek().is_none() && field.may_be_absent() {
            next.push(way.clone());
        }
        for found in fitting.filter(|found| found.hits(field)) {
            next.push(found.chosen_with(way));
            if next.len() >= WAY_LIMIT {
                return next;
            }
        }
    }
    next.sort_unstable();
    next.dedup();
    next
}
