//! One statement: understood, planned, run within its limits, and cancelled when it is dropped.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
pub use datafusion::catalog::TableProvider;
use datafusion::common::TableReference;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionState;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::metrics::MetricValue;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
pub use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use futures::StreamExt;

use crate::counted_early::counted_early;
use crate::deep::{deep, deeply};
use crate::dialect::{Logs, Understood, understand};
use crate::in_turn::in_turn;
use crate::labels::Columns;
use crate::session::{runtime, session};
use crate::wanted::Wanted;
use crate::{LakeError, joins, wording};

/// What one statement may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Memory that it may hold; sorts and groups that need more go to disk.
    pub memory_bytes: usize,
    /// What it may write there.
    pub disk_bytes: u64,
    /// Where.
    pub spill_folder: Option<PathBuf>,
    /// How long it may run.
    pub time: Duration,
    /// Parts of it that are worked on at once: as many as processors it may use, or more where it waits for an object store.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            memory_bytes: 1 << 30,
            disk_bytes: 20 << 30,
            spill_folder: None,
            // AWS's.
            time: Duration::from_secs(3600),
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        }
    }
}

/// What DataFusion calls an expression that it takes below others.
const TAKEN_BELOW: &str = "__datafusion_extracted";

/// So many bytes of its rows are held back while a statement may have to begin again.
const HELD_BYTES: usize = 16 << 20;

/// A statement that is ready to run.
pub struct Query {
    pub(crate) plan: Arc<dyn ExecutionPlan>,
    /// What it is planned of, if it has joins that can be done in order;
    logical: Option<LogicalPlan>,
    /// and the plan that does them so, once it was needed.
    in_order: OnceLock<Arc<dyn ExecutionPlan>>,
    context: SessionContext,
    columns: Columns,
    limits: Limits,
    wanted: Wanted,
}

/// Stops a statement that runs.
#[derive(Clone, Debug)]
pub struct Stopper(Wanted);

impl Stopper {
    /// Nobody wants to know any more.
    pub fn stop(&self) {
        self.0.stop();
    }
}

/// What running it took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Events that its conditions took.
    pub events_matched: u64,
    /// Events that were looked at.
    pub events_scanned: u64,
    /// Bytes that were read.
    pub bytes_scanned: u64,
}

impl Query {
    /// Understands and plans a statement over these tables: the names in FROM are asked for in `find`.
    pub async fn plan(
        text: &str,
        find: impl Fn(&str) -> Option<Arc<dyn TableProvider>>,
        limits: Limits,
    ) -> Result<Query, LakeError> {
        let context = session(&limits)?;
        Query::plan_in(context, text, find, limits).await
    }

    /// The same in a session of one's own, which was [taught](teach) what statements mean.
    pub async fn plan_in(
        context: SessionContext,
        text: &str,
        find: impl Fn(&str) -> Option<Arc<dyn TableProvider>>,
        limits: Limits,
    ) -> Result<Query, LakeError> {
        Query::plan_with_logs(context, text, find, |_| None, limits).await
    }

    /// The same, where statements may read log files as they lie: those that one names are asked for in `logs`.
    pub async fn plan_with_logs(
        context: SessionContext,
        text: &str,
        find: impl Fn(&str) -> Option<Arc<dyn TableProvider>>,
        logs: impl Fn(&Logs) -> Option<Arc<dyn TableProvider>>,
        limits: Limits,
    ) -> Result<Query, LakeError> {
        let Understood { statement, stores, logs: named, selected, places } = understand(text)?;
        for store in stores {
            let Some(table) = find(&store) else { return Err(LakeError::NoStore(store)) };
            context.register_table(TableReference::bare(store), table)?;
        }
        for (name, named) in named {
            let Some(table) = logs(&named) else {
                let why = "is in a bucket of a service, and nobody asks one here: FROM any_name is all log files that there are";
                return Err(LakeError::Statement(format!("`{name}`{} {why}", named.place)));
            };
            context.register_table(TableReference::bare(name), table)?;
        }
        let wanted = Wanted::default();
        context.state_ref().write().config_mut().options_mut().extensions.insert(wanted.clone());
        let state = context.state();
        let planning = wanted.planning();
        // Nothing was read yet: what went wrong is in the statement.
        let told = |error: &DataFusionError| match LakeError::told_at(error, &places) {
            LakeError::Failed(why) => LakeError::Statement(why),
            other => other,
        };
        let statement = Statement::Statement(Box::new(statement));
        let plan = deeply(state.statement_to_plan(statement)).await.map_err(|error| told(&error))?;
        let physical = physical(&state, &plan, &wanted).await.map_err(|error| match wording::no_plan(&error) {
            Some(why) => LakeError::Statement(why),
            None => told(&error),
        })?;
        drop(planning);
        wanted.is_planned();
        let columns = Columns::of(&physical.schema(), plan.schema(), &selected).map_err(|error| told(&error))?;
        let logical = joins::has_tables(&physical).then_some(plan);
        Ok(Query { plan: physical, logical, in_order: OnceLock::new(), context, columns, limits, wanted })
    }

