//! Whether something is in an array: `contains`, `contains_sequence`, `arrays_overlap`. What a NULL may be is not known.
//!
//! <https://trino.io/docs/current/functions/array.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::expr_fn::in_list;
use datafusion::logical_expr::simplify::ExprSimplifyResult;
use datafusion::logical_expr::{Expr, ScalarUDF};
use datafusion::scalar::ScalarValue;

use super::addresses::{is_within, two};
use super::arrays::list_and_item;
use super::bounded::Steps;
use super::typed::{common, item_in, list_of, many, order, simplified, typed, within};
use crate::addresses::PREFIX;
use crate::wanted::ask;

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        simplified("contains", contains_types, contains, contains_of_these),
        typed("contains_sequence", |given| two_lists("contains_sequence", given), contains_sequence),
        typed("arrays_overlap", |given| two_lists("arrays_overlap", given), arrays_overlap),
    ]
}

/// A list and a value; or a network and an address.
fn contains_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("contains", given, 2..=2)?;
    // An unknown list is not one of networks.
    if given[0].is_string() || given[0] == PREFIX {
        return two("contains", given);
    }
    list_and_item("contains", given, DataType::Boolean)
}

/// Whether the value is in the list: NULL if it is not, and a NULL may be it.
fn contains(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let mut out = BooleanBuilder::with_capacity(rows);
    if args[0].data_type().is_string() || args[0].data_type() == &PREFIX {
        return is_within(args, rows);
    }
    let (lists, wanted) = (args[0].as_list::<i32>(), &args[1]);
    let (order, nulls) = (order(lists.values(), wanted)?, arrow::compute::is_null(lists.values())?);
    for row in 0..rows {
        ask()?;
        let found = within(lists, row).filter(|_| wanted.is_valid(row)).and_then(|mut items| {
            let has_null = items.clone().any(|item| nulls.value(item));
            let is_there = items.any(|item| order(item, row).is_eq());
            (is_there || !has_null).then_some(is_there)
        });
        out.append_option(found);
    }
    Ok(Arc::new(out.finish()))
}

/// In a list that is written out it is `IN`, which files are pruned by.
fn contains_of_these(mut args: Vec<Expr>) -> Result<ExprSimplifyResult> {
    let items = match args.first() {
        Some(Expr::Literal(list @ ScalarValue::List(items), _)) if !list.is_null() => {
            let items = items.value(0);
            let item = |at| Ok(Expr::Literal(ScalarValue::try_from_array(&items, at)?, None));
            (0..items.len()).map(item).collect::<Result<Vec<_>>>()?
        }
        Some(Expr::ScalarFunction(made)) if made.func.name() == "make_array" => made.args.clone(),
        _ => return Ok(ExprSimplifyResult::Original(args)),
    };
    match (items.is_empty(), args.pop()) {
        (false, Some(wanted)) => Ok(ExprSimplifyResult::Simplified(in_list(wanted, items, false))),
        (_, wanted) => {
            args.extend(wanted);
            Ok(ExprSimplifyResult::Original(args))
        }
    }
}

/// Whether an item of the one is in the other: NULL if none is, and a NULL may be it.
fn arrays_overlap(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (left, right) = (args[0].as_list::<i32>(), args[1].as_list::<i32>());
    let (among, across) = (order(right.values(), right.values())?, order(right.values(), left.values())?);
    let is_null = [arrow::compute::is_null(left.values())?, arrow::compute::is_null(right.values())?];
    let mut out = BooleanBuilder::with_capacity(rows);
    for row in 0..rows {
        out.append_option(within(left, row).zip(within(right, row)).and_then(|(mut left, right)| {
            let mut sorted: Vec<usize> = right.clone().filter(|item| !is_null[1].value(*item)).collect();
            sorted.sort_by(|one, other| among(*one, *other));
            let has_null = left.clone().any(|item| is_null[0].value(item)) || sorted.len() < right.len();
            let is_there = |item: usize| sorted.binary_search_by(|other| across(*other, item)).is_ok();
            let overlap = left.any(|item| !is_null[0].value(item) && is_there(item));
            (overlap || !has_null).then_some(overlap)
        }));
    }
    Ok(Arc::new(out.finish()))
}

fn contains_sequence(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (lists, wanted) = (args[0].as_list::<i32>(), args[1].as_list::<i32>());
    let (order, mut out) = (order(lists.values(), wanted.values())?, BooleanBuilder::with_capacity(rows));
    for row in 0..rows {
        ask()?;
        let (mut steps, both) = (Steps::default(), within(lists, row).zip(within(wanted, row)));
        let found = both.map(|(items, wanted)| -> Result<bool> {
            for at in items.start..(items.end + 1).saturating_sub(wanted.len()) {
                let alike =
                    wanted.clone().enumerate().take_while(|(step, item)| order(at + step, *item).is_eq()).count();
                if alike == wanted.len() {
                    return Ok(true);
                }
                steps.take("contains_sequence", alike)?;
            }
            Ok(false)
        });
        out.append_option(found.transpose()?);
    }
    Ok(Arc::new(out.finish()))
}

fn two_lists(name: &str, given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many(name, given, 2..=2)?;
    let list = list_of(common(name, &[item_in(name, &given[0])?, item_in(name, &given[1])?])?);
    Ok((vec![list.clone(), list], DataType::Boolean))
}
