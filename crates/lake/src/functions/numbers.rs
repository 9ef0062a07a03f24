//! Functions of numbers: `width_bucket`, `bit_count`, shifts, `nan`, `is_finite` …; and `greatest` and `least`, of which nothing is left
//! where one of their arguments is NULL.
//!
//! <https://trino.io/docs/current/functions/math.html>, <https://trino.io/docs/current/functions/bitwise.html>

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder, Float64Array, Int64Builder};
use arrow::compute::interleave;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::Plain;
use super::typed::{common, item_of, list_of, many, order, typed, whole, within};
use super::types::{FLAG, NUMBER, WHOLE};

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        Plain::new("bitwise_not", &[WHOLE], WHOLE, |args, rows| wholes(args, rows, |number, _| Ok(!number))).into(),
        Plain::new("bitwise_left_shift", &[WHOLE, WHOLE], WHOLE, |args, rows| {
            wholes(args, rows, |number, by| Ok(shift(by).map_or(0, |by| number << by)))
        })
        .into(),
        Plain::new("bitwise_right_shift", &[WHOLE, WHOLE], WHOLE, |args, rows| {
            wholes(args, rows, |number, by| Ok(shift(by).map_or(0, |by| ((number as u64) >> by) as i64)))
        })
        .into(),
        Plain::new("bitwise_right_shift_arithmetic", &[WHOLE, WHOLE], WHOLE, |args, rows| {
            wholes(args, rows, |number, by| Ok(number >> shift(by).unwrap_or(63)))
        })
        .into(),
        Plain::new("bit_count", &[WHOLE, WHOLE], WHOLE, |args, rows| wholes(args, rows, bit_count)).into(),
        Plain::new("nan", &[], NUMBER, |_, rows| Ok(Arc::new(Float64Array::from(vec![f64::NAN; rows])))).into(),
        Plain::new("infinity", &[], NUMBER, |_, rows| Ok(Arc::new(Float64Array::from(vec![f64::INFINITY; rows]))))
            .into(),
        Plain::new("is_finite", &[NUMBER], FLAG, |args, rows| flags(args, rows, f64::is_finite)).into(),
        Plain::new("is_infinite", &[NUMBER], FLAG, |args, rows| flags(args, rows, f64::is_infinite)).into(),
        typed(
            "sign",
            |given| same_number("sign", given),
            |args, _, _| each_number(args, i64::signum, |number| if number == 0.0 { number } else { number.signum() }),
        ),
        // A whole number stays one.
        typed("ceil", |given| same_number("ceil", given), |args, _, _| each_number(args, |number| number, f64::ceil)),
        typed(
            "floor",
            |given| same_number("floor", given),
            |args, _, _| each_number(args, |number| number, f64::floor),
        ),
        typed("width_bucket", width_bucket_types, width_bucket),
        typed("greatest", |given| one_type("greatest", given), |args, rows, _| extreme(args, rows, Ordering::Greater)),
        typed("least", |given| one_type("least", given), |args, rows, _| extreme(args, rows, Ordering::Less)),
    ]
}

/// A whole number, or a double; and that is what it gives.
fn same_number(name: &str, given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many(name, given, 1..=1)?;
    let of = if given[0].is_integer() { WHOLE } else { NUMBER };
    Ok((vec![of.clone()], of))
}

fn each_number(args: &[ArrayRef], whole: fn(i64) -> i64, double: fn(f64) -> f64) -> Result<ArrayRef> {
    Ok(match args[0].as_primitive_opt::<Int64Type>() {
        Some(numbers) => Arc::new(numbers.unary::<_, Int64Type>(whole)),
        None => Arc::new(args[0].as_primitive::<Float64Type>().unary::<_, Float64Type>(double)),
    })
}

fn wholes(args: &[ArrayRef], rows: usize, of: fn(i64, i64) -> Result<i64>) -> Result<ArrayRef> {
    let mut out = Int64Builder::with_capacity(rows);
    for row in 0..rows {
        let second = args.get(1).map_or(Some(0), |second| whole(second, row));
        out.append_option(whole(&args[0], row).zip(second).map(|(one, other)| of(one, other)).transpose()?);
    }
    Ok(Arc::new(out.finish()))
}

