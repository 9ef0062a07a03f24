//! Numbers and values written out: `format('%s has %,d', …)`, `format_number`, `human_readable_seconds`, and read: `parse_data_size`.
//!
//! <https://trino.io/docs/current/functions/conversion.html>

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Builder, StringBuilder};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::bounded::Room;
use super::typed::{typed, whole};
use super::types::{NUMBER, TEXT, WHOLE};
use super::{Plain, each_text, number_and_unit, text_at, texts_of};
use crate::values::text_of;

/// What a value may be filled up to, and how many places it may have.
const WIDEST: usize = 10_000;

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        typed("format", format_types, format),
        Plain::new("format_number", &[NUMBER], TEXT, |args, rows| numbers(args, rows, short)).into(),
        Plain::new("human_readable_seconds", &[NUMBER], TEXT, |args, rows| numbers(args, rows, spoken)).into(),
        Plain::new("parse_data_size", &[TEXT], NUMBER, parse_data_size).into(),
    ]
}

fn format_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    if given.len() < 2 {
        return plan_err!("format takes what is written, and one value or more");
    }
    let to = |of: &DataType| match of {
        of if of.is_integer() => DataType::Int64,
        of if of.is_numeric() => DataType::Float64,
        of => of.clone(),
    };
    Ok((std::iter::once(TEXT).chain(given[1..].iter().map(to)).collect(), TEXT))
}

fn format(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (patterns, mut out, mut room) = (texts_of(&args[0]), StringBuilder::new(), Room::default());
    for row in 0..rows {
        let Some(pattern) = text_at(patterns, row) else {
            out.append_null();
            continue;
        };
        let (mut text, mut rest, mut next) = (String::new(), pattern, 0);
        let (mut longest, mut counted) = (0, 0);
        while let Some((plain, after)) = rest.split_once('%') {
            text.push_str(plain);
            let before = text.len();
            let Some((field, after)) = Field::read(after) else {
                return exec_err!("`%{after}` is nothing that format writes: %s, %d, %,d, %05d, %.2f, %x, %b, %n, %%");
            };
            rest = after;
            match field.letter {
                'n' => text.push('\n'),
                '%' => text.push('%'),
                _ => {
                    let at = field.argument.unwrap_or(next);
                    next += usize::from(field.argument.is_none());
                    let Some(value) = args.get(at + 1) else { return exec_err!("`{pattern}` says more than is given") };
                    field.write(value, row, &mut text)?;
                }
            }
            longest = longest.max(text.len() - before);
            room.grown("format", &mut counted, text.len() - longest)?;
        }
        text.push_str(rest);
        out.append_value(text);
    }
    Ok(Arc::new(out.finish()))
}

/// `%2$-,8.2f`.
struct Field {
    /// Counted from nothing.
    argument: Option<usize>,
    flags: String,
    width: usize,
    places: Option<usize>,
    letter: char,
}

