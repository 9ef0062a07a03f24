//! Whether something is among the rows of a query may not be known: a NULL among them may be it.
//!
//! DataFusion knows this where `x NOT IN (SELECT y …)` is a condition by itself. Within others it marks the rows of which it is true, and what
//! is not known is false to it: `a OR x NOT IN (SELECT y …)` would be true. So where false and NULL are not alike, it is asked in three steps:
//! whether it is there, whether a NULL is there, and, of a NULL, whether anything is there.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{Column, DFSchema};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Case, Exists, InSubquery};
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, LogicalPlanBuilder, Operator, lit, when};
use datafusion::optimizer::AnalyzerRule;

use super::steps::{self, SOME_NULL, TOLD, each_filter, from_outside, there};

pub(super) const NAME: &str = "unknown";

#[derive(Debug)]
pub(super) struct Unknown;

impl AnalyzerRule for Unknown {
    fn name(&self) -> &str {
        NAME
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        each_filter(plan, |of| matches!(of, Expr::InSubquery(_)), by_itself)
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
    let of = |plan: LogicalPlan| steps::subquery(plan, subquery.spans.clone());
    let may_be = if subquery.outer_ref_columns.is_empty() {
        let there = Expr::ScalarSubquery(of(there(&subquery.subquery, selected)?));
        there.gt_eq(when(expr.clone().is_null(), lit(TOLD)).otherwise(lit(SOME_NULL))?)
    } else {
        let rows = LogicalPlanBuilder::from(Arc::clone(&subquery.subquery));
        let value = from_outside((*expr).clone(), around)?;
        let may_be = rows.filter(selected.is_null().or(value.is_null()))?.build()?;
        Expr::Exists(Exists { subquery: of(may_be), negated: false })
    };
    let is_there = Expr::InSubquery(InSubquery::new(expr, subquery, false));
    steps::steps(is_there, may_be, negated)
}
