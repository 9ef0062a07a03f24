//! Spans of time: `to_milliseconds(latest - first)`, `parse_duration('3.81d')`.
//!
//! <https://trino.io/docs/current/functions/datetime.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Builder, IntervalMonthDayNanoBuilder};
use arrow::compute::cast;
use arrow::datatypes::{DataType, IntervalMonthDayNano, IntervalMonthDayNanoType};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::typed::{many, typed};
use super::types::{BETWEEN, SPAN, TEXT};
use super::{Plain, number_and_unit, text_at, texts_of};

const MILLIS_A_DAY: i64 = 86_400_000;

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        typed("to_milliseconds", to_milliseconds_types, to_milliseconds),
        Plain::new("parse_duration", &[TEXT], SPAN, parse_duration).into(),
    ]
}

/// An interval, or what lies between two moments.
fn to_milliseconds_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("to_milliseconds", given, 1..=1)?;
    match &given[0] {
        DataType::Interval(_) | DataType::Null => Ok((vec![SPAN], DataType::Int64)),
        DataType::Duration(_) => Ok((vec![BETWEEN], DataType::Int64)),
        other => plan_err!("to_milliseconds takes an interval, and this is a {other}"),
    }
}

fn to_milliseconds(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    if *args[0].data_type() == BETWEEN {
        return Ok(cast(&args[0], &DataType::Int64)?);
    }
    let (spans, mut out) = (args[0].as_primitive::<IntervalMonthDayNanoType>(), Int64Builder::with_capacity(rows));
    for row in 0..rows {
        let span = spans.is_valid(row).then(|| spans.value(row));
        if span.is_some_and(|span| span.months != 0) {
            return exec_err!("to_milliseconds takes days and less: months have more and less of them");
        }
        out.append_option(span.map(|span| i64::from(span.days) * MILLIS_A_DAY + span.nanoseconds / 1_000_000));
    }
    Ok(Arc::new(out.finish()))
}

/// `42.8ms`, `3.81d`, in whole milliseconds.
fn parse_duration(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut out) = (texts_of(&args[0]), IntervalMonthDayNanoBuilder::with_capacity(rows));
    for row in 0..rows {
        let Some(text) = text_at(texts, row) else {
            out.append_null();
            continue;
        };
        let (number, unit) = number_and_unit(text);
        let millis = match unit {
            "ns" => 1e-6,
            "us" => 1e-3,
            "ms" => 1.0,
            "s" => 1e3,
            "m" => 60e3,
            "h" => 3_600e3,
            "d" => MILLIS_A_DAY as f64,
            _ => return exec_err!("`{text}` is no span of time like 3.81d: ns, us, ms, s, m, h or d"),
        };
        let whole = number.trim().parse::<f64>().ok().map(|number| (number * millis).round());
        let Some(whole) = whole.filter(|whole| (0.0..1e15).contains(whole)).map(|whole| whole as i64) else {
            return exec_err!("`{text}` is no span of time like 3.81d");
        };
        let nanos = whole % MILLIS_A_DAY * 1_000_000;
        out.append_value(IntervalMonthDayNano::new(0, (whole / MILLIS_A_DAY) as i32, nanos));
    }
    Ok(Arc::new(out.finish()))
}
