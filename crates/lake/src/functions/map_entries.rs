//! Maps that are made of entries: `map_from_entries`, `multimap_from_entries`, `map_concat`, an empty map; and those that count:
//! `array_histogram`, and the most frequent of a histogram.
//!
//! <https://trino.io/docs/current/functions/map.html>, <https://trino.io/docs/current/functions/array.html#array_histogram>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Builder, MapArray, UInt32Builder, new_empty_array};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, Int64Type};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::typed::{
    Picked, alike, common, entry_in, item_in, list_of, many, map_of, order, typed, whole, within, within_map,
};

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        typed("array_histogram", histogram_types, array_histogram),
        typed("map_from_entries", |given| entries_types("map_from_entries", given, |value| value), map_from_entries),
        typed("multimap_from_entries", |given| entries_types("multimap_from_entries", given, list_of), multimap),
        typed("map_concat", map_concat_types, map_concat),
        typed("most_frequent", most_frequent_types, most_frequent),
        typed(
            "empty_map",
            |_| Ok((Vec::new(), crate::schema::map())),
            |_, rows, _| {
                let mut out = Picked::new("map");
                (0..rows).for_each(|_| out.end(true));
                out.maps(&new_empty_array(&DataType::Utf8), new_empty_array(&DataType::Utf8))
            },
        ),
    ]
}

fn histogram_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("array_histogram", given, 1..=1)?;
    let item = item_in("array_histogram", &given[0])?;
    Ok((vec![list_of(item.clone())], map_of(item, DataType::Int64)))
}

fn array_histogram(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (all, mut out) = (args[0].as_list::<i32>(), Picked::new("array_histogram"));
    let (order, mut counts) = (order(all.values(), all.values())?, Int64Builder::new());
    for row in 0..rows {
        let items = within(all, row);
        let is_valid = items.is_some();
        for same in alike(items.unwrap_or_default().filter(|item| all.values().is_valid(*item)), &order) {
            out.items(same.first().copied())?;
            counts.append_value(same.len() as i64);
        }
        out.end(is_valid);
    }
    out.maps(all.values(), Arc::new(counts.finish()))
}

fn entries_types(
    name: &str,
    given: &[DataType],
    value_is: fn(DataType) -> DataType,
) -> Result<(Vec<DataType>, DataType)> {
    many(name, given, 1..=1)?;
    if let DataType::Struct(fields) = item_in(name, &given[0])?
        && let [key, value] = &fields[..]
    {
        let map = map_of(key.data_type().clone(), value_is(value.data_type().clone()));
        return Ok((vec![list_of(DataType::Struct(fields.clone()))], map));
    }
    plan_err!("{name} takes an array of rows of two: a key and a value")
}

/// The places of the entries of each row, those of a key together; and the keys and values that they are places of.
fn grouped(name: &str, args: &[ArrayRef], row: usize) -> Result<Option<Vec<Vec<usize>>>> {
    let all = args[0].as_list::<i32>();
    let pairs = all.values().as_struct();
    let Some(items) = within(all, row) else { return Ok(None) };
    if items.clone().any(|item| pairs.is_null(item) || pairs.column(0).is_null(item)) {
        return exec_err!("{name}: an entry of a map has a key, and this is NULL");
    }
    Ok(Some(alike(items, &order(pairs.column(0), pairs.column(0))?)))
}

fn map_from_entries(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let pairs = args[0].as_list::<i32>().values().as_struct();
    let (mut out, mut places) = (Picked::new("map_from_entries"), UInt32Builder::new());
    for row in 0..rows {
        let groups = grouped("map_from_entries", args, row)?;
        let is_valid = groups.is_some();
        for group in groups.unwrap_or_default() {
            let [place] = group[..] else { return exec_err!("map_from_entries: a key is there twice") };
            out.item(Some(place))?;
            places.append_value(place as u32);
        }
        out.end(is_valid);
    }
    out.maps(pairs.column(0), take(pairs.column(1), &places.finish(), None)?)
}

fn multimap(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let pairs = args[0].as_list::<i32>().values().as_struct();
    let (mut out, mut values) = (Picked::new("multimap_from_entries"), Picked::new("multimap_from_entries"));
    for row in 0..rows {
        let groups = grouped("multimap_from_entries", args, row)?;
        let is_valid = groups.is_some();
        for group in groups.unwrap_or_default() {
            out.items(group.first().copied())?;
            values.row(Some(group))?;
        }
        out.end(is_valid);
    }
    out.maps(pairs.column(0), values.lists(pairs.column(1))?)
}

fn map_concat_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("map_concat", given, 1..=1000)?;
    let mut entries = Vec::with_capacity(given.len());
    for map in given.iter().filter(|map| !map.is_null()) {
        entries.push(entry_in("map_concat", map)?);
    }
    let (keys, values): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
    let map = map_of(common("map_concat", &keys)?, common("map_concat", &values)?);
    Ok((vec![map.clone(); given.len()], map))
}

/// Of two of a key, the value of the later map counts.
fn map_concat(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let maps: Vec<&MapArray> = args.iter().map(|arg| arg.as_map()).collect();
    let all =
        |of: fn(&MapArray) -> &ArrayRef| concat(&maps.iter().map(|map| of(map).as_ref()).collect::<Vec<&dyn Array>>());
    let (keys, values) = (all(MapArray::keys)?, all(MapArray::values)?);
    let (order, mut out) = (order(&keys, &keys)?, Picked::new("map_concat"));
    let mut places = UInt32Builder::new();
    for row in 0..rows {
        let is_valid = args.iter().all(|arg| arg.is_valid(row));
        let (mut here, mut before) = (Vec::new(), 0);
        for map in maps.iter().filter(|_| is_valid) {
            here.extend(within_map(map, row).unwrap_or_default().map(|entry| before + entry));
            before += map.keys().len();
        }
        for last in alike(here.into_iter(), &order).iter().filter_map(|same| same.last().copied()) {
            out.item(Some(last))?;
            places.append_value(last as u32);
        }
        out.end(is_valid);
    }
    out.maps(&keys, take(&values, &places.finish(), None)?)
}

fn most_frequent_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("approx_most_frequent", given, 2..=2)?;
    let (key, _) = entry_in("approx_most_frequent", &given[0])?;
    let map = map_of(key, DataType::Int64);
    Ok((vec![map.clone(), DataType::Int64], map))
}

/// Of a histogram, the entries that count most, the greatest first.
fn most_frequent(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let (maps, mut out) = (args[0].as_map(), Picked::new("approx_most_frequent"));
    let (counts, mut kept) = (maps.values().as_primitive::<Int64Type>(), Int64Builder::new());
    for row in 0..rows {
        let both = within_map(maps, row).zip(whole(&args[1], row));
        let is_valid = both.is_some();
        if let Some((entries, many)) = both {
            let mut entries: Vec<usize> = entries.collect();
            entries.sort_by_key(|entry| std::cmp::Reverse(counts.value(*entry)));
            entries.truncate(usize::try_from(many).unwrap_or(0));
            entries.iter().for_each(|entry| kept.append_value(counts.value(*entry)));
            out.items(entries)?;
        }
        out.end(is_valid);
    }
    out.maps(maps.keys(), Arc::new(kept.finish()))
}
