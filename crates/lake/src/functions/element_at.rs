//! `element_at(map, key)` and `element_at(list, place)`: what is there, or NULL. Places begin with 1; negative ones count from the
//! end. DataFusion's own gives a list.
//!
//! <https://trino.io/docs/current/functions/map.html>, <https://trino.io/docs/current/functions/array.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, UInt32Builder};
use arrow::compute::take;
use arrow::datatypes::DataType;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::rows::by_rows;
use super::typed::entry_in;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ElementAt {
    signature: Signature,
}

impl ElementAt {
    pub(super) fn new() -> ElementAt {
        ElementAt { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ElementAt {
    fn name(&self) -> &str {
        "element_at"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [map @ DataType::Map(..), _] => Ok(vec![map.clone(), entry_in("element_at", map)?.0]),
            [list @ (DataType::List(_) | DataType::LargeList(_)), _] => Ok(vec![list.clone(), DataType::Int64]),
            [other, _] => plan_err!("element_at looks into maps and lists, and this is a {other}"),
            _ => plan_err!("element_at takes a map and a key, or a list and a place"),
        }
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match &given[0] {
            map @ DataType::Map(..) => Ok(entry_in("element_at", map)?.1),
            DataType::List(item) | DataType::LargeList(item) => Ok(item.data_type().clone()),
            other => plan_err!("element_at looks into maps and lists, and this is a {other}"),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [within, key] = &args.args[..] else { return exec_err!("element_at takes two arguments") };
        by_rows(&args, |rows| {
            let within = within.to_array(rows)?;
            match within.data_type() {
                DataType::Map(..) => in_map(&within, key, rows),
                _ => in_list(&within, &key.to_array(rows)?),
            }
        })
    }
}

fn in_map(maps: &ArrayRef, key: &ColumnarValue, rows: usize) -> Result<ArrayRef> {
    let maps = maps.as_map();
    let (keys, values, offsets) = (maps.keys(), maps.values(), maps.value_offsets());
    // One key for all rows, nearly always: compared once, over all entries.
    let equal = match key {
        ColumnarValue::Scalar(key) => arrow::compute::kernels::cmp::eq(&keys.as_ref(), &key.to_scalar()?)?,
        ColumnarValue::Array(wanted) => {
            let mut rows_of_entries = UInt32Builder::new();
            for row in 0..rows {
                let entries = offsets[row]..offsets[row + 1];
                entries.for_each(|_| rows_of_entries.append_value(row as u32));
            }
            let before = offsets[0] as usize;
            let within = keys.slice(before, offsets[rows] as usize - before);
            let wanted = take(wanted, &rows_of_entries.finish(), None)?;
            let equal = arrow::compute::kernels::cmp::eq(&within, &wanted)?;
            return pick(maps, values, |row| {
                (offsets[row]..offsets[row + 1]).find(|entry| is_true(&equal, *entry as usize - before))
            });
        }
    };
    pick(maps, values, |row| (offsets[row]..offsets[row + 1]).find(|entry| is_true(&equal, *entry as usize)))
}

fn is_true(flags: &arrow::array::BooleanArray, at: usize) -> bool {
    flags.is_valid(at) && flags.value(at)
}

/// Of each row the entry that is said, NULL where there is none.
fn pick(maps: &dyn Array, values: &ArrayRef, find: impl Fn(usize) -> Option<i32>) -> Result<ArrayRef> {
    let mut places = UInt32Builder::with_capacity(maps.len());
    for row in 0..maps.len() {
        places.append_option(maps.is_valid(row).then(|| find(row)).flatten().map(|entry| entry as u32));
    }
    Ok(take(values, &places.finish(), None)?)
}

fn in_list(lists: &ArrayRef, places: &ArrayRef) -> Result<ArrayRef> {
    let lists = match lists.data_type() {
        DataType::List(_) => Arc::clone(lists),
        DataType::LargeList(item) => arrow::compute::cast(lists, &DataType::List(Arc::clone(item)))?,
        other => return exec_err!("element_at looks into maps and lists, and this is a {other}"),
    };
    let lists = lists.as_list::<i32>();
    let Some(places) = places.as_any().downcast_ref::<Int64Array>() else {
        return exec_err!("a place in a list is a whole number");
    };
    let offsets = lists.value_offsets();
    if (0..lists.len()).any(|row| lists.is_valid(row) && places.is_valid(row) && places.value(row) == 0) {
        return exec_err!("places in a list begin with 1, and there is none at 0");
    }
    pick(lists, lists.values(), |row| {
        let place = places.is_valid(row).then(|| places.value(row))?;
        let (start, end) = (i64::from(offsets[row]), i64::from(offsets[row + 1]));
        let at = match place {
            0 => return None,
            1.. => start.saturating_add(place - 1),
            _ => end + place,
        };
        (start..end).contains(&at).then_some(at as i32)
    })
}
