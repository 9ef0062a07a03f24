//! Comparisons of a field with a text, a number or a regular expression: `= "Run*"`, `>= 1e3`, `!= %^i-%`.
//!
//! An array, an object, null and what is not there compare with nothing, not even by `!=`.

use serde_json::Value;

use super::terms::{between_percents, quoted};
use super::{PatternError, regular_expression};

#[derive(Debug)]
pub(super) struct Comparison {
    operator: Operator,
    with: Operand,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug)]
enum Operand {
    /// Texts between which there may be anything; of one text, the whole.
    Text(Vec<String>),
    Number(f64, String),
    Regex(regex_lite::Regex),
}

/// The longer ones first.
const OPERATORS: &[(&str, Operator)] = &[
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("=", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Comparison {
    /// The comparison that a text begins with, and what comes behind it.
    pub(super) fn read(text: &str) -> Result<(Comparison, &str), PatternError> {
        let found = OPERATORS.iter().find_map(|(sign, operator)| Some((*operator, text.strip_prefix(sign)?)));
        let (operator, rest) =
            found.ok_or_else(|| PatternError::new("behind a selector comes =, !=, <, <=, >, >=, IS or NOT EXISTS"))?;
        let (with, rest) = Operand::read(rest.trim_start())?;
        let is_ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
        if is_ordered && !matches!(with, Operand::Number(..)) {
            return Err(PatternError::new("behind <, <=, > and >= comes a number"));
        }
        Ok((Comparison { operator, with }, rest))
    }

    pub(super) fn holds(&self, value: &Value) -> bool {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(is_true) => is_true.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return false,
        };
        let is_equal = match &self.with {
            Operand::Regex(regex) => regex.is_match(&text),
            Operand::Text(parts) => matches_parts(parts, &text),
            Operand::Number(wanted, as_text) => match value.as_f64() {
                Some(number) => {
                    return match self.operator {
                        Operator::Equal => number == *wanted,
                        Operator::NotEqual => number != *wanted,
                        Operator::Less => number < *wanted,
                        Operator::LessOrEqual => number <= *wanted,
                        Operator::Greater => number > *wanted,
                        Operator::GreaterOrEqual => number >= *wanted,
                    };
                }
                None => text == *as_text,
            },
        };
        match self.operator {
            Operator::Equal => is_equal,
            Operator::NotEqual => !is_equal,
            _ => false,
        }
    }
}

impl Operand {
    fn read(text: &str) -> Result<(Operand, &str), PatternError> {
        match text.as_bytes().first() {
            Some(b'"') => {
                let (text, rest) = quoted(text)?;
                Ok((Operand::Text(parts(&text)), rest))
            }
            Some(b'%') => {
                let (regex, rest) = between_percents(text)?;
                Ok((Operand::Regex(regular_expression(regex)?), rest))
            }
            _ => {
                let is_plain = |c: char| c.is_alphanumeric() || "_*.+-:/".contains(c);
                let end = text.find(|c| !is_plain(c)).unwrap_or(text.len());
                let (word, rest) = text.split_at(end);
                if word.is_empty() {
                    return Err(PatternError::new(
                        "behind an operator comes a text, a number or a %regular expression%",
                    ));
                }
                // Words as `inf` and `nan` are texts.
                let is_number = word.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
                let operand = match word.parse().ok().filter(|_| is_number) {
                    Some(number) => Operand::Number(number, word.to_owned()),
                    None => Operand::Text(parts(word)),
                };
                Ok((operand, rest))
            }
        }
    }
}

fn parts(text: &str) -> Vec<String> {
    text.split('*').map(str::to_owned).collect()
}

/// Whether a text is these parts with anything between them. The first place that fits is as good as any later one.
fn matches_parts(parts: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = parts else { return parts.first().is_some_and(|whole| whole == text) };
    let Some(mut rest) = text.strip_prefix(&**first) else { return false };
    for part in middle {
        let Some(at) = rest.find(&**part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(&**last)
}
