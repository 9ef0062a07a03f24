//! Whether something is among the rows of a query may not be known: a NULL among them may be it.
//!
//! DataFusion knows this where `x NOT IN (SELECT y …)` is a condition by itself. Within others it marks the rows of which it is true, and what
//! is not known is false to it: `a OR x NOT IN (SELECT y …)` would be true. So where false and NULL are not alike, it is asked in three steps:
//! whether it is there, whether a NULL is there, and, of a NULL, whether anything is there.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{Column, DFSchema, ExprSchema};
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::expr::{Case, Exists, InSubquery};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    BinaryExpr, Expr, Filter, LogicalPlan, LogicalPlanBuilder, Operator, Subquery, col, lit, when,
};
use datafusion::optimizer::AnalyzerRule;
use datafusion::scalar::ScalarValue;

pub(super) const NAME: &str = "unknown";

#[derive(Debug)]
pub(super) struct Unknown;

impl AnalyzerRule for Unknown {
    fn name(&self) -> &str {
        NAME
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let rewritten = plan.transform_down_with_subqueries(|plan| {
            let Filter { predicate, input, .. } = match plan {
                LogicalPlan::Filter(of) if of.predicate.exists(|of| Ok(matches!(of, Expr::InSubquery(_))))? => of,
                other => return Ok(Transformed::no(other)),
            };
            let parts = split_conjunction_owned(predicate).into_iter().map(|part| by_itself(part, input.schema()));
            let parts = parts.collect::<Result<Vec<_>>>()?;
            let predicate = conjunction(parts).unwrap_or_else(|| lit(true));
            Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(predicate, input)?)))
        });
        rewritten.data()
    }
}

/// A condition that stands by itself.
fn by_itself(condition: Expr, around: &DFSchema) -> Result<Expr> {
    // DataFusion knows what is not known of a column's value among those of a query that names nothing around it; and of nothing else.
    let is_alone =
        |among: &InSubquery| among.subquery.outer_ref_columns.is_empty() && !among.expr.column_refs().is_empty();
    match condition {
        Expr::InSubquery(among) if is_alone(&among) => Ok(Expr::InSubquery(among)),
        Expr::Not(of) => match *of {
            Expr::InSubquery(among) if is_alone(&among) => Ok(Expr::Not(Box::new(Expr::InSubquery(among)))),
            of => known(Expr::Not(Box::new(of)), true, around),
        },
        other => known(other, true, around),
    }
}

/// The same expression with IN in steps. `is_condition`: whether NULL is the same as false here.
fn known(expr: Expr, is_condition: bool, around: &DFSchema) -> Result<Expr> {
    match expr {
        Expr::InSubquery(among) if is_condition && !among.negated => Ok(Expr::InSubquery(among)),
        Expr::InSubquery(among) => in_steps(among, around),
        Expr::BinaryExpr(BinaryExpr { op: Operator::And | Operator::Or, .. }) => chain(expr, is_condition, around),
        Expr::IsTrue(of) => Ok(Expr::IsTrue(Box::new(known(*of, true, around)?))),
        Expr::IsNotTrue(of) => Ok(Expr::IsNotTrue(Box::new(known(*of, true, around)?))),
        Expr::Case(Case { expr: None, when_then_expr, else_expr }) => {
            let steps = when_then_expr.into_iter().map(|(when, then)| {
                Ok((Box::new(known(*when, true, around)?), Box::new(known(*then, is_condition, around)?)))
            });
            let when_then_expr = steps.collect::<Result<_>>()?;
            let else_expr = else_expr.map(|of| known(*of, is_condition, around)).transpose()?.map(Box::new);
            Ok(Expr::Case(Case { expr: None, when_then_expr, else_expr }))
        }
        other => other.map_children(|of| known(of, false, around).map(Transformed::yes)).data(),
    }
}

/// Conditions between AND and OR. There may be a thousand of them, each within the next.
fn chain(expr: Expr, is_condition: bool, around: &DFSchema) -> Result<Expr> {
    let (mut first, mut others) = (expr, Vec::new());
    while let Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right }) = first {
        others.push((op, right));
        first = *left;
    }
    others.into_iter().rev().try_fold(known(first, is_condition, around)?, |before, (op, next)| {
        let next = Box::new(known(*next, is_condition, around)?);
        Ok(Expr::BinaryExpr(BinaryExpr::new(Box::new(before), op, next)))
    })
}

/// Whether it is there; else whether it may be: NULL is, if anything is there, and all else, if NULL is. The query is planned twice, and
/// not once more: such ones may stand within one another.
fn in_steps(InSubquery { expr, subquery, negated }: InSubquery, around: &DFSchema) -> Result<Expr> {
    let (table, field) = subquery.subquery.schema().qualified_field(0);
    let selected = Expr::Column(Column::from((table, field)));
    let rows = LogicalPlanBuilder::from(Arc::clone(&subquery.subquery));
    let of = |plan: LogicalPlan| Subquery {
        outer_ref_columns: plan.all_out_ref_exprs(),
        subquery: Arc::new(plan),
        spans: subquery.spans.clone(),
    };
    let may_be = if subquery.outer_ref_columns.is_empty() {
        // Of all rows it is asked once: are there none, some, or a NULL among them?
        let counted = [count(lit(1i64)).alias("all"), count(selected).alias("told")];
        let [none, has_null] = [col("all").eq(lit(0i64)), col("all").gt(col("told"))];
        let there = when(none, lit(0i64)).when(has_null, lit(2i64)).otherwise(lit(1i64))?;
        let there = rows.aggregate(Vec::<Expr>::new(), counted)?.project([there])?.build()?;
        Expr::ScalarSubquery(of(there)).gt_eq(when(expr.clone().is_null(), lit(1i64)).otherwise(lit(2i64))?)
    } else {
        let value = (*expr).clone().transform(|of| match of {
            Expr::Column(column) => {
                let field = Arc::clone(around.field_from_column(&column)?);
                Ok(Transformed::yes(Expr::OuterReferenceColumn(field, column)))
            }
            of => Ok(Transformed::no(of)),
        });
        let may_be = rows.filter(selected.is_null().or(value.data()?.is_null()))?.build()?;
        Expr::Exists(Exists { subquery: of(may_be), negated: false })
    };
    let is_there = Expr::InSubquery(InSubquery::new(expr, subquery, false));
    let steps = when(is_there, lit(true)).when(may_be, lit(ScalarValue::Boolean(None))).otherwise(lit(false))?;
    Ok(if negated { Expr::Not(Box::new(steps)) } else { steps })
}
