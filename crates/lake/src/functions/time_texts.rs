//! Moments written and read as one says: `date_format`, `date_parse` in MySQL's letters, `format_datetime`, `parse_datetime` in Java's.
//!
//! <https://trino.io/docs/current/functions/datetime.html#mysql-date-functions>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use arrow::datatypes::TimestampMicrosecondType;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use jiff::tz::TimeZone;

use super::stretches::Alike;
use super::times::{each_moment, micros_of, moment_at};
use super::types::{MOMENT, TEXT};
use super::{Plain, text_at, texts_of};
use crate::moments::{DAY_MICROS, HOUR_MICROS, MINUTE_MICROS};

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        Plain::new("date_format", &[MOMENT, TEXT], TEXT, date_format).into(),
        Plain::new("date_parse", &[TEXT, TEXT], MOMENT, date_parse).into(),
        Plain::new("parse_datetime", &[TEXT, TEXT], MOMENT, parse_datetime).into(),
        Plain::new("format_datetime", &[MOMENT, TEXT], TEXT, format_datetime).into(),
    ]
}

/// MySQL's letters, as Trino's `date_format` and `date_parse` have them, as strftime's.
fn of_mysql(format: &str) -> Result<String> {
    let mut out = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '%') {
            (_, true) => match letters.next() {
                Some('i') => out.push_str("%M"),
                Some('s' | 'S') => out.push_str("%S"),
                Some('T') => out.push_str("%H:%M:%S"),
                Some('r') => out.push_str("%I:%M:%S %p"),
                Some('f') => out.push_str("%6f"),
                Some('M') => out.push_str("%B"),
                Some('W') => out.push_str("%A"),
                Some('c') => out.push_str("%-m"),
                Some('e') => out.push_str("%-d"),
                Some('k') => out.push_str("%-H"),
                Some('h' | 'I') => out.push_str("%I"),
                Some('l') => out.push_str("%-I"),
                Some('v') => out.push_str("%V"),
                Some('x') => out.push_str("%G"),
                Some(same @ ('D' | 'U' | 'u' | 'V' | 'w' | 'X')) => {
                    return exec_err!("%{same} is not known of a moment");
                }
                Some(same) => out.extend(['%', same]),
                None => out.push('%'),
            },
            (letter, _) => out.push(letter),
        }
    }
    Ok(out)
}

/// Java's letters, as Trino's `format_datetime` has them, as strftime's.
fn of_java(format: &str) -> Result<String> {
    let (mut out, mut rest, mut is_quoted) = (String::new(), format, false);
    while let Some(letter) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix('\'') {
            // Two of them are one, within quotes and without.
            rest = match after.strip_prefix('\'') {
                Some(behind) => {
                    out.push('\'');
                    behind
                }
                None => {
                    is_quoted = !is_quoted;
                    after
                }
            };
            continue;
        }
        if is_quoted || letter == '%' {
            out.push_str(if letter == '%' { "%%" } else { &rest[..letter.len_utf8()] });
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let run = rest.len() - rest.trim_start_matches(letter).len();
        let (same, after) = rest.split_at(run);
        let count = same.chars().count();
        out.push_str(match (letter, count) {
            ('y' | 'Y', 2) => "%y",
            ('y' | 'Y', _) => "%Y",
            ('x', 2) => "%g",
            ('x', _) => "%G",
            ('w', 2) => "%V",
            ('w', _) => "%-V",
            ('M', 4..) => "%B",
            ('M', 3) => "%b",
            ('M', 2) => "%m",
            ('M', _) => "%-m",
            ('d', 2) => "%d",
            ('d', _) => "%-d",
            ('E', 4..) => "%A",
            ('E', _) => "%a",
            ('e', _) => "%u",
            ('D', 3) => "%j",
            ('D', _) => "%-j",
            ('H', 2) => "%H",
            ('H', _) => "%-H",
            ('h', 2) => "%I",
            ('h', _) => "%-I",
            ('m', 2) => "%M",
            ('m', _) => "%-M",
            ('s', 2) => "%S",
            ('s', _) => "%-S",
            ('S', 1) => "%1f",
            ('S', 2) => "%2f",
            ('S', 3) => "%3f",
            ('S', 4) => "%4f",
            ('S', 5) => "%5f",
            ('S', _) => "%6f",
            ('a', _) => "%p",
            ('Z', 1) => "%z",
            ('Z', 2) => "%:z",
            ('Z', _) => "%Q",
            ('z', _) => "%Z",
            (letter, _) if letter.is_ascii_alphabetic() => {
                return exec_err!("`{letter}` is not known of a moment: what stands for itself is written '{letter}'");
            }
            _ => same,
        });
        rest = after;
    }
    Ok(out)
}

