//! Results that are kept: a Parquet file of each, with its columns as they are, read as texts from any row on, or handed out whole.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use tempfile::NamedTempFile;

use crate::LakeError;
use crate::results::{self, texts};
use crate::table::failed_in;

/// Under which name the labels stand in a file, as JSON: a result may have two columns with one label, of which the second is `label_2` there.
const LABELS: &str = "labels";
/// Rows of a group, of which a file has one in memory while it is written.
const GROUP_ROWS: usize = 10_000;
/// Rows of a page, which is read as a whole.
const PAGE_ROWS: usize = 1_000;

/// A result as it is written.
pub struct KeptRows {
    writer: ArrowWriter<NamedTempFile>,
    place: PathBuf,
    schema: SchemaRef,
    rows: u64,
}

impl KeptRows {
    /// Begins a result with the columns of this schema. It is there once it is [finished](KeptRows::finish).
    pub fn new(folder: &Path, name: &str, of: &Schema) -> Result<KeptRows, LakeError> {
        std::fs::create_dir_all(folder).map_err(failed_in(folder))?;
        let labels: Vec<&str> = of.fields().iter().map(|field| field.name().as_str()).collect();
        let labelled = KeyValue::new(LABELS.to_owned(), serde_json::to_string(&labels).ok());
        let schema = results::told_apart(of);
        let file = tempfile::Builder::new().prefix(".result-").tempfile_in(folder).map_err(failed_in(folder))?;
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties(&schema, labelled)));
        Ok(KeptRows { writer: writer.map_err(failed)?, place: place(folder, name), schema, rows: 0 })
    }

    /// Adds the rows of a batch.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(&results::told(batch, Arc::clone(&self.schema))?).map_err(failed)
    }

    /// All is written, and on the disk: whoever is told that it is there can rely on it. Says how many rows there are.
    pub fn finish(self) -> Result<u64, LakeError> {
        let failed_here = failed_in(&self.place);
        let file = self.writer.into_inner().map_err(failed)?;
        file.as_file().sync_all().map_err(&failed_here)?;
        file.persist(&self.place).map_err(|error| failed_here(error.error))?;
        let folder = self.place.parent().expect("it lies in a folder");
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(&failed_here)?;
        Ok(self.rows)
    }
}

/// Only long texts are worth zstd, which holds much memory for each column: a whole event has a hundred.
fn properties(schema: &Schema, labelled: KeyValue) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_key_value_metadata(Some(vec![labelled]));
    for field in schema.fields().iter().filter(|field| *field.data_type() == DataType::Utf8) {
        let path = ColumnPath::from(field.name().as_str());
        properties = properties.set_column_compression(path, Compression::ZSTD(ZstdLevel::default()));
    }
    properties.build()
}

/// The rows of a result that is read, a batch after the other, with the labels that the statement gave.
pub struct Rows {
    reader: ParquetRecordBatchReader,
    schema: SchemaRef,
}

impl Rows {
    /// Those of the file that a result was handed out as.
    pub fn of(file: File) -> Result<Rows, LakeError> {
        Rows::some(file, 0, None)
    }

    fn some(file: File, from: usize, at_most: Option<usize>) -> Result<Rows, LakeError> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
        let said = builder.metadata().file_metadata().key_value_metadata().into_iter().flatten();
        let labels = said.filter(|pair| pair.key == LABELS).find_map(|pair| pair.value.as_deref());
        let labels: Vec<String> = labels.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let columns = builder.schema().fields().iter().zip(labels);
        let columns: Vec<Field> = columns.map(|(field, label)| field.as_ref().clone().with_name(label)).collect();
        if columns.len() < builder.schema().fields().len() {
            return Err(LakeError::Failed("this is no result of a query: its columns have no labels".into()));
        }
        let builder = builder.with_offset(from);
        let builder = match at_most {
            Some(rows) => builder.with_limit(rows),
            None => builder,
        };
        Ok(Rows { reader: builder.build().map_err(failed)?, schema: Arc::new(Schema::new(columns)) })
    }

    /// Its columns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

impl Iterator for Rows {
    type Item = Result<RecordBatch, LakeError>;

    fn next(&mut self) -> Option<Result<RecordBatch, LakeError>> {
        let batch = self.reader.next()?;
        let labelled = |batch: RecordBatch| {
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            RecordBatch::try_new_with_options(self.schema(), batch.columns().to_vec(), &options)
        };
        Some(batch.and_then(labelled).map_err(|error| LakeError::Failed(error.to_string())))
    }
}

/// Rows of a result, from one on: each label and its text; NULL is an empty text.
pub fn read(folder: &Path, name: &str, from: u64, at_most: usize) -> Result<Vec<Vec<(String, String)>>, LakeError> {
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    let batches = Rows::some(open(folder, name)?, from, Some(at_most))?;
    let schema = batches.schema();
    let labels = || schema.fields().iter().map(|field| field.name().clone());
    let mut rows = Vec::new();
    for batch in batches {
        rows.extend(texts(&batch?).map(|row| labels().zip(row.into_iter().map(Option::unwrap_or_default)).collect()));
    }
    Ok(rows)
}

/// The file of a result, which [`Rows::of`] reads.
pub fn open(folder: &Path, name: &str) -> Result<File, LakeError> {
    let place = place(folder, name);
    File::open(&place).map_err(failed_in(&place))
}

/// A result is not needed any more.
pub fn forget(folder: &Path, name: &str) {
    let _ = std::fs::remove_file(place(folder, name));
}

fn place(folder: &Path, name: &str) -> PathBuf {
    // Names are ids that the service made; nothing else leaves the folder.
    let name: String = name.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
    folder.join(format!("{name}.parquet"))
}

fn failed(error: parquet::errors::ParquetError) -> LakeError {
    LakeError::Failed(error.to_string())
}
