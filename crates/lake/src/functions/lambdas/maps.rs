//! `map_filter(map, (k, v) -> …)`, `transform_keys`, `transform_values`, and `map_zip_with(one, other, (k, v, w) -> …)`.
//!
//! <https://trino.io/docs/current/functions/map.html>

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, MapArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::HigherOrderUDF;

use super::super::typed::{map_array, map_of};
use super::{Call, OfLambdas, signature};

pub(super) fn all() -> Vec<HigherOrderUDF> {
    let of_one = |name, takes, gives, batch| OfLambdas {
        name,
        takes,
        parameters: |values, _| key_and_value(&values[0]).map(|(key, value)| vec![Some(vec![key, value])]),
        gives,
        batch,
        signature: signature(1, 1),
    };
    let filter = of_one(
        "map_filter",
        |values, _| maps("map_filter", values),
        |values, lambdas| match &lambdas[0] {
            DataType::Boolean | DataType::Null => Ok(values[0].clone()),
            other => plan_err!("map_filter takes a lambda that gives a boolean, and this one gives a {other}"),
        },
        filter,
    );
    let keys = of_one(
        "transform_keys",
        |values, _| maps("transform_keys", values),
        |values, lambdas| match &lambdas[0] {
            DataType::Null => plan_err!("transform_keys makes keys, and NULL is none"),
            key => Ok(map_of(key.clone(), key_and_value(&values[0])?.1)),
        },
        transform_keys,
    );
    let values = of_one(
        "transform_values",
        |values, _| maps("transform_values", values),
        |values, lambdas| Ok(map_of(key_and_value(&values[0])?.0, lambdas[0].clone())),
        transform_values,
    );
    let zip = OfLambdas {
        name: "map_zip_with",
        takes: |values, _| {
            let given = maps("map_zip_with", values)?;
            let keys = [key_and_value(&given[0])?.0, key_and_value(&given[1])?.0];
            if keys[0] != keys[1] {
                return plan_err!(
                    "map_zip_with takes maps of the same keys, and these are a {} and a {}",
                    keys[0],
                    keys[1]
                );
            }
            Ok(given)
        },
        parameters: |values, _| {
            let ((key, one), (_, other)) = (key_and_value(&values[0])?, key_and_value(&values[1])?);
            Ok(vec![Some(vec![key, one, other])])
        },
        gives: |values, lambdas| Ok(map_of(key_and_value(&values[0])?.0, lambdas[0].clone())),
        batch: zip_with,
        signature: signature(2, 1),
    };
    [filter, keys, values, zip].into_iter().map(HigherOrderUDF::from).collect()
}

fn maps(name: &str, given: &[DataType]) -> Result<Vec<DataType>> {
    match given.iter().find(|given| !matches!(given, DataType::Map(..))) {
        Some(other) => plan_err!("{name} takes a map, and this is a {other}"),
        None => Ok(given.to_vec()),
    }
}

fn key_and_value(map: &DataType) -> Result<(DataType, DataType)> {
    if let DataType::Map(entries, _) = map
        && let DataType::Struct(pair) = entries.data_type()
        && let [key, value] = &pair[..]
    {
        return Ok((key.data_type().clone(), value.data_type().clone()));
    }
    plan_err!("this is no map, but a {map}")
}

/// The entries of maps, one after another: where each is, and of which row.
struct Entries {
    places: Vec<u32>,
    rows: Vec<u32>,
}

impl Entries {
    fn of(maps: &MapArray) -> Entries {
        let (mut places, mut rows) = (Vec::new(), Vec::new());
        for row in (0..maps.len()).filter(|row| maps.is_valid(*row)) {
            places.extend(maps.value_offsets()[row] as u32..maps.value_offsets()[row + 1] as u32);
            rows.resize(places.len(), row as u32);
        }
        Entries { places, rows }
    }

    fn take(&self, from: &ArrayRef) -> Result<ArrayRef> {
        Ok(take(from, &UInt32Array::from(self.places.clone()), None)?)
    }

    fn rows(&self) -> UInt32Array {
        UInt32Array::from(self.rows.clone())
    }
}

