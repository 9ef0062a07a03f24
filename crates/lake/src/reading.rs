//! How a table's files are read: where they lie, by whoever asks, into memory that is used again.
//!
//! ```text
//!   end of a file ──once──► what is known of its groups and pages, and its texts as they lie in a page ──► FOOTERS
//!   pieces of it  ──as they are needed──► pieces of memory ──given back──► BUFFERS
//! ```
//!
//! What a statement reads of a file are a few thousand pieces of some kilobytes. To hand each to another thread costs more than to read it
//! (most lie in the system's memory already), and so does fresh memory, which the system clears first.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use arrow::datatypes::{DataType, FieldRef, Fields, Schema};
use bytes::Bytes;
use datafusion::common::internal_err;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::{CachedParquetMetaData, ParquetFileReaderFactory};
use datafusion::error::Result;
use datafusion::execution::cache::cache_manager::{
    CacheManager, CacheManagerConfig, CachedFileMetadataEntry, FileMetadataCache,
};
use datafusion::object_store::{ObjectMeta, ObjectStore};
use datafusion::physical_plan::metrics::{Count, ExecutionPlanMetricsSet, MetricBuilder};
use futures::FutureExt;
use futures::future::BoxFuture;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::arrow::{ARROW_SCHEMA_META_KEY, encode_arrow_schema, parquet_to_arrow_schema};
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    FileMetaData, KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataBuilder, ParquetMetaDataReader,
};

use crate::place::Place;
use crate::table::DataFile;

/// What the ends of files say of what is in them; bytes that are held of it. A file never changes, so whoever asks next need not
/// read that again.
static FOOTERS: LazyLock<Arc<FileMetadataCache>> = LazyLock::new(|| {
    let config = CacheManagerConfig::default().with_metadata_cache_limit(FOOTERS_BYTES);
    CacheManager::try_new(&config).expect("it opens nothing").get_file_metadata_cache()
});
const FOOTERS_BYTES: usize = 64 << 20;

/// Where a file lies. Rides along with what DataFusion knows of it.
#[derive(Clone, Debug)]
pub(crate) enum Lies {
    /// On this machine.
    Here(PathBuf),
    /// In an object store, under the key that DataFusion knows.
    There(Arc<dyn ObjectStore>),
}

impl Lies {
    /// Where a file lies that is in this place.
    pub(crate) fn of(place: &Place, file: &DataFile) -> Lies {
        match place {
            Place::Folder(folder) => Lies::Here(folder.join(&file.path)),
            Place::Objects { objects, .. } => Lies::There(Arc::clone(&objects.store)),
        }
    }
}

/// Bytes of the end of an object that are fetched at once: most ends are no longer.
const END_BYTES: usize = 256 << 10;

/// Reads files of a table.
#[derive(Debug)]
pub(crate) struct Reading;

impl ParquetFileReaderFactory for Reading {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        _: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let Some(lies) = file.extensions.get::<Lies>() else { return internal_err!("nobody said where a file lies") };
        let read = MetricBuilder::new(metrics).counter("bytes_scanned", partition);
        Ok(Box::new(Reader { lies: lies.clone(), about: file.object_meta, opened: None, read }))
    }
}

/// Reads one file.
struct Reader {
    lies: Lies,
    /// By which name and of which size it is known.
    about: ObjectMeta,
    opened: Option<File>,
    read: Count,
}

impl Reader {
    async fn pieces(&mut self, ranges: &[Range<u64>]) -> parquet::errors::Result<Vec<Bytes>> {
        for range in ranges {
            if range.start > range.end || range.end > self.about.size {
                return Err(ParquetError::EOF(format!("it has no bytes {range:?}")));
            }
            self.read.add(usize::try_from(range.end - range.start)?);
        }
        match &self.lies {
            Lies::Here(path) => {
                // Nothing is waited for here, and whoever finds nothing in a table would go through all of it in one turn: not to be stopped, and
                // holding up all others.
                tokio::task::yield_now().await;
                let file = opened(&mut self.opened, path)?;
                ranges.iter().map(|range| Ok(piece(file, range)?)).collect()
            }
            Lies::There(store) => Ok(store.get_ranges(&self.about.location, ranges).await.map_err(external)?),
        }
    }

    async fn footer(&mut self) -> parquet::errors::Result<Arc<ParquetMetaData>> {
        if let Some(known) = FOOTERS.get(&self.about.location)
            && known.is_valid_for(&self.about)
            && let Some(known) = known.file_metadata.as_any().downcast_ref::<CachedParquetMetaData>()
        {
            return Ok(Arc::clone(known.parquet_metadata()));
        }
        let mut reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional);
        let read = match &self.lies {
            Lies::Here(path) => {
                reader.try_parse(opened(&mut self.opened, path)?)?;
                reader.finish()?
            }
            Lies::There(_) => {
                let size = self.about.size;
                reader.with_prefetch_hint(Some(END_BYTES)).load_and_finish(&mut *self, size).await?
            }
        };
        let footer = Arc::new(in_place(read)?);
        let known = Arc::new(CachedParquetMetaData::new(Arc::clone(&footer)));
        FOOTERS.put(&self.about.location, CachedFileMetadataEntry::new(self.about.clone(), known));
        Ok(footer)
    }
}

