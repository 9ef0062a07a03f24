//! `json_extract`, `json_extract_scalar`, `json_value`, `json_query`, `json_exists`, `json_parse`, `json_format`, `json_array_get`, `json_array_length`, `json_array_contains`,
//! `is_json_scalar`, and what casts of JSON to texts become: `json_as_text`.
//!
//! <https://trino.io/docs/current/functions/json.html>

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder, Int64Array, Int64Builder, StringBuilder};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::bounded::Room;
use super::types::{FLAG, TEXT, WHOLE};
use super::{Plain, each_text, text_at, texts_of};
use crate::json::{as_text, each_entry, each_item, is_json, item, length};
use crate::json_path::Path;

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        Plain::new("json_extract", &[TEXT, TEXT], TEXT, |args, rows| {
            extract("json_extract", args, rows, |json| Some(json))
        })
        .into(),
        Plain::new("json_extract_scalar", &[TEXT, TEXT], TEXT, |args, rows| {
            extract("json_extract_scalar", args, rows, scalar)
        })
        .into(),
        Plain::new("json_parse", &[TEXT], TEXT, |args, rows| {
            of_one(args, rows, |text| is_json(text).then(|| canonical(text)))
        })
        .into(),
        Plain::new("json_format", &[TEXT], TEXT, |args, rows| {
            of_one(args, rows, |json| Some(if is_json(json) { canonical(json) } else { json.into() }))
        })
        .into(),
        Plain::new("json_value", &[TEXT, TEXT], TEXT, |args, rows| extract("json_value", args, rows, scalar)).into(),
        Plain::new("json_query", &[TEXT, TEXT], TEXT, |args, rows| extract("json_query", args, rows, nested)).into(),
        Plain::new("json_exists", &[TEXT, TEXT], FLAG, exists).into(),
        Plain::new("json_as_text", &[TEXT], TEXT, |args, rows| of_one(args, rows, as_text)).into(),
        Plain::new("json_array_get", &[TEXT, WHOLE], TEXT, array_get).into(),
        Plain::new("json_array_length", &[TEXT], WHOLE, array_length).into(),
        Plain::new("json_array_contains", &[TEXT, TEXT], FLAG, array_contains).into(),
        Plain::new("is_json_scalar", &[TEXT], FLAG, is_scalar).into(),
        Plain::new("json_size", &[TEXT, TEXT], WHOLE, size).into(),
    ]
}

/// A text for each text.
fn of_one(args: &[ArrayRef], rows: usize, each: fn(&str) -> Option<Cow<'_, str>>) -> Result<ArrayRef> {
    let texts = texts_of(&args[0]);
    Ok(each_text(rows, |row| text_at(texts, row).and_then(each)))
}

/// Objects within objects whose names are put in order.
const DEEPEST: usize = 32;

/// JSON without blanks between, and the names of its objects in order.
fn canonical(json: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(json.len());
    write_canonical(json, DEEPEST, &mut out);
    out.into()
}

fn write_canonical(json: &str, depth: usize, out: &mut String) {
    let json = json.trim();
    match json.as_bytes().first() {
        Some(b'{') if depth > 0 => {
            let mut entries: Vec<(String, &str)> = Vec::new();
            each_entry(json, |key, value| entries.push((key.to_owned(), value.get())));
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            out.push('{');
            for (at, (key, value)) in entries.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                out.push_str(&serde_json::Value::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(value, depth - 1, out);
            }
            out.push('}');
        }
        Some(b'[') if depth > 0 => {
            let mut many = 0;
            out.push('[');
            each_item(json, |item| {
                out.push_str(if many > 0 { "," } else { "" });
                write_canonical(item.get(), depth - 1, out);
                many += 1;
            });
            out.push(']');
        }
        _ => {
            let (mut quoted, mut escaped) = (false, false);
            out.extend(json.chars().filter(|letter| {
                let keep = quoted || !letter.is_ascii_whitespace();
                quoted ^= *letter == '"' && !escaped;
                escaped = quoted && *letter == '\\' && !escaped;
                keep
            }));
        }
    }
}

