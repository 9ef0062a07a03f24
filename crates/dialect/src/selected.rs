//! What a result is of, column by column: `SELECT *, eventID, *`. All columns of a table are planned once, however often they are selected: to DataFusion
//! two of one name are none. Whoever hands out the rows gives them again.

use std::collections::HashSet;

use sqlparser::ast::{
    Expr, GroupByExpr, JoinConstraint, JoinOperator, OrderBy, OrderByKind, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, WildcardAdditionalOptions,
};

use super::labels::label;

/// What one part of a SELECT brings into the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selected {
    /// A column of this label.
    One(String),
    /// All columns, or those of one table.
    All {
        /// What the table is called.
        of: Option<String>,
        /// Whether another part brings all of them, and the statement that is planned does not say it twice.
        is_again: bool,
    },
}

/// What a query selects. All columns that are selected again are taken out of it.
pub(super) fn selected(query: &mut Query) -> Vec<Selected> {
    match &mut *query.body {
        // Without them, a place would be another's.
        SetExpr::Select(select) if !is_ordered_by_place(&query.order_by) && !is_grouped_by_place(select) => {
            let parts = parts(select);
            let mut each = parts.iter();
            select.projection.retain(|_| !matches!(each.next(), Some(Selected::All { is_again: true, .. })));
            parts
        }
        SetExpr::Query(within) if !is_ordered_by_place(&query.order_by) => selected(within),
        body => as_it_is(body),
    }
}

fn as_it_is(body: &SetExpr) -> Vec<Selected> {
    match body {
        SetExpr::Select(select) => select.projection.iter().map(part).collect(),
        SetExpr::SetOperation { left, .. } => as_it_is(left),
        SetExpr::Query(query) => as_it_is(&query.body),
        _ => Vec::new(),
    }
}

fn part(item: &SelectItem) -> Selected {
    match (label(item), item) {
        (Some(label), _) => Selected::One(label),
        (None, SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _)) => {
            let of = name.0.last().and_then(|part| part.as_ident()).map(|ident| ident.value.clone());
            Selected::All { of, is_again: false }
        }
        (None, _) => Selected::All { of: None, is_again: false },
    }
}

/// The parts of a SELECT, of which some bring what others do.
fn parts(select: &Select) -> Vec<Selected> {
    let is_all = |item: &SelectItem| matches!(item, SelectItem::Wildcard(_)) && has_all(item);
    let has_all_of_each = select.projection.iter().any(is_all) && !is_joined_by_names(select);
    let mut seen = HashSet::new();
    let part = |item: &SelectItem| {
        let mut part = part(item);
        if let Selected::All { of, is_again } = &mut part
            && has_all(item)
        {
            *is_again = !seen.insert(item.to_string().to_lowercase()) || (of.is_some() && has_all_of_each);
        }
        part
    };
    select.projection.iter().map(part).collect()
}

/// Whether it is all columns, of which none is left out.
fn has_all(item: &SelectItem) -> bool {
    match item {
        SelectItem::Wildcard(but) | SelectItem::QualifiedWildcard(_, but) => {
            *but == WildcardAdditionalOptions::default()
        }
        _ => false,
    }
}

/// Whether `*` has a column once of which two tables have one each.
fn is_joined_by_names(select: &Select) -> bool {
    use JoinOperator::{FullOuter, Inner, Join, Left, LeftOuter, Right, RightOuter};
    select.from.iter().flat_map(|table| &table.joins).any(|join| match &join.join_operator {
        Join(by) | Inner(by) | Left(by) | LeftOuter(by) | Right(by) | RightOuter(by) | FullOuter(by) => {
            matches!(by, JoinConstraint::Using(_) | JoinConstraint::Natural)
        }
        _ => false,
    })
}

fn is_ordered_by_place(by: &Option<OrderBy>) -> bool {
    let Some(OrderByKind::Expressions(by)) = by.as_ref().map(|by| &by.kind) else { return false };
    by.iter().any(|by| matches!(by.expr, Expr::Value(_)))
}

fn is_grouped_by_place(select: &Select) -> bool {
    match &select.group_by {
        GroupByExpr::Expressions(by, _) => by.iter().any(|by| matches!(by, Expr::Value(_))),
        GroupByExpr::All(_) => false,
    }
}
