//! Parts of arrays: `cardinality`, `slice`; and `is_among`, as which the dialect writes `x IN (SELECT …)` below SELECT.
//!
//! <https://trino.io/docs/current/functions/array.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder, Int64Builder};
use arrow::datatypes::DataType;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::typed::{Picked, common, item_in, list_of, many, order, typed, whole, within, within_map};

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        typed("cardinality", cardinality_types, cardinality),
        typed("slice", slice_types, slice),
        typed("is_among", among_types, is_among),
    ]
}

fn cardinality_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("cardinality", given, 1..=1)?;
    let of = match &given[0] {
        map @ DataType::Map(..) => map.clone(),
        DataType::Null => list_of(DataType::Null),
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => {
            list_of(item_in("cardinality", &given[0])?)
        }
        other => return plan_err!("cardinality counts the items of arrays and maps, and this is a {other}"),
    };
    Ok((vec![of], DataType::Int64))
}

/// How many items it has; lists within it count as one each.
fn cardinality(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let mut out = Int64Builder::with_capacity(rows);
    for row in 0..rows {
        let items = match args[0].data_type() {
            DataType::Map(..) => within_map(args[0].as_map(), row),
            _ => within(args[0].as_list(), row),
        };
        out.append_option(items.map(|items| items.len() as i64));
    }
    Ok(Arc::new(out.finish()))
}

fn slice_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("slice", given, 3..=3)?;
    let list = list_of(item_in("slice", &given[0])?);
    Ok((vec![list.clone(), DataType::Int64, DataType::Int64], list))
}

/// So many items from one on; from the end, where that is below 0.
fn slice(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (lists, mut out) = (args[0].as_list::<i32>(), Picked::new("slice"));
    for row in 0..rows {
        let (Some(items), Some(from), Some(many)) = (within(lists, row), whole(&args[1], row), whole(&args[2], row))
        else {
            out.end(false);
            continue;
        };
        if from == 0 || many < 0 {
            return exec_err!("slice begins with an item from 1 on, or from -1 back, and has 0 items or more");
        }
        let length = items.len() as i64;
        let first = if from > 0 { from - 1 } else { length.saturating_add(from) };
        let taken = if (0..length).contains(&first) { first..length.min(first.saturating_add(many)) } else { 0..0 };
        out.row(Some(taken.map(|place| items.start + place as usize)))?;
    }
    out.lists(lists.values())
}

fn among_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("is_among", given, 2..=2)?;
    let item = common("IN", &[item_in("IN", &given[0])?, given[1].clone()])?;
    Ok((vec![list_of(item.clone()), item], DataType::Boolean))
}

/// Whether a value is among those that a query selected: NULL if it is not known. No list: it selected none.
fn is_among(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (lists, wanted) = (args[0].as_list::<i32>(), &args[1]);
    let (order, nulls) = (order(lists.values(), wanted)?, arrow::compute::is_null(lists.values())?);
    let mut out = BooleanBuilder::with_capacity(rows);
    for row in 0..rows {
        let mut items = within(lists, row).unwrap_or_default();
        if items.is_empty() {
            out.append_value(false);
            continue;
        }
        let has_null = items.clone().any(|item| nulls.value(item));
        let is_there = wanted.is_valid(row) && items.any(|item| order(item, row).is_eq());
        out.append_option((is_there || !(has_null || wanted.is_null(row))).then_some(is_there));
    }
    Ok(Arc::new(out.finish()))
}
