//! Upkeep: small files put together, old events gone, files of nobody deleted. Queries go on meanwhile: they read the files that
//! they began with, which stay for hours.
//!
//! ```text
//!   files of a few events ──sorted into one another──► whole files ──side by side, as they are──► large files
//! ```
//!
//! So an event is packed for good once, and at most a few times before; what many events cost is copying.

use std::fs::File;
use std::sync::Arc;

use arrow::compute::SortOptions;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use parquet::arrow::ArrowWriter;
use parquet::bloom_filter::Sbbf;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use tempfile::NamedTempFile;

use crate::LakeError;
use crate::arrivals::{Span, Stay, WHOLE_ROWS, properties};
use crate::moments::DAY_MICROS;
use crate::stored::parquet_file;
use crate::table::{DataFile, Table};

/// What is put together is this large, about.
pub(crate) const LARGE_BYTES: u64 = 128 << 20;
/// Files of so many bytes stay as they are.
const ENOUGH_BYTES: u64 = LARGE_BYTES / 4;
/// So many small files of a day are put together, and never more: of each, a group and pages of every column are in memory.
const TOGETHER: usize = 16;
/// Rows that are read of each of them at a time,
const READ_ROWS: usize = 256;
/// and that are written at a time.
const WRITTEN_ROWS: usize = 2048;

/// Whether a file's groups are large enough to stay as they are.
fn is_whole(file: &DataFile) -> bool {
    file.span.rows >= WHOLE_ROWS
}

/// Which files are put together next, all of one day, and all whole or none: those of like size, so that an event is written a few times and no more,
/// in however many pieces a day comes.
fn put_together(all: &[DataFile], today: i64) -> Vec<DataFile> {
    let mut small: Vec<&DataFile> = all.iter().filter(|file| file.bytes < ENOUGH_BYTES).collect();
    small.sort_by_key(|file| (file.day(), is_whole(file), file.bytes));
    let of_like_size = |files: &[&DataFile]| {
        let mut bytes = 0;
        let fits = |file: &&&DataFile| {
            // One that is much larger than all before it waits for more.
            let fits = (bytes == 0 || file.bytes <= 2 * bytes) && bytes + file.bytes <= 2 * LARGE_BYTES;
            bytes += file.bytes;
            fits
        };
        files.iter().take(TOGETHER).take_while(fits).count()
    };
    for files in small.chunk_by(|a, b| (a.day(), is_whole(a)) == (b.day(), is_whole(b))) {
        let enough = if files[0].day() < today - 1 { 2 } else { TOGETHER };
        for from in 0..files.len() {
            let count = of_like_size(&files[from..]);
            if count >= enough {
                return files[from..from + count].iter().copied().cloned().collect();
            }
        }
    }
    Vec::new()
}

impl Table {
    /// Puts the small files of one day together, if there is a day with many. Says how many there were; after some, there may be more.
    /// `today`: the day that still goes on, since 1970.
    pub async fn merge_small_files(&self, today: i64) -> Result<usize, LakeError> {
        let files = put_together(&self.snapshot().files, today);
        if files.is_empty() {
            return Ok(0);
        }
        let merged = match is_whole(&files[0]) {
            true => self.side_by_side(&files).await?,
            false => None,
        };
        let merged = match merged {
            Some(merged) => merged,
            None => {
                let rows: u64 = files.iter().map(|file| file.span.rows).sum();
                let is_over = files[0].day() < today - 1;
                let stay = if is_over || rows >= WHOLE_ROWS { Stay::Long } else { Stay::Short };
                self.merged(&files, stay).await?
            }
        };
        self.replace(&files, &[merged]).await?;
        Ok(files.len())
    }

    /// One file with the events of these, which are in order each.
    async fn merged(&self, files: &[DataFile], stay: Stay) -> Result<DataFile, LakeError> {
        let schema = self.kind().schema();
        let sorted = ["eventSource", "eventName", "eventTime"].into_iter().filter_map(|name| {
            let at = schema.index_of(name).ok()?;
            // As [`Arrivals`](crate::arrivals::Arrivals) sorts them.
            let options = SortOptions { descending: false, nulls_first: true };
            Some(PhysicalSortExpr::new(Arc::new(Column::new(name, at)), options))
        });
        let order = match self.kind() {
            // The last has only a time on top.
            crate::schema::Kind::Events | crate::schema::Kind::Activity => LexOrdering::new(sorted),
            crate::schema::Kind::Insights => LexOrdering::new(sorted.skip(2)),
        };
        let order = order.ok_or_else(|| LakeError::Table("the table has no time".into()))?;
        let address = self.place().address();
        let groups = files.iter().map(|file| FileGroup::new(vec![parquet_file(&address, file, &schema)])).collect();
        let source = ParquetSource::new(Arc::clone(&schema));
        let config = FileScanConfigBuilder::new(address.url(), Arc::new(source))
            .with_file_groups(groups)
            .with_output_ordering(vec![order.clone()])
            .with_batch_size(Some(READ_ROWS))
            .build();
        let merge: Arc<dyn ExecutionPlan> =
            Arc::new(SortPreservingMergeExec::new(order, DataSourceExec::from_data_source(config)));
        let context = SessionContext::new_with_config(SessionConfig::new().with_batch_size(WRITTEN_ROWS));
        self.place().make_known(&context.runtime_env());
        let mut rows = execute_stream(merge, context.task_ctx())?;
        let failed = |error: ParquetError| LakeError::Table(error.to_string());
        let file = self.new_file(files[0].day())?;
        let mut writer = ArrowWriter::try_new(file, schema, Some(properties(self.kind(), stay))).map_err(failed)?;
        while let Some(batch) = rows.next().await {
            writer.write(&batch?).map_err(failed)?;
        }
        self.keep(writer.into_inner().map_err(failed)?, Span::of(files)).await
    }

