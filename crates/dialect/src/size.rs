//! How large a statement is: a short one may be an endless one, long before anything is run.
//!
//! What WITH names is planned wherever it is read: thirty names that each read the one before twice are a thousand million scans.
//! And a subquery within an expression is planned twice as long for each that it stands in, and `1 + 1 + …` longer than it is. So all are
//! counted before.

use std::collections::HashMap;
use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Expr, ObjectNamePart, Query, TableFactor, Visit, Visitor};

use crate::Refused;

/// Tables that a statement reads, each as often as it does.
const MOST_TABLES: u64 = 200;
/// Subqueries within expressions within subqueries.
const DEEPEST: usize = 6;

/// Operators within each other's operands, as in `a || b || c`: what AND and OR connect may be as many as there is room for.
const MOST_OPERATORS: usize = 100;

/// Refuses a statement that would take too long to plan.
pub(super) fn check(query: &Query) -> Result<(), Refused> {
    let mut counting = Counting { queries: Vec::new(), depth: 0, operators: 0 };
    match query.visit(&mut counting) {
        ControlFlow::Break(why) => Err(Refused(why)),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Counting {
    /// The query here, and those that it stands in.
    queries: Vec<Counted>,
    depth: usize,
    /// Operators in whose operands this is.
    operators: usize,
}

/// A query, as far as it was seen.
#[derive(Default)]
struct Counted {
    /// Names of its WITH that are still to come, the next one last, and how many tables the others read.
    to_come: Vec<String>,
    named: HashMap<String, u64>,
    tables: u64,
}

impl Visitor for Counting {
    type Break = String;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<String> {
        let named = query.with.iter().flat_map(|with| &with.cte_tables);
        let mut to_come: Vec<String> = named.map(|table| table.alias.name.value.to_lowercase()).collect();
        to_come.reverse();
        self.queries.push(Counted { to_come, ..Counted::default() });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<String> {
        let Some(done) = self.queries.pop() else { return ControlFlow::Continue(()) };
        if done.tables > MOST_TABLES {
            return ControlFlow::Break(format!(
                "the statement reads more than {MOST_TABLES} tables: what WITH names counts wherever it is read"
            ));
        }
        if let Some(around) = self.queries.last_mut() {
            // The queries of WITH come first.
            match around.to_come.pop() {
                Some(name) => drop(around.named.insert(name, done.tables)),
                None => around.tables = around.tables.saturating_add(done.tables),
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<String> {
        let TableFactor::Table { name, .. } = table else { return ControlFlow::Continue(()) };
        let named = match &name.0[..] {
            [ObjectNamePart::Identifier(ident)] => Some(ident.value.to_lowercase()),
            _ => None,
        };
        let tables = named.and_then(|name| self.queries.iter().rev().find_map(|query| query.named.get(&name).copied()));
        if let Some(query) = self.queries.last_mut() {
            query.tables = query.tables.saturating_add(tables.unwrap_or(1).max(1));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<String> {
        self.depth += usize::from(has_query(expr));
        self.operators += usize::from(is_operator(expr));
        if self.operators > MOST_OPERATORS {
            return ControlFlow::Break(format!(
                "the statement has operators within operators' operands, more than {MOST_OPERATORS} deep: `concat(a, b, …)` takes many at once"
            ));
        }
        if self.depth > DEEPEST {
            return ControlFlow::Break(format!(
                "the statement has subqueries within subqueries' expressions, more than {DEEPEST} deep"
            ));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<String> {
        self.depth -= usize::from(has_query(expr));
        self.operators -= usize::from(is_operator(expr));
        ControlFlow::Continue(())
    }
}

fn has_query(expr: &Expr) -> bool {
    matches!(expr, Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. })
}

fn is_operator(expr: &Expr) -> bool {
    match expr {
        Expr::BinaryOp { op, .. } => !matches!(op, BinaryOperator::And | BinaryOperator::Or),
        expr => matches!(expr, Expr::UnaryOp { .. }),
    }
}
