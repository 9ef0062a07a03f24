//! EXCEPT ALL and INTERSECT ALL: of a row that is there three times, and once on the other side, two are left, or one.
//!
//! DataFusion makes the join of both that it makes without ALL, and so all three are left, or none. Here rows that are alike are numbered on
//! either side, and are held against one another with their numbers:
//!
//! ```text
//!   a 1   a 2   a 3   b 1      EXCEPT ALL      a 1   c 1   ──►   a 2   a 3   b 1
//!                              INTERSECT ALL               ──►   a 1
//! ```

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult};
use datafusion::common::{Column, JoinType, NullEquality};
use datafusion::error::Result;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Distinct, Expr, ExprFunctionExt, Join, LogicalPlan, LogicalPlanBuilder};
use datafusion::optimizer::AnalyzerRule;

/// What the numbers are called on either side.
const NUMBERS: [&str; 2] = ["times here", "times there"];

#[derive(Debug)]
pub(super) struct Times;

impl AnalyzerRule for Times {
    fn name(&self) -> &str {
        "times"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let counted = plan.transform_up_with_subqueries(|plan| match plan {
            LogicalPlan::Join(join) if is_of_all(&join) => counted(join).map(Transformed::yes),
            other => Ok(Transformed::no(other)),
        });
        counted.data()
    }
}

/// Whether it is one of these. Where the left side is brought down to rows that differ, a number more would change nothing.
fn is_of_all(join: &Join) -> bool {
    join.null_equality == NullEquality::NullEqualsNull
        && matches!(join.join_type, JoinType::LeftSemi | JoinType::LeftAnti)
        && !matches!(&*join.left, LogicalPlan::Distinct(Distinct::All(_)))
}

fn counted(join: Join) -> Result<LogicalPlan> {
    let Join { left, right, mut on, filter, join_type, join_constraint, null_equality, null_aware, .. } = join;
    let columns: Vec<Expr> = left.schema().columns().into_iter().map(Expr::Column).collect();
    let (here, there): (Vec<Expr>, Vec<Expr>) = on.iter().cloned().unzip();
    let left = numbered(&left, here, NUMBERS[0])?;
    let right = numbered(&right, there, NUMBERS[1])?;
    let [here, there] = NUMBERS.map(|name| Expr::Column(Column::new_unqualified(name)));
    on.push((here, there));
    let joined = Join::try_new(left, right, on, filter, join_type, join_constraint, null_equality, null_aware)?;
    LogicalPlanBuilder::from(LogicalPlan::Join(joined)).project(columns)?.build()
}

/// Rows with the number that each has among those that are alike.
fn numbered(rows: &Arc<LogicalPlan>, alike: Vec<Expr>, name: &str) -> Result<Arc<LogicalPlan>> {
    let number = row_number().partition_by(alike).build()?.alias(name);
    LogicalPlanBuilder::from(Arc::clone(rows)).window([number])?.build().map(Arc::new)
}
