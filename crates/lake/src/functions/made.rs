//! What is made of arrays: `sequence`, `ngrams`, `combinations`, `array_histogram`; and maps of entries: `map_from_entries`,
//! `multimap_from_entries`, `map_concat`, an empty map.
//!
//! <https://trino.io/docs/current/functions/array.html>, <https://trino.io/docs/current/functions/map.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayBuilder, ArrayRef, AsArray, Int64Builder, ListArray, MapArray, new_empty_array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, Field, Int64Type, IntervalMonthDayNanoType};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::bounded::Room;
use super::typed::{
    Picked, alike, common, entry_in, item_in, list_of, many, map_of, order, typed, whole, within, within_map,
};
use super::types::{MOMENT, SPAN};

/// Trino's.
const MOST_COMBINED: i64 = 5;
/// What a step by months counts as.
const OF_A_MONTH: usize = 16;
const MICROS_A_DAY: i64 = 86_400_000_000;

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        typed("sequence", sequence_types, sequence),
        typed("ngrams", |given| lists_of_lists("ngrams", given), ngrams),
        typed("combinations", |given| lists_of_lists("combinations", given), combinations),
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
    let scale = if of == DataType::Date32 { MICROS_A_DAY } else { 1 };
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
                        (i64::from(span.days).saturating_mul(MICROS_A_DAY)).saturating_add(span.nanoseconds / 1000),
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
    let (mut out, mut places) = (Picked::new("map_from_entries"), arrow::array::UInt32Builder::new());
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
    let mut places = arrow::array::UInt32Builder::new();
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
