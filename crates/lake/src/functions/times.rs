//! Functions of time: `date_add`, `date_diff`, `from_iso8601_timestamp`, `day_of_week` …
//!
//! All in UTC. Units are Trino's: millisecond, second, minute, hour, day, week, month, quarter, year.
//! <https://trino.io/docs/current/functions/datetime.html>

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Builder, Float64Builder, Int64Builder, TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use jiff::civil::DateTime;
use jiff::{Span, Timestamp, Unit, tz::TimeZone};

use super::{Plain, each_text, text_at, texts_of};
use crate::moments::micros;

const TEXT: DataType = DataType::Utf8;
const MOMENT: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);
const WHOLE: DataType = DataType::Int64;

pub(super) fn all() -> Vec<ScalarUDF> {
    let mut all: Vec<ScalarUDF> = vec![
        Plain::new("date_add", &[TEXT, WHOLE, MOMENT], MOMENT, date_add).into(),
        Plain::new("date_diff", &[TEXT, MOMENT, MOMENT], WHOLE, date_diff).into(),
        Plain::new("from_iso8601_timestamp", &[TEXT], MOMENT, from_iso8601).into(),
        Plain::new("from_iso8601_date", &[TEXT], DataType::Date32, from_iso8601_date).into(),
        Plain::new("to_iso8601", &[MOMENT], TEXT, to_iso8601).into(),
        Plain::new("from_unixtime", &[DataType::Float64], MOMENT, from_unixtime).into(),
        Plain::new("to_unixtime", &[MOMENT], DataType::Float64, to_unixtime).into(),
        Plain::new("date_format", &[MOMENT, TEXT], TEXT, date_format).into(),
        Plain::new("date_parse", &[TEXT, TEXT], MOMENT, date_parse).into(),
        Plain::new("parse_datetime", &[TEXT, TEXT], MOMENT, parse_datetime).into(),
        Plain::new("last_day_of_month", &[MOMENT], DataType::Date32, last_day_of_month).into(),
        Plain::new("format_datetime", &[MOMENT, TEXT], TEXT, format_datetime).into(),
    ];
    type Part = fn(&[ArrayRef], usize) -> Result<ArrayRef>;
    let parts: [(&'static str, Part); 18] = [
        ("year", |args, rows| part(args, rows, |moment| moment.year().into())),
        ("quarter", |args, rows| part(args, rows, |moment| (i64::from(moment.month()) + 2) / 3)),
        ("month", |args, rows| part(args, rows, |moment| moment.month().into())),
        ("week", |args, rows| part(args, rows, |moment| moment.date().iso_week_date().week().into())),
        ("day", |args, rows| part(args, rows, |moment| moment.day().into())),
        ("day_of_month", |args, rows| part(args, rows, |moment| moment.day().into())),
        ("day_of_week", |args, rows| part(args, rows, |moment| moment.weekday().to_monday_one_offset().into())),
        ("dow", |args, rows| part(args, rows, |moment| moment.weekday().to_monday_one_offset().into())),
        ("day_of_year", |args, rows| part(args, rows, |moment| moment.day_of_year().into())),
        ("hour", |args, rows| part(args, rows, |moment| moment.hour().into())),
        ("minute", |args, rows| part(args, rows, |moment| moment.minute().into())),
        ("second", |args, rows| part(args, rows, |moment| moment.second().into())),
        ("millisecond", |args, rows| part(args, rows, |moment| moment.millisecond().into())),
        ("doy", |args, rows| part(args, rows, |moment| moment.day_of_year().into())),
        ("week_of_year", |args, rows| part(args, rows, |moment| moment.date().iso_week_date().week().into())),
        ("year_of_week", |args, rows| part(args, rows, |moment| moment.date().iso_week_date().year().into())),
        ("yow", |args, rows| part(args, rows, |moment| moment.date().iso_week_date().year().into())),
        ("to_milliseconds", |args, rows| part(args, rows, |moment| micros_of(moment).unwrap_or_default() / 1000)),
    ];
    all.extend(parts.map(|(name, batch)| Plain::new(name, &[MOMENT], WHOLE, batch).into()));
    all
}

/// The moment of a row, in UTC.
fn moment_at(array: &ArrayRef, row: usize) -> Option<DateTime> {
    let moments = array.as_primitive::<TimestampMicrosecondType>();
    let micros = moments.is_valid(row).then(|| moments.value(row))?;
    Some(TimeZone::UTC.to_datetime(Timestamp::from_microsecond(micros).ok()?))
}

fn micros_of(moment: DateTime) -> Option<i64> {
    Some(TimeZone::UTC.to_timestamp(moment).ok()?.as_microsecond())
}

fn whole_at(array: &ArrayRef, row: usize) -> Option<i64> {
    let wholes = array.as_primitive::<Int64Type>();
    wholes.is_valid(row).then(|| wholes.value(row))
}

fn part(args: &[ArrayRef], rows: usize, of: fn(DateTime) -> i64) -> Result<ArrayRef> {
    let mut out = Int64Builder::with_capacity(rows);
    (0..rows).for_each(|row| out.append_option(moment_at(&args[0], row).map(of)));
    Ok(Arc::new(out.finish()))
}

fn each_moment(rows: usize, mut each: impl FnMut(usize) -> Result<Option<i64>>) -> Result<ArrayRef> {
    let mut out = TimestampMicrosecondBuilder::with_capacity(rows);
    for row in 0..rows {
        out.append_option(each(row)?);
    }
    Ok(Arc::new(out.finish()))
}

fn unit(name: &str) -> Result<Unit> {
    Ok(match name.to_lowercase().as_str() {
        "millisecond" => Unit::Millisecond,
        "second" => Unit::Second,
        "minute" => Unit::Minute,
        "hour" => Unit::Hour,
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" | "quarter" => Unit::Month,
        "year" => Unit::Year,
        _ => {
            return exec_err!(
                "`{name}` is no unit of time: millisecond, second, minute, hour, day, week, month, quarter or year"
            );
        }
    })
}

/// How many of the unit one of these is.
fn times(name: &str) -> i64 {
    if name.eq_ignore_ascii_case("quarter") { 3 } else { 1 }
}

fn date_add(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let units = texts_of(&args[0]);
    each_moment(rows, |row| {
        let (Some(name), Some(number), Some(moment)) =
            (text_at(units, row), whole_at(&args[1], row), moment_at(&args[2], row))
        else {
            return Ok(None);
        };
        let number = number.saturating_mul(times(name));
        let span = match unit(name)? {
            Unit::Millisecond => Span::new().try_milliseconds(number),
            Unit::Second => Span::new().try_seconds(number),
            Unit::Minute => Span::new().try_minutes(number),
            Unit::Hour => Span::new().try_hours(number),
            Unit::Day => Span::new().try_days(number),
            Unit::Week => Span::new().try_weeks(number),
            Unit::Month => Span::new().try_months(number),
            _ => Span::new().try_years(number),
        };
        let later = span.ok().and_then(|span| moment.checked_add(span).ok()).and_then(micros_of);
        if later.is_none() {
            return exec_err!("{moment} and {number} {name} is no moment of the years that are known here");
        }
        Ok(later)
    })
}

/// Whole units from the first to the second.
fn date_diff(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let units = texts_of(&args[0]);
    let mut out = Int64Builder::with_capacity(rows);
    for row in 0..rows {
        let (Some(name), Some(from), Some(to)) =
            (text_at(units, row), moment_at(&args[1], row), moment_at(&args[2], row))
        else {
            out.append_null();
            continue;
        };
        let micros = micros_of(to).zip(micros_of(from)).map(|(to, from)| to - from).unwrap_or_default();
        let of_length = |micros_each: i64| micros / micros_each;
        let number = match unit(name)? {
            Unit::Millisecond => of_length(1_000),
            Unit::Second => of_length(1_000_000),
            Unit::Minute => of_length(60_000_000),
            Unit::Hour => of_length(3_600_000_000),
            Unit::Day => of_length(86_400_000_000),
            Unit::Week => of_length(7 * 86_400_000_000),
            Unit::Month => i64::from(months(from, to)) / times(name),
            _ => i64::from(months(from, to)) / 12,
        };
        out.append_value(number);
    }
    Ok(Arc::new(out.finish()))
}

fn months(from: DateTime, to: DateTime) -> i32 {
    from.until((Unit::Month, to)).map_or(0, |span| span.get_months())
}

fn from_iso8601(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let texts = texts_of(&args[0]);
    each_moment(rows, |row| {
        let Some(text) = text_at(texts, row) else { return Ok(None) };
        match micros(text) {
            None => exec_err!("`{text}` is no moment like 2026-02-10T18:02:00Z"),
            moment => Ok(moment),
        }
    })
}

fn from_iso8601_date(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut out) = (texts_of(&args[0]), Date32Builder::new());
    for row in 0..rows {
        let Some(text) = text_at(texts, row) else {
            out.append_null();
            continue;
        };
        let Ok(date) = text.parse::<jiff::civil::Date>() else {
            return exec_err!("`{text}` is no day like 2026-02-10");
        };
        out.append_value((date - jiff::civil::date(1970, 1, 1)).get_days());
    }
    Ok(Arc::new(out.finish()))
}

