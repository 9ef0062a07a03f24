//! `{"anything-but": …}`: a value that is there and is none of these.

use super::operator::end_or;
use super::{Dialect, Folded, Leaf, PatternError, Predicate, Wildcard, comparable};
use super::{equals_ignore_case, prefix, suffix, wildcard};
use crate::reader::{Reader, Token};

pub(super) const NAME: &str = "anything-but";
const TOO_MANY: &str = "Too many elements in numeric expression";

/// Any value but those that one of these hits.
#[derive(Clone, Debug)]
pub(crate) struct AnythingBut {
    pub(crate) exceptions: Vec<Predicate>,
}

impl AnythingBut {
    pub(crate) fn hits(&self, leaf: &Leaf<'_>) -> bool {
        !self.exceptions.iter().any(|exception| exception.hits(leaf))
    }
}

/// What the excepted texts are.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Whole,
    IgnoreCase,
    Prefix,
    Suffix,
    Wildcard,
}

impl Kind {
    fn of(operator: &str, dialect: Dialect) -> Option<Kind> {
        match operator {
            prefix::NAME => Some(Kind::Prefix),
            _ if dialect == Dialect::Sns => None,
            equals_ignore_case::NAME => Some(Kind::IgnoreCase),
            suffix::NAME => Some(Kind::Suffix),
            wildcard::NAME => Some(Kind::Wildcard),
            _ => None,
        }
    }
}

pub(super) fn read(
    reader: &mut Reader<'_>,
    dialect: Dialect,
    predicates: &mut Vec<Predicate>,
) -> Result<(), PatternError> {
    let mut token = reader.next()?;
    let mut kind = Kind::Whole;
    if token == Some(Token::StartObject) {
        if reader.next()? != Some(Token::FieldName) {
            return Err(reader.error("Anything-But expression name not found").into());
        }
        let operator = reader.name();
        kind = Kind::of(operator, dialect)
            .ok_or_else(|| reader.error(format_args!("Unsupported anything-but pattern: {operator}")))?;
        token = reader.next()?;
        if dialect == Dialect::Sns && token != Some(Token::String) {
            return Err(reader.error("prefix match pattern must be a string").into());
        }
    }
    let mut exceptions = Vec::new();
    match token {
        Some(Token::StartArray) => list(reader, kind, &mut exceptions)?,
        Some(Token::String | Token::Number) => {
            one(reader, token, kind, &mut exceptions)?;
            check_wildcards(reader, &exceptions)?;
        }
        _ => {
            let fault = "Value of anything-but must be an array or single string/number value.";
            return Err(reader.error(fault).into());
        }
    }
    end_or(reader, TOO_MANY)?;
    if kind != Kind::Whole {
        end_or(reader, TOO_MANY)?;
    }
    predicates.push(Predicate::AnythingBut(AnythingBut {
        exceptions: exceptions.into_iter().flat_map(|exception| exception.predicates).collect(),
    }));
    Ok(())
}

/// One excepted value. A wildcard's fault is told only after all of the list was read.
struct Exception {
    predicates: Vec<Predicate>,
    is_number: bool,
    wildcard_fault: Option<String>,
}

fn list(reader: &mut Reader<'_>, kind: Kind, exceptions: &mut Vec<Exception>) -> Result<(), PatternError> {
    loop {
        // Whatever is wrong within the list is told with its place twice, as AWS does.
        let token = reader.next().map_err(|error| reader.error(error))?;
        if token == Some(Token::EndArray) {
            break;
        }
        one(reader, token, kind, exceptions).map_err(|error| reader.error(error))?;
    }
    if kind == Kind::Whole {
        let numbers = exceptions.iter().filter(|exception| exception.is_number).count();
        if exceptions.is_empty() || (numbers > 0 && numbers < exceptions.len()) {
            let fault = "Inside anything but list, either all values are number or string, mixed type is not supported";
            return Err(reader.error(fault).into());
        }
    }
    check_wildcards(reader, exceptions)
}

fn check_wildcards(reader: &Reader<'_>, exceptions: &[Exception]) -> Result<(), PatternError> {
    match exceptions.iter().find_map(|exception| exception.wildcard_fault.as_ref()) {
        Some(fault) => Err(reader.error(fault).into()),
        None => Ok(()),
    }
}

fn one(
    reader: &mut Reader<'_>,
    token: Option<Token>,
    kind: Kind,
    exceptions: &mut Vec<Exception>,
) -> Result<(), PatternError> {
    let mut exception = Exception { predicates: Vec::new(), is_number: false, wildcard_fault: None };
    match token {
        Some(Token::Number) if kind == Kind::Whole => {
            let number = reader.number();
            let value = comparable(number.as_bytes());
            // Without a place: it is added for a list's value only.
            let value = value.ok_or_else(|| PatternError::new(format!("Cannot compare number : {number}")))?;
            exception.is_number = true;
            exception.predicates.push(Predicate::Number(value));
        }
        Some(Token::String) => {
            let text = reader.token_text()?;
            match kind {
                Kind::Prefix | Kind::Suffix if text.is_empty() => {
                    return Err(reader.error("Null prefix/suffix not allowed").into());
                }
                Kind::Whole => exception.predicates.push(Predicate::Text(text.as_bytes().into())),
                Kind::IgnoreCase => exception.predicates.push(Predicate::FoldedText(Folded::new(&text))),
                Kind::Prefix => exception.predicates.extend(prefix::of(&text)),
                Kind::Suffix => exception.predicates.extend(suffix::of(&text)),
                Kind::Wildcard => match Wildcard::new(&text) {
                    Ok(wildcard) => exception.predicates.push(Predicate::Wildcard(wildcard)),
                    Err(fault) => exception.wildcard_fault = Some(fault),
                },
            }
        }
        _ => {
            return Err(reader
                .error(match kind {
                    Kind::Whole => "Inside anything but list, start|null|boolean is not supported.",
                    Kind::IgnoreCase => {
                        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
                    }
                    Kind::Wildcard => wildcard::NO_TEXT,
                    Kind::Prefix | Kind::Suffix => "prefix/suffix match pattern must be a string",
                })
                .into());
        }
    }
    exceptions.push(exception);
    Ok(())
}
