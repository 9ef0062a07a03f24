//! Subqueries where DataFusion plans none.
//!
//! | Lake | here |
//! |---|---|
//! | `SELECT EXISTS (SELECT … WHERE b.x = a.x)` | `(SELECT count(*) … WHERE b.x = a.x) > 0`: below SELECT it plans what gives one value |
//! | `SELECT x IN (SELECT y …)` | `is_among((SELECT array_agg(DISTINCT y) …), x)` |
//! | `SELECT (a, b) IN (SELECT x, y …)` | `is_row_among((SELECT array_agg(DISTINCT row(x, y)) …), a, b)` |
//! | `x = ANY (SELECT …)`, `x <> ALL (SELECT …)` | `x IN (SELECT …)`, `x NOT IN (SELECT …)`: of these it sees that they are equalities |
//! | `a.userIdentity.arn` of a query around | `a.userIdentity['arn']` |

use std::ops::ControlFlow;

use sqlparser::ast::{
    AccessExpr, BinaryOperator, Expr, GroupByExpr, Ident, Query, Select, SelectItem, SetExpr, TableFactor,
    UnaryOperator, VisitMut, VisitorMut,
};

use super::expressions::{call_of, count_of_all, distinct, field, number};
use super::rows;

/// Writes what is equal to one, or to none, as what is among them.
pub(super) fn among(query: &mut Query) {
    let _ = query.visit(&mut Among);
}

struct Among;

impl VisitorMut for Among {
    type Break = std::convert::Infallible;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        let (left, right, negated) = match expr {
            Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => (left, right, false),
            Expr::AllOp { left, compare_op: BinaryOperator::NotEq, right } => (left, right, true),
            _ => return ControlFlow::Continue(()),
        };
        if let Expr::Subquery(subquery) = &**right {
            *expr = Expr::InSubquery { expr: left.clone(), subquery: subquery.clone(), negated };
        }
        ControlFlow::Continue(())
    }
}

/// Writes what SELECT selects so that it can be planned.
pub(super) fn rewrite(select: &mut Select) {
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            let _ = expr.visit(&mut Giving::default());
        }
    }
}

/// Conditions on subqueries, as what subqueries give.
///
/// Within queries of its own a condition is planned as it is.
#[derive(Default)]
struct Giving {
    depth: usize,
}

impl VisitorMut for Giving {
    type Break = std::convert::Infallible;

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<Self::Break> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<Self::Break> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        if self.depth > 0 {
            return ControlFlow::Continue(());
        }
        let (planned, is_negated) = match expr {
            Expr::Exists { subquery, negated } => (exists(subquery), *negated),
            Expr::InSubquery { expr, subquery, negated } => (is_in(expr, subquery), *negated),
            _ => return ControlFlow::Continue(()),
        };
        if let Some(planned) = planned {
            let planned = Box::new(Expr::Nested(Box::new(planned)));
            *expr = if is_negated { Expr::UnaryOp { op: UnaryOperator::Not, expr: planned } } else { *planned };
        }
        ControlFlow::Continue(())
    }
}

/// Whether a plain query has rows.
fn exists(query: &Query) -> Option<Expr> {
    let mut query = plain(query)?;
    let SetExpr::Select(select) = &mut *query.body else { return None };
    select.projection = vec![SelectItem::UnnamedExpr(count_of_all())];
    let left = Box::new(call_of("coalesce", [Expr::Subquery(Box::new(query)), number("0")]));
    Some(Expr::BinaryOp { left, op: BinaryOperator::Gt, right: Box::new(number("0")) })
}

