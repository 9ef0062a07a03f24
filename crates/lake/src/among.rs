//! What is looked for among the rows of a query: IN, EXISTS, ANY, INTERSECT and their kin, which DataFusion makes joins of.
//!
//! | a statement | there | here |
//! |---|---|---|
//! | `x IN (SELECT y …)` of a million rows that are ten values | each row is held against each that is equal to it | against the ten (`differing`) |
//! | `EXISTS (SELECT …)` that names nothing around it | against all rows | against one (`differing`) |
//! | `x NOT IN (SELECT y …)` where one may be NULL | all rows that have an `x` are in memory | the fewer are (`absent`) |
//! | `(a, b) IN (SELECT x, y …)` | none has several columns | EXISTS, of a row of which all is equal (`rows`) |
//! | `a OR x NOT IN (SELECT y …)` | is true where `y` is NULL | is NULL there, as in Trino (`unknown`) |
//! | EXCEPT ALL, INTERSECT ALL | leave all that are alike, or none | as many as there are more, or on both sides (`times`) |

use std::sync::Arc;

use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::SessionContext;

mod absent;
mod differing;
mod rows;
mod steps;
mod times;
mod unknown;

pub(crate) use rows::ROW;

/// Makes a session plan them so. It may have learnt it before.
pub(crate) fn register(context: &SessionContext) {
    let state = context.state();
    let mut rules = state.analyzer().rules.clone();
    if rules.iter().all(|rule| rule.name() != unknown::NAME) {
        // The values of a row are held against others before it is seen of which types they are.
        rules.insert(0, Arc::new(rows::Rows));
        rules.push(Arc::new(unknown::Unknown));
        rules.push(Arc::new(times::Times));
        let state = SessionStateBuilder::new_from_existing(state).with_analyzer_rules(rules).build();
        *context.state_ref().write() = state;
    }
    if context.state().optimizer().rules.iter().all(|rule| rule.name() != differing::NAME) {
        context.add_optimizer_rule(Arc::new(absent::Absent));
        context.add_optimizer_rule(Arc::new(differing::Differing));
    }
}
