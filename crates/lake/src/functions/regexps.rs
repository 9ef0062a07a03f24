//! Regular expressions: `regexp_extract` and its kin. `regexp_like` is DataFusion's, and `regexp_replace` with a lambda is in `lambdas`.
//!
//! To find one takes time that grows with the text; to find them all may take as much for each, and so it is asked in between whether they are wanted.
//!
//! <https://trino.io/docs/current/functions/regexp.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Builder, ListBuilder, StringArray, StringBuilder};
use arrow::datatypes::Int64Type;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use regex::Regex;

use super::bounded::Room;
use super::typed::list_of;
use super::types::{TEXT, WHOLE};
use super::{Plain, text_at, texts_of};
use crate::wanted::ask;

/// What a compiled expression may take: a bomb is refused, not run.
const EXPRESSION_BYTES: usize = 1 << 20;

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        Plain::new("regexp_extract", &[TEXT, TEXT, WHOLE], TEXT, regexp_extract).optional(1).into(),
        Plain::new("regexp_extract_all", &[TEXT, TEXT, WHOLE], list_of(TEXT), regexp_extract_all).optional(1).into(),
        Plain::new("regexp_replace", &[TEXT, TEXT, TEXT], TEXT, regexp_replace).optional(1).into(),
        Plain::new("regexp_split", &[TEXT, TEXT], list_of(TEXT), regexp_split).into(),
        Plain::new("regexp_count", &[TEXT, TEXT], WHOLE, regexp_count).into(),
        Plain::new("regexp_position", &[TEXT, TEXT], WHOLE, regexp_position).into(),
    ]
}

/// Expressions, which are the same one nearly always.
pub(super) struct Expressions<'a> {
    texts: &'a StringArray,
    last: Option<(&'a str, Regex)>,
}

impl<'a> Expressions<'a> {
    pub(super) fn new(array: &'a ArrayRef) -> Expressions<'a> {
        Expressions { texts: texts_of(array), last: None }
    }

    pub(super) fn at(&mut self, row: usize) -> Result<Option<&Regex>> {
        let Some(text) = text_at(self.texts, row) else { return Ok(None) };
        if self.last.as_ref().is_none_or(|(last, _)| *last != text) {
            let compiled = regex::RegexBuilder::new(text).size_limit(EXPRESSION_BYTES).build();
            match compiled {
                Ok(compiled) => self.last = Some((text, compiled)),
                Err(error) => return exec_err!("`{text}` is no regular expression that is understood: {error}"),
            }
        }
        Ok(self.last.as_ref().map(|(_, compiled)| compiled))
    }
}

/// Which group is asked for: the whole without one.
fn group(args: &[ArrayRef], row: usize) -> Result<Option<usize>> {
    let Some(groups) = args.get(2) else { return Ok(Some(0)) };
    let groups = groups.as_primitive::<Int64Type>();
    if groups.is_null(row) {
        return Ok(None);
    }
    match usize::try_from(groups.value(row)) {
        Ok(group) => Ok(Some(group)),
        Err(_) => exec_err!("a group of a regular expression is 0 or more, and not {}", groups.value(row)),
    }
}

fn regexp_extract(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut expressions, mut out) = (texts_of(&args[0]), Expressions::new(&args[1]), StringBuilder::new());
    for row in 0..rows {
        let (Some(text), Some(expression), Some(group)) =
            (text_at(texts, row), expressions.at(row)?, group(args, row)?)
        else {
            out.append_null();
            continue;
        };
        out.append_option(expression.captures(text).and_then(|found| found.get(group)).map(|found| found.as_str()));
    }
    Ok(Arc::new(out.finish()))
}

fn regexp_extract_all(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut expressions) = (texts_of(&args[0]), Expressions::new(&args[1]));
    let mut out = ListBuilder::new(StringBuilder::new());
    for row in 0..rows {
        let found = (text_at(texts, row), expressions.at(row)?, group(args, row)?);
        let (Some(text), Some(expression), Some(group)) = found else {
            out.append(false);
            continue;
        };
        for found in expression.captures_iter(text) {
            ask()?;
            out.values().append_option(found.get(group).map(|found| found.as_str()));
        }
        out.append(true);
    }
    Ok(Arc::new(out.finish()))
}

