//! What the columns of a result are called: as the statement writes them. Two may be called the same, of which DataFusion knows nothing: there they have
//! names of their own, which begin with the label.

use std::collections::{HashMap, HashSet};

use sqlparser::ast::{AccessExpr, Expr, Ident, OrderByKind, Query, Select, SelectItem, SetExpr};

/// What stands behind a label that several columns have, before their numbers.
pub const SHARED: char = '\u{1f}';

/// The labels of what a query selects.
pub(super) fn labels(body: &SetExpr) -> Vec<Option<String>> {
    match body {
        SetExpr::Select(select) => select.projection.iter().map(label).collect(),
        SetExpr::SetOperation { left, .. } => labels(left),
        SetExpr::Query(query) => labels(&query.body),
        _ => Vec::new(),
    }
}

fn label(item: &SelectItem) -> Option<String> {
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
pub(super) fn tell_apart(select: &mut Select, are_results: bool) {
    let has_all = select
        .projection
        .iter()
        .any(|item| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)));
    let several = several(select);
    let (mut seen, mut taken) = (HashSet::new(), HashSet::new());
    for (place, item) in select.projection.iter_mut().enumerate() {
        let Some(label) = label(item) else { continue };
        let (expr, is_named) = match item {
            SelectItem::ExprWithAlias { expr, .. } => (expr, true),
            SelectItem::UnnamedExpr(expr) => (expr, false),
            _ => continue,
        };
        let is_shared = several.contains(&label.to_lowercase()) && (is_named || (!are_results && is_name(expr)));
        let alias = if is_shared || (is_named && !taken.insert(label.to_lowercase())) {
            format!("{label}{SHARED}{place}")
        } else if !is_named && (!seen.insert(expr.to_string()) || (has_all && is_name(expr))) {
            format!("_col{place}")
        } else {
            continue;
        };
        *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias: Ident::with_quote('"', alias) };
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
pub(super) fn ordered_by_several(query: &Query) -> Option<String> {
    let SetExpr::Select(select) = &*query.body else { return None };
    let OrderByKind::Expressions(by) = &query.order_by.as_ref()?.kind else { return None };
    let several = several(select);
    by.iter().find_map(|by| match &by.expr {
        Expr::Identifier(ident) if several.contains(&ident.value.to_lowercase()) => Some(ident.value.clone()),
        _ => None,
    })
}

fn is_name(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}
