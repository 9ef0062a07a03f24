//! What is grouped by time is grouped one stretch of time after the other.
//!
//! ```text
//!   files of 1 March ──┐                 files of 1 March ──group──► its groups
//!   files of 2 March ──┼──group──►       files of 2 March ──group──► its groups, behind those of the day before
//!   files of 3 March ──┘                 files of 3 March ──group──► …
//! ```
//!
//! Who asks for the calls a minute of a year asks for a hundred million groups. They need not be in memory together: a file tells the first and the
//! last moment in it, and no row of a day is in a group of the next. So a stretch is grouped, handed over and forgotten, and a table of groups stays
//! as small as the processor's cache likes it. It is a plan of DataFusion's own, whose partitions are the stretches (`SinglePartitioned`: no group is
//! in two of them); what is ours is that they run in turn, and where one may end (`apart`).

use std::fmt;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{exec_datafusion_err, internal_err};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{Distribution, EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, InputOrderMode, PlanProperties,
};
use futures::stream::{self, StreamExt, TryStreamExt};

mod apart;

/// Fewer rows are no stretch of their own: to begin one costs something.
const STRETCH_ROWS: usize = 1 << 18;
/// So many stretches there are for each thread at least, or all is grouped at once: threads end at about the same time then.
const STRETCHES_A_THREAD: usize = 3;

/// The same plan, in which groups that a stretch of time has for itself are made in turn.
pub(crate) fn in_turn(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    within(plan, STRETCH_ROWS, false)
}

/// `is_relied_on`: something above knows which rows are in which partition.
fn within(plan: Arc<dyn ExecutionPlan>, stretch: usize, is_relied_on: bool) -> Result<Arc<dyn ExecutionPlan>> {
    if !is_relied_on && let Some(turned) = turned(&plan, stretch)? {
        return Ok(turned);
    }
    let forgets = plan.is::<RepartitionExec>() || plan.is::<CoalescePartitionsExec>();
    let wanted = plan.input_distribution_requirements().into_per_child();
    let below: Vec<_> = plan.children().into_iter().cloned().collect();
    let children = below.iter().zip(wanted).map(|(child, wanted)| {
        let is_relied_on = match wanted {
            Distribution::UnspecifiedDistribution => is_relied_on && !forgets,
            Distribution::SinglePartition => false,
            _ => true,
        };
        within(Arc::clone(child), stretch, is_relied_on)
    });
    let children = children.collect::<Result<Vec<_>>>()?;
    replace_children_if_necessary(plan, children)
}

/// What makes the same groups in turn, if this groups rows of files whose groups are apart.
fn turned(plan: &Arc<dyn ExecutionPlan>, stretch: usize) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(group) = plan.downcast_ref::<AggregateExec>().and_then(from_rows) else { return Ok(None) };
    let by = group.group_expr();
    let is_plain = by.is_single() && !by.is_empty() && group.limit_options().is_none();
    if !is_plain || *group.input_order_mode() != InputOrderMode::Linear || plan.output_ordering().is_some() {
        return Ok(None);
    }
    let threads = plan.output_partitioning().partition_count();
    let keys: Vec<_> = by.expr().iter().map(|(key, _)| Arc::clone(key)).collect();
    let Some(groups) = apart::groups_of_files(group.input(), &keys, stretch)? else { return Ok(None) };
    if groups.len() < STRETCHES_A_THREAD * threads {
        return Ok(None);
    }
    let rows = over_files(group.input(), &groups)?;
    let (filters, schema) = (group.filter_expr().to_vec(), rows.schema());
    let mode = AggregateMode::SinglePartitioned;
    let grouped = AggregateExec::try_new(mode, by.clone(), group.aggr_expr().to_vec(), filters, rows, schema)?;
    Ok(Some(Arc::new(InTurn::new(Arc::new(grouped), threads))))
}

/// What takes rows, of a plan that makes whole groups: itself, or the first half of two.
fn from_rows(group: &AggregateExec) -> Option<&AggregateExec> {
    match group.mode() {
        AggregateMode::Single => Some(group),
        AggregateMode::FinalPartitioned => {
            let between = group.input().downcast_ref::<RepartitionExec>()?;
            let first = between.input().downcast_ref::<AggregateExec>()?;
            (*first.mode() == AggregateMode::Partial).then_some(first)
        }
        _ => None,
    }
}

/// The same rows, with a partition for each of these groups of files.
fn over_files(rows: &Arc<dyn ExecutionPlan>, groups: &[FileGroup]) -> Result<Arc<dyn ExecutionPlan>> {
    if let Some(scan) = scan_of(rows) {
        let config = FileScanConfigBuilder::from(scan.clone())
            .with_file_groups(groups.to_vec())
            // A file that another partition took over would be grouped with that.
            .with_preserve_order(true);
        return Ok(DataSourceExec::from_data_source(config.build()));
    }
    match rows.children()[..] {
        [below] => replace_children_if_necessary(Arc::clone(rows), vec![over_files(below, groups)?]),
        _ => internal_err!("rows of files come from one plan"),
    }
}

fn scan_of(plan: &Arc<dyn ExecutionPlan>) -> Option<&FileScanConfig> {
    plan.downcast_ref::<DataSourceExec>()?.data_source().downcast_ref::<FileScanConfig>()
}

/// Runs the partitions of a plan one after the other, so many at once.
#[derive(Debug)]
struct InTurn {
    input: Arc<dyn ExecutionPlan>,
    at_once: usize,
    properties: Arc<PlanProperties>,
}

impl InTurn {
    fn new(input: Arc<dyn ExecutionPlan>, at_once: usize) -> InTurn {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(input.schema()),
            Partitioning::UnknownPartitioning(at_once),
            input.pipeline_behavior(),
            input.boundedness(),
        );
        InTurn { input, at_once, properties: Arc::new(properties) }
    }
}

impl DisplayAs for InTurn {
    fn fmt_as(&self, _: DisplayFormatType, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.input.output_partitioning().partition_count();
        write!(out, "InTurn: {all} partitions, {} at once", self.at_once)
    }
}

impl ExecutionPlan for InTurn {
    fn name(&self) -> &str {
        "InTurn"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
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
        let input = input.ok_or_else(|| exec_datafusion_err!("a plan that runs in turn has one below it"))?;
        Ok(Arc::new(InTurn::new(input, self.at_once)))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = Arc::clone(&self.input);
        let mine = (partition..input.output_partitioning().partition_count()).step_by(self.at_once);
        // One begins when the one before it is over.
        let each = stream::iter(mine).map(move |at| input.execute(at, Arc::clone(&context)));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), each.try_flatten())))
    }
}

#[cfg(test)]
mod tests;
