//! `x NOT IN (SELECT y …)`, where one of both may be NULL.
//!
//! DataFusion keeps all rows that have an `x` in memory for it, and its table can neither be of the other side nor go to disk. So it is asked
//! first whether there is a `y` at all, and whether a NULL is among them; what is left then is a plain question of what is not there:
//!
//! | of `y` there is | rows that are left |
//! |---|---|
//! | none | all |
//! | a NULL | none |
//! | else | those whose `x` is told, and is not there |

use std::sync::Arc;

use datafusion::common::Spans;
use datafusion::common::tree_node::TreeNode;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Filter, Join, LogicalPlan, lit};

use super::steps::{NONE, TOLD, subquery, there};

/// The same, asked in steps; `None`: it asks something else.
pub(super) fn asked_before(join: &Join) -> Result<Option<LogicalPlan>> {
    let [(sought, among)] = &join.on[..] else { return Ok(None) };
    if !join.null_aware || join.filter.is_some() || !is_the_same_twice(&join.right)? {
        return Ok(None);
    }
    let there = Expr::ScalarSubquery(subquery(there(&join.right, among.clone())?, Spans::default()));
    let is_left = there.clone().eq(lit(NONE)).or(there.eq(lit(TOLD)).and(sought.clone().is_not_null()));
    let plain = LogicalPlan::Join(Join { null_aware: false, ..join.clone() });
    Ok(Some(LogicalPlan::Filter(Filter::try_new(is_left, Arc::new(plain))?)))
}

/// Whether it gives the same rows when it is asked again.
fn is_the_same_twice(plan: &LogicalPlan) -> Result<bool> {
    let may_differ = plan.exists(|plan| {
        let is_cut = match plan {
            LogicalPlan::Limit(_) => true,
            LogicalPlan::Sort(sort) => sort.fetch.is_some(),
            LogicalPlan::TableScan(scan) => scan.fetch.is_some(),
            _ => false,
        };
        Ok(is_cut || plan.expressions().iter().any(Expr::is_volatile))
    })?;
    Ok(!may_differ)
}
