//! Arrays that are made: `sequence`, `ngrams`, `combinations`.
//!
//! <https://trino.io/docs/current/functions/array.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayBuilder, ArrayRef, AsArray, Int64Builder, ListArray};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, IntervalMonthDayNanoType};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::bounded::Room;
use super::typed::{Picked, common, item_in, list_of, many, typed, whole, within};
use super::types::{MOMENT, SPAN};
use crate::moments::DAY_MICROS;

/// Trino's.
const MOST_COMBINED: i64 = 5;
/// What a step by months counts as.
const OF_A_MONTH: usize = 16;

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        typed("sequence", sequence_types, sequence),
        typed("ngrams", |given| lists_of_lists("ngrams", given), ngrams),
        typed("combinations", |given| lists_of_lists("combinations", given), combinations),
    ]
}

fn sequence_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("sequence", given, 2..=3)?;
    let (of, step) = match common("sequence", &given[..2])? {
        DataType::Date32 | DataType::Date64 => (DataType::Date32, SPAN),
        DataType::Timestamp(..) => (MOMENT, SPAN),
        whole if whole.is_integer() || whole.is_null() => (DataType::Int64, DataType::Int64),
        other => return plan_err!("sequence goes from number to number, or from day to day, and not over {other}"),
    };
    if of == MOMENT && given.len() == 2 {
        return plan_err!("sequence takes an interval between moments: sequence(from, to, INTERVAL '1' HOUR)");
    }
    let to = [of.clone(), of.clone(), step];
    Ok((to[..given.len()].to_vec(), list_of(of)))
}

/// From, to and by: numbers, or days or moments in microseconds, by months and microseconds.
fn sequence(args: &[ArrayRef], rows: usize, gives: &DataType) -> Result<ArrayRef> {
    let of = item_in("sequence", gives)?;
    let scale = if of == DataType::Date32 { DAY_MICROS } else { 1 };
    let number = |at: usize| match of {
        DataType::Date32 => arrow::compute::cast(&arrow::compute::cast(&args[at], &DataType::Int32)?, &DataType::Int64),
        _ => arrow::compute::cast(&args[at], &DataType::Int64),
    };
    let (from, to, mut room) = (number(0)?, number(1)?, Room::default());
    let (mut out, mut lengths, mut valid) = (Int64Builder::new(), Vec::with_capacity(rows), Vec::with_capacity(rows));
    for row in 0..rows {
        let before = out.len();
        let both = whole(&from, row).zip(whole(&to, row)).filter(|_| args.get(2).is_none_or(|step| step.is_valid(row)));
        if let Some((from, to)) = both {
            let (months, step) = match args.get(2) {
                None if of == DataType::Date32 || from <= to => (0, scale),
                None => (0, -1),
                Some(step) if of == DataType::Int64 => (0, whole(step, row).unwrap_or_default()),
                Some(step) => {
                    let span = step.as_primitive::<IntervalMonthDayNanoType>().value(row);
                    (
                        span.months,
                        (i64::from(span.days).saturating_mul(DAY_MICROS)).saturating_add(span.nanoseconds / 1000),
                    )
                }
            };
            let ups = (months > 0 || step > 0) && months >= 0 && step >= 0;
            let downs = (months < 0 || step < 0) && months <= 0 && step <= 0;
            let (start, end) = (from.saturating_mul(scale), to.saturating_mul(scale));
            if (!ups && start < end) || (!downs && start > end) || (!ups && !downs) {
                return exec_err!("sequence does not come from its first value to its last by steps like this");
            }
            // Of months it is counted below.
            let many = if months == 0 { (i128::from(end) - i128::from(start)) / i128::from(step) } else { 0 };
            room.take("sequence", usize::try_from(many).unwrap_or(usize::MAX))?;
            for number in 0.. {
                let Some(here) = at_step(start, months, step, number) else { break };
                if (ups && here > end) || (downs && here < end) {
                    break;
                }
                // The calendar is slow.
                room.take("sequence", if months == 0 { usize::from(number == 0) } else { OF_A_MONTH })?;
                out.append_value(here / scale);
            }
        }
        lengths.push(out.len() - before);
        valid.push(both.is_some());
    }
    let items: ArrayRef = match of {
        DataType::Date32 => {
            arrow::compute::cast(&arrow::compute::cast(&out.finish(), &DataType::Int32)?, &DataType::Date32)?
        }
        ref of => arrow::compute::cast(&out.finish(), of)?,
    };
    lists(items, lengths, valid)
}

/// Where one is after so many steps.
fn at_step(start: i64, months: i32, step: i64, number: i64) -> Option<i64> {
    let mut from = start;
    if months != 0 {
        let zone = jiff::tz::TimeZone::UTC;
        let moment = zone.to_datetime(jiff::Timestamp::from_microsecond(start).ok()?);
        let span = jiff::Span::new().try_months(i64::from(months).checked_mul(number)?).ok()?;
        from = zone.to_timestamp(moment.checked_add(span).ok()?).ok()?.as_microsecond();
    }
    from.checked_add(step.checked_mul(number)?)
}

fn lists(items: ArrayRef, lengths: Vec<usize>, valid: Vec<bool>) -> Result<ArrayRef> {
    let field = Arc::new(Field::new("item", items.data_type().clone(), true));
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(field, offsets, items, Some(NullBuffer::from(valid)))?))
}

fn lists_of_lists(name: &str, given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many(name, given, 2..=2)?;
    let list = list_of(item_in(name, &given[0])?);
    Ok((vec![list.clone(), DataType::Int64], list_of(list)))
}

fn ngrams(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (all, mut out) = (args[0].as_list::<i32>(), Picked::new("ngrams"));
    let (mut lengths, mut valid) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    for row in 0..rows {
        let both = within(all, row).zip(whole(&args[1], row));
        let mut many = 0;
        if let Some((items, long)) = both.clone() {
            let Some(long) = usize::try_from(long).ok().filter(|long| *long > 0) else {
                return exec_err!("ngrams have one item or more, and not {long}");
            };
            let long = long.min(items.len());
            for start in items.start..=items.end - long {
                out.row(Some(start..start + long))?;
                many += 1;
            }
        }
        lengths.push(many);
        valid.push(both.is_some());
    }
    lists(out.lists(all.values())?, lengths, valid)
}

fn combinations(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (all, mut out) = (args[0].as_list::<i32>(), Picked::new("combinations"));
    let (mut lengths, mut valid) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    for row in 0..rows {
        let both = within(all, row).zip(whole(&args[1], row));
        let mut many = 0;
        if let Some((items, long)) = both.clone() {
            if !(0..=MOST_COMBINED).contains(&long) {
                return exec_err!("combinations have up to {MOST_COMBINED} items, and not {long}");
            }
            let (long, first) = (long as usize, items.start);
            // Each combination, by its places; the last place goes first.
            let mut here: Vec<usize> = (0..long).collect();
            while long <= items.len() {
                out.row(Some(here.iter().map(|place| first + place)))?;
                many += 1;
                let Some(at) = (0..long).rev().find(|at| here[*at] < items.len() - long + at) else { break };
                let next = here[at] + 1;
                here[at..].iter_mut().zip(next..).for_each(|(place, next)| *place = next);
            }
        }
        lengths.push(many);
        valid.push(both.is_some());
    }
    lists(out.lists(all.values())?, lengths, valid)
}
