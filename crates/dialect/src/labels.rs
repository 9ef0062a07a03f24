//! What the columns of a result are called: as the statement writes them. Two may be called the same, of which DataFusion knows nothing: there they have
//! names of their own, which begin with the label.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use sqlparser::ast::{
    AccessExpr, Expr, Ident, OrderBy, OrderByKind, Query, Select, SelectItem, SetExpr, Subscript, Value, Visit,
    VisitMut, Visitor, VisitorMut,
};

use super::columns::Columns;
use super::{casts, subqueries};

/// What stands behind a label that several columns have, before their numbers.
pub const SHARED: char = '\u{1f}';

/// What a column is called that may share its label with others.
pub fn unshared(name: &str) -> &str {
    name.split(SHARED).next().unwrap_or(name)
}

/// What a column is called.
pub(super) fn label(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
        SelectItem::UnnamedExpr(expr) => Some(match expr {
            Expr::Identifier(ident) => ident.value.clone(),
            Expr::CompoundIdentifier(idents) => idents.last().map(|ident| ident.value.clone()).unwrap_or_default(),
            Expr::CompoundFieldAccess { access_chain, .. } => match access_chain.last() {
                Some(AccessExpr::Dot(Expr::Identifier(ident))) => ident.value.clone(),
                _ => expr.to_string(),
            },
            other => other.to_string(),
        }),
        _ => None,
    }
}

/// Gives columns that are called the same names of their own. The same twice keeps its name once; of others, who asks for one by their label is told
/// that there are several. `are_results`: what a result's columns are called is known already, and they keep the names of their tables.
/// `brought`: what `*` brings. What is nested is called by the last part of its name, where nothing else is.
pub(super) fn tell_apart(select: &mut Select, are_results: bool, brought: &Columns) {
    let has_all = select.projection.iter().any(is_all);
    let tables: Vec<String> = subqueries::relations(select).filter_map(subqueries::called).collect();
    let several = several(select);
    let (mut seen, mut taken) = (HashSet::new(), HashSet::new());
    for (place, item) in select.projection.iter_mut().enumerate() {
        let Some(label) = label(item) else { continue };
        let (expr, is_named) = match item {
            SelectItem::ExprWithAlias { expr, .. } => (expr, true),
            SelectItem::UnnamedExpr(expr) => (expr, false),
            _ => continue,
        };
        let (is_other, is_brought) = (several.contains(&label.to_lowercase()), brought.contains(&label.to_lowercase()));
        // Within a subquery it is refused when it is planned: who asked for it by its name would be given the other.
        let is_shared = match are_results {
            true => is_named && (is_other || is_brought),
            false => is_other && (is_named || is_name(expr)),
        };
        let nested =
            nested(expr, &tables).filter(|name| !are_results && !is_named && !brought.contains(&name.to_lowercase()));
        let alias = if is_shared || (is_named && !taken.insert(label.to_lowercase())) {
            format!("{label}{SHARED}{place}")
        } else if let Some(name) = nested.filter(|name| taken.insert(name.to_lowercase())) {
            seen.insert(uncast(expr));
            name.to_owned()
        } else if !is_named && (!seen.insert(uncast(expr)) || (has_all && is_name(expr))) {
            format!("_col{place}")
        } else {
            continue;
        };
        *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias: Ident::with_quote('"', alias) };
    }
}

