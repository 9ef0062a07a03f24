//! Which side of a join is kept in memory, and what happens where that is too much.
//!
//! DataFusion keeps the rows of a join's left side in a table in memory, and looks up each of the right. It turns the sides round by the number of
//! bytes that it knows of, which are those of whole files, however few of their columns are read, and of log files it knows nothing. So
//! sizes are estimated here by what is known of rows, and by how wide they are. Who asks `x IN (SELECT y …)` of two sides alike has what
//! he looks for in memory, and not what he looks for it in.
//!
//! A table that is too large cannot go to disk. What it was needed for begins again then, with joins that put both sides in order
//! and go through them side by side: that is slower, and takes any number of rows.

use std::sync::Arc;

use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::JoinType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::{
    CrossJoinExec, HashJoinExec, NestedLoopJoinExec, PartitionMode, SortMergeJoinExec,
};
use datafusion::physical_plan::{ExecutionPlan, StatisticsArgs, StatisticsContext};

const NAME: &str = "sides";

/// Rows that something has of which nothing is known: log files.
const UNKNOWN_ROWS: f64 = 1e6;
/// What a condition takes of them.
const CHOSEN: f64 = 0.2;
/// Bytes of a text, of a map, and of a whole record.
const TEXT_BYTES: f64 = 50.0;
const MAP_BYTES: f64 = 400.0;
const RECORD_BYTES: f64 = 1500.0;

/// By which joins are planned so.
pub(crate) fn optimize(rules: &mut Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>>) {
    if rules.iter().all(|rule| rule.name() != NAME) {
        // Before anything is put where a join wants it.
        let at = rules.iter().position(|rule| rule.name() == "join_selection").map_or(0, |at| at + 1);
        rules.insert(at, Arc::new(Sides));
    }
}

/// Whether a plan has a join that can be done in order.
pub(crate) fn has_tables(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let is_one = plan.downcast_ref::<HashJoinExec>().is_some_and(can_be_in_order);
    is_one || plan.children().into_iter().any(has_tables)
}

#[derive(Debug)]
struct Sides;

impl PhysicalOptimizerRule for Sides {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let in_order = !config.optimizer.prefer_hash_join;
        let planned = plan.transform_up(|plan| {
            let turned = match plan.downcast_ref::<HashJoinExec>() {
                Some(join) if in_order => in_order_of(join)?,
                Some(join) => turned(join, config)?,
                None => turned_pairs(&plan)?,
            };
            Ok(turned.map_or_else(|| Transformed::no(plan), Transformed::yes))
        });
        planned.data()
    }

    fn name(&self) -> &str {
        NAME
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The same join with its smaller side in memory; `None`: it has.
fn turned(join: &HashJoinExec, config: &ConfigOptions) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if join.null_aware || !join.join_type().supports_swap() {
        return Ok(None);
    }
    let sizes = Sizes::of(join.left(), join.right());
    if !sizes.is_left_larger(*join.join_type()) {
        return Ok(None);
    }
    let is_alone = config.execution.target_partitions == 1 || !config.optimizer.repartition_joins;
    let is_small = sizes.right < config.optimizer.hash_join_single_partition_threshold as f64;
    let mode = if is_alone || is_small { PartitionMode::CollectLeft } else { PartitionMode::Partitioned };
    join.swap_inputs(mode).map(Some)
}

/// The same of joins that look at all pairs: the left side is in memory there, too.
fn turned_pairs(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(join) = plan.downcast_ref::<CrossJoinExec>() {
        let is_larger = Sizes::of(join.left(), join.right()).is_left_larger(JoinType::Inner);
        return is_larger.then(|| join.swap_inputs()).transpose();
    }
    let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() else { return Ok(None) };
    let is_larger = || Sizes::of(join.left(), join.right()).is_left_larger(*join.join_type());
    (join.join_type().supports_swap() && is_larger()).then(|| join.swap_inputs()).transpose()
}

/// Bytes of a join's two sides.
struct Sizes {
    left: f64,
    right: f64,
}

impl Sizes {
    fn of(left: &Arc<dyn ExecutionPlan>, right: &Arc<dyn ExecutionPlan>) -> Sizes {
        let known = StatisticsContext::new();
        let bytes = |plan: &Arc<dyn ExecutionPlan>| rows(plan, &known) * row_bytes(&plan.schema());
        Sizes { left: bytes(left), right: bytes(right) }
    }

    /// Whether the left side should not be the one in memory. Of two alike, what is looked for is.
    fn is_left_larger(&self, of: JoinType) -> bool {
        match of {
            JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => self.left >= self.right,
            _ => self.left > self.right,
        }
    }
}

/// How many rows it may give. `known`: what was found of plans below is not looked for again.
fn rows(plan: &Arc<dyn ExecutionPlan>, known: &StatisticsContext) -> f64 {
    let told = known.compute(plan.as_ref(), &StatisticsArgs::new());
    if let Some(rows) = told.ok().and_then(|told| told.num_rows.get_value().copied()) {
        return rows as f64;
    }
    let below = plan
        .children()
        .into_iter()
        .map(|plan| rows(plan, known))
        .fold(None, |most: Option<f64>, rows| Some(most.map_or(rows, |most| most.max(rows))));
    let rows = match below {
        Some(rows) if plan.is::<FilterExec>() => rows * CHOSEN,
        below => below.unwrap_or(UNKNOWN_ROWS),
    };
    plan.fetch().map_or(rows, |most| rows.min(most as f64))
}

fn row_bytes(schema: &Schema) -> f64 {
    schema.fields().iter().map(|field| field_bytes(field)).sum()
}

fn field_bytes(field: &Field) -> f64 {
    match field.data_type() {
        _ if field.name() == "eventJson" => RECORD_BYTES,
        DataType::Struct(within) => within.iter().map(|field| field_bytes(field)).sum(),
        DataType::List(item) => 2.0 * field_bytes(item),
        DataType::Map(..) => MAP_BYTES,
        of => of.primitive_width().map_or(TEXT_BYTES, |width| width as f64),
    }
}

/// Whether it can be done in order: of what is nested there is none.
fn can_be_in_order(join: &HashJoinExec) -> bool {
    let schema = join.left().schema();
    let is_plain = |of: Result<DataType>| of.is_ok_and(|of| !of.is_nested());
    !join.null_aware && !join.on().is_empty() && join.on().iter().all(|(of, _)| is_plain(of.data_type(&schema)))
}

fn in_order_of(join: &HashJoinExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if !can_be_in_order(join) || join.contains_projection() {
        return Ok(None);
    }
    let (left, right) = (Arc::clone(join.left()), Arc::clone(join.right()));
    let (on, filter) = (join.on().to_vec(), join.filter().cloned());
    let orders = vec![SortOptions::default(); on.len()];
    let join = SortMergeJoinExec::try_new(left, right, on, filter, *join.join_type(), orders, join.null_equality())?;
    Ok(Some(Arc::new(join)))
}
