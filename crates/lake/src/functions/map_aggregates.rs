//! Aggregates that give maps: `map_agg(key, value)`, `multimap_agg(key, value)`, `histogram(value)`, `map_union(map)`.
//!
//! Rows without a key are left out. Of several values of a key `map_agg` keeps the least: Trino says that it may be any, and so it is
//! the same however the rows were shared out. Keys are in order.
//! <https://trino.io/docs/current/functions/aggregate.html#map-aggregate-functions>

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, new_empty_array};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;

use super::typed::{entry_in, list_of, map_array, map_of};

pub(super) fn all() -> Vec<AggregateUDF> {
    let one = |name, gives| {
        let signature = Signature::user_defined(Volatility::Immutable);
        AggregateUDF::from(ToMap { name, gives, signature })
    };
    vec![
        one("map_agg", Gives::Value),
        one("multimap_agg", Gives::Values),
        one("histogram", Gives::Count),
        one("map_union", Gives::Union),
    ]
}

/// What a key has in the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Gives {
    Value,
    Values,
    Count,
    /// As a map has it.
    Union,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ToMap {
    name: &'static str,
    gives: Gives,
    signature: Signature,
}

impl Gives {
    /// Of what types a map's keys and values are, of arguments of these types.
    fn entry_types(self, given: &[DataType]) -> Result<(DataType, DataType)> {
        Ok(match self {
            Gives::Value => (given[0].clone(), given[1].clone()),
            Gives::Values => (given[0].clone(), list_of(given[1].clone())),
            Gives::Count => (given[0].clone(), DataType::Int64),
            Gives::Union => entry_in("map_union", &given[0])?,
        })
    }
}

impl AggregateUDFImpl for ToMap {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let wanted = if matches!(self.gives, Gives::Count | Gives::Union) { 1 } else { 2 };
        if given.len() != wanted {
            let what = if wanted == 1 { "one value" } else { "a key and a value" };
            return plan_err!("{} takes {what}, not {} arguments", self.name, given.len());
        }
        if given[0].is_null() {
            return plan_err!("{} makes a map, and NULL is no key of one", self.name);
        }
        Ok(given.to_vec())
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        let (key, value) = self.gives.entry_types(given)?;
        Ok(map_of(key, value))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let given: Vec<DataType> = args.input_fields.iter().map(|field| field.data_type().clone()).collect();
        let list = |name, of| Arc::new(Field::new(format_state_name(args.name, name), list_of(of), true));
        let (key, value) = self.gives.entry_types(&given)?;
        Ok(vec![list("keys", key), list("values", value)])
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let mut given = Vec::with_capacity(2);
        for expr in args.exprs {
            given.push(expr.data_type(args.schema)?);
        }
        let (key, value) = self.gives.entry_types(&given)?;
        Ok(Box::new(Entries { gives: self.gives, key, value, all: HashMap::new(), bytes: 0 }))
    }
}

/// The map so far.
#[derive(Debug)]
struct Entries {
    gives: Gives,
    key: DataType,
    value: DataType,
    all: HashMap<ScalarValue, Kept>,
    /// What keys and values hold.
    bytes: usize,
}

/// What is kept of a key.
#[derive(Debug)]
enum Kept {
    Value(ScalarValue),
    Values(Vec<ScalarValue>),
    Count(i64),
}

impl Entries {
    fn add(&mut self, key: ScalarValue, kept: Kept) {
        match self.all.entry(key) {
            Entry::Vacant(place) => {
                self.bytes += place.key().size() + kept.size();
                place.insert(kept);
            }
            Entry::Occupied(mut place) => match (place.get_mut(), kept) {
                (Kept::Count(count), Kept::Count(more)) => *count += more,
                (Kept::Values(values), Kept::Values(more)) => {
                    self.bytes += more.iter().map(ScalarValue::size).sum::<usize>();
                    values.extend(more);
                }
                (Kept::Value(value), Kept::Value(other)) if is_less(&other, value) => *value = other,
                _ => {}
            },
        }
    }

