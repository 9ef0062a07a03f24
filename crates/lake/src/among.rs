//! What is looked for among the rows of a query: IN, EXISTS, ANY, INTERSECT and their kin, which DataFusion makes joins of.
//!
//! | a statement | there | here |
//! |---|---|---|
//! | `x IN (SELECT y …)` of a million rows that are ten values | each row is held against each that is equal to it | against the ten (`differing`) |
//! | `EXISTS (SELECT … b.key = a.key AND b.x < a.x)` | each row is held against each of its key | against their least `x` (`first_and_last`) |
//! | `EXISTS (SELECT … b.key = a.key AND b.x > a.x AND b.x < a.y)` | the same | against their `x` in order, by halving (`between`) |
//! | `EXISTS (SELECT …)` that names nothing around it | against all rows | against one (`differing`) |
//! | `x NOT IN (SELECT y …)` where one may be NULL | all rows that have an `x` are in memory | the fewer are (`absent`) |
//! | `(a, b) IN (SELECT x, y …)` | none has several columns | EXISTS, of a row of which all is equal (`rows`) |
//! | `a OR x NOT IN (SELECT y …)` | is true where `y` is NULL | is NULL there, as in Trino (`unknown`) |
//! | EXCEPT ALL, INTERSECT ALL | leave all that are alike, or none | as many as there are more, or on both sides (`times`) |

use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::{Join, LogicalPlan};
use datafusion::optimizer::{AnalyzerRule, ApplyOrder, OptimizerConfig, OptimizerRule};

mod absent;
mod between;
mod bounds;
mod differing;
mod first_and_last;
mod keys;
mod rows;
mod steps;
mod times;
mod unknown;

pub(crate) use rows::ROW;

/// By which statements are understood so.
pub(crate) fn analyze(rules: &mut Vec<Arc<dyn AnalyzerRule + Send + Sync>>) {
    if rules.iter().all(|rule| rule.name() != unknown::NAME) {
        // The values of a row are held against others before it is seen of which types they are.
        rules.insert(0, Arc::new(rows::Rows));
        rules.push(Arc::new(unknown::Unknown));
        rules.push(Arc::new(times::Times));
    }
}

/// By which they are planned so.
pub(crate) fn optimize(rules: &mut Vec<Arc<dyn OptimizerRule + Send + Sync>>) {
    if rules.iter().all(|rule| rule.name() != "differing") {
        rules.push(Arc::new(OfJoins { name: "absent", other: absent::asked_before }));
        rules.push(Arc::new(OfJoins { name: "first_and_last", other: first_and_last::one_a_key }));
        rules.push(Arc::new(OfJoins { name: "between", other: between::one_a_key }));
        rules.push(Arc::new(OfJoins { name: "differing", other: differing::among_few }));
    }
}

/// A rule of joins, from the innermost on.
#[derive(Debug)]
struct OfJoins {
    name: &'static str,
    /// What is planned instead; `None`: it is as it should be.
    other: fn(&Join) -> Result<Option<LogicalPlan>>,
}

impl OptimizerRule for OfJoins {
    fn name(&self) -> &str {
        self.name
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let other = match &plan {
            LogicalPlan::Join(join) => (self.other)(join)?,
            _ => None,
        };
        Ok(other.map_or_else(|| Transformed::no(plan), Transformed::yes))
    }
}
