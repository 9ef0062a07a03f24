//! Results that are kept: rows of texts in a file, read from any row on.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use tempfile::NamedTempFile;

use crate::LakeError;
use crate::results::texts;
use crate::table::failed_in;

/// Under which name the labels stand in a file, as JSON: a result may have two columns with one label.
const LABELS: &str = "labels";
/// Rows of a page, which is read as a whole.
const GROUP_ROWS: usize = 10_000;

/// A result as it is written.
pub struct KeptRows {
    writer: ArrowWriter<NamedTempFile>,
    place: PathBuf,
    schema: SchemaRef,
    rows: u64,
}

impl KeptRows {
    /// Begins a result with the columns of this schema. It is there once it is [finished](KeptRows::finish).
    pub fn new(folder: &Path, name: &str, labels: &Schema) -> Result<KeptRows, LakeError> {
        std::fs::create_dir_all(folder).map_err(failed_in(folder))?;
        let labels: Vec<&str> = labels.fields().iter().map(|field| field.name().as_str()).collect();
        let labelled = KeyValue::new(LABELS.to_owned(), serde_json::to_string(&labels).ok());
        let columns = (0..labels.len()).map(|at| Field::new(format!("column{at}"), DataType::Utf8, true));
        let schema = Arc::new(Schema::new(columns.collect::<Vec<_>>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_key_value_metadata(Some(vec![labelled]))
            .build();
        let file = tempfile::Builder::new().prefix(".result-").tempfile_in(folder).map_err(failed_in(folder))?;
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties)).map_err(failed)?;
        Ok(KeptRows { writer, place: place(folder, name), schema, rows: 0 })
    }

    /// Adds the rows of a batch.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        let mut columns: Vec<StringBuilder> = batch.columns().iter().map(|_| StringBuilder::new()).collect();
        for row in texts(batch) {
            columns.iter_mut().zip(row).for_each(|(column, text)| column.append_option(text));
        }
        let columns = columns.iter_mut().map(|column| Arc::new(column.finish()) as _).collect();
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(|error| LakeError::Failed(error.to_string()))?;
        self.rows += batch.num_rows() as u64;
        self.writer.write(&batch).map_err(failed)
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

/// Rows of a result, from one on: each label and its text; NULL is an empty text.
pub fn read(folder: &Path, name: &str, from: u64, at_most: usize) -> Result<Vec<Vec<(String, String)>>, LakeError> {
    let place = place(folder, name);
    let file = File::open(&place).map_err(failed_in(&place))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    let said = builder.metadata().file_metadata().key_value_metadata().into_iter().flatten();
    let labels = said.filter(|pair| pair.key == LABELS).find_map(|pair| pair.value.as_deref());
    let labels: Vec<String> = labels.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    let reader = builder.with_offset(from).with_limit(at_most).build().map_err(failed)?;
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|error| LakeError::Failed(error.to_string()))?;
        rows.extend((0..batch.num_rows()).map(|row| {
            let cell = |(label, column): (&String, &Arc<dyn Array>)| {
                let texts = column.as_string::<i32>();
                let text = if texts.is_valid(row) { texts.value(row) } else { "" };
                (label.clone(), text.to_owned())
            };
            labels.iter().zip(batch.columns()).map(cell).collect()
        }));
    }
    Ok(rows)
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
