//! Values as Lake shows them: text, every one of them.
//!
//! A moment is `2026-02-10 18:02:00.000`, and of a zone `2026-02-10 19:02:00.000 Europe/Berlin`. What is nested is written as Athena does: `{type=IAMUser, arn=…}`, `[a, b]`, and
//! `null` within. NULL by itself is no text. A binary is its bytes: `68 69`.

use std::fmt::Write;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, IntervalMonthDayNanoType, IntervalUnit, TimeUnit, TimestampMicrosecondType,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::addresses;
use crate::moments::{DAY_MICROS, shown};
use crate::schema::MOMENT;
use crate::zones::shown_there;

/// The value of a row; `None` where it is NULL.
pub fn text_of(array: &dyn Array, row: usize) -> Option<String> {
    if array.is_null(row) || array.data_type().is_null() {
        return None;
    }
    let mut out = String::new();
    write_value(array, row, &mut out);
    Some(out)
}

fn write_value(array: &dyn Array, row: usize, out: &mut String) {
    if array.is_null(row) {
        out.push_str("null");
        return;
    }
    match array.data_type() {
        DataType::Utf8 => out.push_str(array.as_string::<i32>().value(row)),
        DataType::Utf8View => out.push_str(array.as_string_view().value(row)),
        DataType::LargeUtf8 => out.push_str(array.as_string::<i64>().value(row)),
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) => {
            out.push_str(&shown_there(array.as_primitive::<TimestampMicrosecondType>().value(row), zone));
        }
        DataType::Timestamp(..) => match cast(&array.slice(row, 1), &MOMENT) {
            Ok(moment) => out.push_str(&shown(moment.as_primitive::<TimestampMicrosecondType>().value(0))),
            Err(_) => write_plain(array, row, out),
        },
        DataType::Duration(_) | DataType::Interval(_) => {
            let parts = DataType::Interval(IntervalUnit::MonthDayNano);
            match cast(&array.slice(row, 1), &parts) {
                Ok(interval) => {
                    let interval = interval.as_primitive::<IntervalMonthDayNanoType>().value(0);
                    write_interval(interval.months, interval.days.into(), interval.nanoseconds / 1_000, out);
                }
                Err(_) => write_plain(array, row, out),
            }
        }
        DataType::Struct(fields) => {
            out.push('{');
            for (at, (field, column)) in fields.iter().zip(array.as_struct().columns()).enumerate() {
                let _ = write!(out, "{}{}=", if at > 0 { ", " } else { "" }, field.name());
                write_value(column, row, out);
            }
            out.push('}');
        }
        DataType::List(_) => write_list(&array.as_list::<i32>().value(row), out),
        DataType::LargeList(_) => write_list(&array.as_list::<i64>().value(row), out),
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            out.push('{');
            for entry in 0..entries.len() {
                out.push_str(if entry > 0 { ", " } else { "" });
                write_value(entries.column(0), entry, out);
                out.push('=');
                write_value(entries.column(1), entry, out);
            }
            out.push('}');
        }
        DataType::FixedSizeBinary(_) => {
            out.push_str(&addresses::written(array.as_fixed_size_binary().value(row)).unwrap_or_default());
        }
        DataType::Binary => {
            for (at, byte) in array.as_binary::<i32>().value(row).iter().enumerate() {
                let _ = write!(out, "{}{byte:02x}", if at > 0 { " " } else { "" });
            }
        }
        _ => match not_finite(array, row) {
            Some(word) => out.push_str(word),
            None => write_plain(array, row, out),
        },
    }
}

/// What is written of a number that is not finite.
fn not_finite(array: &dyn Array, row: usize) -> Option<&'static str> {
    let number = match array.data_type() {
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row),
        DataType::Float32 => array.as_primitive::<Float32Type>().value(row).into(),
        _ => return None,
    };
    match number {
        _ if number.is_finite() => None,
        _ if number.is_nan() => Some("NaN"),
        0.0.. => Some("Infinity"),
        _ => Some("-Infinity"),
    }
}

/// The value of a row as JSON; `None` where it is NULL. Moments are texts, and a map's keys are its members.
pub(crate) fn json_of(array: &dyn Array, row: usize) -> Option<String> {
    if array.is_null(row) || array.data_type().is_null() {
        return None;
    }
    let mut out = String::new();
    write_json(array, row, &mut out);
    Some(out)
}

fn write_json(array: &dyn Array, row: usize, out: &mut String) {
    if array.is_null(row) {
        out.push_str("null");
        return;
    }
    match array.data_type() {
        DataType::Struct(fields) => {
            out.push('{');
            for (at, (field, column)) in fields.iter().zip(array.as_struct().columns()).enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write_json_text(field.name(), out);
                out.push(':');
                write_json(column, row, out);
            }
            out.push('}');
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            out.push('[');
            for item in 0..items.len() {
                out.push_str(if item > 0 { "," } else { "" });
                write_json(&items, item, out);
            }
            out.push(']');
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            out.push('{');
            for entry in 0..entries.len() {
                out.push_str(if entry > 0 { "," } else { "" });
                write_json_text(&text_of(entries.column(0), entry).unwrap_or_default(), out);
                out.push(':');
                write_json(entries.column(1), entry, out);
            }
            out.push('}');
        }
        DataType::Boolean => write_plain(array, row, out),
        of if of.is_numeric() => match not_finite(array, row) {
            // JSON has no such number.
            Some(word) => write_json_text(word, out),
            None => write_plain(array, row, out),
        },
        _ => write_json_text(&text_of(array, row).unwrap_or_default(), out),
    }
}

fn write_json_text(text: &str, out: &mut String) {
    // A text is always JSON.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// `2 03:04:05.678`, and of months `1-2`, years and months.
fn write_interval(months: i32, days: i64, micros: i64, out: &mut String) {
    if months != 0 && days == 0 && micros == 0 {
        let sign = if months < 0 { "-" } else { "" };
        let _ = write!(out, "{sign}{}-{}", (months / 12).abs(), (months % 12).abs());
        return;
    }
    let days = i128::from(months) * 30 + i128::from(days);
    let all = days * i128::from(DAY_MICROS) + i128::from(micros);
    let (sign, all) = (if all < 0 { "-" } else { "" }, all.unsigned_abs() / 1_000);
    let (days, rest) = (all / 86_400_000, all % 86_400_000);
    let (hours, minutes, seconds) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60);
    let _ = write!(out, "{sign}{days} {hours:02}:{minutes:02}:{seconds:02}.{:03}", rest % 1_000);
}

fn write_list(items: &dyn Array, out: &mut String) {
    out.push('[');
    for item in 0..items.len() {
        out.push_str(if item > 0 { ", " } else { "" });
        write_value(items, item, out);
    }
    out.push(']');
}

fn write_plain(array: &dyn Array, row: usize, out: &mut String) {
    if let Ok(formatter) = ArrayFormatter::try_new(array, &FormatOptions::default()) {
        let _ = write!(out, "{}", formatter.value(row));
    }
}