impl Field {
    /// The field after a `%`, and what follows it.
    fn read(text: &str) -> Option<(Field, &str)> {
        let mut argument = None;
        let mut rest = text;
        if let Some((number, after)) = text.split_once('$')
            && let Ok(number) = number.parse::<usize>()
        {
            (argument, rest) = (Some(number.checked_sub(1)?), after);
        }
        let digits = |text: &'_ str| text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
        let (flags, after) =
            rest.split_at(rest.len() - rest.trim_start_matches(['-', '+', ' ', '0', ',', '(', '#']).len());
        let (width, after) = after.split_at(digits(after));
        let (places, after) = match after.strip_prefix('.') {
            Some(places) => {
                let (places, after) = places.split_at(digits(places));
                (Some(places.parse().ok().filter(|places| *places <= WIDEST)?), after)
            }
            None => (None, after),
        };
        let width = if width.is_empty() { 0 } else { width.parse().ok().filter(|width| *width <= WIDEST)? };
        let letter = after.chars().next().filter(|letter| "sSdxXofeEbBcn%".contains(*letter))?;
        Some((Field { argument, flags: flags.into(), width, places, letter }, &after[1..]))
    }

    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn write(&self, value: &ArrayRef, row: usize, out: &mut String) -> Result<()> {
        let integer = || value.as_primitive_opt::<Int64Type>().map(|numbers| numbers.value(row));
        let double = || value.as_primitive_opt::<Float64Type>().map(|numbers| numbers.value(row));
        let text = match self.letter {
            _ if value.is_null(row) || value.data_type().is_null() => self.cut("null".into()),
            's' => self.cut(text_of(value, row).unwrap_or_default()),
            'S' => self.cut(text_of(value, row).unwrap_or_default().to_uppercase()),
            'b' | 'B' => {
                let flag = value.as_boolean_opt().is_none_or(|flags| flags.value(row)).to_string();
                self.cut(if self.letter == 'B' { flag.to_uppercase() } else { flag })
            }
            'c' => match value.as_string_opt::<i32>() {
                Some(texts) => texts.value(row).chars().take(1).collect(),
                None => return self.mismatch(value),
            },
            'd' => match integer() {
                Some(number) => self.signed(number < 0, number.unsigned_abs().to_string()),
                None => return self.mismatch(value),
            },
            'x' | 'X' | 'o' => {
                let Some(number) = integer() else { return self.mismatch(value) };
                let (before, digits) = match self.letter {
                    'x' => ("0x", format!("{number:x}")),
                    'X' => ("0X", format!("{number:X}")),
                    _ => ("0", format!("{number:o}")),
                };
                let before = if self.has('#') { before } else { "" };
                format!("{before}{}", self.filled(digits, before.len()))
            }
            letter => {
                let Some(number) = double() else { return self.mismatch(value) };
                if number.is_nan() {
                    "NaN".into()
                } else if number.is_infinite() {
                    let (before, after) = self.signs(number < 0.0);
                    format!("{before}Infinity{after}")
                } else if letter == 'f' {
                    self.signed(number.is_sign_negative(), fixed(number.abs(), self.places.unwrap_or(6)))
                } else {
                    let written = format!("{:.*e}", self.places.unwrap_or(6), number.abs());
                    let (digits, power) = written.split_once('e').unwrap_or((&written, "0"));
                    let power: i32 = power.parse().unwrap_or(0);
                    let sign = if power < 0 { '-' } else { '+' };
                    let text = format!("{digits}e{sign}{:02}", power.abs());
                    self.signed(number < 0.0, if letter == 'E' { text.to_uppercase() } else { text })
                }
            }
        };
        let blanks = self.width.saturating_sub(text.chars().count());
        if self.has('-') {
            let _ = write!(out, "{text}{:blanks$}", "");
        } else {
            let _ = write!(out, "{:blanks$}{text}", "");
        }
        Ok(())
    }

    fn mismatch<T>(&self, value: &ArrayRef) -> Result<T> {
        exec_err!("%{} does not write a {}", self.letter, value.data_type())
    }

    fn cut(&self, text: String) -> String {
        self.places.map_or(text.clone(), |letters| text.chars().take(letters).collect())
    }

    /// What stands before a number, and behind it.
    fn signs(&self, is_negative: bool) -> (&'static str, &'static str) {
        match is_negative {
            true if self.has('(') => ("(", ")"),
            true => ("-", ""),
            false if self.has('+') => ("+", ""),
            false if self.has(' ') => (" ", ""),
            false => ("", ""),
        }
    }

    /// With its sign, in groups of three if they are asked for.
    fn signed(&self, is_negative: bool, digits: String) -> String {
        let digits = if self.has(',') { grouped(&digits) } else { digits };
        let (before, after) = self.signs(is_negative);
        let filled = self.filled(digits, before.len() + after.len());
        format!("{before}{filled}{after}")
    }

    /// With noughts before it, if they are asked for.
    fn filled(&self, digits: String, beside: usize) -> String {
        let width = if self.has('0') { self.width.saturating_sub(beside) } else { 0 };
        format!("{digits:0>width$}")
    }
}

