//! `reduce(list, state, (state, item) -> state, state -> result)` and `zip_with(one, other, (x, y) -> item)`.
//!
//! <https://trino.io/docs/current/functions/array.html>

use std::cmp::Reverse;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, UInt32Array, new_null_array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, Field};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::HigherOrderUDF;
use datafusion::logical_expr::type_coercion::binary::type_union_resolution;

use super::super::typed::list_of;
use super::{Call, Counted, MOST_BYTES, OfLambdas, item, list, signature, too_large, weighed};

pub(super) fn all() -> Vec<HigherOrderUDF> {
    let reduce = OfLambdas {
        name: "reduce",
        takes: |values, lambdas| {
            let state = lambdas.first().map_or_else(|| Ok(values[1].clone()), |next| state(&values[1], next))?;
            Ok(vec![list("reduce", &values[0])?, state])
        },
        // The state is what it is first, and what it becomes: that is known of the first step.
        parameters: |values, lambdas| {
            let of_step = |state| Some(vec![state, item(&values[0])]);
            Ok(match lambdas {
                [Some(next), ..] => {
                    let state = state(&values[1], next)?;
                    vec![of_step(state.clone()), Some(vec![state])]
                }
                _ => vec![of_step(values[1].clone()), None],
            })
        },
        gives: |_, lambdas| Ok(lambdas[1].clone()),
        batch: reduce,
        signature: signature(2, 2),
    };
    let zip_with = OfLambdas {
        name: "zip_with",
        takes: |values, _| values.iter().map(|value| list("zip_with", value)).collect(),
        parameters: |values, _| Ok(vec![Some(values.iter().map(item).collect())]),
        gives: |_, lambdas| Ok(list_of(lambdas[0].clone())),
        batch: zip_with,
        signature: signature(2, 1),
    };
    [reduce, zip_with].into_iter().map(HigherOrderUDF::from).collect()
}

/// The type of a state that is this at first, and that after a step.
fn state(first: &DataType, next: &DataType) -> Result<DataType> {
    Ok(match (first, next) {
        _ if first == next || next.is_null() => first.clone(),
        (DataType::Null, _) => next.clone(),
        _ if first.is_string() && next.is_string() => first.clone(),
        // Those of a sum are wider than what is added, step by step.
        (DataType::Decimal128(_, scale), DataType::Decimal128(..)) => DataType::Decimal128(38, *scale),
        (DataType::List(item), DataType::List(next)) => {
            let of = state(item.data_type(), next.data_type())?;
            DataType::List(Arc::new(Field::new(item.name(), of, true)))
        }
        (DataType::Struct(_), DataType::Struct(_)) | (DataType::Map(..), DataType::Map(..)) => first.clone(),
        _ => match type_union_resolution(&[first.clone(), next.clone()]) {
            Some(both) => both,
            None => return plan_err!("reduce has a state that is a {first} at first, and then a {next}"),
        },
    })
}

/// Of all lists the first items, then the second ones …: rows are in the order of how long their lists are, and so those that go on are
/// always the first.
fn reduce(call: &Call<'_>) -> Result<ArrayRef> {
    let lists = call.values[0].as_list::<i32>();
    let (offsets, items) = (lists.value_offsets(), lists.values());
    let length = |row: u32| offsets[row as usize + 1] - offsets[row as usize];
    let mut order: Vec<u32> = (0..call.rows as u32).filter(|row| lists.is_valid(*row as usize)).collect();
    order.sort_by_key(|row| Reverse(length(*row)));
    if order.is_empty() {
        return Ok(new_null_array(call.gives, call.rows));
    }
    let longest = order.first().map_or(0, |row| length(*row));
    Counted::ahead(longest as u64, 0)?;
    let rows = UInt32Array::from(order);
    let of = call.values[1].data_type();
    let mut states = take(&call.values[1], &rows, None)?;
    let (mut done, mut bytes, mut place) = (Vec::new(), 0, 0);
    loop {
        let open = rows.values().partition_point(|row| length(*row) > place);
        if open < states.len() {
            // A copy: a slice would hold all that it was cut from.
            let ended = take(&states, &UInt32Array::from_iter_values(open as u32..states.len() as u32), None)?;
            bytes += weighed(&ended)?;
            if bytes > MOST_BYTES {
                return too_large();
            }
            done.push(ended);
        }
        if open == 0 {
            break;
        }
        let rows = rows.slice(0, open);
        let at = UInt32Array::from_iter_values(rows.values().iter().map(|row| (offsets[*row as usize] + place) as u32));
        states = call.evaluate(0, &[states.slice(0, open), take(items, &at, None)?], &rows, of)?;
        place += 1;
    }
    done.reverse();
    let done: Vec<&dyn Array> = done.iter().map(|states| states.as_ref()).collect();
    let results = call.evaluate(1, &[concat(&done)?], &rows, call.gives)?;
    let mut places = vec![None; call.rows];
    for (at, row) in (0..).zip(rows.values()) {
        places[*row as usize] = Some(at);
    }
    Ok(take(&results, &UInt32Array::from(places), None)?)
}

/// The shorter list has NULLs where it ended.
fn zip_with(call: &Call<'_>) -> Result<ArrayRef> {
    let [one, other] = [0, 1].map(|at| call.values[at].as_list::<i32>());
    let nulls = NullBuffer::union(one.nulls(), other.nulls());
    let (mut ones, mut others, mut rows, mut lengths) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in 0..call.rows {
        let is_valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
        let length = if is_valid { one.value_length(row).max(other.value_length(row)) } else { 0 };
        let place =
            |list: &ListArray, at| (at < list.value_length(row)).then(|| (list.value_offsets()[row] + at) as u32);
        for at in 0..length {
            ones.push(place(one, at));
            others.push(place(other, at));
            rows.push(row as u32);
        }
        lengths.push(length as usize);
    }
    let items =
        [take(one.values(), &UInt32Array::from(ones), None)?, take(other.values(), &UInt32Array::from(others), None)?];
    let DataType::List(field) = call.gives else { return plan_err!("zip_with gives an array") };
    let made = call.evaluate(0, &items, &UInt32Array::from(rows), field.data_type())?;
    Ok(Arc::new(ListArray::try_new(Arc::clone(field), OffsetBuffer::from_lengths(lengths), made, nulls)?))
}