/// What is nested within a column of one of these tables is called by the last part of its name.
fn nested<'e>(expr: &'e Expr, tables: &[String]) -> Option<&'e str> {
    match expr {
        Expr::CompoundIdentifier(names) => {
            let (table, last) = (names.first()?, names.last()?);
            let is_of = tables.iter().any(|called| called.eq_ignore_ascii_case(&table.value));
            (names.len() > if is_of { 2 } else { 1 }).then_some(&last.value)
        }
        Expr::CompoundFieldAccess { access_chain, .. } => match access_chain.last()? {
            AccessExpr::Subscript(Subscript::Index { index: Expr::Value(name) }) => match &name.value {
                Value::SingleQuotedString(name) => Some(name),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Labels, in small letters, by which columns are called that are not the same.
fn several(select: &Select) -> HashSet<String> {
    let (mut called, mut several) = (HashMap::new(), HashSet::new());
    for item in &select.projection {
        let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else { continue };
        // What has no name is called by what it is.
        let is_called = matches!(item, SelectItem::ExprWithAlias { .. }) || is_name(expr);
        let Some(label) = label(item).filter(|_| is_called).map(|label| label.to_lowercase()) else { continue };
        let expr = expr.to_string().to_lowercase();
        if called.entry(label.clone()).or_insert_with(|| expr.clone()) != &expr {
            several.insert(label);
        }
    }
    several
}

/// A label in ORDER BY by which several columns are called.
pub(super) fn ordered_by_several(query: &Query, brought: &Columns) -> Option<String> {
    let SetExpr::Select(select) = &*query.body else { return None };
    let OrderByKind::Expressions(by) = &query.order_by.as_ref()?.kind else { return None };
    let mut several = several(select);
    // What is called as one of all columns is.
    let named = select.projection.iter().filter(|item| matches!(item, SelectItem::ExprWithAlias { .. }));
    several.extend(named.filter_map(label).map(|label| label.to_lowercase()).filter(|label| brought.contains(label)));
    by.iter().find_map(|by| match &by.expr {
        Expr::Identifier(ident) if several.contains(&ident.value.to_lowercase()) => Some(ident.value.clone()),
        _ => None,
    })
}

/// Whether it is `*`, or all of one table.
pub(super) fn is_all(item: &SelectItem) -> bool {
    matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..))
}

/// Writes casts as functions where a call with one would have the name of another without: `sum(x)` and `sum(CAST(x AS double))`.
pub(super) fn tell_casts(select: &mut Select, order_by: &mut Option<OrderBy>) {
    if see(select, order_by, &mut Casting).is_continue() {
        return;
    }
    let mut calls = Calls::default();
    let _ = see(select, order_by, &mut calls);
    calls.0.retain(|_, written| written.len() > 1);
    if calls.0.is_empty() {
        return;
    }
    let mut telling = Telling(&calls.0);
    let _ = VisitMut::visit(&mut select.projection, &mut telling);
    let _ = VisitMut::visit(&mut select.group_by, &mut telling);
    let _ = VisitMut::visit(&mut select.having, &mut telling);
    let _ = VisitMut::visit(order_by, &mut telling);
}

/// Goes through what names columns after it was grouped.
fn see<V: Visitor>(select: &Select, order_by: &Option<OrderBy>, visitor: &mut V) -> ControlFlow<V::Break> {
    Visit::visit(&select.projection, visitor)?;
    Visit::visit(&select.group_by, visitor)?;
    Visit::visit(&select.having, visitor)?;
    Visit::visit(order_by, visitor)
}

/// Stops at a cast.
struct Casting;

impl Visitor for Casting {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::Cast { .. } = expr { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Calls of functions without their casts, and as they are written.
#[derive(Default)]
struct Calls(HashMap<String, HashSet<String>>);

impl Visitor for Calls {
    type Break = std::convert::Infallible;

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Self::Break> {
        if let Expr::Function(_) = expr {
            self.0.entry(uncast(expr)).or_default().insert(expr.to_string());
        }
        ControlFlow::Continue(())
    }
}

struct Telling<'c>(&'c HashMap<String, HashSet<String>>);

impl VisitorMut for Telling<'_> {
    type Break = std::convert::Infallible;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        if matches!(expr, Expr::Function(_)) && self.0.contains_key(&uncast(expr)) {
            let _ = VisitMut::visit(expr, &mut casts::Told);
        }
        ControlFlow::Continue(())
    }
}

/// An expression without its casts, of which DataFusion's names of columns know nothing.
fn uncast(expr: &Expr) -> String {
    let mut uncast = expr.clone();
    let _ = VisitMut::visit(&mut uncast, &mut Uncasting);
    uncast.to_string()
}

struct Uncasting;

impl VisitorMut for Uncasting {
    type Break = std::convert::Infallible;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        if let Expr::Cast { expr: of, .. } | Expr::Nested(of) = expr {
            *expr = (**of).clone();
        }
        ControlFlow::Continue(())
    }
}

fn is_name(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}
