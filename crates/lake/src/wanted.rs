//! Whether a query is still wanted, asked wherever it may be at work for long.
//!
//! DataFusion's plans stop where they wait for more to read. A join may make a million rows of each that it reads, or look at a
//! thousand million pairs and find none: it waits for nothing meanwhile, and whoever runs it cannot tell it to stop, nor that its time
//! is over, nor get a turn on the same thread. So joins are planned with a breath after each batch that they take and give, and
//! with a question within their conditions.
//!
//! A function of ours may be at work for long with one row. It asks by [`ask`]: the query is in the configuration that it is called with. What it is
//! given is the same for all rows, nearly always, and then it is called when the statement is planned: for a little while, after which it waits
//! until the statement is run.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::task::{Context, Poll};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::config::{ConfigEntry, ConfigExtension, ConfigOptions, ExtensionOptions};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{exec_datafusion_err, exec_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::{Stream, StreamExt};
use thiserror::Error;

/// For so long functions are called when a statement is planned.
const PLANNING: Duration = Duration::from_secs(3);

thread_local! {
    /// The query for which a function is at work on this thread.
    static HERE: RefCell<Option<Wanted>> = const { RefCell::new(None) };
}

/// Fails if nobody wants any more what this thread works on.
pub(crate) fn ask() -> Result<()> {
    HERE.with_borrow(|here| here.as_ref().map_or(Ok(()), Wanted::ask))
}

/// What ends a statement, whatever it stands in: TRY makes no NULL of it.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct TooMuch(String);

/// Ends a statement.
pub(crate) fn too_much<T>(why: impl Into<String>) -> Result<T> {
    Err(DataFusionError::External(Box::new(TooMuch(why.into()))))
}

/// Says that a query is not wanted any more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted(Arc<Said>);

#[derive(Debug, Default)]
struct Said {
    is_stopped: AtomicBool,
    is_late: AtomicBool,
    is_planned: AtomicBool,
    was_planned_for_long: AtomicBool,
}

/// While it is there, a query is not wanted any more when its time is over.
pub(crate) struct Alarm {
    _dropped: Sender<()>,
}

/// While it is there, a function is at work on this thread.
pub(crate) struct AtWork {
    before: Option<Wanted>,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        HERE.set(self.before.take());
    }
}

impl ConfigExtension for Wanted {
    const PREFIX: &'static str = "wanted";
}

impl ExtensionOptions for Wanted {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, _: &str) -> Result<()> {
        exec_err!("nobody sets `{key}` of a query that is wanted")
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        Vec::new()
    }
}

impl Wanted {
    /// A function is called for the query that is configured so, if it is told.
    pub(crate) fn at_work(options: &ConfigOptions) -> Result<AtWork> {
        let wanted = options.extensions.get::<Wanted>().cloned();
        wanted.as_ref().map_or(Ok(()), Wanted::ask)?;
        Ok(AtWork { before: HERE.replace(wanted) })
    }

