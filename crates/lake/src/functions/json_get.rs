//! `json_get(json, step, …)` and its kin: a way into JSON as arguments, a name or a place each, instead of a path in a text. Ours,
//! beside Trino's `json_extract`; named as in `datafusion-functions-json`, after Postgres.
//!
//! | | gives |
//! |---|---|
//! | `json_get` | what lies there, as JSON |
//! | `json_get_str`, `json_get_int`, `json_get_float`, `json_get_bool` | what it is, where it is one |
//! | `json_contains` | whether anything lies there |
//! | `json_length` | how many items or members it has |
//! | `json_object_keys` | the names of its members |

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Float64Builder, Int64Array, Int64Builder, ListBuilder, StringArray,
    StringBuilder,
};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::rows::{arrays, by_rows};
use super::typed::list_of;
use super::{text_at, texts_of};
use crate::json::{as_text, each_entry, item, length, member};

pub(super) fn all() -> Vec<ScalarUDF> {
    let one = |(name, gives)| {
        let signature = Signature::user_defined(Volatility::Immutable);
        ScalarUDF::from(JsonGet { name, gives, signature })
    };
    let all = [
        ("json_get", Gives::Json),
        ("json_get_str", Gives::Text),
        ("json_get_int", Gives::Whole),
        ("json_get_float", Gives::Number),
        ("json_get_bool", Gives::Flag),
        ("json_contains", Gives::IsThere),
        ("json_length", Gives::Length),
        ("json_object_keys", Gives::Names),
    ];
    all.map(one).into()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Gives {
    Json,
    Text,
    Whole,
    Number,
    Flag,
    IsThere,
    Length,
    Names,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct JsonGet {
    name: &'static str,
    gives: Gives,
    signature: Signature,
}

/// A step of the way: names, or places.
enum Steps<'a> {
    Names(&'a StringArray),
    Places(&'a Int64Array),
}

impl<'a> Steps<'a> {
    fn of(array: &'a ArrayRef) -> Steps<'a> {
        match array.data_type() {
            DataType::Int64 => Steps::Places(array.as_primitive::<Int64Type>()),
            _ => Steps::Names(texts_of(array)),
        }
    }

    fn take<'j>(&self, json: &'j str, row: usize) -> Option<&'j str> {
        match self {
            Steps::Names(names) => member(json, text_at(names, row)?),
            Steps::Places(places) => item(json, places.is_valid(row).then(|| places.value(row))?),
        }
    }
}

impl ScalarUDFImpl for JsonGet {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let Some((_, steps)) = given.split_first() else {
            return plan_err!("{} takes JSON, and the names and places of the way into it", self.name);
        };
        let step = |of: &DataType| if of.is_integer() { DataType::Int64 } else { DataType::Utf8 };
        Ok(std::iter::once(DataType::Utf8).chain(steps.iter().map(step)).collect())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(match self.gives {
            Gives::Json | Gives::Text => DataType::Utf8,
            Gives::Whole | Gives::Length => DataType::Int64,
            Gives::Number => DataType::Float64,
            Gives::Flag | Gives::IsThere => DataType::Boolean,
            Gives::Names => list_of(DataType::Utf8),
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        by_rows(&args, |rows| {
            let arrays = arrays(&args, rows)?;
            let texts = texts_of(&arrays[0]);
            let steps: Vec<Steps<'_>> = arrays[1..].iter().map(Steps::of).collect();
            self.gives.column(rows, &|row| {
                let json = text_at(texts, row)?.trim();
                steps.iter().try_fold(json, |json, step| step.take(json, row))
            })
        })
    }
}

impl Gives {
    fn column<'j>(self, rows: usize, found: &dyn Fn(usize) -> Option<&'j str>) -> Result<ArrayRef> {
        let all = 0..rows;
        Ok(match self {
            Gives::Json | Gives::Text => {
                let mut out = StringBuilder::new();
                for row in all {
                    let found = found(row).filter(|json| self == Gives::Json || json.starts_with('"'));
                    match self {
                        Gives::Json => out.append_option(found),
                        _ => out.append_option(found.and_then(as_text)),
                    }
                }
                Arc::new(out.finish())
            }
            Gives::Whole | Gives::Length => {
                let mut out = Int64Builder::with_capacity(rows);
                for row in all {
                    out.append_option(found(row).and_then(|json| match self {
                        Gives::Whole => json.parse().ok(),
                        _ => length(json),
                    }));
                }
                Arc::new(out.finish())
            }
            Gives::Number => {
                let mut out = Float64Builder::with_capacity(rows);
                let is_number = |json: &&str| json.starts_with(|first: char| first == '-' || first.is_ascii_digit());
                all.for_each(|row| out.append_option(found(row).filter(is_number).and_then(|json| json.parse().ok())));
                Arc::new(out.finish())
            }
            Gives::Flag | Gives::IsThere => {
                let mut out = BooleanBuilder::with_capacity(rows);
                for row in all {
                    match self {
                        Gives::IsThere => out.append_value(found(row).is_some_and(|json| !json.is_empty())),
                        _ => out.append_option(found(row).and_then(|json| json.parse().ok())),
                    }
                }
                Arc::new(out.finish())
            }
            Gives::Names => {
                let mut out = ListBuilder::new(StringBuilder::new());
                for row in all {
                    let object = found(row).filter(|json| json.starts_with('{'));
                    if let Some(object) = object {
                        each_entry(object, |name, _| out.values().append_value(name));
                    }
                    out.append(object.is_some());
                }
                Arc::new(out.finish())
            }
        })
    }
}
