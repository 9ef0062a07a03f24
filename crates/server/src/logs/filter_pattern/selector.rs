//! Selectors: which fields of a message are meant. `$.users[0].email`, `$.tags[*]`, `$.*`, `$.['cluster.name']`.

use serde_json::Value;

use super::PatternError;

#[derive(Debug)]
pub(super) struct Selector(Vec<Step>);

#[derive(Debug, PartialEq)]
enum Step {
    Field(String),
    Element(usize),
    /// Any field.
    AnyField,
    /// Any element.
    AnyElement,
}

impl Selector {
    /// The selector that a text begins with, and what comes behind it.
    pub(super) fn read(text: &str) -> Result<(Selector, &str), PatternError> {
        let mut rest =
            text.strip_prefix('$').ok_or_else(|| wrong("a field is named by a selector that begins with $."))?;
        let mut steps = Vec::new();
        loop {
            if let Some(inner) = rest.strip_prefix(".[").or_else(|| rest.strip_prefix('[')) {
                let (step, behind) = bracketed(inner)?;
                steps.push(step);
                rest = behind;
            } else if let Some(inner) = rest.strip_prefix(".*") {
                steps.push(Step::AnyField);
                rest = inner;
            } else if let Some(inner) = rest.strip_prefix('.') {
                let is_named = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
                let end = inner.find(|c| !is_named(c)).unwrap_or(inner.len());
                if end == 0 {
                    return Err(wrong("behind the dot of a selector comes a name"));
                }
                steps.push(Step::Field(inner[..end].to_owned()));
                rest = &inner[end..];
            } else {
                break;
            }
        }
        let wildcards = steps.iter().filter(|step| matches!(step, Step::AnyField | Step::AnyElement)).count();
        match (steps.is_empty(), wildcards) {
            (true, _) => Err(wrong("a field is named by a selector that begins with $.")),
            (_, 2..) => Err(wrong("a selector has one wildcard at most")),
            _ => Ok((Selector(steps), rest)),
        }
    }

    pub(super) fn has_wildcard(&self) -> bool {
        self.0.iter().any(|step| matches!(step, Step::AnyField | Step::AnyElement))
    }

    /// The values that are meant, in a message.
    pub(super) fn values<'v>(&self, message: &'v Value) -> Vec<&'v Value> {
        let mut values = vec![message];
        for step in &self.0 {
            values = values
                .into_iter()
                .flat_map(|value| match (step, value) {
                    (Step::Field(name), Value::Object(fields)) => fields.get(name).into_iter().collect(),
                    (Step::Element(at), Value::Array(items)) => items.get(*at).into_iter().collect(),
                    (Step::AnyField, Value::Object(fields)) => fields.values().collect(),
                    (Step::AnyElement, Value::Array(items)) => items.iter().collect(),
                    _ => Vec::new(),
                })
                .collect();
        }
        values
    }
}

/// What stands in brackets, and what comes behind them.
fn bracketed(text: &str) -> Result<(Step, &str), PatternError> {
    let closed = |text: &str| -> bool { text.starts_with(']') };
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let (name, rest) = text[1..].split_once(quote).ok_or_else(|| wrong("a name in brackets has no end"))?;
        return match closed(rest) {
            true => Ok((Step::Field(name.to_owned()), &rest[1..])),
            false => Err(wrong("a [ is not closed")),
        };
    }
    let (inner, rest) = text.split_once(']').ok_or_else(|| wrong("a [ is not closed"))?;
    let step = match inner.trim() {
        "*" => Step::AnyElement,
        number => {
            Step::Element(number.parse().map_err(|_| wrong("in brackets there is a number, *, or a name in quotes"))?)
        }
    };
    Ok((step, rest))
}

fn wrong(what: &str) -> PatternError {
    PatternError::new(what)
}
