//! Rows: records as JSON text in, columns out, as the schema says.
//!
//! Whatever a record holds, it makes a row: a number where a text is expected is its digits, an object is its JSON text, and
//! what cannot be read as its column has it is NULL there; all of the record is in `eventJson`.

use std::fmt;
use std::sync::Arc;

use arrow::array::BooleanBufferBuilder;
use arrow::array::{
    ArrayRef, BooleanBuilder, Float64Builder, Int32Builder, ListArray, MapArray, RecordBatch, StringBuilder,
    StructArray, TimestampMicrosecondBuilder,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, FieldRef, Fields, SchemaRef};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::{as_text, each_entry, each_item};
use crate::moments::micros;

/// Rows of a table, as they come.
#[derive(Debug)]
pub struct Rows {
    schema: SchemaRef,
    columns: Columns,
    /// Where the whole record goes, if it is asked for.
    json: Option<usize>,
    rows: usize,
    bytes: usize,
}

impl Rows {
    /// None yet, of these columns: all of a table's, or those that are asked for.
    pub fn new(schema: SchemaRef) -> Rows {
        let columns = Columns::new(schema.fields());
        let json = schema.index_of("eventJson").ok();
        Rows { schema, columns, json, rows: 0, bytes: 0 }
    }

    /// Adds a record: its JSON object. `told`: columns that are known better than the record says them, where it says nothing.
    pub fn add(&mut self, record: &str, told: &[(&str, &str)]) {
        self.add_read_as(record, record, told);
    }

    /// Adds a record whose columns are those of another object: what is kept whole is the record.
    pub(crate) fn add_read_as(&mut self, record: &str, object: &str, told: &[(&str, &str)]) {
        let mut found = vec![None; self.columns.fields.len()];
        self.columns.find(object, &mut found);
        let quoted: Vec<(usize, Box<RawValue>)> = told
            .iter()
            .filter_map(|(name, value)| {
                let at = self.schema.index_of(name).ok().filter(|at| found[*at].is_none_or(is_null))?;
                Some((at, serde_json::value::to_raw_value(value).ok()?))
            })
            .collect();
        for (at, value) in &quoted {
            found[*at] = Some(value);
        }
        if let Some(at) = self.json {
            found[at] = None;
        }
        for (at, (column, value)) in self.columns.columns.iter_mut().zip(found).enumerate() {
            match column {
                Column::Text(texts) if Some(at) == self.json => texts.append_value(record),
                column => column.append(value),
            }
        }
        self.rows += 1;
        self.bytes += record.len();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many bytes of records they were made of.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes the rows so far.
    pub fn take(&mut self) -> RecordBatch {
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(self.rows));
        let columns = self.columns.finish();
        (self.rows, self.bytes) = (0, 0);
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .expect("every column has one value a row, of the type that the schema says")
    }
}

/// Columns side by side: a table's, or a structure's.
#[derive(Debug)]
struct Columns {
    fields: Fields,
    columns: Vec<Column>,
}

#[derive(Debug)]
enum Column {
    Text(StringBuilder),
    Moment(TimestampMicrosecondBuilder),
    Flag(BooleanBuilder),
    Double(Float64Builder),
    Whole(Int32Builder),
    Structure { within: Columns, valid: BooleanBufferBuilder },
    List { item: FieldRef, items: Box<Column>, ends: Ends },
    Map { entries: FieldRef, keys: StringBuilder, values: StringBuilder, ends: Ends },
}

/// Where each row's items end, and which rows have a list at all.
#[derive(Debug)]
struct Ends {
    offsets: Vec<i32>,
    valid: BooleanBufferBuilder,
    len: i32,
}

impl Ends {
    fn new() -> Ends {
        Ends { offsets: vec![0], valid: BooleanBufferBuilder::new(0), len: 0 }
    }

    fn end(&mut self, is_there: bool) {
        self.offsets.push(self.len);
        self.valid.append(is_there);
    }

    fn finish(&mut self) -> (OffsetBuffer<i32>, NullBuffer) {
        let ends = std::mem::replace(self, Ends::new());
        let mut valid = ends.valid;
        (OffsetBuffer::new(ends.offsets.into()), NullBuffer::new(valid.finish()))
    }
}

impl Columns {
    fn new(fields: &Fields) -> Columns {
        Columns { fields: fields.clone(), columns: fields.iter().map(|field| Column::new(field.data_type())).collect() }
    }

    /// Finds the fields of an object that there are columns for. Of two of a name the first counts.
    fn find<'a>(&self, object: &'a str, found: &mut [Option<&'a RawValue>]) {
        let mut reading = serde_json::Deserializer::from_str(object);
        // What was read before a fault stays.
        let _ = Members { fields: &self.fields, found }.deserialize(&mut reading);
    }

    fn append(&mut self, object: Option<&str>) {
        let mut found = vec![None; self.columns.len()];
        if let Some(object) = object {
            self.find(object, &mut found);
        }
        for (column, value) in self.columns.iter_mut().zip(found) {
            column.append(value);
        }
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        self.columns.iter_mut().map(Column::finish).collect()
    }
}

