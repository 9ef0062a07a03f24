//! Results in other forms: texts, lines of JSON, Parquet.

use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, MapArray, RecordBatch, RecordBatchOptions, StringArray, StructArray,
};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
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

/// The same columns, each by a label of its own, and as texts what files have no type for: addresses, spans of time.
pub(crate) fn told_apart(schema: &Schema) -> SchemaRef {
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
    let told = |field: &FieldRef| Arc::new(field.as_ref().clone().with_data_type(told_type(field.data_type())));
    match of {
        DataType::FixedSizeBinary(_) | DataType::Interval(_) | DataType::Duration(_) => DataType::Utf8,
        DataType::List(item) => DataType::List(told(item)),
        DataType::Map(entries, is_sorted) => {
            let DataType::Struct(pair) = entries.data_type() else { unreachable!("entries are pairs") };
            // JSON has no other keys.
            let key = Arc::new(pair[0].as_ref().clone().with_data_type(DataType::Utf8));
            let pair = DataType::Struct(vec![key, told(&pair[1])].into());
            DataType::Map(Arc::new(entries.as_ref().clone().with_data_type(pair)), *is_sorted)
        }
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(told).collect()),
        DataType::LargeList(item) | DataType::FixedSizeList(item, _) if told(item) != *item => DataType::Utf8,
        of => of.clone(),
    }
}

/// The rows of a batch as they stand in files, under the names of this schema.
pub(crate) fn told(batch: &RecordBatch, schema: SchemaRef) -> Result<RecordBatch, LakeError> {
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
        (_, DataType::Map(entries, is_sorted)) => {
            let maps = column.as_map();
            let DataType::Struct(pair) = entries.data_type() else { unreachable!("entries are pairs") };
            let pairs = StructArray::new(pair.clone(), vec![told_texts(maps.keys()), told_column(maps.values())], None);
            Arc::new(MapArray::new(entries, maps.offsets().clone(), pairs, maps.nulls().cloned(), is_sorted))
        }
        (_, DataType::Struct(fields)) => {
            let columns = column.as_struct().columns().iter().map(told_column).collect();
            Arc::new(StructArray::new(fields, columns, column.nulls().cloned()))
        }
        _ => told_texts(column),
    }
}

fn told_texts(column: &ArrayRef) -> ArrayRef {
    Arc::new((0..column.len()).map(|row| text_of(column, row)).collect::<StringArray>())
}

fn failed(error: impl std::error::Error) -> LakeError {
    LakeError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use arrow::array::Int64Array;

    use super::*;
    use crate::query::{Limits, Query};

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

    #[test]
    fn an_address_is_a_text_wherever_it_is_nested_and_so_is_a_key() {
        let statement = "SELECT array[row(IPADDRESS '10.0.0.1', 1)] AS l, map(array['a'], array[IPADDRESS '::1']) AS m, \
                         map_agg(IPADDRESS '10.0.0.2', array[IPPREFIX '10.0.0.0/8']) AS k, map(array[1], array['n']) AS n";
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a thread");
        let mut out = Vec::new();
        let mut lines = JsonLines::new(&mut out);
        runtime.block_on(async {
            let query = Query::plan(statement, |_| None, Limits::default()).await.expect("a statement");
            query.run(|batch| lines.write(&batch)).await.expect("an answer");
        });
        lines.finish().expect("there is room");
        let expected =
            r#"{"l":[{"c0":"10.0.0.1","c1":1}],"m":{"a":"::1"},"k":{"10.0.0.2":["10.0.0.0/8"]},"n":{"1":"n"}}"#;
        assert_eq!(String::from_utf8_lossy(&out).trim_end(), expected);
    }
}