fn formatted(args: &[ArrayRef], rows: usize, pattern: fn(&str) -> Result<String>) -> Result<ArrayRef> {
    let (moments, formats) = (args[0].as_primitive::<TimestampMicrosecondType>(), texts_of(&args[1]));
    let mut out = StringBuilder::new();
    let mut last: Option<(&str, String, Alike<Option<String>>)> = None;
    for row in 0..rows {
        let (true, Some(format)) = (moments.is_valid(row), text_at(formats, row)) else {
            out.append_null();
            continue;
        };
        let (_, pattern, alike) = match last.take() {
            Some(same) if same.0 == format => last.insert(same),
            _ => {
                let pattern = pattern(format)?;
                let alike = Alike::within(stretch(&pattern));
                last.insert((format, pattern, alike))
            }
        };
        let text = alike.at(moments.value(row), || {
            let Some(moment) = moment_at(&args[0], row) else { return Ok(None) };
            let moment = TimeZone::UTC.to_ambiguous_zoned_datetime(moment).compatible();
            match moment.and_then(|moment| jiff::fmt::strtime::format(&*pattern, &moment)) {
                Ok(text) => Ok(Some(text)),
                Err(error) => exec_err!("`{format}` cannot be written of a moment: {error}"),
            }
        })?;
        out.append_option(text.as_deref());
    }
    Ok(Arc::new(out.finish()))
}

/// For how many microseconds what is written by strftime's letters is the same.
fn stretch(pattern: &str) -> i64 {
    let directives =
        pattern.split('%').skip(1).filter_map(|rest| rest.chars().find(|letter| !"-:.0123456789".contains(*letter)));
    let of = |letter| match letter {
        'Y' | 'y' | 'G' | 'g' | 'm' | 'B' | 'b' | 'd' | 'j' | 'A' | 'a' | 'V' | 'u' => DAY_MICROS,
        'H' | 'I' | 'p' => HOUR_MICROS,
        'M' => MINUTE_MICROS,
        'S' => 1_000_000,
        _ => 1,
    };
    directives.map(of).min().unwrap_or(DAY_MICROS)
}

fn date_format(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    formatted(args, rows, of_mysql)
}

fn format_datetime(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    formatted(args, rows, of_java)
}

fn date_parse(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    parsed(args, rows, of_mysql)
}

fn parse_datetime(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    parsed(args, rows, of_java)
}

fn parsed(args: &[ArrayRef], rows: usize, pattern: fn(&str) -> Result<String>) -> Result<ArrayRef> {
    let (texts, formats) = (texts_of(&args[0]), texts_of(&args[1]));
    each_moment(rows, |row| {
        let (Some(text), Some(format)) = (text_at(texts, row), text_at(formats, row)) else { return Ok(None) };
        let read = jiff::fmt::strtime::parse(pattern(format)?, text);
        let moment = read.ok().and_then(|mut read| {
            // What is not said of a day is its first.
            if read.month().is_none() && read.day_of_year().is_none() && read.iso_week().is_none() {
                read.set_month(Some(1)).ok()?;
            }
            if read.month().is_some() && read.day().is_none() {
                read.set_day(Some(1)).ok()?;
            }
            let day = read.to_date().ok()?;
            let moment = day.to_datetime(read.to_time().unwrap_or(jiff::civil::Time::midnight()));
            let ahead = read.offset().map_or(0, |offset| i64::from(offset.seconds()) * 1_000_000);
            Some(micros_of(moment)? - ahead)
        });
        match moment {
            None => exec_err!("`{text}` is not written as `{format}`"),
            moment => Ok(moment),
        }
    })
}
