//! Values as Lake shows them: text, every one of them.
//!
//! A moment is `2026-02-10 18:02:00.000`. What is nested is written as Athena does: `{type=IAMUser, arn=…}`, `[a, b]`, and
//! `null` within. NULL by itself is no text. A binary is its bytes: `68 69`.

use std::fmt::Write;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Float64Type, TimeUnit, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::moments::shown;

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
        DataType::Timestamp(..) => {
            let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
            match arrow::compute::cast(&array.slice(row, 1), &micros) {
                Ok(moment) => out.push_str(&shown(moment.as_primitive::<TimestampMicrosecondType>().value(0))),
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
        DataType::Float64 if !array.as_primitive::<Float64Type>().value(row).is_finite() => {
            let number = array.as_primitive::<Float64Type>().value(row);
            out.push_str(match number {
                _ if number.is_nan() => "NaN",
                0.0.. => "Infinity",
                _ => "-Infinity",
            });
        }
        DataType::Binary => {
            for (at, byte) in array.as_binary::<i32>().value(row).iter().enumerate() {
                let _ = write!(out, "{}{byte:02x}", if at > 0 { " " } else { "" });
            }
        }
        _ => write_plain(array, row, out),
    }
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
