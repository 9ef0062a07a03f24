//! Log files that others read: executors of a cluster, each of which has a way of its own to their bucket.
//!
//! What is sent is a list: whoever plans has looked for the files, and whoever reads looks for none. Names of log files are alike, so that
//! a hundred thousand of them are some three megabytes when they are packed.

use std::any::Any;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{BufReader, Write};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::exec_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    FileGroup, FileOpenFuture, FileOpener, FileScanConfig, FileScanConfigBuilder, FileSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::object_store::ObjectStore;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use futures::StreamExt;
use record::log_file::Limits;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::fetched::{Fetching, TAKEN_AT_ONCE};
use super::scan::Part;
use super::{LogFiles, LogSource};
use crate::place::Address;
use crate::schema::Kind;

/// What is sent begins so; nothing that Ballista writes does.
const MARK: &[u8] = b"trailsight's log files\0";
/// Pieces that there are at least, however few processors whoever plans has: executors are others, and there may be many.
const LEAST_PARTS: usize = 16;
/// What it costs to ask for a file at all, in bytes of one.
const ASKING_BYTES: u64 = 64 << 10;

/// Log files in a bucket, as a table that others read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogsElsewhere {
    /// By what name the bucket is known to all who read it.
    pub bucket: String,
    /// They.
    pub files: Arc<[LogElsewhere]>,
}

/// A log file in a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogElsewhere(
    /// Its key, as whoever opens the bucket has it.
    pub Box<str>,
    /// How many bytes it has.
    pub u64,
);

/// Is told, in a sentence, what of log files a part of a statement did not read.
pub type TellUnread = Arc<dyn Fn(&str) + Send + Sync>;

/// What is sent of a scan.
#[derive(Serialize, Deserialize)]
struct Scanned {
    bucket: String,
    columns: Vec<usize>,
    limit: Option<usize>,
    /// Of each part, its files.
    shares: Vec<Arc<[LogElsewhere]>>,
}

fn pack(what: &impl Serialize, out: &mut Vec<u8>) -> std::io::Result<()> {
    out.write_all(MARK)?;
    let mut packed = GzEncoder::new(out, Compression::default());
    serde_json::to_writer(&mut packed, what)?;
    packed.finish().map(drop)
}

fn unpack<T: DeserializeOwned>(sent: &[u8]) -> Option<serde_json::Result<T>> {
    Some(serde_json::from_reader(BufReader::new(GzDecoder::new(sent.strip_prefix(MARK)?))))
}

impl LogsElsewhere {
    /// Writes it, to be sent.
    pub fn pack(&self, out: &mut Vec<u8>) -> std::io::Result<()> {
        pack(self, out)
    }

    /// The table that was sent. `None`: it is something else.
    pub fn unpack(sent: &[u8]) -> Option<serde_json::Result<LogsElsewhere>> {
        unpack(sent)
    }

    /// Writes a scan of such a table, or the part of one, to be sent. `None`: it is something else.
    pub fn pack_scan(plan: &dyn ExecutionPlan, out: &mut Vec<u8>) -> Option<std::io::Result<()>> {
        let source: &dyn Any = plan.downcast_ref::<DataSourceExec>()?.data_source().as_ref();
        let config = source.downcast_ref::<FileScanConfig>()?;
        let Source { bucket, columns, .. } = config.file_source().downcast_ref::<Source>()?;
        let share = |group: &FileGroup| group.iter().filter_map(Share::of).flat_map(|share| share.to_vec()).collect();
        let shares = config.file_groups.iter().map(share).collect();
        let scanned = Scanned { bucket: bucket.clone(), columns: columns.clone(), limit: config.limit, shares };
        Some(pack(&scanned, out))
    }

    /// The scan that was sent, and whom it tells what it does not read. `None`: it is something else.
    pub fn unpack_scan(sent: &[u8], tell: Option<TellUnread>) -> Option<Result<Arc<dyn ExecutionPlan>>> {
        let scan = |scanned: serde_json::Result<Scanned>| match scanned {
            Ok(scanned) => scanned.scan(tell),
            Err(error) => exec_err!("{error}"),
        };
        unpack(sent).map(scan)
    }
}

