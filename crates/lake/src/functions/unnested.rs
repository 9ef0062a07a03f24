//! `unnest_part(x, place, is_kept)`: of what UNNEST takes apart, the list that becomes a column (`dialect::unnests`): of a map its keys or its
//! values, of a list of rows one of their fields. `is_kept`: what is empty is a list of one NULL, as LEFT JOIN UNNEST wants it.
//! `unnest_places(is_kept, x, …)`: WITH ORDINALITY.
//!
//! <https://trino.io/docs/current/sql/select.html#unnest>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Builder, ListArray, ListBuilder, UInt32Builder};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{exec_err, internal_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;

use super::bounded::Room;
use super::typed::{field_of, list_of, typed, within, within_map};

pub(super) fn all() -> Vec<ScalarUDF> {
    let part = UnnestPart { signature: Signature::user_defined(Volatility::Immutable) };
    vec![ScalarUDF::from(part), typed("unnest_places", places_types, places)]
}

fn places_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    if given.len() < 2 {
        return plan_err!("unnest_places takes a flag, and lists");
    }
    Ok((given.to_vec(), list_of(DataType::Int64)))
}

/// The places of the items of what is taken apart side by side, as far as the longest goes.
fn places(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    let is_kept = args[0].as_boolean();
    let (mut out, mut room) = (ListBuilder::new(Int64Builder::new()), Room::default());
    for row in 0..rows {
        let mut longest = 0;
        for list in &args[1..] {
            let items = match list.data_type() {
                DataType::Map(..) => within_map(list.as_map(), row),
                DataType::List(_) => within(list.as_list(), row),
                other => return exec_err!("UNNEST takes lists and maps apart, and this is a {other}"),
            };
            longest = longest.max(items.map_or(0, |items| items.len()));
        }
        room.take("UNNEST", longest)?;
        if longest == 0 && is_kept.value(row) {
            out.values().append_null();
        }
        (1..=longest as i64).for_each(|place| out.values().append_value(place));
        out.append(true);
    }
    Ok(Arc::new(out.finish()))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct UnnestPart {
    signature: Signature,
}

impl ScalarUDFImpl for UnnestPart {
    fn name(&self) -> &str {
        "unnest_part"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let [of, _, _] = given else { return plan_err!("unnest_part takes a list, a place and a flag") };
        let of = match of {
            DataType::LargeList(item) | DataType::FixedSizeList(item, _) => DataType::List(Arc::clone(item)),
            other => other.clone(),
        };
        Ok(vec![of, DataType::Int64, DataType::Boolean])
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("which part it is, is in its second argument")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let place = place(args.scalar_arguments.get(1).copied().flatten())?;
        let item = item_of(args.arg_fields[0].data_type(), place)?;
        Ok(Arc::new(Field::new(self.name(), list_of(item), true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [of, ColumnarValue::Scalar(at), ColumnarValue::Scalar(is_kept)] = &args.args[..] else {
            return exec_err!("which part UNNEST makes a column is said once for all rows");
        };
        let is_scalar = matches!(of, ColumnarValue::Scalar(_));
        let made = part(
            &of.to_array(if is_scalar { 1 } else { args.number_rows })?,
            place(Some(at))?,
            *is_kept == ScalarValue::Boolean(Some(true)),
        )?;
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&made, 0)?));
        }
        Ok(ColumnarValue::Array(made))
    }
}

/// Which part: below 0 the items as they are.
fn place(at: Option<&ScalarValue>) -> Result<Option<usize>> {
    match at {
        Some(ScalarValue::Int64(Some(at))) => Ok(usize::try_from(*at).ok()),
        _ => plan_err!("which part UNNEST makes a column is a whole number"),
    }
}

fn item_of(of: &DataType, place: Option<usize>) -> Result<DataType> {
    let found = match (of, place) {
        (DataType::Map(entries, _), Some(place)) => field(entries.data_type(), place),
        (DataType::List(item), Some(place)) => field(item.data_type(), place),
        (DataType::List(item), None) => Some(item.data_type().clone()),
        _ => None,
    };
    match (found, place) {
        (Some(found), _) => Ok(found),
        (None, Some(place)) => {
            plan_err!("UNNEST of this gives no column {}: name as many as its rows have fields, or one", place + 1)
        }
        (None, None) => plan_err!("UNNEST takes lists and maps apart, a map into two columns, and this is neither"),
    }
}

fn field(of: &DataType, place: usize) -> Option<DataType> {
    match of {
        DataType::Struct(fields) => Some(fields.get(place)?.data_type().clone()),
        _ => None,
    }
}

fn part(of: &ArrayRef, place: Option<usize>, is_kept: bool) -> Result<ArrayRef> {
    let (offsets, items, nulls) = match of.data_type() {
        DataType::Map(..) => {
            let map = of.as_map();
            (map.offsets().clone(), Arc::new(map.entries().clone()) as ArrayRef, map.nulls().cloned())
        }
        DataType::List(_) => {
            let list = of.as_list::<i32>();
            (list.offsets().clone(), Arc::clone(list.values()), list.nulls().cloned())
        }
        other => return exec_err!("UNNEST takes lists and maps apart, and this is a {other}"),
    };
    let items = match place {
        Some(place) => field_of(items.as_struct(), place)?,
        None => items,
    };
    let field = Arc::new(Field::new("item", items.data_type().clone(), true));
    if !is_kept {
        return Ok(Arc::new(ListArray::try_new(field, offsets, items, nulls)?));
    }
    let (mut places, mut lengths) = (UInt32Builder::new(), Vec::with_capacity(of.len()));
    for row in 0..of.len() {
        let within = if of.is_valid(row) { offsets[row]..offsets[row + 1] } else { 0..0 };
        lengths.push(within.len().max(1));
        if within.is_empty() {
            places.append_null();
        }
        within.for_each(|item| places.append_value(item as u32));
    }
    let items = take(&items, &places.finish(), None)?;
    Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), items, None)?))
}
