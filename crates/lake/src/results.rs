//! Results in other forms: texts, lines of JSON, Parquet.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::json::LineDelimitedWriter;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::LakeError;
use crate::values::text_of;

/// The rows of a batch, each value as Lake shows it; NULL is none.
pub fn texts(batch: &RecordBatch) -> impl Iterator<Item = Vec<Option<String>>> {
    (0..batch.num_rows()).map(|row| batch.columns().iter().map(|column| text_of(column, row)).collect())
}

/// One JSON object a row; what is nested is nested.
pub struct JsonLines<W: Write> {
    writer: LineDelimitedWriter<W>,
}

impl<W: Write> JsonLines<W> {
    /// Writes there.
    pub fn new(out: W) -> JsonLines<W> {
        JsonLines { writer: LineDelimitedWriter::new(out) }
    }

    /// Writes the rows of a batch.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        self.writer.write(batch).map_err(failed)
    }

    /// All was written.
    pub fn finish(mut self) -> Result<(), LakeError> {
        self.writer.finish().map_err(failed)?;
        self.writer.into_inner().flush().map_err(failed)
    }
}

/// A Parquet file.
pub struct ParquetFile<W: Write + Send> {
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> ParquetFile<W> {
    /// Writes there; rows of these columns.
    pub fn new(out: W, schema: SchemaRef) -> Result<ParquetFile<W>, LakeError> {
        let level = ZstdLevel::try_new(3).map_err(failed)?;
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
        let writer = ArrowWriter::try_new(out, schema, Some(properties));
        Ok(ParquetFile { writer: writer.map_err(failed)? })
    }

    /// Writes the rows of a batch.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), LakeError> {
        self.writer.write(batch).map_err(failed)
    }

    /// All was written.
    pub fn finish(self) -> Result<(), LakeError> {
        let mut out = self.writer.into_inner().map_err(failed)?;
        out.flush().map_err(failed)
    }
}

fn failed(error: impl std::error::Error) -> LakeError {
    LakeError::Failed(error.to_string())
}
