//! What the columns of a result are called: as the statement writes them.

use sqlparser::ast::{AccessExpr, Expr, SelectItem, SetExpr};

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