impl Scanned {
    /// A scan of files as DataFusion has them: each of its parts can be sent by itself, to read only what is its own.
    fn scan(self, tell: Option<TellUnread>) -> Result<Arc<dyn ExecutionPlan>> {
        let Scanned { bucket, columns, limit, shares } = self;
        let schema = TableSchema::from(Arc::new(Kind::Events.schema().project(&columns)?));
        let url = Address::Objects { name: bucket.clone(), prefix: String::new() }.url();
        let source = Source { bucket, columns, schema, metrics: ExecutionPlanMetricsSet::new(), tell };
        let group = |(part, share): (usize, Arc<[LogElsewhere]>)| {
            let bytes = share.iter().map(|file| file.1).sum();
            FileGroup::new(vec![PartitionedFile::new(format!("share-{part}"), bytes).with_extension(Share(share))])
        };
        let config = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_file_groups(shares.into_iter().enumerate().map(group).collect())
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

#[async_trait]
impl TableProvider for LogsElsewhere {
    fn schema(&self) -> SchemaRef {
        Kind::Events.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        columns: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = columns.cloned().unwrap_or_else(|| (0..self.schema().fields().len()).collect());
        let parts = state.config().target_partitions().max(LEAST_PARTS).min(self.files.len().max(1));
        let share = |share: Vec<usize>| share.into_iter().map(|at| self.files[at].clone()).collect();
        let shares = shares(&self.files, parts).into_iter().map(share).collect();
        Scanned { bucket: self.bucket.clone(), columns, limit, shares }.scan(None)
    }
}

/// The largest first, each to whoever has least: so that all have about as much. Within a part they are in order.
fn shares(files: &[LogElsewhere], parts: usize) -> Vec<Vec<usize>> {
    let mut largest_first: Vec<usize> = (0..files.len()).collect();
    largest_first.sort_by_key(|at| Reverse(files[*at].1));
    let mut shares = vec![Vec::new(); parts];
    let mut loads: BinaryHeap<Reverse<(u64, usize)>> = (0..parts).map(|part| Reverse((0, part))).collect();
    for at in largest_first {
        let Some(Reverse((load, part))) = loads.pop() else { break };
        shares[part].push(at);
        loads.push(Reverse((load.saturating_add(files[at].1.saturating_add(ASKING_BYTES)), part)));
    }
    shares.iter_mut().for_each(|share| share.sort_unstable());
    shares
}

/// The files of a part. To DataFusion they are one, which is read from its beginning to its end.
#[derive(Clone, Debug)]
struct Share(Arc<[LogElsewhere]>);

impl Share {
    fn of(file: &PartitionedFile) -> Option<Arc<[LogElsewhere]>> {
        file.extensions.get::<Share>().map(|share| Arc::clone(&share.0))
    }
}

/// How shares are read.
#[derive(Clone)]
struct Source {
    bucket: String,
    columns: Vec<usize>,
    schema: TableSchema,
    metrics: ExecutionPlanMetricsSet,
    tell: Option<TellUnread>,
}

impl FileSource for Source {
    fn create_file_opener(
        &self,
        store: Arc<dyn ObjectStore>,
        config: &FileScanConfig,
        _: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        Ok(Arc::new(Opener { source: self.clone(), store, limit: config.limit }))
    }

    fn table_schema(&self) -> &TableSchema {
        &self.schema
    }

    fn with_batch_size(&self, _: usize) -> Arc<dyn FileSource> {
        Arc::new(self.clone())
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        &self.metrics
    }

    fn file_type(&self) -> &str {
        "log files"
    }

    fn supports_repartitioning(&self) -> bool {
        false
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }
}

struct Opener {
    source: Source,
    store: Arc<dyn ObjectStore>,
    limit: Option<usize>,
}

impl FileOpener for Opener {
    fn open(&self, file: PartitionedFile) -> Result<FileOpenFuture> {
        let Some(share) = Share::of(&file) else { return exec_err!("nobody said which log files are read") };
        let Source { bucket, schema, tell, .. } = self.source.clone();
        let (store, limit) = (Arc::clone(&self.store), self.limit);
        Ok(Box::pin(async move {
            let fetching = Arc::new(Fetching::new(store, share));
            let files = LogFiles::new(Arc::clone(&fetching) as Arc<dyn LogSource>, Limits::default());
            let unread = files.unread();
            let at_end = move || {
                for (why, count) in unread.reasons() {
                    if let Some(tell) = &tell {
                        tell(&format!("not read of the log files in `{bucket}`: {count} × {why}"));
                    }
                }
                fetching.check(&bucket)
            };
            let part = Part { files, next: Arc::default(), at_once: TAKEN_AT_ONCE, limit, at_end: Box::new(at_end) };
            // What comes is counted by whoever opened it.
            let stream = part.read(Arc::clone(schema.file_schema()), &ExecutionPlanMetricsSet::new(), 0, None);
            Ok(stream.boxed())
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sizes: &[u64]) -> Vec<LogElsewhere> {
        sizes.iter().enumerate().map(|(at, size)| LogElsewhere(format!("{at}").into(), *size)).collect()
    }

    #[test]
    fn files_are_shared_out_so_that_all_have_about_as_much() {
        let mib = 1 << 20;
        let files = of(&[mib, 9 * mib, mib, 4 * mib, 4 * mib, mib]);
        assert_eq!(shares(&files, 2), [vec![1, 2], vec![0, 3, 4, 5]], "ten each");
        // However many parts there are, each file is read once.
        for parts in [1, 3, 7] {
            let mut all = shares(&files, parts).concat();
            all.sort_unstable();
            assert_eq!(all, [0, 1, 2, 3, 4, 5]);
        }
    }

    #[test]
    fn what_is_sent_arrives_and_what_is_not_ours_is_left_alone() {
        let logs = LogsElsewhere { bucket: "logs".into(), files: of(&[1, 2]).into() };
        let mut sent = Vec::new();
        logs.pack(&mut sent).expect("there is room");
        assert_eq!(LogsElsewhere::unpack(&sent).expect("it is ours").expect("it is whole"), logs);
        assert!(LogsElsewhere::unpack_scan(&sent, None).expect("it is ours").is_err(), "it is no scan");
        assert!(LogsElsewhere::unpack(&sent[..sent.len() / 2]).expect("it is ours").is_err(), "half of it");
        assert!(LogsElsewhere::unpack(b"anything").is_none());
        let shares = vec![of(&[1]).into(), of(&[2, 3]).into()];
        let scan = Scanned { bucket: "logs".into(), columns: vec![3, 1], limit: Some(7), shares };
        let (mut sent, scan) = (Vec::new(), scan.scan(None).expect("it has these columns"));
        LogsElsewhere::pack_scan(&*scan, &mut sent).expect("it is ours").expect("there is room");
        let arrived = LogsElsewhere::unpack_scan(&sent, None).expect("it is ours").expect("it is whole");
        assert_eq!(arrived.schema(), scan.schema());
        assert_eq!(arrived.properties().partitioning.partition_count(), 2);
        let mut again = Vec::new();
        LogsElsewhere::pack_scan(&*arrived, &mut again).expect("it is ours").expect("there is room");
        assert_eq!(again, sent);
    }
}