/// What lies at a path, as this function gives it.
fn extract(
    name: &str,
    args: &[ArrayRef],
    rows: usize,
    then: fn(Cow<'_, str>) -> Option<Cow<'_, str>>,
) -> Result<ArrayRef> {
    let texts = texts_of(&args[0]);
    let (mut paths, mut room) = (Paths::new(&args[1]), Room::default());
    let mut out = StringBuilder::new();
    for row in 0..rows {
        let found = match (text_at(texts, row), paths.at(row)?) {
            (Some(json), Some(path)) => path.find(json).and_then(then),
            _ => None,
        };
        // What lies there is in the row already; what several make is new.
        if let Some(Cow::Owned(made)) = &found {
            room.take(name, made.len())?;
        }
        out.append_option(found);
    }
    Ok(Arc::new(out.finish()))
}

/// What is neither an object nor a list, as text.
fn scalar(json: Cow<'_, str>) -> Option<Cow<'_, str>> {
    match json {
        Cow::Borrowed(json) if !json.starts_with(['{', '[']) => as_text(json),
        // What several make is a list.
        _ => None,
    }
}

/// What is an object or a list.
fn nested(json: Cow<'_, str>) -> Option<Cow<'_, str>> {
    json.starts_with(['{', '[']).then_some(json)
}

fn exists(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut paths) = (texts_of(&args[0]), Paths::new(&args[1]));
    let mut out = BooleanBuilder::with_capacity(rows);
    for row in 0..rows {
        let of = (text_at(texts, row), paths.at(row)?);
        out.append_option(match of {
            // Of a way to several the list may be empty.
            (Some(json), Some(path)) => Some(path.find(json).is_some_and(|found| found != "[]" || path.is_to_one())),
            _ => None,
        });
    }
    Ok(Arc::new(out.finish()))
}

/// Paths, which are the same one nearly always.
struct Paths<'a> {
    texts: &'a arrow::array::StringArray,
    last: Option<(&'a str, Path)>,
}

impl<'a> Paths<'a> {
    fn new(array: &'a ArrayRef) -> Paths<'a> {
        Paths { texts: texts_of(array), last: None }
    }

    fn at(&mut self, row: usize) -> Result<Option<&Path>> {
        let Some(text) = text_at(self.texts, row) else { return Ok(None) };
        if self.last.as_ref().is_none_or(|(last, _)| *last != text) {
            let Some(path) = Path::parse(text) else {
                return datafusion::common::exec_err!(
                    "`{text}` is not a path like $.name, $['a name'], $.list[0], $.list[*].name, $.list[?(@.name == 'x')]"
                );
            };
            self.last = Some((text, path));
        }
        Ok(self.last.as_ref().map(|(_, path)| path))
    }
}

fn array_get(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, places) = (texts_of(&args[0]), args[1].as_any().downcast_ref::<Int64Array>());
    let Some(places) = places else { return datafusion::common::internal_err!("a place is a whole number") };
    Ok(each_text(rows, |row| {
        item(text_at(texts, row)?, arrow::array::Array::is_valid(places, row).then(|| places.value(row))?)
    }))
}

fn numbers(rows: usize, mut each: impl FnMut(usize) -> Result<Option<i64>>) -> Result<ArrayRef> {
    let mut out = Int64Builder::new();
    for row in 0..rows {
        out.append_option(each(row)?);
    }
    Ok(Arc::new(out.finish()))
}

fn array_length(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let texts = texts_of(&args[0]);
    numbers(rows, |row| Ok(text_at(texts, row).filter(|json| json.trim_start().starts_with('[')).and_then(length)))
}

/// Whether a list has this text, or this number or flag as it is written.
fn array_contains(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, wanted) = (texts_of(&args[0]), texts_of(&args[1]));
    let mut out = BooleanBuilder::with_capacity(rows);
    for row in 0..rows {
        let list = text_at(texts, row).filter(|json| json.trim_start().starts_with('['));
        out.append_option(list.zip(text_at(wanted, row)).map(|(list, wanted)| {
            let mut is_there = false;
            each_item(list, |item| is_there |= as_text(item.get()).is_some_and(|text| text == wanted));
            is_there
        }));
    }
    Ok(Arc::new(out.finish()))
}

fn is_scalar(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut out) = (texts_of(&args[0]), BooleanBuilder::with_capacity(rows));
    let is_one = |json: &str| is_json(json) && !json.trim_start().starts_with(['[', '{']);
    (0..rows).for_each(|row| out.append_option(text_at(texts, row).map(is_one)));
    Ok(Arc::new(out.finish()))
}

fn size(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let texts = texts_of(&args[0]);
    let mut paths = Paths::new(&args[1]);
    numbers(rows, |row| {
        let Some(path) = paths.at(row)? else { return Ok(None) };
        Ok(text_at(texts, row).and_then(|json| path.find(json)).map(|found| length(&found).unwrap_or(0)))
    })
}
