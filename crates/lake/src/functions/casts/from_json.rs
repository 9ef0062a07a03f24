//! What JSON tells, as the lists, maps and rows that a cast names: NULL where it is of another shape.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, ListArray, NullBufferBuilder, StringArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::error::Result;

use super::super::bounded::Room;
use super::super::typed::{map_array, map_of};
use super::super::types::Type;
use crate::json::{as_text, each_entry, each_item};

/// Between which doubles whole numbers are: the second is the first that is none.
const WHOLES: Range<f64> = i64::MIN as f64..-(i64::MIN as f64);

/// A column of values that JSON tells.
pub(super) fn from_json(to: &Type, values: &[Option<&str>]) -> Result<ArrayRef> {
    match to {
        Type::Json => Ok(Arc::new(values.iter().collect::<StringArray>())),
        Type::Plain(to) => plain(to, values),
        Type::List(item) => list(item, values),
        Type::Map(key, value) => map(key, value, values),
        Type::Row(fields) => row(fields, values),
    }
}

fn plain(to: &DataType, values: &[Option<&str>]) -> Result<ArrayRef> {
    if !to.is_integer() {
        let texts: StringArray = values.iter().map(|value| value.and_then(as_text)).collect();
        return Ok(cast(&texts, to)?);
    }
    let number = |json: &str| {
        let text = as_text(json)?;
        // `2.5` is a number, too; what is beyond all whole numbers is none of them.
        let nearest = || text.parse::<f64>().ok().map(f64::round);
        text.parse::<i64>()
            .ok()
            .or_else(|| nearest().filter(|number| WHOLES.contains(number)).map(|number| number as i64))
    };
    let numbers: Int64Array = values.iter().map(|value| value.and_then(number)).collect();
    Ok(cast(&numbers, to)?)
}

fn list(item: &Type, values: &[Option<&str>]) -> Result<ArrayRef> {
    let (mut items, mut lengths, mut are_there) = (Vec::new(), Vec::new(), NullBufferBuilder::new(values.len()));
    for value in values {
        let (list, before) = (value.filter(|json| json.starts_with('[')), items.len());
        if let Some(list) = list {
            each_item(list, |json| items.push(json.get()));
        }
        lengths.push(items.len() - before);
        are_there.append(list.is_some());
    }
    let items: Vec<Option<&str>> = items.into_iter().map(Some).collect();
    let items = from_json(item, &without_null(item, items))?;
    let field = Arc::new(Field::new("item", item.arrow(), true));
    Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), items, are_there.finish())?))
}

fn map(key: &Type, value: &Type, values: &[Option<&str>]) -> Result<ArrayRef> {
    let (mut keys, mut items) = (Vec::new(), Vec::new());
    let (mut lengths, mut are_there) = (Vec::new(), NullBufferBuilder::new(values.len()));
    for value in values {
        let (object, before) = (value.filter(|json| json.starts_with('{')), items.len());
        if let Some(object) = object {
            each_entry(object, |name, json| {
                keys.push(name.to_owned());
                items.push(Some(json.get()));
            });
        }
        lengths.push(items.len() - before);
        are_there.append(object.is_some());
    }
    let keys = cast(&StringArray::from(keys), &key.arrow())?;
    let items = from_json(value, &without_null(value, items))?;
    let (of, offsets) = (map_of(key.arrow(), value.arrow()), OffsetBuffer::from_lengths(lengths));
    Ok(Arc::new(map_array(&of, offsets, keys, items, are_there.finish())?))
}

fn row(fields: &[(String, Type)], values: &[Option<&str>]) -> Result<ArrayRef> {
    Room::default().take("CAST", values.len().saturating_mul(fields.len()))?;
    let mut columns: Vec<Vec<Option<&str>>> = vec![vec![None; values.len()]; fields.len()];
    let mut are_there = NullBufferBuilder::new(values.len());
    for (row, value) in values.iter().enumerate() {
        // By names, or in order.
        let mut at = 0;
        match value.and_then(|json| Some((json.chars().next()?, json))) {
            Some(('{', object)) => each_entry(object, |name, json| {
                let place = fields.iter().position(|(field, _)| field.eq_ignore_ascii_case(name));
                if let Some(column) = place.and_then(|place| columns.get_mut(place)) {
                    column[row] = Some(json.get());
                }
            }),
            Some(('[', list)) => each_item(list, |json| {
                if let Some(column) = columns.get_mut(at) {
                    column[row] = Some(json.get());
                }
                at += 1;
            }),
            _ => {
                are_there.append(false);
                continue;
            }
        }
        are_there.append(true);
    }
    let types: Fields = fields.iter().map(|(name, of)| Field::new(name, of.arrow(), true)).collect();
    let columns = fields.iter().zip(columns).map(|((_, to), column)| from_json(to, &without_null(to, column)));
    Ok(Arc::new(StructArray::try_new(types, columns.collect::<Result<_>>()?, are_there.finish())?))
}

/// JSON's null is no value, but where JSON is wanted.
fn without_null<'j>(to: &Type, values: Vec<Option<&'j str>>) -> Vec<Option<&'j str>> {
    match to {
        Type::Json => values,
        _ => values.into_iter().map(|value| value.filter(|json| *json != "null")).collect(),
    }
}