/// Whether a plain query selects this value. What the value's names mean, they mean outside of the query.
fn is_in(value: &Expr, query: &Query) -> Option<Expr> {
    if let Some(row) = rows::looked_for(value) {
        return is_row_in(row, query);
    }
    let mut query = plain(query)?;
    let SetExpr::Select(select) = &mut *query.body else { return None };
    let [SelectItem::UnnamedExpr(selected) | SelectItem::ExprWithAlias { expr: selected, .. }] = &select.projection[..]
    else {
        return None;
    };
    select.projection = vec![SelectItem::UnnamedExpr(distinct(call_of("array_agg", [selected.clone()])))];
    Some(call_of("is_among", [Expr::Subquery(Box::new(query)), value.clone()]))
}

/// Whether a query has a row of these values. `rows`: what it gives, each row as one.
fn is_row_in(row: Vec<&Expr>, rows: &Query) -> Option<Expr> {
    // What names something around it is planned only where it stands right there.
    let (mut query, is_plain) = match rows::within(rows).and_then(plain) {
        Some(query) => (query, true),
        None => (rows.clone(), false),
    };
    let SetExpr::Select(select) = &mut *query.body else { return None };
    let selected = match &select.projection[..] {
        [SelectItem::UnnamedExpr(one)] if !is_plain => rows::looked_for(one)?.into_iter().cloned().collect(),
        items => items.iter().map(expr_of).collect::<Option<Vec<Expr>>>()?,
    };
    select.projection = vec![SelectItem::UnnamedExpr(distinct(call_of("array_agg", [call_of("row", selected)])))];
    let list = Expr::Subquery(Box::new(query));
    Some(call_of("is_row_among", std::iter::once(list).chain(row.into_iter().cloned())))
}

fn expr_of(item: &SelectItem) -> Option<Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr.clone()),
        _ => None,
    }
}

/// A query without groups and limits, of whose rows order and number do not matter.
fn plain(query: &Query) -> Option<Query> {
    let mut query = query.clone();
    let SetExpr::Select(select) = &mut *query.body else { return None };
    let is_grouped = !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
    // Of an aggregate function there is one row, whatever there is: it cannot be told from others here.
    let is_function = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => matches!(expr, Expr::Function(_)),
        _ => false,
    };
    if select.projection.iter().any(is_function)
        || is_grouped
        || select.having.is_some()
        || query.limit_clause.is_some()
        || query.fetch.is_some()
    {
        return None;
    }
    select.distinct = None;
    query.order_by = None;
    Some(query)
}

/// What the tables of a query are called in it.
pub(super) fn tables(query: &Query) -> Vec<String> {
    let SetExpr::Select(select) = &*query.body else { return Vec::new() };
    relations(select).filter_map(called).collect()
}

/// The tables in FROM, one after the other.
pub(super) fn relations(select: &Select) -> impl Iterator<Item = &TableFactor> {
    select
        .from
        .iter()
        .flat_map(|table| std::iter::once(&table.relation).chain(table.joins.iter().map(|join| &join.relation)))
}

/// What a table is called where it is asked.
pub(super) fn called(table: &TableFactor) -> Option<String> {
    match table {
        TableFactor::Table { alias: Some(alias), .. } | TableFactor::Derived { alias: Some(alias), .. } => {
            Some(alias.name.value.clone())
        }
        TableFactor::Table { name, .. } => Some(name.0.last()?.as_ident()?.value.clone()),
        _ => None,
    }
}

/// A nested name of a table of a query around, `scopes` from the outermost on: its column, and then the way into it.
pub(super) fn outer_name(names: &[Ident], scopes: &[Vec<String>]) -> Option<Expr> {
    let [table, column, fields @ ..] = names else { return None };
    let is_of = |scope: &&Vec<String>| scope.iter().any(|named| named.eq_ignore_ascii_case(&table.value));
    let (here, around) = scopes.split_last()?;
    if fields.is_empty() || is_of(&here) || !around.iter().any(|scope| is_of(&scope)) {
        return None;
    }
    let root = Box::new(Expr::CompoundIdentifier(vec![table.clone(), column.clone()]));
    let access_chain: Vec<AccessExpr> = fields.iter().map(field).collect();
    Some(Expr::CompoundFieldAccess { root, access_chain })
}