/// Maps of these keys and values; `rows`: the row of each.
fn made(
    call: &Call<'_>,
    keys: ArrayRef,
    values: ArrayRef,
    rows: &[u32],
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let mut lengths = vec![0; call.rows];
    rows.iter().for_each(|row| lengths[*row as usize] += 1);
    Ok(Arc::new(map_array(call.gives, OffsetBuffer::from_lengths(lengths), keys, values, nulls)?))
}

/// What a lambda gives for each entry.
fn each(call: &Call<'_>, entries: &Entries, gives: &DataType) -> Result<ArrayRef> {
    let maps = call.values[0].as_map();
    call.evaluate(0, &[entries.take(maps.keys())?, entries.take(maps.values())?], &entries.rows(), gives)
}

fn filter(call: &Call<'_>) -> Result<ArrayRef> {
    let maps = call.values[0].as_map();
    let all = Entries::of(maps);
    let wanted = each(call, &all, &DataType::Boolean)?;
    let mut kept = Entries { places: Vec::new(), rows: Vec::new() };
    for ((place, row), wanted) in all.places.iter().zip(&all.rows).zip(wanted.as_boolean()) {
        if wanted == Some(true) {
            kept.places.push(*place);
            kept.rows.push(*row);
        }
    }
    made(call, kept.take(maps.keys())?, kept.take(maps.values())?, &kept.rows, maps.nulls().cloned())
}

fn transform_keys(call: &Call<'_>) -> Result<ArrayRef> {
    let maps = call.values[0].as_map();
    let entries = Entries::of(maps);
    let keys = each(call, &entries, &key_and_value(call.gives)?.0)?;
    if keys.null_count() > 0 {
        return exec_err!("transform_keys makes keys, and NULL is none");
    }
    let compared = comparable(&keys)?;
    let mut seen = HashSet::new();
    for (at, row) in entries.rows.iter().enumerate() {
        if !seen.insert((row, compared.row(at))) {
            let twice = arrow::util::display::array_value_to_string(&keys, at)?;
            return exec_err!("transform_keys makes the key {twice} twice of one map");
        }
    }
    made(call, keys, entries.take(maps.values())?, &entries.rows, maps.nulls().cloned())
}

fn transform_values(call: &Call<'_>) -> Result<ArrayRef> {
    let maps = call.values[0].as_map();
    let entries = Entries::of(maps);
    let values = each(call, &entries, &key_and_value(call.gives)?.1)?;
    made(call, entries.take(maps.keys())?, values, &entries.rows, maps.nulls().cloned())
}

/// The keys of either, with NULL for what the other has not.
fn zip_with(call: &Call<'_>) -> Result<ArrayRef> {
    let [one, other] = [0, 1].map(|at| call.values[at].as_map());
    let nulls = NullBuffer::union(one.nulls(), other.nulls());
    let keys = concat(&[one.keys().as_ref(), other.keys().as_ref()])?;
    let compared = comparable(&keys)?;
    let before = one.keys().len();
    let (mut of_keys, mut ones, mut others, mut rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in (0..call.rows).filter(|row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row))) {
        let [here, there] =
            [one, other].map(|map| map.value_offsets()[row] as usize..map.value_offsets()[row + 1] as usize);
        let mut of_other: HashMap<_, _> = there.clone().map(|at| (compared.row(before + at), at as u32)).collect();
        for at in here {
            of_keys.push(at as u32);
            ones.push(Some(at as u32));
            others.push(of_other.remove(&compared.row(at)));
        }
        for at in there.filter(|at| of_other.contains_key(&compared.row(before + at))) {
            of_keys.push((before + at) as u32);
            ones.push(None);
            others.push(Some(at as u32));
        }
        rows.resize(of_keys.len(), row as u32);
    }
    let keys = take(&keys, &UInt32Array::from(of_keys), None)?;
    let items = [
        Arc::clone(&keys),
        take(one.values(), &UInt32Array::from(ones), None)?,
        take(other.values(), &UInt32Array::from(others), None)?,
    ];
    let values = call.evaluate(0, &items, &UInt32Array::from(rows.clone()), &key_and_value(call.gives)?.1)?;
    made(call, keys, values, &rows, nulls)
}

/// Keys of any type, each as bytes.
fn comparable(keys: &ArrayRef) -> Result<Rows> {
    let converter = RowConverter::new(vec![SortField::new(keys.data_type().clone())])?;
    Ok(converter.convert_columns(&[Arc::clone(keys)])?)
}
