//! `{"numeric": [">", 0, "<=", 5]}`: a number in a range. Numbers in texts are none.

use super::operator::end_or;
use super::{Dialect, PatternError, Predicate, comparable};
use crate::reader::{Reader, Token};

pub(super) const NAME: &str = "numeric";
const TOO_MANY: &str = "Too many elements in numeric expression";

/// Numbers between two, of which each belongs to it or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    low: f64,
    high: f64,
    has_low: bool,
    has_high: bool,
}

impl Range {
    pub(crate) fn contains(&self, number: f64) -> bool {
        let is_above = if self.has_low { number >= self.low } else { number > self.low };
        let is_below = if self.has_high { number <= self.high } else { number < self.high };
        is_above && is_below
    }
}

pub(super) fn read(reader: &mut Reader<'_>, _: Dialect, predicates: &mut Vec<Predicate>) -> Result<(), PatternError> {
    if reader.next()? != Some(Token::StartArray) {
        return Err(reader.error("Value of numeric must be an array.").into());
    }
    predicates.push(comparison(reader)?);
    end_or(reader, TOO_MANY)
}

fn comparison(reader: &mut Reader<'_>) -> Result<Predicate, PatternError> {
    if reader.next()? != Some(Token::String) {
        let found = reader.token_text()?;
        return Err(reader.error(format_args!("Invalid member in numeric match: {found}")).into());
    }
    let operator = reader.token_text()?;
    let name = match operator.as_ref() {
        "=" => "equals",
        ">=" | ">" | "<=" | "<" => operator.as_ref(),
        // The value is looked at first.
        _ => {
            reader.next()?;
            return Err(reader.error(format_args!("Unrecognized numeric range operator: {operator}")).into());
        }
    };
    let number = number(reader, name)?;
    let is_at_end = reader.next()? == Some(Token::EndArray);
    let has_number = operator.len() == 2;
    match operator.as_ref() {
        ">" | ">=" if !is_at_end => upper_bound(reader, number, has_number),
        _ if !is_at_end => Err(reader.error(TOO_MANY).into()),
        "=" => Ok(Predicate::Number(compared(reader, number)?)),
        ">" | ">=" => {
            let low = compared(reader, number)?;
            Ok(Predicate::Range(Range { low, has_low: has_number, high: f64::MAX, has_high: true }))
        }
        _ => {
            let high = compared(reader, number)?;
            Ok(Predicate::Range(Range { low: f64::MIN, has_low: true, high, has_high: has_number }))
        }
    }
}

/// The second half of a range; the reader stands at its operator.
fn upper_bound(reader: &mut Reader<'_>, low: &str, has_low: bool) -> Result<Predicate, PatternError> {
    let operator = reader.token_text()?;
    let is_text = reader.is_at(Token::String);
    if !is_text {
        return Err(reader.error(format_args!("Bad value in numeric range: {operator}")).into());
    }
    if !matches!(operator.as_ref(), "<" | "<=") {
        return Err(reader.error(format_args!("Bad numeric range operator: {operator}")).into());
    }
    let high = number(reader, &operator)?;
    if reader.next()? != Some(Token::EndArray) {
        return Err(reader.error("Too many terms in numeric range expression").into());
    }
    let (low, high) = (compared(reader, low)?, compared(reader, high)?);
    if low >= high {
        return Err(reader.error("Bottom must be less than top").into());
    }
    Ok(Predicate::Range(Range { low, has_low, high, has_high: operator == "<=" }))
}

fn number<'a>(reader: &mut Reader<'a>, operator: &str) -> Result<&'a str, PatternError> {
    match reader.next()? {
        Some(Token::Number) => Ok(reader.number()),
        _ => Err(reader.error(format_args!("Value of {operator} must be numeric")).into()),
    }
}

fn compared(reader: &Reader<'_>, number: &str) -> Result<f64, PatternError> {
    comparable(number.as_bytes()).ok_or_else(|| reader.error(format_args!("Cannot compare number : {number}")).into())
}
