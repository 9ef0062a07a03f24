//! What is looked for among the rows of a query: IN, EXISTS, ANY, INTERSECT and their kin, which DataFusion makes joins of.
//!
//! | a statement | there | here |
//! |---|---|---|
//! | `x IN (SELECT y …)` of a million rows that are ten values | each row is held against each that is equal to it | against the ten (`differing`) |
//! | `EXISTS (SELECT …)` that names nothing around it | against all rows | against one (`differing`) |
//! | `x NOT IN (SELECT y …)` where one may be NULL | all rows that have an `x` are in memory | the fewer are (`absent`) |
//! | `a OR x NOT IN (SELECT y …)` | is true where `y` is NULL | is NULL there, as in Trino (`unknown`) |

use std::sync::Arc;

use datafusion::prelude::SessionContext;

mod absent;
mod differing;
mod unknown;

/// Makes a session plan them so. It may have learnt it before.
pub(crate) fn register(context: &SessionContext) {
    let state = context.state();
    if state.analyzer().rules.iter().all(|rule| rule.name() != unknown::NAME) {
        context.add_analyzer_rule(Arc::new(unknown::Unknown));
    }
    if state.optimizer().rules.iter().all(|rule| rule.name() != differing::NAME) {
        context.add_optimizer_rule(Arc::new(absent::Absent));
        context.add_optimizer_rule(Arc::new(differing::Differing));
    }
}
