//! The answer to "why does my rule not match?": made once, told as text or as JSON.
//!
//! A pattern with `$or` has several ways to match. Told is the nearest one, in which the fewest fields fail; of the others only
//! how many there are.

use std::io::{self, Write};

use route::json::Value;
use route::{EventError, FieldResult, Pattern};

use super::hints::hints;
use super::mistaken::Mistaken;
use super::places::Places;
use crate::report::words::{clean, count, plural};

/// Letters of a value that are shown.
const SHOWN: usize = 120;
/// Values of one field that are shown.
const VALUES: usize = 3;

/// Whether a pattern matches an event, and why not.
#[derive(Debug, PartialEq)]
pub struct Answer {
    /// It does.
    pub is_match: bool,
    /// The fields of the nearest way to match.
    pub field_count: usize,
    /// Those of them that failed.
    pub failing: Vec<Failing>,
    /// Other ways to match, in which as many fields fail, or more.
    pub other_ways: usize,
    /// The event was something else that is easily taken for one.
    pub mistaken: Option<Mistaken>,
}

/// A field that failed.
#[derive(Debug, PartialEq)]
pub struct Failing {
    /// What became of it.
    pub field: FieldResult,
    /// What may have been meant.
    pub hints: Vec<String>,
}

impl Answer {
    /// What a pattern says to an event.
    pub fn of(pattern: &Pattern, text: &str) -> Result<Answer, EventError> {
        let explanation = pattern.explain(text)?;
        let other_ways = explanation.alternatives.len().saturating_sub(1);
        // Of several that are as near, the first one in the pattern.
        let nearest = explanation.alternatives.into_iter().min_by_key(|way| way.iter().filter(|at| fails(at)).count());
        let nearest = nearest.unwrap_or_default();
        let field_count = nearest.len();
        let mut answer =
            Answer { is_match: explanation.is_match, field_count, failing: Vec::new(), other_ways, mistaken: None };
        // A text that was matched is JSON.
        if let (false, Ok(event)) = (answer.is_match, Value::parse(text)) {
            let places = Places::of(&event);
            let failing = nearest.into_iter().filter(fails);
            answer.failing = failing.map(|field| Failing { hints: hints(&field, &places), field }).collect();
            answer.mistaken = Mistaken::of(pattern, text, &event);
        }
        Ok(answer)
    }

    /// For people.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.is_match {
            return writeln!(out, "match");
        }
        match &self.mistaken {
            None => {
                writeln!(out, "no match: {}", self.how_near())?;
                self.write_failing(out)
            }
            Some(mistaken) => mistaken.write_text(self, out),
        }
    }

    /// `1 of 3 fields fails`
    pub fn how_near(&self) -> String {
        let failing = self.failing.len();
        let fields = plural(&count(self.field_count as u64), "field");
        let fails = if failing == 1 { "fails" } else { "fail" };
        let mut text = format!("{} of {fields} {fails}", count(failing as u64));
        match self.other_ways {
            0 => {}
            1 => text.push_str(" in the nearest of 2 ways to match"),
            others => text.push_str(&format!(" in the nearest of {} ways to match", count(others as u64 + 1))),
        }
        text
    }

    /// The fields that failed, one a line, hints below.
    pub fn write_failing(&self, out: &mut dyn Write) -> io::Result<()> {
        for Failing { field, hints } in &self.failing {
            let FieldResult { path, wanted, found, .. } = field;
            let found = match found.as_slice() {
                [] => "not there".to_owned(),
                found => {
                    let shown: Vec<String> = found.iter().take(VALUES).map(|value| shown(value)).collect();
                    let more = found.len() - shown.len();
                    let more = if more > 0 { format!(" and {} more", count(more as u64)) } else { String::new() };
                    format!("found {}{more}", shown.join(", "))
                }
            };
            writeln!(out, "  {}: wanted {}, {found}", shown(path), shown(wanted))?;
            for hint in hints {
                writeln!(out, "      {}", shown(hint))?;
            }
        }
        Ok(())
    }
}

fn fails(field: &FieldResult) -> bool {
    !field.is_hit || field.is_in_another_element
}

/// As much of an outside text as a reader needs, made harmless.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", clean(&text[..end])),
        None => clean(text),
    }
}
