//! Rows: records as JSON text in, columns out, as the schema says.
//!
//! Whatever a record holds, it makes a row: a number where a text is expected is its digits, an object is its JSON text, and
//! what cannot be read as its column has it is NULL there; all of the record is in `eventJson`.

use std::sync::Arc;

use arrow::array::{
    ArrayBuilder, ArrayRef, BooleanBufferBuilder, BooleanBuilder, Float64Builder, Int32Builder, ListArray, MapArray,
    RecordBatch, StringArray, StringBuilder, StructArray, TimestampMicrosecondBuilder,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, FieldRef, Fields, SchemaRef};

use crate::layout::{Layout, Value};
use crate::moments::micros;

/// Rows of a table, as they come.
#[derive(Debug)]
pub struct Rows {
    schema: SchemaRef,
    columns: Columns,
    layout: Layout,
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
        Rows { schema, columns, layout: Layout::default(), json, rows: 0, bytes: 0 }
    }

    /// Adds a record: its JSON object. `told`: columns that are known better than the record says them, where it says nothing.
    pub fn add(&mut self, record: &str, told: &[(&str, &str)]) {
        self.add_read_as(record, record, told);
    }

    /// Adds a record whose columns are those of another object: what is kept whole is the record.
    pub(crate) fn add_read_as(&mut self, record: &str, object: &str, told: &[(&str, &str)]) {
        if let Some(at) = self.json {
            self.columns.fill(at, Said::Text(record));
        }
        let whole = self.layout.look_at(object);
        if let Some(whole) = whole {
            self.columns.fill_from(&self.layout, whole);
        }
        for (name, text) in told {
            if let Some(at) = self.columns.place(name, 0) {
                self.columns.fill(at, Said::Text(text));
            }
        }
        self.columns.rows += 1;
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

/// What a row has in a column.
#[derive(Clone, Copy)]
enum Said<'l, 't> {
    /// This, which is no JSON.
    Text(&'t str),
    /// As it is written.
    Json(&'l Layout, Value<'t>),
}

/// Columns side by side: a table's, or a structure's. Most rows say nothing in most of them, so those wait: a column is as long as its last
/// row that said something, until another does.
#[derive(Debug)]
struct Columns {
    fields: Fields,
    columns: Vec<Column>,
    /// Rows that are over.
    rows: usize,
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

    fn end_many(&mut self, without: usize) {
        self.offsets.resize(self.offsets.len() + without, self.len);
        self.valid.append_n(without, false);
    }

    fn finish(&mut self) -> (OffsetBuffer<i32>, NullBuffer) {
        let ends = std::mem::replace(self, Ends::new());
        let mut valid = ends.valid;
        (OffsetBuffer::new(ends.offsets.into()), NullBuffer::new(valid.finish()))
    }
}

impl Columns {
    fn new(fields: &Fields) -> Columns {
        let columns = fields.iter().map(|field| Column::new(field.data_type())).collect();
        Columns { fields: fields.clone(), columns, rows: 0 }
    }

    /// Fills those that an object has members of. Of two of a name the first counts that is not null.
    fn fill_from(&mut self, layout: &Layout, object: Value<'_>) {
        let mut usual = 0;
        layout.each_member(object, |name, value| {
            if value.json != "null"
                && let Some(at) = self.place(&layout.name(name), usual)
            {
                usual = at + 1;
                self.fill(at, Said::Json(layout, value));
            }
        });
    }

    /// Which column a name is of. Records have their members in one order, as the columns are: the usual one is tried first.
    fn place(&self, name: &str, usual: usize) -> Option<usize> {
        let (before, behind) = self.fields.split_at(usual);
        let written_so = |fields: &[FieldRef]| fields.iter().position(|field| field.name() == name);
        let at = written_so(behind).map(|at| usual + at).or_else(|| written_so(before));
        // Later versions of records write some names otherwise: `userName` and `username` are one.
        at.or_else(|| self.fields.iter().position(|field| field.name().eq_ignore_ascii_case(name)))
    }

    /// The value of this row, if it has none.
    fn fill(&mut self, at: usize, said: Said<'_, '_>) {
        let column = &mut self.columns[at];
        if let Some(behind) = self.rows.checked_sub(column.len()) {
            column.append_nulls(behind);
            column.append(said);
        }
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        let rows = std::mem::take(&mut self.rows);
        let finish = |column: &mut Column| {
            column.append_nulls(rows - column.len());
            column.finish()
        };
        self.columns.iter_mut().map(finish).collect()
    }
}

/// The texts so far. Its builder keeps room for as many: to grow is to copy.
fn taken(texts: &mut StringBuilder) -> StringArray {
    let (rows, bytes) = (texts.len(), texts.values_slice().len());
    std::mem::replace(texts, StringBuilder::with_capacity(rows, bytes + bytes / 8)).finish()
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

    fn len(&self) -> usize {
        match self {
            Column::Text(texts) => texts.len(),
            Column::Moment(moments) => moments.len(),
            Column::Flag(flags) => flags.len(),
            Column::Double(doubles) => doubles.len(),
            Column::Whole(wholes) => wholes.len(),
            Column::Structure { valid, .. } => valid.len(),
            Column::List { ends, .. } | Column::Map { ends, .. } => ends.valid.len(),
        }
    }

    /// So many rows have nothing to say.
    fn append_nulls(&mut self, rows: usize) {
        match self {
            Column::Text(texts) => texts.append_nulls(rows),
            Column::Moment(moments) => moments.append_nulls(rows),
            Column::Flag(flags) => flags.append_nulls(rows),
            Column::Double(doubles) => doubles.append_nulls(rows),
            Column::Whole(wholes) => wholes.append_nulls(rows),
            Column::Structure { within, valid } => {
                valid.append_n(rows, false);
                within.rows += rows;
            }
            Column::List { ends, .. } | Column::Map { ends, .. } => ends.end_many(rows),
        }
    }

    fn append(&mut self, said: Said<'_, '_>) {
        match self {
            Column::Text(texts) => said.with_text(|text| texts.append_option(text)),
            Column::Moment(moments) => said.with_text(|text| moments.append_option(text.and_then(micros))),
            Column::Flag(flags) => {
                said.with_text(|text| flags.append_option(text.and_then(|text| text.parse().ok())));
            }
            Column::Double(doubles) => {
                said.with_text(|text| doubles.append_option(text.and_then(|text| text.parse().ok())));
            }
            Column::Whole(wholes) => said.with_text(|text| {
                wholes.append_option(text.and_then(|text| text.parse::<f64>().ok()).map(|number| number as i32));
            }),
            Column::Structure { within, valid } => {
                let object = said.that_begins('{');
                valid.append(object.is_some());
                if let Some((layout, object)) = object {
                    within.fill_from(layout, object);
                }
                within.rows += 1;
            }
            Column::List { items, ends, .. } => {
                let list = said.that_begins('[');
                if let Some((layout, list)) = list {
                    layout.each_item(list, |item| {
                        items.append(Said::Json(layout, item));
                        ends.len += 1;
                    });
                }
                ends.end(list.is_some());
            }
            Column::Map { keys, values, ends, .. } => {
                let object = said.that_begins('{');
                if let Some((layout, object)) = object {
                    layout.each_member(object, |name, value| {
                        keys.append_value(layout.name(name));
                        Said::Json(layout, value).with_text(|text| values.append_option(text));
                        ends.len += 1;
                    });
                }
                ends.end(object.is_some());
            }
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Text(texts) => Arc::new(taken(texts)),
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
                let pairs: Vec<ArrayRef> = vec![Arc::new(taken(keys)), Arc::new(taken(values))];
                let pairs = StructArray::new(fields.clone(), pairs, None);
                Arc::new(MapArray::new(Arc::clone(entries), offsets, pairs, Some(nulls), false))
            }
        }
    }
}

impl<'l, 't> Said<'l, 't> {
    fn with_text(self, then: impl FnOnce(Option<&str>)) {
        match self {
            Said::Text(text) => then(Some(text)),
            Said::Json(layout, value) => then(layout.text(value).as_deref()),
        }
    }

    /// An object or a list.
    fn that_begins(self, bracket: char) -> Option<(&'l Layout, Value<'t>)> {
        match self {
            Said::Json(layout, value) if value.json.starts_with(bracket) => Some((layout, value)),
            _ => None,
        }
    }
}