    /// It is not wanted any more.
    pub(crate) fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Whether somebody stopped it.
    pub(crate) fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::Relaxed)
    }

    /// Whether its time was over.
    pub(crate) fn is_late(&self) -> bool {
        self.0.is_late.load(Ordering::Relaxed)
    }

    /// It is wanted for so long. A thread of its own watches: those that run queries may all be busy.
    pub(crate) fn until(&self, time: Duration) -> Alarm {
        self.after(time, |said| &said.is_late)
    }

    /// It is being planned: for a little while functions are called.
    pub(crate) fn planning(&self) -> Alarm {
        self.after(PLANNING, |said| &said.was_planned_for_long)
    }

    /// It is planned, and functions are called as they are needed.
    pub(crate) fn is_planned(&self) {
        self.0.is_planned.store(true, Ordering::Relaxed);
    }

    fn after(&self, time: Duration, what: fn(&Said) -> &AtomicBool) -> Alarm {
        let (dropped, over) = channel::<()>();
        let wanted = self.clone();
        let watch = move || {
            if over.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                what(&wanted.0).store(true, Ordering::Relaxed);
            }
        };
        // Without that thread it ends where it waits for something, as before.
        drop(std::thread::Builder::new().name("lake-alarm".into()).spawn(watch));
        Alarm { _dropped: dropped }
    }

    fn ask(&self) -> Result<()> {
        let [is_planned, for_long] =
            [&self.0.is_planned, &self.0.was_planned_for_long].map(|flag| flag.load(Ordering::Relaxed));
        match self.is_stopped() || self.is_late() || (for_long && !is_planned) {
            true => too_much("the statement is not wanted any more"),
            false => Ok(()),
        }
    }

    /// The same plan, which stops when it is not wanted any more, and lets others have a turn.
    pub(crate) fn within(&self, plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = plan.transform_up(|plan| {
            let is_join = plan.is::<NestedLoopJoinExec>()
                || plan.is::<CrossJoinExec>()
                || plan.is::<HashJoinExec>()
                || plan.is::<SortMergeJoinExec>();
            if !is_join {
                return Ok(Transformed::no(plan));
            }
            let plan = match plan.downcast_ref::<NestedLoopJoinExec>() {
                Some(join) => self.asked_within(join)?,
                None => plan,
            };
            Ok(Transformed::yes(Arc::new(Breathing { input: plan, wanted: self.clone() }) as Arc<dyn ExecutionPlan>))
        })?;
        Ok(plan.data)
    }

    fn asked_within(&self, join: &NestedLoopJoinExec) -> Result<Arc<dyn ExecutionPlan>> {
        let filter = join.filter().map(|filter| {
            let asked = Arc::new(Asked { condition: Arc::clone(filter.expression()), wanted: self.clone() });
            JoinFilter::new(asked, filter.column_indices().to_vec(), Arc::clone(filter.schema()))
        });
        let projection = join.projection().as_ref().map(|columns| columns.to_vec());
        let (left, right) = (Arc::clone(join.left()), Arc::clone(join.right()));
        Ok(Arc::new(NestedLoopJoinExec::try_new(left, right, filter, join.join_type(), projection)?))
    }
}

/// A condition that holds as another does, and fails when nobody wants to know any more.
#[derive(Debug)]
struct Asked {
    condition: Arc<dyn PhysicalExpr>,
    wanted: Wanted,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Asked) -> bool {
        self.condition.eq(&other.condition)
    }
}

impl Eq for Asked {}

impl Hash for Asked {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.condition.hash(hasher);
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt(out)
    }
}

impl PhysicalExpr for Asked {
    fn data_type(&self, schema: &Schema) -> Result<DataType> {
        self.condition.data_type(schema)
    }

    fn nullable(&self, schema: &Schema) -> Result<bool> {
        self.condition.nullable(schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        self.wanted.ask()?;
        self.condition.evaluate(batch)
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.condition]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        let condition = children.into_iter().next();
        let condition = condition.ok_or_else(|| exec_datafusion_err!("a condition that is asked has one within it"))?;
        Ok(Arc::new(Asked { condition, wanted: self.wanted.clone() }))
    }

    fn fmt_sql(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt_sql(out)
    }
}

/// A plan that lets others have a turn after each batch.
#[derive(Debug)]
struct Breathing {
    input: Arc<dyn ExecutionPlan>,
    wanted: Wanted,
}

impl DisplayAs for Breathing {
    fn fmt_as(&self, _: DisplayFormatType, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Breathing")
    }
}

impl ExecutionPlan for Breathing {
    fn name(&self) -> &str {
        "Breathing"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let input = children.into_iter().next();
        let input = input.ok_or_else(|| exec_datafusion_err!("a plan that breathes has one below it"))?;
        Ok(Arc::new(Breathing { input, wanted: self.wanted.clone() }))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let stream = self.input.execute(partition, context)?;
        Ok(Box::pin(Breath { stream, wanted: self.wanted.clone(), is_due: false }))
    }
}

struct Breath {
    stream: SendableRecordBatchStream,
    wanted: Wanted,
    /// A batch was given since others had a turn.
    is_due: bool,
}

impl Stream for Breath {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<RecordBatch>>> {
        if let Err(stopped) = self.wanted.ask() {
            return Poll::Ready(Some(Err(stopped)));
        }
        if std::mem::take(&mut self.is_due) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let next = self.stream.poll_next_unpin(context);
        self.is_due = matches!(next, Poll::Ready(Some(_)));
        next
    }
}

impl RecordBatchStream for Breath {
    fn schema(&self) -> SchemaRef {
        self.stream.schema()
    }
}
