//! Trino's types: as they are here, and as casts name them: `array(map(varchar,json))`.
//!
//! <https://trino.io/docs/current/language/types.html>

use arrow::datatypes::{DataType, Field, IntervalUnit, TimeUnit};

pub(super) use crate::schema::MOMENT;
use crate::schema::{list_of, map_of};

pub(super) const TEXT: DataType = DataType::Utf8;
pub(super) const BYTES: DataType = DataType::Binary;
pub(super) const FLAG: DataType = DataType::Boolean;
pub(super) const WHOLE: DataType = DataType::Int64;
pub(super) const NUMBER: DataType = DataType::Float64;
/// An interval, as it is written.
pub(super) const SPAN: DataType = DataType::Interval(IntervalUnit::MonthDayNano);
/// What lies between two moments.
pub(super) const BETWEEN: DataType = DataType::Duration(TimeUnit::Millisecond);

/// Types within types.
const DEEPEST: usize = 20;
/// Fields of a row.
const MOST_FIELDS: usize = 100;

/// A type. JSON is its text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Json,
    Plain(DataType),
    List(Box<Type>),
    Map(Box<Type>, Box<Type>),
    /// Fields by name, in order.
    Row(Vec<(String, Type)>),
}

impl Type {
    /// Reads one, as the dialect writes it: without blanks, but between a field and its type.
    pub(super) fn parse(text: &str) -> Option<Type> {
        Type::parse_within(text, DEEPEST)
    }

    fn parse_within(text: &str, depth: usize) -> Option<Type> {
        let depth = depth.checked_sub(1)?;
        let parse = |text: &str| Type::parse_within(text, depth);
        let (name, within) = match text.split_once('(') {
            Some((name, within)) => (name, parts(within.strip_suffix(')')?)),
            None => (text, Vec::new()),
        };
        Some(match (name, &within[..]) {
            ("array", [item]) => Type::List(Box::new(parse(item)?)),
            ("map", [key, value]) => Type::Map(Box::new(parse(key)?), Box::new(parse(value)?)),
            ("row", fields) if (1..=MOST_FIELDS).contains(&fields.len()) => {
                let field = |(place, field): (usize, &&str)| match field.split_once(' ') {
                    Some((name, of)) => Some((name.to_owned(), parse(of)?)),
                    None => Some((format!("field{place}"), parse(field)?)),
                };
                Type::Row(within.iter().enumerate().map(field).collect::<Option<_>>()?)
            }
            ("json", []) => Type::Json,
            _ => Type::Plain(plain(name, &within)?),
        })
    }

    /// As it is here.
    pub(super) fn arrow(&self) -> DataType {
        match self {
            Type::Json => DataType::Utf8,
            Type::Plain(of) => of.clone(),
            Type::List(item) => list_of(item.arrow()),
            Type::Map(key, value) => map_of(key.arrow(), value.arrow()),
            Type::Row(fields) => {
                DataType::Struct(fields.iter().map(|(name, of)| Field::new(name, of.arrow(), true)).collect())
            }
        }
    }
}

/// What stands between commas that are in no brackets.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn plain(name: &str, numbers: &[&str]) -> Option<DataType> {
    Some(match name {
        "varchar" | "char" | "text" | "string" => DataType::Utf8,
        "varbinary" => DataType::Binary,
        "boolean" => DataType::Boolean,
        "tinyint" => DataType::Int8,
        "smallint" => DataType::Int16,
        "int" | "integer" => DataType::Int32,
        "bigint" => DataType::Int64,
        "real" => DataType::Float32,
        "double" => DataType::Float64,
        "date" => DataType::Date32,
        "timestamp" => MOMENT,
        "decimal" => {
            let number = |at: usize, otherwise: u8| numbers.get(at).map_or(Some(otherwise), |text| text.parse().ok());
            DataType::Decimal128(number(0, 38)?.clamp(1, 38), number(1, 0)?.min(38).try_into().ok()?)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_lie_within_types() {
        let text = || Type::Plain(DataType::Utf8);
        for (written, expected) in [
            ("json", Some(Type::Json)),
            ("array(array(varchar))", Some(Type::List(Box::new(Type::List(Box::new(text())))))),
            ("map(varchar,json)", Some(Type::Map(Box::new(text()), Box::new(Type::Json)))),
            (
                "row(a bigint,varchar)",
                Some(Type::Row(vec![("a".into(), Type::Plain(DataType::Int64)), ("field1".into(), text())])),
            ),
            ("decimal(10,2)", Some(Type::Plain(DataType::Decimal128(10, 2)))),
            ("map(varchar)", None),
            ("array(", None),
            ("nothing", None),
        ] {
            assert_eq!(Type::parse(written), expected, "{written}");
        }
    }
}
