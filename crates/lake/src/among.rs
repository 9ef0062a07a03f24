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

use datafusion::optimizer::{AnalyzerRule, OptimizerRule};

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
    if rules.iter().all(|rule| rule.name() != differing::NAME) {
        rules.push(Arc::new(absent::Absent));
        rules.push(Arc::new(first_and_last::FirstAndLast));
        rules.push(Arc::new(between::Between));
        rules.push(Arc::new(differing::Differing));
    }
}
