//! A function whose types follow from those of its arguments: of lists and maps of anything, and of one of several types.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray, UInt32Array, UInt32Builder};
use arrow::array::{DynComparator, make_comparator};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{SortOptions, take};
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::common::{internal_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::type_coercion::binary::comparison_coercion;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::bounded::Room;
use super::rows::{arrays, by_rows};
pub(super) use crate::schema::{list_of, map_of};

/// What arguments of these types are cast to, and what it gives then.
pub(super) type Types = fn(&[DataType]) -> Result<(Vec<DataType>, DataType)>;
/// A batch of it, which is of this type.
pub(super) type Batch = fn(&[ArrayRef], usize, &DataType) -> Result<ArrayRef>;
/// What it is of these arguments.
pub(super) type Simplify = fn(Vec<Expr>) -> Result<ExprSimplifyResult>;

pub(super) struct Typed {
    name: &'static str,
    types: Types,
    batch: Batch,
    simplify: Simplify,
    signature: Signature,
}

/// One of these.
pub(super) fn typed(name: &'static str, types: Types, batch: Batch) -> ScalarUDF {
    simplified(name, types, batch, |args| Ok(ExprSimplifyResult::Original(args)))
}

/// One that is something simpler of some arguments.
pub(super) fn simplified(name: &'static str, types: Types, batch: Batch, simplify: Simplify) -> ScalarUDF {
    let signature = Signature::user_defined(Volatility::Immutable);
    ScalarUDF::from(Typed { name, types, batch, simplify, signature })
}

known_by_name!(Typed);

impl ScalarUDFImpl for Typed {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        Ok((self.types)(given)?.0)
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        Ok((self.types)(given)?.1)
    }

    fn simplify(&self, args: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        (self.simplify)(args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        by_rows(&args, |rows| (self.batch)(&arrays(&args, rows)?, rows, args.return_field.data_type()))
    }
}

/// Of what a list is.
pub(super) fn item_of(list: &DataType) -> Option<&DataType> {
    match list {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => Some(item.data_type()),
        _ => None,
    }
}

/// Of what a list is, which an argument of this function must be.
pub(super) fn item_in(name: &str, list: &DataType) -> Result<DataType> {
    match (item_of(list), list) {
        (Some(item), _) => Ok(item.clone()),
        (None, DataType::Null) => Ok(DataType::Null),
        _ => plan_err!("{name} takes an array, and this is a {list}"),
    }
}

/// Keys and values of a map, which an argument of this function must be.
pub(super) fn entry_in(name: &str, map: &DataType) -> Result<(DataType, DataType)> {
    if let DataType::Map(entries, _) = map
        && let DataType::Struct(fields) = entries.data_type()
        && let [key, value] = &fields[..]
    {
        return Ok((key.data_type().clone(), value.data_type().clone()));
    }
    plan_err!("{name} takes a map, and this is a {map}")
}

/// What these can all be cast to.
pub(super) fn common(name: &str, all: &[DataType]) -> Result<DataType> {
    let mut so_far = DataType::Null;
    for one in all {
        let both = if so_far.is_null() {
            Some(one.clone())
        } else if one.is_null() || *one == so_far {
            Some(so_far.clone())
        } else {
            comparison_coercion(&so_far, one)
        };
        so_far = match both {
            Some(both) => both,
            None => return plan_err!("{name} takes values of one type, and not {so_far} and {one}"),
        };
    }
    Ok(so_far)
}

/// So many arguments, or it is refused.
pub(super) fn many(name: &str, given: &[DataType], wanted: std::ops::RangeInclusive<usize>) -> Result<()> {
    if wanted.contains(&given.len()) {
        return Ok(());
    }
    let (least, most) = (wanted.start(), wanted.end());
    let wanted = if least == most { format!("{least}") } else { format!("{least} to {most}") };
    plan_err!("{name} takes {wanted} arguments, not {}", given.len())
}

/// Which of two values is more; NULL is more than anything.
pub(super) fn order(one: &ArrayRef, other: &ArrayRef) -> Result<DynComparator> {
    Ok(make_comparator(one, other, SortOptions { descending: false, nulls_first: false })?)
}

/// Where the items of a row's list are.
pub(super) fn within(lists: &ListArray, row: usize) -> Option<std::ops::Range<usize>> {
    let offsets = lists.value_offsets();
    lists.is_valid(row).then(|| offsets[row] as usize..offsets[row + 1] as usize)
}

/// Where the entries of a row's map are.
pub(super) fn within_map(maps: &MapArray, row: usize) -> Option<std::ops::Range<usize>> {
    let offsets = maps.value_offsets();
    maps.is_valid(row).then(|| offsets[row] as usize..offsets[row + 1] as usize)
}

/// A field of rows. A row that is NULL has none.
pub(super) fn field_of(rows: &StructArray, place: usize) -> Result<ArrayRef> {
    let is_there = |row: usize| rows.is_valid(row).then_some(row as u32);
    Ok(take(rows.column(place), &(0..rows.len()).map(is_there).collect::<UInt32Array>(), None)?)
}

/// The whole number of a row, if there is one.
pub(super) fn whole(array: &ArrayRef, row: usize) -> Option<i64> {
    let wholes = array.as_primitive::<Int64Type>();
    wholes.is_valid(row).then(|| wholes.value(row))
}

/// Lists made of places in other arrays, row after row.
pub(super) struct Picked {
    name: &'static str,
    room: Room,
    places: UInt32Builder,
    here: usize,
    lengths: Vec<usize>,
    valid: Vec<bool>,
}

impl Picked {
    pub(super) fn new(name: &'static str) -> Picked {
        let (places, room) = (UInt32Builder::new(), Room::default());
        Picked { name, room, places, here: 0, lengths: Vec::new(), valid: Vec::new() }
    }

    /// One more item of the list that is being made: what is there, or NULL.
    pub(super) fn item(&mut self, place: Option<usize>) -> Result<()> {
        self.room.take(self.name, 1)?;
        self.places.append_option(place.map(|place| place as u32));
        self.here += 1;
        Ok(())
    }

    /// The same item so many times.
    pub(super) fn copies(&mut self, place: usize, times: usize) -> Result<()> {
        self.room.take(self.name, times)?;
        self.places.append_value_n(place as u32, times);
        self.here += times;
        Ok(())
    }

    pub(super) fn items(&mut self, places: impl IntoIterator<Item = usize>) -> Result<()> {
        places.into_iter().try_for_each(|place| self.item(Some(place)))
    }

    /// The list of this row is done; or there is none.
    pub(super) fn end(&mut self, is_valid: bool) {
        self.lengths.push(std::mem::take(&mut self.here));
        self.valid.push(is_valid);
    }

    /// A row of which there is a list only if it is said where its items are.
    pub(super) fn row(&mut self, places: Option<impl IntoIterator<Item = usize>>) -> Result<()> {
        let is_valid = places.is_some();
        places.map_or(Ok(()), |places| self.items(places))?;
        self.end(is_valid);
        Ok(())
    }

    pub(super) fn lists(mut self, values: &ArrayRef) -> Result<ArrayRef> {
        let items = take(values, &self.places.finish(), None)?;
        let field: FieldRef = Arc::new(Field::new("item", items.data_type().clone(), true));
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        Ok(Arc::new(ListArray::try_new(field, offsets, items, Some(NullBuffer::from(self.valid)))?))
    }

    /// Maps whose keys are there, and their values as they come.
    pub(super) fn maps(mut self, keys: &ArrayRef, values: ArrayRef) -> Result<ArrayRef> {
        let keys = take(keys, &self.places.finish(), None)?;
        let of = map_of(keys.data_type().clone(), values.data_type().clone());
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        Ok(Arc::new(map_array(&of, offsets, keys, values, Some(NullBuffer::from(self.valid)))?))
    }
}

/// Maps of this type: where the entries of each are, and which there are.
pub(super) fn map_array(
    of: &DataType,
    offsets: OffsetBuffer<i32>,
    keys: ArrayRef,
    values: ArrayRef,
    nulls: Option<NullBuffer>,
) -> Result<MapArray> {
    if let DataType::Map(entries, is_sorted) = of
        && let DataType::Struct(pair) = entries.data_type()
    {
        let pairs = StructArray::try_new(pair.clone(), vec![keys, values], None)?;
        return Ok(MapArray::try_new(Arc::clone(entries), offsets, pairs, nulls, *is_sorted)?);
    }
    internal_err!("{of} is no map")
}

/// The same, one after the other: each as places in `places`, in order, equal ones together.
pub(super) fn alike(places: impl Iterator<Item = usize>, order: &DynComparator) -> Vec<Vec<usize>> {
    let mut places: Vec<usize> = places.collect();
    places.sort_by(|one, other| order(*one, *other));
    places.chunk_by(|one, other| order(*one, *other).is_eq()).map(<[usize]>::to_vec).collect()
}
