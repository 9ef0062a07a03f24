//! The scan of log files in a plan: parts, each of which a thread reads.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, SchedulingType};
use datafusion::physical_plan::metrics::{BaselineMetrics, Count, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet};
use datafusion::physical_plan::stream::{RecordBatchReceiverStream, RecordBatchStreamAdapter};
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties};
use futures::TryStreamExt;
use record::log_file::Reader;

use super::LogFiles;
use crate::rows::Rows;

/// Parts that one statement may read at once, those of all its tables together; or those of sixteen tables.
const MOST_PARTS: usize = 128;

/// What a part reads.
pub(super) struct Part {
    pub(super) files: LogFiles,
    /// Up to where the files are taken.
    pub(super) next: Arc<AtomicUsize>,
    /// So many files are taken at once.
    pub(super) at_once: usize,
    /// No more rows are wanted.
    pub(super) limit: Option<usize>,
    /// What is said when nothing more of it is read.
    pub(super) at_end: Box<dyn FnOnce() -> Result<()> + Send>,
}

impl Part {
    /// Reads it on a thread, which ends when nobody takes what it makes.
    pub(super) fn read(
        self,
        schema: SchemaRef,
        metrics: &ExecutionPlanMetricsSet,
        part: usize,
        held: Option<MemoryReservation>,
    ) -> SendableRecordBatchStream {
        let Part { files, next, at_once, limit, at_end } = self;
        let work = Work {
            rows: Rows::new(Arc::clone(&schema)),
            limit: limit.unwrap_or(usize::MAX),
            given: BaselineMetrics::new(metrics, part),
            read: MetricBuilder::new(metrics).counter("bytes_scanned", part),
            at_once,
            files,
            next,
        };
        let mut stream = RecordBatchReceiverStream::builder(schema, 2);
        let send = stream.tx();
        stream.spawn_blocking(move || {
            let mut hand_over = |batch| send.blocking_send(Ok::<RecordBatch, DataFusionError>(batch)).is_ok();
            work.work(&mut hand_over, &|| !send.is_closed());
            drop(held);
            at_end()
        });
        stream.build()
    }
}

/// Files of which each part takes the next when it is done with some: some are a thousand times as large as others.
#[derive(Debug)]
pub(super) struct Scan {
    files: LogFiles,
    parts: usize,
    next: Arc<AtomicUsize>,
    schema: SchemaRef,
    /// No more rows of a part are wanted.
    limit: Option<usize>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl Scan {
    /// A scan in so many parts that gives these columns.
    pub(super) fn new(files: LogFiles, parts: usize, schema: SchemaRef, limit: Option<usize>) -> Scan {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(parts),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        let properties = Arc::new(properties.with_scheduling_type(SchedulingType::Cooperative));
        let (next, metrics) = (Arc::default(), ExecutionPlanMetricsSet::new());
        Scan { files, parts, next, schema, limit, properties, metrics }
    }
}

impl DisplayAs for Scan {
    fn fmt_as(&self, _: DisplayFormatType, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "LogFiles: {} in {} parts", self.files.source.count(), self.parts)
    }
}

impl ExecutionPlan for Scan {
    fn name(&self) -> &str {
        "LogFiles"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        if children.is_empty() { Ok(self) } else { internal_err!("log files have nothing below them") }
    }

    /// As it is before anything is read: WITH RECURSIVE runs it anew.
    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        let scan = Scan::new(self.files.clone(), self.parts, Arc::clone(&self.schema), self.limit);
        Ok(Arc::new(Scan { metrics: self.metrics.clone(), ..scan }))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn execute(&self, part: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (files, parts, limit) = (self.files.clone(), self.parts, self.limit);
        let at_once = files.at_once(parts);
        let read = Part { files, next: Arc::clone(&self.next), at_once, limit, at_end: Box::new(|| Ok(())) };
        let (schema, metrics) = (Arc::clone(&self.schema), self.metrics.clone());
        // A thread begins when somebody waits for it: of a statement that reads log files in many places not all do at once.
        let begun =
            async move { Ok::<_, DataFusionError>(read.read(schema, &metrics, part, Some(held(&context, parts)?))) };
        let stream = futures::stream::once(begun).try_flatten();
        Ok(make_cooperative(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), stream))))
    }
}

/// What a part that is being read counts for, of the statement's memory: so that it reads no more of them at once than it may.
fn held(context: &TaskContext, parts: usize) -> Result<MemoryReservation> {
    let pool = context.memory_pool();
    let held = MemoryConsumer::new("reading log files").register(pool);
    if let MemoryLimit::Finite(bytes) = pool.memory_limit() {
        held.try_grow(bytes / MOST_PARTS.max(parts * 16))?;
    }
    Ok(held)
}

/// What one thread does.
struct Work {
    files: LogFiles,
    next: Arc<AtomicUsize>,
    at_once: usize,
    rows: Rows,
    limit: usize,
    given: BaselineMetrics,
    read: Count,
}

impl Work {
    /// Takes the next files until there is none, or nobody wants more.
    fn work(mut self, hand_over: &mut dyn FnMut(RecordBatch) -> bool, is_wanted: &dyn Fn() -> bool) {
        let (mut reader, source) = (Reader::new(self.files.limits), Arc::clone(&self.files.source));
        let mut goes_on = true;
        while goes_on && is_wanted() {
            let from = self.next.fetch_add(self.at_once, Ordering::Relaxed);
            let which: Range<usize> = from..source.count().min(from.saturating_add(self.at_once));
            if which.is_empty() {
                break;
            }
            source.read_each(which, &mut |fetched| {
                if let Ok((bytes, _)) = &fetched {
                    self.read.add(bytes.len());
                }
                let (given, limit) = (&self.given, &mut self.limit);
                let mut hand_over = |batch: RecordBatch| {
                    given.record_output(batch.num_rows());
                    *limit = limit.saturating_sub(batch.num_rows());
                    hand_over(batch) && *limit > 0
                };
                goes_on = self.files.read(fetched, &mut reader, &mut self.rows, &mut hand_over) && is_wanted();
                goes_on
            });
        }
        if goes_on && !self.rows.is_empty() {
            self.given.record_output(self.rows.len());
            hand_over(self.rows.take());
        }
    }
}
