//! A value written where a placeholder stands.

use crate::json::{Value, write_string};
use crate::path::Found;

/// Where a placeholder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a JSON template, where a value is wanted.
    Json,
    /// Inside the quotes of a JSON template.
    JsonString,
    /// In a string template.
    Text,
}

/// Writes what was found; none if it cannot stand here.
pub(super) fn write(found: &Found<'_, '_>, place: Place, out: &mut String) -> Option<()> {
    match (found, place) {
        (found, Place::Json) => found.write_to(out),
        (Found::One(Value::String(text)), _) => write_text(text, place, out),
        (Found::One(value @ (Value::Null | Value::Bool(_) | Value::Number(_))), _) => value.write_to(out),
        (found, Place::JsonString) => {
            // AWS puts it in as it is, and drops what is no JSON then: what has quotes in it.
            let from = out.len();
            found.write_to(out);
            if out[from..].contains('"') {
                return None;
            }
        }
        (found, Place::Text) => {
            let mut json = String::new();
            found.write_to(&mut json);
            write_without_quotes(&json, out);
        }
    }
    Some(())
}

/// Writes a text.
pub(super) fn write_text(text: &str, place: Place, out: &mut String) {
    match place {
        Place::Json => write_string(text, out),
        Place::JsonString => {
            let mut json = String::with_capacity(text.len() + 2);
            write_string(text, &mut json);
            out.push_str(&json[1..json.len() - 1]);
        }
        Place::Text => out.push_str(text),
    }
}

/// Writes what a path leads to that leads nowhere.
pub(super) fn write_nothing(place: Place, out: &mut String) {
    match place {
        Place::Json => out.push_str("\"\""),
        Place::JsonString | Place::Text => {}
    }
}

/// JSON without the quotes around its strings. Quotes inside them stay escaped, so that they do not end the literal
/// that most string templates are.
fn write_without_quotes(json: &str, out: &mut String) {
    let mut is_escaped = false;
    for c in json.chars() {
        match c {
            '"' if !is_escaped => {}
            _ => out.push(c),
        }
        is_escaped = c == '\\' && !is_escaped;
    }
}