/// 1234567 → 1,234,567.
fn grouped(digits: &str) -> String {
    let end = digits.find('.').unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// So many places, a half rounded up: of the number as it is written, as Java does. (1.005 is a little less than it says.)
fn fixed(number: f64, places: usize) -> String {
    let written = number.to_string();
    let (whole, part) = written.split_once('.').unwrap_or((&written, ""));
    let digit = |at: usize| part.as_bytes().get(at).copied().unwrap_or(b'0');
    let mut digits: Vec<u8> = whole.bytes().chain((0..places).map(digit)).collect();
    if digit(places) >= b'5' {
        let nines = digits.iter().rev().take_while(|digit| **digit == b'9').count();
        let at = digits.len() - nines;
        digits[at..].fill(b'0');
        match at.checked_sub(1) {
            Some(before) => digits[before] += 1,
            None => digits.insert(0, b'1'),
        }
    }
    let mut out: String = digits.into_iter().map(char::from).collect();
    if places > 0 {
        out.insert(out.len() - places, '.');
    }
    out
}

fn numbers(args: &[ArrayRef], rows: usize, write: fn(f64) -> String) -> Result<ArrayRef> {
    let numbers = args[0].as_primitive::<Float64Type>();
    Ok(each_text(rows, |row| numbers.is_valid(row).then(|| write(numbers.value(row)))))
}

/// 1234567 → 1.23M.
fn short(number: f64) -> String {
    let (mut left, mut units) = (number.abs(), ["", "K", "M", "B", "T", "Q"].into_iter());
    let mut unit = units.next().unwrap_or_default();
    while left >= 1000.0 {
        let Some(next) = units.next() else { break };
        (left, unit) = (left / 1000.0, next);
    }
    let places = if left < 10.0 { 2 } else { usize::from(left < 100.0) };
    let written = if left.is_finite() { fixed(left, places) } else { left.to_string() };
    let written = if places > 0 { written.trim_end_matches('0').trim_end_matches('.') } else { &written };
    format!("{}{written}{unit}", if number < 0.0 { "-" } else { "" })
}

/// 3762 → 1 hour, 2 minutes, 42 seconds.
fn spoken(seconds: f64) -> String {
    let mut left = seconds.abs().round() as u64;
    let mut parts = Vec::new();
    for (name, each) in [("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)] {
        let many = left / each;
        left %= each;
        if many > 0 || (each == 1 && parts.is_empty()) {
            parts.push(format!("{many} {name}{}", if many == 1 { "" } else { "s" }));
        }
    }
    parts.join(", ")
}

/// `2.3MB` in bytes.
fn parse_data_size(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut out) = (texts_of(&args[0]), Float64Builder::with_capacity(rows));
    for row in 0..rows {
        let Some(text) = text_at(texts, row) else {
            out.append_null();
            continue;
        };
        let (number, unit) = number_and_unit(text);
        let power = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"].iter().position(|name| *name == unit);
        match number.trim().parse::<f64>().ok().filter(|number| *number >= 0.0).zip(power) {
            Some((number, power)) => out.append_value((number * 1024f64.powi(power as i32)).trunc()),
            None => return exec_err!("`{text}` is no size like 2.3MB"),
        }
    }
    Ok(Arc::new(out.finish()))
}

/// Numbers to another base and back stand here, too: they are written and read.
pub(super) fn bases() -> Vec<ScalarUDF> {
    let to = Plain::new("to_base", &[WHOLE, WHOLE], TEXT, |args, rows| {
        let mut out = StringBuilder::new();
        for row in 0..rows {
            let both = whole(&args[0], row).zip(whole(&args[1], row));
            out.append_option(both.map(|(number, base)| to_base(number, base)).transpose()?);
        }
        Ok(Arc::new(out.finish()))
    });
    let from = Plain::new("from_base", &[TEXT, WHOLE], WHOLE, |args, rows| {
        let (texts, mut out) = (texts_of(&args[0]), arrow::array::Int64Builder::with_capacity(rows));
        for row in 0..rows {
            let Some((text, base)) = text_at(texts, row).zip(whole(&args[1], row)) else {
                out.append_null();
                continue;
            };
            match i64::from_str_radix(text, radix(base)?) {
                Ok(number) => out.append_value(number),
                Err(_) => return exec_err!("`{text}` is no number to the base {base}"),
            }
        }
        Ok(Arc::new(out.finish()))
    });
    vec![to.into(), from.into()]
}

fn radix(base: i64) -> Result<u32> {
    match u32::try_from(base).ok().filter(|base| (2..=36).contains(base)) {
        Some(base) => Ok(base),
        None => exec_err!("a base is 2 to 36, and not {base}"),
    }
}

fn to_base(number: i64, base: i64) -> Result<String> {
    let (base, mut left, mut digits) = (radix(base)?, number.unsigned_abs(), Vec::new());
    loop {
        digits.push(char::from_digit((left % u64::from(base)) as u32, base).unwrap_or('0'));
        left /= u64::from(base);
        if left == 0 {
            break;
        }
    }
    Ok(if number < 0 { "-" } else { "" }.chars().chain(digits.into_iter().rev()).collect())
}
