//! Results in other forms: texts, lines of JSON, Parquet.

use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, RecordBatch, RecordBatchOptions, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::json::writer::{LineDelimited, Writer, WriterBuilder};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::LakeError;
use crate::values::text_of;

/// The rows of a batch, each value as Lake shows it; NULL is none.
pub fn texts(batch: &RecordBatch) -> impl Iterator<Item = Vec<Option<String>>> {
    (0..batch.num_rows()).map(|row| batch.columns().iter().map(|column| text_of(column, row)).collect())
}

/// One JSON object a row; what is nested is nested, NULL is `null`. Of columns with one label the second is `label_2`.
pub struct JsonLines<W: Write> {
    writer: Writer<W, LineDelimited>,
    schema: Option<SchemaRef>,
}

impl<W: Write> JsonLines<W> {
    /// Writes there.
    pub fn new(out: W) -> JsonLines<W> {
        JsonLines { writer: WriterBuilder::new().with_explicit_nulls(true).build(out), schema: None }
    }

    /// Writes the rows of a batch.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let schema = self.schema.get_or_insert_with(|| told_apart(&batch.schema()));
        self.writer.write(&told(batch, Arc::clone(schema))?).map_err(failed)
    }

    /// All was written.
    pub fn finish(mut self) -> Result<(), LakeError> {
        self.writer.finish().map_err(failed)?;
        self.writer.into_inner().flush().map_err(failed)
    }
}

/// A Parquet file. Of columns with one label the second is `label_2`.
pub struct ParquetFile<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: SchemaRef,
}

impl<W: Write + Send> ParquetFile<W> {
    /// Writes there; rows of these columns.
    pub fn new(out: W, schema: SchemaRef) -> Result<ParquetFile<W>, LakeError> {
        let level = ZstdLevel::try_new(3).map_err(failed)?;
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
        let schema = told_apart(&schema);
        let writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties));
        Ok(ParquetFile { writer: writer.map_err(failed)?, schema })
    }

    /// Writes the rows of a batch.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        self.writer.write(&told(batch, Arc::clone(&self.schema))?).map_err(failed)
    }

    /// All was written.
    pub fn finish(self) -> Result<(), LakeError> {
        let mut out = self.writer.into_inner().map_err(failed)?;
        out.flush().map_err(failed)
    }
}

/// The same columns, each by a label of its own, and addresses as texts.
fn told_apart(schema: &Schema) -> SchemaRef {
    let mut taken: HashSet<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let mut seen = HashSet::new();
    let mut name = |label: &str| {
        if seen.insert(label.to_owned()) {
            return label.to_owned();
        }
        let mut others = (2..).map(|number| format!("{label}_{number}"));
        let name = others.find(|name| !taken.contains(name)).unwrap_or_default();
        taken.insert(name.clone());
        name
    };
    let fields = schema.fields().iter().map(|field| Field::new(name(field.name()), told_type(field.data_type()), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn told_type(of: &DataType) -> DataType {
    match of {
        DataType::FixedSizeBinary(_) => DataType::Utf8,
        DataType::List(item) => {
            DataType::List(Arc::new(item.as_ref().clone().with_data_type(told_type(item.data_type()))))
        }
        of => of.clone(),
    }
}

fn told(batch: &RecordBatch, schema: SchemaRef) -> Result<RecordBatch, LakeError> {
    let columns = batch.columns().iter().map(told_column).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema, columns, &options).map_err(failed)
}

fn told_column(column: &ArrayRef) -> ArrayRef {
    match (column.data_type(), told_type(column.data_type())) {
        (of, told) if *of == told => Arc::clone(column),
        (_, DataType::List(item)) => {
            let lists = column.as_list::<i32>();
            let values = told_column(lists.values());
            Arc::new(ListArray::new(item, lists.offsets().clone(), values, lists.nulls().cloned()))
        }
        _ => Arc::new((0..column.len()).map(|row| text_of(column, row)).collect::<StringArray>()),
    }
}

fn failed(error: impl std::error::Error) -> LakeError {
    LakeError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use arrow::array::Int64Array;

    use super::*;

    #[test]
    fn a_line_has_each_column_once_and_says_what_is_null() {
        let field = |label: &str| Field::new(label, DataType::Int64, true);
        let schema = Schema::new(vec![field("n"), field("n"), field("n_2"), field("n")]);
        let column = |value: Option<i64>| Arc::new(Int64Array::from(vec![value])) as ArrayRef;
        let columns = vec![column(Some(1)), column(None), column(Some(3)), column(Some(4))];
        let batch = RecordBatch::try_new(Arc::new(schema), columns).expect("they are of one length");
        let mut out = Vec::new();
        let mut lines = JsonLines::new(&mut out);
        lines.write(&batch).expect("there is room");
        lines.finish().expect("there is room");
        assert_eq!(String::from_utf8_lossy(&out), "{\"n\":1,\"n_3\":null,\"n_2\":3,\"n_4\":4}\n");
    }
}
