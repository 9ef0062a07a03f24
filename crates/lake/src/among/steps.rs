//! What asking in steps takes: whether something is there, whether it may be, and else it is not.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{DFSchema, ExprSchema, Spans};
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Expr, Filter, LogicalPlan, LogicalPlanBuilder, Subquery, col, lit, when};
use datafusion::scalar::ScalarValue;

/// What [`there`] gives: there is no row, all are told, or one of them is NULL.
pub(super) const NONE: i64 = 0;
pub(super) const TOLD: i64 = 1;
pub(super) const SOME_NULL: i64 = 2;

/// The same plan with each part of a condition that asks so written anew. Such a part stands by itself: NULL is the same as false.
pub(super) fn each_filter(
    plan: LogicalPlan,
    asks: fn(&Expr) -> bool,
    by_itself: fn(Expr, &DFSchema) -> Result<Expr>,
) -> Result<LogicalPlan> {
    let rewritten = plan.transform_down_with_subqueries(|plan| {
        let Filter { predicate, input, .. } = match plan {
            LogicalPlan::Filter(of) if of.predicate.exists(|of| Ok(asks(of)))? => of,
            other => return Ok(Transformed::no(other)),
        };
        let parts = split_conjunction_owned(predicate).into_iter().map(|part| by_itself(part, input.schema()));
        let parts = parts.collect::<Result<Vec<_>>>()?;
        let predicate = conjunction(parts).unwrap_or_else(|| lit(true));
        Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(predicate, input)?)))
    });
    rewritten.data()
}

/// True where it is there, NULL where it may be, and else false; `negated`: the opposite.
pub(super) fn steps(is_there: Expr, may_be: Expr, negated: bool) -> Result<Expr> {
    let unknown = lit(ScalarValue::Boolean(None));
    let steps = when(is_there, lit(true)).when(may_be, unknown).otherwise(lit(false))?;
    Ok(if negated { Expr::Not(Box::new(steps)) } else { steps })
}

/// What is said of the rows around a query, as it is said within it.
pub(super) fn from_outside(of: Expr, around: &DFSchema) -> Result<Expr> {
    let outside = of.transform(|of| match of {
        Expr::Column(column) => {
            let field = Arc::clone(around.field_from_column(&column)?);
            Ok(Transformed::yes(Expr::OuterReferenceColumn(field, column)))
        }
        of => Ok(Transformed::no(of)),
    });
    outside.data()
}

/// Of all rows it is asked once: are there none, some, or a NULL among what is selected of them?
pub(super) fn there(rows: &Arc<LogicalPlan>, selected: Expr) -> Result<LogicalPlan> {
    let counted = [count(lit(1i64)).alias("all"), count(selected).alias("told")];
    let [none, has_null] = [col("all").eq(lit(0i64)), col("all").gt(col("told"))];
    let there = when(none, lit(NONE)).when(has_null, lit(SOME_NULL)).otherwise(lit(TOLD))?;
    let rows = LogicalPlanBuilder::from(Arc::clone(rows));
    rows.aggregate(Vec::<Expr>::new(), counted)?.project([there])?.build()
}

/// A query within an expression.
pub(super) fn subquery(plan: LogicalPlan, spans: Spans) -> Subquery {
    Subquery { outer_ref_columns: plan.all_out_ref_exprs(), subquery: Arc::new(plan), spans }
}
