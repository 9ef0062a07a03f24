//! Numbers that are no values: places of columns in ORDER BY and GROUP BY, and how many rows LIMIT, OFFSET and FETCH ask for.

use sqlparser::ast::{
    Expr, Fetch, GroupByExpr, LimitClause, OrderByKind, Query, SelectItem, SetExpr, UnaryOperator, Value,
};

use super::expressions::{call_of, number};
use super::starts::start;
use crate::{Places, Refused};

/// Refuses those that are none.
pub(super) fn check(query: &Query, places: &Places) -> Result<(), Refused> {
    if let Some(OrderByKind::Expressions(by)) = query.order_by.as_ref().map(|by| &by.kind) {
        let by = by.iter().map(|by| &by.expr);
        of_columns("ORDER BY", by, selected(&query.body), places)?;
    }
    if let SetExpr::Select(select) = &*query.body
        && let GroupByExpr::Expressions(by, _) = &select.group_by
    {
        of_columns("GROUP BY", by.iter(), selected(&query.body), places)?;
    }
    let (limit, offset) = match &query.limit_clause {
        Some(LimitClause::LimitOffset { limit, offset, .. }) => {
            (limit.as_ref(), offset.as_ref().map(|offset| &offset.value))
        }
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => (Some(limit), Some(offset)),
        None => (None, None),
    };
    let fetch = query.fetch.as_ref().and_then(|fetch| fetch.quantity.as_ref());
    for (what, many) in [("LIMIT", limit), ("OFFSET", offset), ("FETCH FIRST", fetch)] {
        if let Some(many) = many.filter(|many| !is_number_of_rows(many)) {
            let place = places.told(start(many));
            return Err(Refused(format!("`{what} {many}`{place} is no number of rows: write a whole one, from 0 on")));
        }
    }
    let why = match &query.fetch {
        Some(Fetch { percent: true, .. }) => "FETCH FIRST … PERCENT is not understood: use percent_rank() OVER (…)",
        Some(Fetch { with_ties: true, .. }) if query.order_by.is_none() => "WITH TIES stands behind ORDER BY",
        _ => return Ok(()),
    };
    Err(Refused(why.into()))
}

/// `FETCH FIRST n ROWS ONLY`, as LIMIT: of one row, if none is said.
pub(super) fn limit_as_fetched(query: &mut Query) {
    if let Some(Fetch { quantity, with_ties, .. }) = query.fetch.take() {
        let most = quantity.unwrap_or_else(|| number("1"));
        let limit = Some(if with_ties { call_of("with_ties", [most]) } else { most });
        let offset = match query.limit_clause.take() {
            Some(LimitClause::LimitOffset { offset, .. }) => offset,
            _ => None,
        };
        query.limit_clause = Some(LimitClause::LimitOffset { limit, offset, limit_by: Vec::new() });
    }
}

/// How many columns a query selects, if it can be seen.
pub(super) fn selected(body: &SetExpr) -> Option<usize> {
    match body {
        SetExpr::Select(select) => {
            let is_one =
                |item: &SelectItem| matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. });
            select.projection.iter().all(is_one).then_some(select.projection.len())
        }
        SetExpr::SetOperation { left, .. } => selected(left),
        SetExpr::Query(query) => selected(&query.body),
        _ => None,
    }
}

fn of_columns<'e>(
    what: &str,
    by: impl Iterator<Item = &'e Expr>,
    selected: Option<usize>,
    places: &Places,
) -> Result<(), Refused> {
    for by in by {
        let Expr::Value(value) = by else { continue };
        let Value::Number(digits, _) = &value.value else { continue };
        let is_there = |many: usize| digits.parse().is_ok_and(|place: usize| (1..=many).contains(&place));
        if let Some(many) = selected.filter(|many| !is_there(*many)) {
            let (place, columns) = (places.told(start(by)), if many == 1 { "column is" } else { "columns are" });
            return Err(Refused(format!(
                "`{what} {digits}`{place} is by the place of a column, and {many} {columns} selected"
            )));
        }
    }
    Ok(())
}

/// Whether it may be one: of what is calculated it is seen later.
fn is_number_of_rows(many: &Expr) -> bool {
    match many {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.bytes().all(|digit| digit.is_ascii_digit()),
            Value::Null | Value::Placeholder(_) => true,
            _ => false,
        },
        Expr::Nested(of) => is_number_of_rows(of),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr: of } => !matches!(**of, Expr::Value(_)),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => false,
        _ => true,
    }
}
