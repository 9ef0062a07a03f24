//! Functions of arrays, as Trino has them where NULLs are in them: `array_position`, `array_sort`, `array_max`,
//! `cardinality`, `slice` …
//!
//! <https://trino.io/docs/current/functions/array.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Builder, UInt32Builder};
use arrow::compute::take;
use arrow::datatypes::DataType;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::typed::{Picked, common, item_in, item_of, list_of, many, order, typed, whole, within, within_map};
use super::{each_text, text_at, texts_of};

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        typed("array_position", |given| list_and_item("array_position", given, DataType::Int64), array_position),
        typed("array_remove", |given| same_list_and_item("array_remove", given), array_remove),
        typed("array_sort", |given| same_list("array_sort", given), array_sort),
        typed("array_max", |given| item_of_list("array_max", given), |args, _, _| extreme(args, true)),
        typed("array_min", |given| item_of_list("array_min", given), |args, _, _| extreme(args, false)),
        typed(
            "array_first",
            |given| item_of_list("array_first", given),
            |args, _, _| picked(args, |items| (!items.is_empty()).then_some(items.start)),
        ),
        typed(
            "array_last",
            |given| item_of_list("array_last", given),
            |args, _, _| picked(args, |items| (!items.is_empty()).then(|| items.end - 1)),
        ),
        typed("cardinality", cardinality_types, cardinality),
        typed("slice", slice_types, slice),
        typed("reverse", reverse_types, reverse),
        typed("repeat", repeat_types, repeat),
        typed("trim_array", trim_types, trim_array),
    ]
}

/// A list and one more item of its kind.
pub(super) fn list_and_item(name: &str, given: &[DataType], gives: DataType) -> Result<(Vec<DataType>, DataType)> {
    many(name, given, 2..=2)?;
    let item = common(name, &[item_in(name, &given[0])?, given[1].clone()])?;
    Ok((vec![list_of(item.clone()), item], gives))
}

fn same_list_and_item(name: &str, given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    let (given, _) = list_and_item(name, given, DataType::Null)?;
    let list = given[0].clone();
    Ok((given, list))
}

fn same_list(name: &str, given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many(name, given, 1..=1)?;
    let list = list_of(item_in(name, &given[0])?);
    Ok((vec![list.clone()], list))
}

fn item_of_list(name: &str, given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many(name, given, 1..=1)?;
    let item = item_in(name, &given[0])?;
    Ok((vec![list_of(item.clone())], item))
}

/// Where the value is in the list, from 1 on; 0 if it is not.
fn array_position(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (lists, wanted, mut out) = (args[0].as_list::<i32>(), &args[1], Int64Builder::with_capacity(rows));
    let order = order(lists.values(), wanted)?;
    for row in 0..rows {
        let found = within(lists, row).filter(|_| wanted.is_valid(row)).map(|items| {
            items.clone().find(|item| order(*item, row).is_eq()).map_or(0, |item| (item - items.start + 1) as i64)
        });
        out.append_option(found);
    }
    Ok(Arc::new(out.finish()))
}

fn array_remove(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (lists, unwanted, mut out) = (args[0].as_list::<i32>(), &args[1], Picked::new("array_remove"));
    let order = order(lists.values(), unwanted)?;
    for row in 0..rows {
        let items = within(lists, row).filter(|_| unwanted.is_valid(row));
        out.row(items.map(|items| items.filter(|item| order(*item, row).is_ne())))?;
    }
    out.lists(lists.values())
}

/// NULLs are the last.
fn array_sort(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (lists, mut out) = (args[0].as_list::<i32>(), Picked::new("array_sort"));
    let order = order(lists.values(), lists.values())?;
    for row in 0..rows {
        let sorted = within(lists, row).map(|items| {
            let mut items: Vec<usize> = items.collect();
            items.sort_by(|one, other| order(*one, *other));
            items
        });
        out.row(sorted)?;
    }
    out.lists(lists.values())
}

/// An item of each list.
fn picked(args: &[ArrayRef], which: impl Fn(std::ops::Range<usize>) -> Option<usize>) -> Result<ArrayRef> {
    let (lists, mut places) = (args[0].as_list::<i32>(), UInt32Builder::new());
    for row in 0..lists.len() {
        places.append_option(within(lists, row).and_then(&which).map(|place| place as u32));
    }
    Ok(take(lists.values(), &places.finish(), None)?)
}

/// The greatest or the least; of a list that has a NULL, NULL.
fn extreme(args: &[ArrayRef], greatest: bool) -> Result<ArrayRef> {
    let values = args[0].as_list::<i32>().values();
    let order = order(values, values)?;
    let nulls = arrow::compute::is_null(values)?;
    picked(args, |mut items| {
        if items.clone().any(|item| nulls.value(item)) {
            return None;
        }
        let first = items.next()?;
        Some(items.fold(first, |best, item| match order(item, best) {
            std::cmp::Ordering::Greater if greatest => item,
            std::cmp::Ordering::Less if !greatest => item,
            _ => best,
        }))
    })
}

fn reverse_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    match given {
        [list] if item_of(list).is_some() => same_list("reverse", given),
        [_] => Ok((vec![DataType::Utf8], DataType::Utf8)),
        _ => plan_err!("reverse takes a text or an array"),
    }
}

fn reverse(args: &[ArrayRef], rows: usize, gives: &DataType) -> Result<ArrayRef> {
    if *gives == DataType::Utf8 {
        let texts = texts_of(&args[0]);
        return Ok(each_text(rows, |row| text_at(texts, row).map(|text| text.chars().rev().collect::<String>())));
    }
    let (lists, mut out) = (args[0].as_list::<i32>(), Picked::new("reverse"));
    (0..rows).try_for_each(|row| out.row(within(lists, row).map(Iterator::rev)))?;
    out.lists(lists.values())
}

fn repeat_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("repeat", given, 2..=2)?;
    Ok((vec![given[0].clone(), DataType::Int64], list_of(given[0].clone())))
}

/// A list that has the value so many times.
fn repeat(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let mut out = Picked::new("repeat");
    for row in 0..rows {
        let times = whole(&args[1], row);
        out.copies(row, usize::try_from(times.unwrap_or(0)).unwrap_or(0))?;
        out.end(times.is_some());
    }
    out.lists(&args[0])
}

fn trim_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("trim_array", given, 2..=2)?;
    let list = list_of(item_in("trim_array", &given[0])?);
    Ok((vec![list.clone(), DataType::Int64], list))
}

fn trim_array(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (lists, mut out) = (args[0].as_list::<i32>(), Picked::new("trim_array"));
    for row in 0..rows {
        let left = match within(lists, row).zip(whole(&args[1], row)) {
            Some((items, less)) => match usize::try_from(less).ok().and_then(|less| items.len().checked_sub(less)) {
                Some(left) => Some(items.start..items.start + left),
                None => return exec_err!("{less} cannot be taken from {} items", items.len()),
            },
            None => None,
        };
        out.row(left)?;
    }
    out.lists(lists.values())
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
