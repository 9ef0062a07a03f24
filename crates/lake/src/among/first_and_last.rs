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
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::{max, min};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Join, LogicalPlan, Operator};

use super::differing::is_column;
use super::keys::{FIRST, Keys, LAST, comparison, condition};

/// The same join, with one row a key on its right; `None`: it asks something else.
pub(super) fn one_a_key(join: &Join) -> Result<Option<LogicalPlan>> {
    let Some(filter) = condition(join) else { return Ok(None) };
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