impl Reader {
    /// What went wrong, and where.
    fn told(&self, error: &ParquetError) -> ParquetError {
        match &self.lies {
            Lies::Here(path) => ParquetError::General(format!("{}: {error}", path.display())),
            Lies::There(_) => ParquetError::General(format!("{}: {error}", self.about.location)),
        }
    }
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        async move {
            let piece = self.pieces(&[range]).await.map(|mut pieces| pieces.swap_remove(0));
            piece.map_err(|error| self.told(&error))
        }
        .boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        async move { self.pieces(&ranges).await.map_err(|error| self.told(&error)) }.boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        async move { self.footer().await.map_err(|error| self.told(&error)) }.boxed()
    }
}

fn opened<'f>(opened: &'f mut Option<File>, path: &Path) -> io::Result<&'f File> {
    if opened.is_none() {
        *opened = Some(File::open(path)?);
    }
    Ok(opened.as_ref().expect("it is open now"))
}

fn piece(file: &File, range: &Range<u64>) -> io::Result<Bytes> {
    let length = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
    let mut buffer = Buffer::of(length);
    file.read_exact_at(&mut buffer.memory[..length], range.start)?;
    Ok(Bytes::from_owner(buffer))
}

fn external(error: datafusion::object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

/// What is known of a file, with texts read as they lie in a page, not copied out of it: also those in structures.
fn in_place(footer: ParquetMetaData) -> Result<ParquetMetaData, ParquetError> {
    let about = footer.file_metadata();
    let schema = parquet_to_arrow_schema(about.schema_descr(), about.key_value_metadata())?;
    let schema = Schema::new_with_metadata(texts_in_place(schema.fields()), schema.metadata);
    let mut told = about.key_value_metadata().cloned().unwrap_or_default();
    told.retain(|pair| pair.key != ARROW_SCHEMA_META_KEY);
    told.push(KeyValue::new(ARROW_SCHEMA_META_KEY.to_owned(), encode_arrow_schema(&schema)));
    let file = FileMetaData::new(
        about.version(),
        about.num_rows(),
        about.created_by().map(str::to_owned),
        Some(told),
        about.schema_descr_ptr(),
        about.column_orders().cloned(),
    );
    let mut whole = footer.into_builder();
    let (groups, columns, pages) = (whole.take_row_groups(), whole.take_column_index(), whole.take_offset_index());
    let whole = ParquetMetaDataBuilder::new(file).set_row_groups(groups);
    Ok(whole.set_column_index(columns).set_offset_index(pages).build())
}

/// These columns, with texts in place, on top and in structures. Lists and maps are as they were: their functions take them so.
pub(crate) fn texts_in_place(fields: &Fields) -> Fields {
    let seen = |field: &FieldRef| match field.data_type() {
        DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
        DataType::Struct(within) => {
            Arc::new(field.as_ref().clone().with_data_type(DataType::Struct(texts_in_place(within))))
        }
        _ => Arc::clone(field),
    };
    fields.iter().map(seen).collect()
}

/// Memory that was read into, and is free: by size, each twice that of the one before.
static BUFFERS: Mutex<Buffers> = Mutex::new(Buffers { free: [const { Vec::new() }; SIZES], bytes: 0 });
const SIZES: usize = 12;
/// The smallest that are kept,
const LEAST_BYTES: usize = 4 << 10;
/// and how many bytes of all.
const MOST_BYTES: usize = 16 << 20;

struct Buffers {
    free: [Vec<Box<[u8]>>; SIZES],
    bytes: usize,
}

/// A piece of memory, which is given back when nobody reads in it any more.
struct Buffer {
    memory: Box<[u8]>,
    length: usize,
}

/// Among which size it is.
fn size(length: usize) -> usize {
    length.div_ceil(LEAST_BYTES).next_power_of_two().trailing_zeros() as usize
}

impl Buffer {
    fn of(length: usize) -> Buffer {
        let size = size(length);
        if size >= SIZES {
            return Buffer { memory: vec![0; length].into_boxed_slice(), length };
        }
        let mut buffers = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner);
        let free = buffers.free[size].pop();
        buffers.bytes -= free.as_ref().map_or(0, |memory| memory.len());
        drop(buffers);
        Buffer { memory: free.unwrap_or_else(|| vec![0; LEAST_BYTES << size].into_boxed_slice()), length }
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.memory[..self.length]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let size = size(self.memory.len());
        let mut buffers = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner);
        if size < SIZES && buffers.bytes + self.memory.len() <= MOST_BYTES {
            buffers.bytes += self.memory.len();
            buffers.free[size].push(std::mem::take(&mut self.memory));
        }
    }
}
