//! Of rows that something comes before, or after, the first and the last are enough.
//!
//! | a statement | holds for the rows of a key if |
//! |---|---|
//! | `EXISTS (SELECT … WHERE b.key = a.key AND b.x < a.x)`, `<=` | it holds for their least `x` |
//! | `… AND b.x > a.x`, `>=` | for their greatest |
//! | `… AND b.x <> a.x` | for either |
//!
//! So it is asked whether somebody did something before (`NOT EXISTS`: was this the first time?), and each event of a busy identity was held against all
//! others of it. That is so of columns: what is reckoned of `b.x` is reckoned for the rows of `a` alone that have its key.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, DFSchema};
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::{max, min};
use datafusion::logical_expr::{
    BinaryExpr, Expr, ExprSchemable, Join, JoinType, LogicalPlan, LogicalPlanBuilder, Operator,
};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::differing::{is_column, of, only_table};

/// What the least and the greatest of a key are called.
const FIRST: &str = "among first";
const LAST: &str = "among last";

#[derive(Debug)]
pub(super) struct FirstAndLast;

impl OptimizerRule for FirstAndLast {
    fn name(&self) -> &str {
        "first_and_last"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let one_a_key = match &plan {
            LogicalPlan::Join(join) => one_a_key(join)?,
            _ => None,
        };
        Ok(one_a_key.map_or_else(|| Transformed::no(plan), Transformed::yes))
    }
}

/// Whether a join asks for those already.
fn is_one_a_key(join: &Join) -> bool {
    let mut columns = join.filter.iter().flat_map(Expr::column_refs);
    columns.any(|column| column.name == FIRST || column.name == LAST)
}

/// The same join, with one row a key on its right; `None`: it asks something else.
fn one_a_key(join: &Join) -> Result<Option<LogicalPlan>> {
    let asks = matches!(join.join_type, JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark);
    let Some(filter) = join.filter.as_ref().filter(|_| asks && !join.null_aware && !is_one_a_key(join)) else {
        return Ok(None);
    };
    let schema = join.right.schema();
    let Some((sought, op, among)) = comparison(filter, schema) else { return Ok(None) };
    // What is reckoned of it may fail for rows that nobody asks for.
    if !is_column(&among) || !is_in_order(&among.get_type(schema)?) {
        return Ok(None);
    }
    let mut keys: Vec<Expr> = Vec::new();
    for (_, key) in &join.on {
        if key.get_type(schema)?.is_nested() {
            return Ok(None);
        }
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    if keys.iter().chain([filter]).any(Expr::is_volatile) {
        return Ok(None);
    }
    let found = match op {
        Operator::Lt | Operator::LtEq => vec![max(among).alias(LAST)],
        Operator::Gt | Operator::GtEq => vec![min(among).alias(FIRST)],
        _ => vec![min(among.clone()).alias(FIRST), max(among).alias(LAST)],
    };
    let rows = LogicalPlanBuilder::from(Arc::clone(&join.right)).aggregate(keys.clone(), found)?.build()?;
    // What is grouped by is called as it was written, and a mark by the table.
    let table = only_table(schema);
    let found = rows.schema().columns().into_iter().enumerate().map(|(place, column)| {
        let name = if place < keys.len() { format!("among key {place}") } else { column.name.clone() };
        (column, Column::new(table.clone(), name))
    });
    let (found, names): (Vec<Column>, Vec<Column>) = found.unzip();
    let named = found.into_iter().zip(&names);
    let named = named.map(|(of, name)| Expr::Column(of).alias_qualified(name.relation.clone(), &name.name));
    let rows = LogicalPlanBuilder::from(rows).project(named)?.build()?;
    let (called, found) = names.split_at(keys.len());
    // Two may be held against the same.
    let renamed = |key: &Expr| keys.iter().zip(called).find(|(other, _)| *other == key).map(|(_, name)| name.clone());
    let on = join.on.iter().map(|(left, key)| (left.clone(), renamed(key).map_or_else(|| key.clone(), Expr::Column)));
    let on = on.collect();
    let held = |name: &Column| {
        let name = Box::new(Expr::Column(name.clone()));
        Expr::BinaryExpr(BinaryExpr::new(Box::new(sought.clone()), op, name))
    };
    let filter = found.iter().map(held).reduce(Expr::or);
    Ok(Some(of(&Join { filter, ..join.clone() }, rows, on)?))
}

/// Whether the least of it is the one that all others are not less than.
fn is_in_order(kind: &DataType) -> bool {
    kind.is_integer() || kind.is_temporal() || kind.is_string()
}

/// What is sought, how it is held, and against what of the rows on the right.
fn comparison(filter: &Expr, right: &DFSchema) -> Option<(Expr, Operator, Expr)> {
    let Expr::BinaryExpr(BinaryExpr { left: a, op, right: b }) = filter else { return None };
    let is_of = |expr: &Expr, is_right: bool| {
        let columns = expr.column_refs();
        !columns.is_empty() && columns.into_iter().all(|column| right.has_column(column) == is_right)
    };
    if !matches!(op, Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq | Operator::NotEq) {
        return None;
    }
    match (is_of(a, false) && is_of(b, true), is_of(a, true) && is_of(b, false)) {
        (true, _) => Some(((**a).clone(), *op, (**b).clone())),
        (_, true) => Some(((**b).clone(), op.swap()?, (**a).clone())),
        _ => None,
    }
}