/// What is found is replaced, wherever it is, and by nothing if nothing is said.
fn regexp_replace(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut expressions, put) = (texts_of(&args[0]), Expressions::new(&args[1]), args.get(2).map(texts_of));
    let (mut out, mut room, mut last, mut parts) = (StringBuilder::new(), Room::default(), None, Vec::new());
    for row in 0..rows {
        let (put, sought) = (put.map_or(Some(""), |put| text_at(put, row)), text_at(texts_of(&args[1]), row));
        let (Some(text), Some(expression), Some(put)) = (text_at(texts, row), expressions.at(row)?, put) else {
            out.append_null();
            continue;
        };
        if last != Some((put, sought)) {
            (last, parts) = (Some((put, sought)), replacement(put, expression)?);
        }
        let (mut whole, mut from, mut counted) = (String::new(), 0, 0);
        for found in expression.captures_iter(text) {
            ask()?;
            let place = found.get_match();
            whole.push_str(&text[from..place.start()]);
            for part in &parts {
                whole.push_str(match part {
                    Part::Text(text) => text,
                    Part::Group(group) => found.get(*group).map_or("", |found| found.as_str()),
                });
            }
            from = place.end();
            room.grown("regexp_replace", &mut counted, whole.len().saturating_sub(from))?;
        }
        whole.push_str(&text[from..]);
        out.append_value(whole);
    }
    Ok(Arc::new(out.finish()))
}

/// What is put in place of what was found.
#[derive(Debug, PartialEq)]
enum Part {
    Text(String),
    Group(usize),
}

/// `$1` and `${name}` are groups, and what stands after a `\` is itself, as in Java.
fn replacement(put: &str, expression: &Regex) -> Result<Vec<Part>> {
    let (mut parts, mut text) = (Vec::new(), String::new());
    let mut letters = put.chars().peekable();
    while let Some(letter) = letters.next() {
        let group = match letter {
            '\\' => {
                let Some(same) = letters.next() else {
                    return exec_err!("`{put}`: nothing stands after the last `\\`");
                };
                text.push(same);
                continue;
            }
            '$' if letters.next_if_eq(&'{').is_some() => {
                let name: String = letters.by_ref().take_while(|letter| *letter != '}').collect();
                expression.capture_names().position(|known| known == Some(name.as_str()))
            }
            '$' => {
                // As many digits as there are groups for.
                let mut group = None;
                while let Some(digit) = letters.peek().and_then(|digit| digit.to_digit(10)) {
                    let longer = group.unwrap_or(0) * 10 + digit as usize;
                    if longer >= expression.captures_len() {
                        break;
                    }
                    (group, _) = (Some(longer), letters.next());
                }
                group
            }
            letter => {
                text.push(letter);
                continue;
            }
        };
        let Some(group) = group else { return exec_err!("`{put}` names a group that the expression has not") };
        parts.extend([Part::Text(std::mem::take(&mut text)), Part::Group(group)]);
    }
    parts.push(Part::Text(text));
    Ok(parts)
}

fn regexp_split(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut expressions) = (texts_of(&args[0]), Expressions::new(&args[1]));
    let mut out = ListBuilder::new(StringBuilder::new());
    for row in 0..rows {
        let of = text_at(texts, row).zip(expressions.at(row)?);
        if let Some((text, expression)) = of {
            for part in expression.split(text) {
                ask()?;
                out.values().append_value(part);
            }
        }
        out.append(of.is_some());
    }
    Ok(Arc::new(out.finish()))
}

/// How often it is found.
fn regexp_count(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut expressions) = (texts_of(&args[0]), Expressions::new(&args[1]));
    let mut out = Int64Builder::with_capacity(rows);
    for row in 0..rows {
        let of = text_at(texts, row).zip(expressions.at(row)?);
        let count =
            of.map(|(text, expression)| expression.find_iter(text).try_fold(0, |count, _| ask().map(|()| count + 1)));
        out.append_option(count.transpose()?);
    }
    Ok(Arc::new(out.finish()))
}

/// The first letter of what is found, from 1 on; -1 if nothing is.
fn regexp_position(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut expressions) = (texts_of(&args[0]), Expressions::new(&args[1]));
    let mut out = Int64Builder::with_capacity(rows);
    for row in 0..rows {
        out.append_option(text_at(texts, row).zip(expressions.at(row)?).map(|(text, expression)| {
            expression.find(text).map_or(-1, |found| text[..found.start()].chars().count() as i64 + 1)
        }));
    }
    Ok(Arc::new(out.finish()))
}