fn to_iso8601(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    Ok(each_text(rows, |row| {
        moment_at(&args[0], row).map(|moment| moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
    }))
}

fn from_unixtime(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let seconds = args[0].as_primitive::<Float64Type>();
    each_moment(rows, |row| Ok(seconds.is_valid(row).then(|| (seconds.value(row) * 1e6).round() as i64)))
}

fn to_unixtime(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let mut out = Float64Builder::with_capacity(rows);
    let moments = args[0].as_primitive::<TimestampMicrosecondType>();
    (0..rows).for_each(|row| out.append_option(moments.is_valid(row).then(|| moments.value(row) as f64 / 1e6)));
    Ok(Arc::new(out.finish()))
}

/// MySQL's letters, as Trino's `date_format` and `date_parse` have them, as strftime's.
fn of_mysql(format: &str) -> String {
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
                Some(same) => out.extend(['%', same]),
                None => out.push('%'),
            },
            (letter, _) => out.push(letter),
        }
    }
    out
}

/// Java's letters, as Trino's `format_datetime` has them, as strftime's.
fn of_java(format: &str) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(letter) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let (text, after) = quoted.split_once('\'').unwrap_or((quoted, ""));
            out.push_str(if text.is_empty() { "'" } else { text });
            rest = after;
            continue;
        }
        let run = rest.len() - rest.trim_start_matches(letter).len();
        let (same, after) = rest.split_at(run);
        let count = same.chars().count();
        out.push_str(match (letter, count) {
            ('y' | 'Y', 2) => "%y",
            ('y' | 'Y', _) => "%Y",
            ('M', 4..) => "%B",
            ('M', 3) => "%b",
            ('M', 2) => "%m",
            ('M', _) => "%-m",
            ('d', 2) => "%d",
            ('d', _) => "%-d",
            ('E', 4..) => "%A",
            ('E', _) => "%a",
            ('e', _) => "%u",
            ('D', _) => "%j",
            ('H', 2) => "%H",
            ('H', _) => "%-H",
            ('h', 2) => "%I",
            ('h', _) => "%-I",
            ('m', 2) => "%M",
            ('m', _) => "%-M",
            ('s', 2) => "%S",
            ('s', _) => "%-S",
            ('S', 3) => "%3f",
            ('S', _) => "%6f",
            ('a', _) => "%p",
            ('z' | 'Z', _) => "UTC",
            _ => same,
        });
        rest = after;
    }
    out
}