/// By so many bits, if any are left then.
fn shift(by: i64) -> Option<u32> {
    u32::try_from(by).ok().filter(|by| *by < 64)
}

/// The bits of a number that is so many bits long.
fn bit_count(number: i64, bits: i64) -> Result<i64> {
    if !(2..=64).contains(&bits) {
        return exec_err!("a number has 2 to 64 bits, and not {bits}");
    }
    let unused = 64 - bits;
    if (number << unused) >> unused != number {
        return exec_err!("{number} has more than {bits} bits");
    }
    Ok(((number as u64) << unused).count_ones().into())
}

fn flags(args: &[ArrayRef], rows: usize, of: fn(f64) -> bool) -> Result<ArrayRef> {
    let (numbers, mut out) = (args[0].as_primitive::<Float64Type>(), BooleanBuilder::with_capacity(rows));
    numbers.iter().for_each(|number| out.append_option(number.map(of)));
    Ok(Arc::new(out.finish()))
}

/// A number, two bounds and how many buckets lie between; or a number, and where the buckets begin.
fn width_bucket_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    if given.len() == 2 && item_of(&given[1]).is_some() {
        return Ok((vec![NUMBER, list_of(NUMBER)], WHOLE));
    }
    many("width_bucket", given, 4..=4)?;
    Ok((vec![NUMBER, NUMBER, NUMBER, WHOLE], WHOLE))
}

fn width_bucket(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let number = |at: usize, row: usize| {
        let numbers = args[at].as_primitive::<Float64Type>();
        numbers.is_valid(row).then(|| numbers.value(row))
    };
    let mut out = Int64Builder::with_capacity(rows);
    for row in 0..rows {
        let bucket = if let [_, bounds] = args {
            let bounds = bounds.as_list::<i32>();
            let starts = bounds.values().as_primitive::<Float64Type>().values();
            let starts = within(bounds, row).map(|items| &starts[items]);
            number(0, row).zip(starts).map(|(of, starts)| starts.partition_point(|start| *start <= of) as i64)
        } else {
            match (number(0, row), number(1, row), number(2, row), whole(&args[3], row)) {
                (Some(_), Some(_), Some(_), Some(many @ ..=0)) => {
                    return exec_err!("width_bucket takes one bucket or more, and not {many}");
                }
                (Some(of), Some(low), Some(high), Some(many)) => Some(bucket(of, low, high, many)?),
                _ => None,
            }
        };
        out.append_option(bucket);
    }
    Ok(Arc::new(out.finish()))
}

/// 0 before the first bucket, and one more than there are behind the last. The bounds may go down.
fn bucket(of: f64, from: f64, to: f64, many: i64) -> Result<i64> {
    if from == to || !(from.is_finite() && to.is_finite()) || of.is_nan() {
        return exec_err!("width_bucket takes numbers, and two bounds that differ");
    }
    let part = if from < to { (of - from) / (to - from) } else { (from - of) / (from - to) };
    Ok(match part {
        ..0.0 => 0,
        1.0.. => many.saturating_add(1),
        _ => (part * many as f64).floor() as i64 + 1,
    })
}

fn one_type(name: &str, given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many(name, given, 1..=1000)?;
    let of = common(name, given)?;
    Ok((vec![of.clone(); given.len()], of))
}

fn extreme(args: &[ArrayRef], rows: usize, wanted: Ordering) -> Result<ArrayRef> {
    let mut best: Vec<(usize, usize)> = (0..rows).map(|row| (0, row)).collect();
    for (at, arg) in args.iter().enumerate().skip(1) {
        for (before, earlier) in args.iter().enumerate().take(at) {
            let order = order(arg, earlier)?;
            for (row, best) in best.iter_mut().enumerate().filter(|(_, best)| best.0 == before) {
                if order(row, row) == wanted {
                    best.0 = at;
                }
            }
        }
    }
    for (row, best) in best.iter_mut().enumerate() {
        if let Some(null) = args.iter().position(|arg| arg.is_null(row)) {
            best.0 = null;
        }
    }
    let all: Vec<&dyn Array> = args.iter().map(|arg| arg.as_ref()).collect();
    Ok(interleave(&all, &best)?)
}
