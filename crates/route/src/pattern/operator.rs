//! The operators: one-key objects in a field's list, `{"prefix": "b"}`.

use super::{Dialect, PatternError, Predicate};
use super::{anything_but, cidr, equals_ignore_case, exactly, exists, numeric, prefix, suffix, wildcard};
use crate::reader::{Reader, Token};

/// Reads what stands behind an operator's name, to its object's end, and adds what it asks for.
type Read = fn(&mut Reader<'_>, Dialect, &mut Vec<Predicate>) -> Result<(), PatternError>;

/// Every operator. To add one: write its file, then name it here.
pub(super) static OPERATORS: &[(&str, Read)] = &[
    (exactly::NAME, exactly::read),
    (prefix::NAME, prefix::read),
    (suffix::NAME, suffix::read),
    (numeric::NAME, numeric::read),
    (anything_but::NAME, anything_but::read),
    (exists::NAME, exists::read),
    (cidr::NAME, cidr::read),
    (equals_ignore_case::NAME, equals_ignore_case::read),
    (wildcard::NAME, wildcard::read),
];

/// The rest of an operator's object.
pub(super) fn operator(
    reader: &mut Reader<'_>,
    dialect: Dialect,
    predicates: &mut Vec<Predicate>,
) -> Result<(), PatternError> {
    if reader.next()? != Some(Token::FieldName) {
        return Err(reader.error("Match expression name not found").into());
    }
    match OPERATORS.iter().find(|(name, _)| reader.name() == name) {
        Some((_, read)) => read(reader, dialect, predicates),
        None => Err(reader.error(format_args!("Unrecognized match type {}", reader.name())).into()),
    }
}

/// The operator's value, which must be a text.
pub(super) fn text(reader: &mut Reader<'_>, otherwise: &str) -> Result<String, PatternError> {
    match reader.next()? {
        Some(Token::String) => Ok(reader.token_text()?.into_owned()),
        _ => Err(reader.error(otherwise).into()),
    }
}

/// The end of an operator's object.
pub(super) fn end(reader: &mut Reader<'_>) -> Result<(), PatternError> {
    end_or(reader, "Only one key allowed in match expression")
}

/// The end of an operator's object; what to say if there is more.
pub(super) fn end_or(reader: &mut Reader<'_>, otherwise: &str) -> Result<(), PatternError> {
    match reader.next()? {
        Some(Token::EndObject) => Ok(()),
        _ => Err(reader.error(otherwise).into()),
    }
}

/// The text of `{"equals-ignore-case": "text"}` as another operator's value; its object was begun. Reads both objects' ends.
pub(super) fn ignore_case(reader: &mut Reader<'_>, outer: &str) -> Result<String, PatternError> {
    if reader.next()? != Some(Token::FieldName) {
        let capital = outer[..1].to_uppercase() + &outer[1..];
        return Err(reader.error(format_args!("{capital} expression name not found")).into());
    }
    if reader.name() != equals_ignore_case::NAME {
        return Err(reader.error(format_args!("Unsupported {outer} pattern: {}", reader.name())).into());
    }
    let text = text(reader, equals_ignore_case::NO_TEXT)?;
    end(reader)?;
    end(reader)?;
    Ok(text)
}