impl Column {
    fn new(of: &DataType) -> Column {
        match of {
            DataType::Timestamp(..) => Column::Moment(TimestampMicrosecondBuilder::new()),
            DataType::Boolean => Column::Flag(BooleanBuilder::new()),
            DataType::Float64 => Column::Double(Float64Builder::new()),
            DataType::Int32 => Column::Whole(Int32Builder::new()),
            DataType::Struct(fields) => {
                Column::Structure { within: Columns::new(fields), valid: BooleanBufferBuilder::new(0) }
            }
            DataType::List(item) => Column::List {
                item: Arc::clone(item),
                items: Box::new(Column::new(item.data_type())),
                ends: Ends::new(),
            },
            DataType::Map(entries, _) => Column::Map {
                entries: Arc::clone(entries),
                keys: StringBuilder::new(),
                values: StringBuilder::new(),
                ends: Ends::new(),
            },
            _ => Column::Text(StringBuilder::new()),
        }
    }

    fn append(&mut self, value: Option<&RawValue>) {
        let value = value.filter(|value| !is_null(value));
        match self {
            Column::Text(texts) => with_text(value, |text| texts.append_option(text)),
            Column::Moment(moments) => with_text(value, |text| moments.append_option(text.and_then(micros))),
            Column::Flag(flags) => {
                with_text(value, |text| flags.append_option(text.and_then(|text| text.parse().ok())))
            }
            Column::Double(doubles) => {
                with_text(value, |text| doubles.append_option(text.and_then(|text| text.parse().ok())));
            }
            Column::Whole(wholes) => with_text(value, |text| {
                wholes.append_option(text.and_then(|text| text.parse::<f64>().ok()).map(|number| number as i32));
            }),
            Column::Structure { within, valid } => {
                let object = value.map(RawValue::get).filter(|text| text.starts_with('{'));
                valid.append(object.is_some());
                within.append(object);
            }
            Column::List { items, ends, .. } => {
                let values = value.map(RawValue::get).filter(|text| text.starts_with('['));
                if let Some(values) = values {
                    each_item(values, |item| {
                        items.append(Some(item));
                        ends.len += 1;
                    });
                }
                ends.end(values.is_some());
            }
            Column::Map { keys, values, ends, .. } => {
                let object = value.map(RawValue::get).filter(|text| text.starts_with('{'));
                if let Some(object) = object {
                    each_entry(object, |key, value| {
                        keys.append_value(key);
                        with_text(Some(value).filter(|value| !is_null(value)), |text| values.append_option(text));
                        ends.len += 1;
                    });
                }
                ends.end(object.is_some());
            }
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Text(texts) => Arc::new(texts.finish()),
            Column::Moment(moments) => Arc::new(moments.finish()),
            Column::Flag(flags) => Arc::new(flags.finish()),
            Column::Double(doubles) => Arc::new(doubles.finish()),
            Column::Whole(wholes) => Arc::new(wholes.finish()),
            Column::Structure { within, valid } => {
                let nulls = NullBuffer::new(valid.finish());
                Arc::new(StructArray::new(within.fields.clone(), within.finish(), Some(nulls)))
            }
            Column::List { item, items, ends } => {
                let (offsets, nulls) = ends.finish();
                Arc::new(ListArray::new(Arc::clone(item), offsets, items.finish(), Some(nulls)))
            }
            Column::Map { entries, keys, values, ends } => {
                let (offsets, nulls) = ends.finish();
                let DataType::Struct(fields) = entries.data_type() else { unreachable!("entries are pairs") };
                let pairs: Vec<ArrayRef> = vec![Arc::new(keys.finish()), Arc::new(values.finish())];
                let pairs = StructArray::new(fields.clone(), pairs, None);
                Arc::new(MapArray::new(Arc::clone(entries), offsets, pairs, Some(nulls), false))
            }
        }
    }
}

fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}

fn with_text(value: Option<&RawValue>, then: impl FnOnce(Option<&str>)) {
    then(value.and_then(|value| as_text(value.get())).as_deref());
}

/// The members of an object that there are columns for.
struct Members<'c, 'f, 'a> {
    fields: &'c Fields,
    found: &'f mut [Option<&'a RawValue>],
}

impl<'a> DeserializeSeed<'a> for Members<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Members<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut members: M) -> Result<(), M::Error> {
        while let Some(at) = members.next_key_seed(Place { fields: self.fields })? {
            match at.filter(|at| self.found[*at].is_none()) {
                Some(at) => self.found[at] = Some(members.next_value()?),
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// Which column a name is of.
struct Place<'c> {
    fields: &'c Fields,
}

impl<'a> DeserializeSeed<'a> for Place<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Place<'_> {
    type Value = Option<usize>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        // Later versions of records write some names otherwise: `userName` and `username` are one.
        Ok(self.fields.iter().position(|field| field.name().eq_ignore_ascii_case(name)))
    }
}
