//! From a pattern's text to its alternatives.

use std::sync::Arc;

use super::operator::operator;
use super::{Address, Alternative, Dialect, Field, PatternError, Predicate, comparable};
use crate::json::Value;
use crate::reader::{Reader, Token};

const OR: &str = "$or";

/// More alternatives than this a pattern may not have.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>
const ALTERNATIVE_LIMIT: usize = 1000;

/// No field may be named like this inside `$or`: these are, or are to be, operators.
const RESERVED_INSIDE_OR: &[&str] = &[
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// Reads a pattern.
pub(super) fn alternatives(text: &str, dialect: Dialect) -> Result<Vec<Alternative>, PatternError> {
    let mut compiler = Compiler { text, reader: Reader::new(text), dialect, keys: Vec::new() };
    if compiler.reader.next()? != Some(Token::StartObject) {
        return Err(compiler.fault("Filter is not an object"));
    }
    let mut alternatives = Vec::new();
    compiler.object(&mut alternatives, false)?;
    for alternative in &mut alternatives {
        alternative.fields.sort_by(|a, b| a.path.encode_utf16().cmp(b.path.encode_utf16()));
    }
    Ok(alternatives)
}

struct Compiler<'a> {
    text: &'a str,
    reader: Reader<'a>,
    dialect: Dialect,
    /// The keys of the objects that the reader is in.
    keys: Vec<String>,
}

impl Compiler<'_> {
    fn fault(&self, message: impl std::fmt::Display) -> PatternError {
        self.reader.error(message).into()
    }

    /// The rest of an object: each field goes into all alternatives there are by now.
    fn object(&mut self, alternatives: &mut Vec<Alternative>, is_inside_or: bool) -> Result<(), PatternError> {
        let mut is_empty = true;
        while self.reader.next()? == Some(Token::FieldName) {
            is_empty = false;
            if self.reader.name() == OR {
                self.or(alternatives)?;
                continue;
            }
            let name = self.reader.name().clone();
            if is_inside_or && RESERVED_INSIDE_OR.contains(&name.as_ref()) {
                return Err(
                    self.fault(format_args!("{name} is Ruler reserved fieldName which cannot be used inside $or."))
                );
            }
            self.keys.push(name.to_string());
            match self.reader.next()? {
                Some(Token::StartObject) => self.object(alternatives, is_inside_or)?,
                Some(Token::StartArray) => self.field(alternatives)?,
                _ => return Err(self.fault(format_args!("\"{name}\" must be an object or an array"))),
            }
            self.keys.pop();
        }
        if is_empty {
            return Err(self.fault("Empty objects are not allowed"));
        }
        Ok(())
    }

    /// The list of a `$or`: each of its objects continues all alternatives there were before it.
    fn or(&mut self, alternatives: &mut Vec<Alternative>) -> Result<(), PatternError> {
        let before = std::mem::take(alternatives);
        if self.reader.next()? != Some(Token::StartArray) {
            return Err(self.fault("It must be an Array followed with $or."));
        }
        let mut count = 0;
        loop {
            match self.reader.next()? {
                Some(Token::StartObject) => {
                    let mut branch = if before.is_empty() { vec![Alternative::default()] } else { before.clone() };
                    self.object(&mut branch, true)?;
                    if alternatives.len() + branch.len() > ALTERNATIVE_LIMIT {
                        return Err(PatternError::new(format!(
                            "Rule is too complex - $or makes more than {ALTERNATIVE_LIMIT} combinations"
                        )));
                    }
                    alternatives.append(&mut branch);
                }
                Some(Token::EndArray) => break,
                _ => return Err(self.fault("Only JSON object is allowed in array of $or relationship.")),
            }
            count += 1;
        }
        if count < 2 {
            return Err(self.fault("There must have at least 2 Objects in $or relationship."));
        }
        Ok(())
    }

    /// The rest of a list of what may stand at the path.
    fn field(&mut self, alternatives: &mut Vec<Alternative>) -> Result<(), PatternError> {
        let start = self.reader.offset() - 1;
        let mut predicates = Vec::new();
        loop {
            match self.reader.next()? {
                Some(Token::EndArray) => break,
                Some(Token::StartObject) => operator(&mut self.reader, self.dialect, &mut predicates)?,
                Some(Token::String) => {
                    let text = self.reader.token_text()?;
                    predicates.push(match Address::parse(text.as_bytes()) {
                        Some(address) => Predicate::Address(address),
                        None => Predicate::Text(text.as_bytes().into()),
                    });
                }
                Some(Token::Number) => {
                    let number = self.reader.number();
                    predicates.extend(comparable(number.as_bytes()).map(Predicate::Number));
                    predicates.push(Predicate::Literal(number.as_bytes().into()));
                }
                Some(Token::True | Token::False | Token::Null) => {
                    predicates.push(Predicate::Literal(self.reader.token_text()?.as_bytes().into()));
                }
                _ => return Err(self.fault("Match value must be String, number, true, false, or null")),
            }
        }
        if predicates.is_empty() {
            return Err(self.fault("Empty arrays are not allowed"));
        }
        let wanted = &self.text[start..self.reader.offset()];
        let wanted = Value::parse(wanted).map_or_else(|_| wanted.into(), |list| list.to_json());
        let field = Arc::new(Field { path: self.keys.join("."), predicates, wanted });
        if alternatives.is_empty() {
            alternatives.push(Alternative::default());
        }
        for alternative in alternatives {
            // Of a repeated path the last wins.
            match alternative.fields.iter_mut().find(|earlier| earlier.path == field.path) {
                Some(earlier) => *earlier = Arc::clone(&field),
                None => alternative.fields.push(Arc::clone(&field)),
            }
        }
        Ok(())
    }
}