    /// Its columns, labelled as the statement labels them.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.columns.schema)
    }

    /// What stops it, from any thread, however busy it is.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.wanted.clone())
    }

    /// Runs it once, and hands over what comes. Dropping what this gives stops it, where it waits for something.
    pub async fn run(
        &self,
        mut each: impl FnMut(RecordBatch) -> Result<(), LakeError>,
    ) -> Result<Statistics, LakeError> {
        let running = async {
            let mut held = Held { rows: self.logical.is_some().then(Vec::new), bytes: 0 };
            let done = self.run_plan(&self.plan, self.context.task_ctx(), |batch| held.add(batch, &mut each)).await;
            match (done, &self.logical) {
                (Err(LakeError::OutOfMemory(_)), Some(plan)) if held.rows.take().is_some() => {
                    let (plan, context) = self.plan_in_order(plan).await?;
                    self.run_plan(&plan, context, each).await
                }
                (done, _) => {
                    done?;
                    held.let_go(&mut each)
                }
            }
        };
        let _alarm = self.wanted.until(self.limits.time);
        let late = || LakeError::TimedOut(self.limits.time.as_secs());
        match tokio::time::timeout(self.limits.time, running).await {
            Ok(Ok(())) => Ok(self.statistics()),
            Ok(Err(_)) if self.wanted.is_late() => Err(late()),
            Ok(Err(_)) if self.wanted.is_stopped() => Err(LakeError::Cancelled),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(late()),
        }
    }

    async fn run_plan(
        &self,
        plan: &Arc<dyn ExecutionPlan>,
        context: Arc<TaskContext>,
        mut each: impl FnMut(RecordBatch) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        let mut stream: SendableRecordBatchStream = execute_stream(Arc::clone(plan), context)?;
        while let Some(batch) = stream.next().await {
            each(self.columns.laid(&batch?)?)?;
        }
        Ok(())
    }

    /// The same statement with joins that need little memory, which has all of it: what the first plan had may not be given back yet.
    async fn plan_in_order(&self, plan: &LogicalPlan) -> Result<(Arc<dyn ExecutionPlan>, Arc<TaskContext>), LakeError> {
        let builder = SessionStateBuilder::new_from_existing(self.context.state());
        let mut state = builder.with_runtime_env(runtime(&self.limits)?).build();
        state.config_mut().options_mut().optimizer.prefer_hash_join = false;
        let plan = physical(&state, plan, &self.wanted).await?;
        Ok((Arc::clone(self.in_order.get_or_init(|| plan)), state.task_ctx()))
    }

    /// What was read so far.
    pub fn statistics(&self) -> Statistics {
        let mut statistics = Statistics::default();
        scanned(self.in_order.get().unwrap_or(&self.plan), &mut statistics);
        statistics
    }
}

/// Rows of a statement that may have to begin again.
struct Held {
    /// `None`: rows are not held back any more.
    rows: Option<Vec<RecordBatch>>,
    bytes: usize,
}

impl Held {
    fn add(
        &mut self,
        batch: RecordBatch,
        each: &mut impl FnMut(RecordBatch) -> Result<(), LakeError>,
    ) -> Result<(), LakeError> {
        let Some(rows) = &mut self.rows else { return each(batch) };
        self.bytes += batch.get_array_memory_size();
        rows.push(batch);
        if self.bytes > HELD_BYTES { self.let_go(each) } else { Ok(()) }
    }

    fn let_go(&mut self, each: &mut impl FnMut(RecordBatch) -> Result<(), LakeError>) -> Result<(), LakeError> {
        self.rows.take().into_iter().flatten().try_for_each(each)
    }
}

/// How a statement that is understood is run.
async fn physical(
    state: &SessionState,
    plan: &LogicalPlan,
    wanted: &Wanted,
) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    let physical = match deeply(state.create_physical_plan(plan)).await {
        // DataFusion loses sight of nested columns that it took below a correlated subquery.
        Err(error) if error.to_string().contains(TAKEN_BELOW) => {
            let mut state = state.clone();
            state.config_mut().options_mut().optimizer.enable_leaf_expression_pushdown = false;
            deeply(state.create_physical_plan(plan)).await?
        }
        physical => physical?,
    };
    deep(|| wanted.within(in_turn(counted_early(physical)?)?))
}

/// Adds up what the leaves of a plan have read, and what the filters above them took.
fn scanned(plan: &Arc<dyn ExecutionPlan>, statistics: &mut Statistics) {
    let rows = |plan: &Arc<dyn ExecutionPlan>| {
        plan.metrics().and_then(|metrics| metrics.output_rows()).unwrap_or_default() as u64
    };
    let mut leaf = plan;
    // Filters and projections stand right above what they take from.
    while let [below] = leaf.children()[..]
        && (leaf.is::<FilterExec>() || leaf.is::<ProjectionExec>())
    {
        leaf = below;
    }
    if leaf.children().is_empty() {
        let metrics = leaf.metrics().unwrap_or_default();
        let counted = |wanted: &str| {
            let counts = metrics.iter().map(|metric| match metric.value() {
                MetricValue::Count { name, count } if name == wanted => count.value() as u64,
                _ => 0,
            });
            counts.sum::<u64>()
        };
        statistics.events_matched += rows(plan);
        statistics.events_scanned += rows(leaf) + counted("pushdown_rows_pruned");
        statistics.bytes_scanned += counted("bytes_scanned");
        return;
    }
    plan.children().into_iter().for_each(|child| scanned(child, statistics));
}
