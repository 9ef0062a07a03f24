//! Functions of arrays, as Trino has them where NULLs are in them: `contains`, `array_position`, `array_sort`, `array_max`, `concat` …
//!
//! <https://trino.io/docs/current/functions/array.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder, Int64Builder, StringArray, UInt32Builder};
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr_fn::in_list;
use datafusion::logical_expr::simplify::ExprSimplifyResult;
use datafusion::logical_expr::{Expr, ScalarUDF};
use datafusion::scalar::ScalarValue;

use super::addresses::is_within;
use super::bounded::Room;
use super::typed::{Picked, common, item_in, item_of, list_of, many, order, simplified, typed, whole, within};
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
        simplified("contains", contains_types, contains, contains_of_these),
        typed("contains_sequence", |given| two_lists("contains_sequence", given), contains_sequence),
        typed("arrays_overlap", |given| two_lists("arrays_overlap", given), arrays_overlap),
        typed("concat", concat_types, concat_all),
        typed("reverse", reverse_types, reverse),
        typed("repeat", repeat_types, repeat),
        typed("trim_array", trim_types, trim_array),
    ]
}

fn list_and_item(name: &str, given: &[DataType], gives: DataType) -> Result<(Vec<DataType>, DataType)> {
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

fn two_lists(name: &str, given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many(name, given, 2..=2)?;
    let list = list_of(common(name, &[item_in(name, &given[0])?, item_in(name, &given[1])?])?);
    Ok((vec![list.clone(), list], DataType::Boolean))
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

/// A list and a value; or a network and an address.
fn contains_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("contains", given, 2..=2)?;
    if given[0].is_string() {
        return Ok((vec![DataType::Utf8, DataType::Utf8], DataType::Boolean));
    }
    list_and_item("contains", given, DataType::Boolean)
}

/// Whether the value is in the list: NULL if it is not, and a NULL may be it.
fn contains(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let mut out = BooleanBuilder::with_capacity(rows);
    if args[0].data_type().is_string() {
        let (networks, addresses) = (texts_of(&args[0]), texts_of(&args[1]));
        for row in 0..rows {
            let both = text_at(networks, row).zip(text_at(addresses, row));
            out.append_option(both.map(|(network, address)| is_within(network, address)).transpose()?);
        }
        return Ok(Arc::new(out.finish()));
    }
    let (lists, wanted) = (args[0].as_list::<i32>(), &args[1]);
    let (order, nulls) = (order(lists.values(), wanted)?, arrow::compute::is_null(lists.values())?);
    for row in 0..rows {
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
        out.append_option(within(lists, row).zip(within(wanted, row)).map(|(items, wanted)| {
            let last = (items.end + 1).saturating_sub(wanted.len());
            let is_at = |at: usize| wanted.clone().enumerate().all(|(step, item)| order(at + step, item).is_eq());
            (items.start..last).any(is_at)
        }));
    }
    Ok(Arc::new(out.finish()))
}

/// Lists within lists, so many.
fn depth(of: &DataType) -> usize {
    item_of(of).map_or(0, |item| depth(item) + 1)
}

/// Texts, binaries, or lists; beside lists, items of them.
fn concat_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("concat", given, 1..=1000)?;
    let deepest = given.iter().map(depth).max().unwrap_or_default();
    if deepest == 0 {
        let is_binary = |of: &DataType| matches!(of, DataType::Binary | DataType::LargeBinary | DataType::BinaryView);
        let of = if given.iter().all(is_binary) { DataType::Binary } else { DataType::Utf8 };
        return Ok((vec![of.clone(); given.len()], of));
    }
    let item = |of: &DataType| match item_of(of) {
        Some(item) if depth(of) == deepest => item.clone(),
        _ => of.clone(),
    };
    let item = common("concat", &given.iter().map(item).collect::<Vec<_>>())?;
    let list = list_of(item.clone());
    let to = given.iter().map(|of| if depth(of) == deepest || of.is_null() { &list } else { &item });
    Ok((to.cloned().collect(), list))
}

/// Of what is NULL in part, nothing is left.
fn concat_all(args: &[ArrayRef], rows: usize, gives: &DataType) -> Result<ArrayRef> {
    let is_null = |row: usize| args.iter().any(|arg| arg.is_null(row));
    if *gives == DataType::Binary {
        let all: Vec<_> = args.iter().map(|arg| arg.as_binary::<i32>()).collect();
        let (mut out, mut room) = (arrow::array::BinaryBuilder::new(), Room::default());
        for row in 0..rows {
            let parts: Vec<&[u8]> = all.iter().filter(|_| !is_null(row)).map(|part| part.value(row)).collect();
            let whole = parts.concat();
            room.take("concat", whole.len() - parts.iter().map(|part| part.len()).max().unwrap_or_default())?;
            out.append_option((!is_null(row)).then_some(whole));
        }
        return Ok(Arc::new(out.finish()));
    }
    if *gives == DataType::Utf8 {
        let (all, mut room): (Vec<&StringArray>, _) = (args.iter().map(texts_of).collect(), Room::default());
        let mut out = arrow::array::StringBuilder::new();
        let mut whole = String::new();
        for row in 0..rows {
            if is_null(row) {
                out.append_null();
                continue;
            }
            whole.clear();
            all.iter().for_each(|part| whole.push_str(part.value(row)));
            let longest = all.iter().map(|part| part.value(row).len()).max().unwrap_or_default();
            room.take("concat", whole.len() - longest)?;
            out.append_value(&whole);
        }
        return Ok(Arc::new(out.finish()));
    }
    let lists = |arg: &ArrayRef| (arg.data_type() == gives).then(|| arg.as_list::<i32>().clone());
    let lists: Vec<_> = args.iter().map(lists).collect();
    let parts: Vec<ArrayRef> = args
        .iter()
        .zip(&lists)
        .map(|(arg, list)| Arc::clone(list.as_ref().map_or(arg, |list| list.values())))
        .collect();
    let values = concat(&parts.iter().map(|part| part.as_ref()).collect::<Vec<_>>())?;
    let mut out = Picked::new("concat");
    for row in 0..rows {
        let mut before = 0;
        // An item that is NULL is one; a list that is NULL is none.
        let is_valid = args.iter().zip(&lists).all(|(arg, list)| list.is_none() || arg.is_valid(row));
        for (list, part) in lists.iter().zip(&parts).filter(|_| is_valid) {
            match list {
                Some(list) => out.items(within(list, row).unwrap_or_default().map(|item| before + item))?,
                None => out.item(Some(before + row))?,
            }
            before += part.len();
        }
        out.end(is_valid);
    }
    out.lists(&values)
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
