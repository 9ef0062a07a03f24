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

use arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::{max, min};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Join, LogicalPlan, Operator};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::differing::is_column;
use super::keys::{Keys, asks_whether, comparison};

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
pub(super) fn is_one_a_key(join: &Join) -> bool {
    let mut columns = join.filter.iter().flat_map(Expr::column_refs);
    columns.any(|column| column.name == FIRST || column.name == LAST)
}

/// The same join, with one row a key on its right; `None`: it asks something else.
fn one_a_key(join: &Join) -> Result<Option<LogicalPlan>> {
    let Some(filter) = join.filter.as_ref().filter(|_| asks_whether(join) && !is_one_a_key(join)) else {
        return Ok(None);
    };
    let schema = join.right.schema();
    let Some((sought, op, among)) = comparison(filter, schema) else { return Ok(None) };
    // What is reckoned of it may fail for rows that nobody asks for.
    if !is_column(&among) || !is_in_order(&among.get_type(schema)?) {
        return Ok(None);
    }
    let Some(keys) = Keys::of(join)? else { return Ok(None) };
    let found = match op {
        Operator::Lt | Operator::LtEq => vec![max(among).alias(LAST)],
        Operator::Gt | Operator::GtEq => vec![min(among).alias(FIRST)],
        _ => vec![min(among.clone()).alias(FIRST), max(among).alias(LAST)],
    };
    let held = |name: &Column| {
        let name = Box::new(Expr::Column(name.clone()));
        Expr::BinaryExpr(BinaryExpr::new(Box::new(sought.clone()), op, name))
    };
    keys.joined(join, found, |found| found.iter().map(held).reduce(Expr::or)).map(Some)
}

/// Whether the least of it is the one that all others are not less than.
fn is_in_order(kind: &DataType) -> bool {
    kind.is_integer() || kind.is_temporal() || kind.is_string()
}
