//! `concat`, of texts, binaries and arrays: of what is NULL in part, nothing is left.
//!
//! <https://trino.io/docs/current/functions/string.html#concat>, <https://trino.io/docs/current/functions/array.html#concat>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, StringArray, StringBuilder};
use arrow::compute::concat;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::bounded::Room;
use super::texts_of;
use super::typed::{Picked, common, item_of, list_of, many, typed, within};

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![typed("concat", concat_types, concat_all)]
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
        let (mut out, mut room) = (BinaryBuilder::new(), Room::default());
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
        let mut out = StringBuilder::new();
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