fn formatted(args: &[ArrayRef], rows: usize, pattern: fn(&str) -> String) -> Result<ArrayRef> {
    let formats = texts_of(&args[1]);
    let mut out = arrow::array::StringBuilder::new();
    for row in 0..rows {
        let (Some(moment), Some(format)) = (moment_at(&args[0], row), text_at(formats, row)) else {
            out.append_null();
            continue;
        };
        match jiff::fmt::strtime::format(pattern(format), moment) {
            Ok(text) => out.append_value(text),
            Err(error) => return exec_err!("`{format}` cannot be written of a moment: {error}"),
        }
    }
    Ok(Arc::new(out.finish()))
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

fn last_day_of_month(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let mut out = Date32Builder::with_capacity(rows);
    let days = |moment: DateTime| (moment.date().last_of_month() - jiff::civil::date(1970, 1, 1)).get_days();
    (0..rows).for_each(|row| out.append_option(moment_at(&args[0], row).map(days)));
    Ok(Arc::new(out.finish()))
}

fn parsed(args: &[ArrayRef], rows: usize, pattern: fn(&str) -> String) -> Result<ArrayRef> {
    let (texts, formats) = (texts_of(&args[0]), texts_of(&args[1]));
    each_moment(rows, |row| {
        let (Some(text), Some(format)) = (text_at(texts, row), text_at(formats, row)) else { return Ok(None) };
        let read = jiff::fmt::strtime::parse(pattern(format), text);
        let moment = read.ok().and_then(|read| {
            let day = read.to_date().ok()?;
            let time = read.to_time().unwrap_or(jiff::civil::Time::midnight());
            micros_of(day.to_datetime(time))
        });
        match moment {
            None => exec_err!("`{text}` is not written as `{format}`"),
            moment => Ok(moment),
        }
    })
}