    /// Keys in order, and what each has. Nothing is taken away: of a window it is asked again with each row.
    fn columns(&mut self) -> Result<(ArrayRef, ArrayRef)> {
        if self.all.is_empty() {
            return Ok((new_empty_array(&self.key), new_empty_array(&self.value)));
        }
        let order = |a: &ScalarValue, b: &ScalarValue| a.partial_cmp(b).unwrap_or(Ordering::Equal);
        let item = match &self.value {
            DataType::List(item) => item.data_type().clone(),
            other => other.clone(),
        };
        let mut all: Vec<(&ScalarValue, &mut Kept)> = self.all.iter_mut().collect();
        all.sort_by(|a, b| order(a.0, b.0));
        let keys = ScalarValue::iter_to_array(all.iter().map(|(key, _)| (*key).clone()))?;
        let values = all.into_iter().map(|(_, kept)| match kept {
            Kept::Value(value) => value.clone(),
            Kept::Values(values) => {
                values.sort_by(order);
                ScalarValue::List(ScalarValue::new_list_nullable(values, &item))
            }
            Kept::Count(count) => ScalarValue::Int64(Some(*count)),
        });
        Ok((keys, ScalarValue::iter_to_array(values)?))
    }
}

impl Kept {
    fn size(&self) -> usize {
        let more = match self {
            Kept::Value(value) => value.size(),
            Kept::Values(values) => values.iter().map(ScalarValue::size).sum(),
            Kept::Count(_) => 0,
        };
        size_of::<Kept>() + more
    }
}

/// NULL is more than anything.
fn is_less(one: &ScalarValue, other: &ScalarValue) -> bool {
    match (one.is_null(), other.is_null()) {
        (false, false) => one.partial_cmp(other) == Some(Ordering::Less),
        (is_null, _) => !is_null,
    }
}

fn at(array: &ArrayRef, row: usize) -> Result<ScalarValue> {
    // Of a value that is nested, only its own part of the batch is kept.
    Ok(ScalarValue::try_from_array(array, row)?.compacted())
}

impl Accumulator for Entries {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for row in 0..columns[0].len() {
            if columns[0].is_null(row) {
                continue;
            }
            let kept = match self.gives {
                Gives::Union => {
                    let entries = columns[0].as_map().value(row);
                    for entry in 0..entries.len() {
                        self.add(at(entries.column(0), entry)?, Kept::Value(at(entries.column(1), entry)?));
                    }
                    continue;
                }
                Gives::Value => Kept::Value(at(&columns[1], row)?),
                Gives::Values => Kept::Values(vec![at(&columns[1], row)?]),
                Gives::Count => Kept::Count(1),
            };
            self.add(at(&columns[0], row)?, kept);
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let map = map_of(self.key.clone(), self.value.clone());
        if self.all.is_empty() {
            return ScalarValue::try_new_null(&map);
        }
        let (keys, values) = self.columns()?;
        let offsets = OffsetBuffer::from_lengths([keys.len()]);
        Ok(ScalarValue::Map(Arc::new(map_array(&map, offsets, keys, values, None)?)))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.bytes + self.all.capacity() * size_of::<(ScalarValue, Kept)>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let (keys, values) = self.columns()?;
        let list = |array: ArrayRef| {
            let item = Arc::new(Field::new("item", array.data_type().clone(), true));
            let offsets = OffsetBuffer::from_lengths([array.len()]);
            Ok(ScalarValue::List(Arc::new(arrow::array::ListArray::try_new(item, offsets, array, None)?)))
        };
        [keys, values].into_iter().map(list).collect()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let (all_keys, all_values) = (states[0].as_list::<i32>(), states[1].as_list::<i32>());
        for row in 0..all_keys.len() {
            if all_keys.is_null(row) || all_values.is_null(row) {
                continue;
            }
            let (keys, values) = (all_keys.value(row), all_values.value(row));
            for entry in 0..keys.len() {
                let kept = match self.gives {
                    Gives::Value | Gives::Union => Kept::Value(at(&values, entry)?),
                    Gives::Values => {
                        let list = values.as_list::<i32>().value(entry);
                        Kept::Values((0..list.len()).map(|item| at(&list, item)).collect::<Result<_>>()?)
                    }
                    Gives::Count => {
                        let counts: &Int64Array = values.as_primitive::<Int64Type>();
                        Kept::Count(counts.value(entry))
                    }
                };
                self.add(at(&keys, entry)?, kept);
            }
        }
        Ok(())
    }
}