    /// One file with the groups of these, as they are: nothing is unpacked. None, if they were written with other columns.
    async fn side_by_side(&self, files: &[DataFile]) -> Result<Option<DataFile>, LakeError> {
        let failed = |error: ParquetError| LakeError::Table(error.to_string());
        let mut opened = Vec::with_capacity(files.len());
        for file in files {
            let from = self.place().open(&file.path).await?;
            let mut reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional);
            reader.try_parse(&from).map_err(failed)?;
            opened.push((from, reader.finish().map_err(failed)?));
        }
        let about = opened[0].1.file_metadata();
        let (schema, told) = (about.schema_descr().root_schema_ptr(), about.key_value_metadata().cloned());
        if opened.iter().any(|(_, other)| other.file_metadata().schema() != about.schema()) {
            return Ok(None);
        }
        let properties = WriterProperties::builder().set_key_value_metadata(told).build();
        let file = self.new_file(files[0].day())?;
        let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).map_err(failed)?;
        for (from, about) in &opened {
            append(&mut writer, from, about).map_err(failed)?;
        }
        self.keep(writer.into_inner().map_err(failed)?, Span::of(files)).await.map(Some)
    }

    /// Takes out the files of the days before this moment, in microseconds since 1970. Says how many.
    pub async fn expire(&self, before: i64) -> Result<usize, LakeError> {
        let before = before.div_euclid(DAY_MICROS) * DAY_MICROS;
        let old: Vec<DataFile> = self.snapshot().files.iter().filter(|file| file.span.last < before).cloned().collect();
        if !old.is_empty() {
            self.remove(&old).await?;
        }
        Ok(old.len())
    }
}

/// Adds a file's groups, with what is known of their pages and of what is in them.
fn append(
    writer: &mut SerializedFileWriter<NamedTempFile>,
    from: &File,
    about: &ParquetMetaData,
) -> Result<(), ParquetError> {
    for (at, group) in about.row_groups().iter().enumerate() {
        let mut added = writer.next_row_group()?;
        for (column, known) in group.columns().iter().enumerate() {
            let chunk = ColumnCloseResult {
                bytes_written: known.compressed_size().try_into().unwrap_or_default(),
                rows_written: group.num_rows().try_into().unwrap_or_default(),
                metadata: known.clone(),
                bloom_filter: Sbbf::read_from_column_chunk(known, from)?,
                column_index: about.column_index().map(|all| all[at][column].clone()),
                offset_index: about.offset_index().map(|all| all[at][column].clone()),
            };
            added.append_column(from, chunk)?;
        }
        added.close()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(day: i64, bytes: u64) -> DataFile {
        let first = day * DAY_MICROS;
        DataFile { path: format!("{day}/{bytes}"), bytes, span: Span { rows: 1, first, last: first + 1 } }
    }

    /// A day in a thousand pieces, put together after each: what is left are few files, and each byte was written a few times.
    #[test]
    fn a_day_in_many_pieces_is_not_written_anew_for_each() {
        for today in [10, 11, 20] {
            let (mut files, mut came, mut written) = (Vec::new(), 0, 0);
            for piece in 0..1000 {
                let bytes = 30_000 + 977 * (piece * piece % 61);
                came += bytes;
                files.push(file(10, bytes));
                files.push(file(today, 1));
                loop {
                    let together = put_together(&files, today);
                    let Some(first) = together.first() else { break };
                    assert!(together.iter().all(|file| file.day() == first.day()));
                    let bytes: u64 = together.iter().map(|file| file.bytes).sum();
                    written += bytes;
                    for old in &together {
                        let at = files.iter().position(|file| file == old).expect("it is there");
                        files.swap_remove(at);
                    }
                    files.push(file(first.day(), bytes));
                }
            }
            assert!(written <= 8 * came, "{written} bytes for {came}");
            assert!(files.len() < 40, "{} files are left", files.len());
        }
    }
}
