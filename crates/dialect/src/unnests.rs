//! `FROM t CROSS JOIN UNNEST(list) AS u(item)`: a row for each item, beside the row that the list is in. DataFusion unnests what a
//! SELECT selects, so the join becomes a subquery that does. `LEFT JOIN UNNEST(list) AS u(item) ON true` keeps the row whose list is empty.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Ident, JoinConstraint, JoinOperator, OneOrManyWithParens, Query, Select, SelectItem, SetExpr, TableAlias,
    TableFactor, TableWithJoins, Value, VisitMut, VisitorMut,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::expressions::{call_of, number};
use super::subqueries::tables;
use crate::Refused;

/// Rewrites every such join of a query.
pub(super) fn rewrite(query: &mut Query) -> Result<(), Refused> {
    match query.visit(&mut Rewriting) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Rewriting;

impl VisitorMut for Rewriting {
    type Break = Refused;

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<Refused> {
        let mut dropped = Vec::new();
        // `FROM a, UNNEST(…)` is the same join.
        let mut all: Vec<TableWithJoins> = Vec::new();
        for table in std::mem::take(&mut select.from) {
            match all.last_mut() {
                Some(before) if is_unnest(&table.relation) && table.joins.is_empty() => {
                    join(&mut before.relation, table.relation, false, &mut dropped)?;
                }
                _ => all.push(table),
            }
        }
        for table in &mut all {
            // `FROM UNNEST(…)` stands alone.
            if is_unnest(&table.relation)
                && let Some(alone) = told(unnest(None, table.relation.clone(), false, &mut dropped))?
            {
                table.relation = alone;
            }
            let mut joins = Vec::new();
            for joined in std::mem::take(&mut table.joins) {
                let is_kept = match &joined.join_operator {
                    JoinOperator::CrossJoin(_) => Some(false),
                    JoinOperator::Left(on) | JoinOperator::LeftOuter(on) if is_always(on) => Some(true),
                    JoinOperator::Join(on) | JoinOperator::Inner(on) if is_always(on) => Some(false),
                    _ => None,
                };
                let Some(is_kept) = is_kept.filter(|_| is_unnest(&joined.relation)) else {
                    joins.push(joined);
                    continue;
                };
                if !joins.is_empty() {
                    return ControlFlow::Break(Refused(
                        "UNNEST is understood directly behind the table whose list it is, before other joins".into(),
                    ));
                }
                join(&mut table.relation, joined.relation, is_kept, &mut dropped)?;
            }
            table.joins = joins;
        }
        select.from = all;
        if dropped.is_empty() {
            return ControlFlow::Continue(());
        }
        select.visit(&mut Unqualifying { dropped, others: Vec::new() })
    }
}

fn is_unnest(table: &TableFactor) -> bool {
    matches!(table, TableFactor::UNNEST { .. })
}

/// Makes of `before CROSS JOIN UNNEST(…)` one subquery. `dropped`: names of tables that are none any more.
fn unnest(
    before: Option<&mut TableFactor>,
    unnested: TableFactor,
    is_kept: bool,
    dropped: &mut Vec<String>,
) -> Result<Option<TableFactor>, Refused> {
    let TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } = unnested else { return Ok(None) };
    let (mut columns, name): (Vec<Ident>, Option<Ident>) = match alias {
        Some(TableAlias { columns, name, .. }) => (columns.into_iter().map(|column| column.name).collect(), Some(name)),
        None => (Vec::new(), None),
    };
    // Its place within the list, from 1 on, is the last column.
    let ordinality =
        if with_ordinality { Some(columns.pop().unwrap_or_else(|| Ident::new("ordinality"))) } else { None };
    let names: Vec<Ident> = match (&columns[..], &name) {
        // `UNNEST(list) AS item`, without columns: it is the column.
        ([], Some(name)) => vec![name.clone()],
        ([], None) => vec![Ident::new("unnested")],
        _ => {
            dropped.extend(name.map(|name| name.value));
            columns
        }
    };
    // One list or map gives as many columns as are named: a map two, a list of rows one for each field, or the rows themselves.
    let mut lists: Vec<Expr> = match &array_exprs[..] {
        [of] if names.len() > 1 => (0..names.len()).map(|place| part(of, place as i64, is_kept)).collect(),
        all => all.iter().map(|of| part(of, -1, is_kept)).collect(),
    };
    if names.len() != lists.len() {
        return Err(Refused(
            "UNNEST of several lists gives as many columns: name each, `UNNEST(one, other) AS t(a, b)`".into(),
        ));
    }
    let mut names = names;
    if let Some(ordinality) = ordinality {
        names.push(ordinality);
        let is_kept = Expr::value(Value::Boolean(is_kept));
        lists.push(call_of("unnest_places", std::iter::once(is_kept).chain(array_exprs)));
    }
    let text = if before.is_some() { "SELECT * FROM t" } else { "SELECT 1" };
    let mut query = Parser::new(&GenericDialect)
        .try_with_sql(text)
        .and_then(|mut parser| parser.parse_query())
        .map_err(|error| Refused(error.to_string()))?;
    let SetExpr::Select(select) = &mut *query.body else { return Ok(None) };
    if before.is_none() {
        select.projection.clear();
    }
    for (name, list) in names.into_iter().zip(lists) {
        select.projection.push(SelectItem::ExprWithAlias { expr: call_of("unnest", [list]), alias: name });
    }
    let alias = before.as_ref().and_then(|before| alias_of(before));
    if let Some(before) = before {
        select.from[0].relation = before.clone();
    }
    Ok(Some(TableFactor::Derived { lateral: false, subquery: query, alias, sample: None }))
}

/// The list that becomes a column; `place` below 0: the items as they are.
fn part(of: &Expr, place: i64, is_kept: bool) -> Expr {
    let place = number(&place.to_string());
    call_of("unnest_part", [of.clone(), place, Expr::value(Value::Boolean(is_kept))])
}

/// Puts it in the place of the table that it is joined to.
fn join(
    before: &mut TableFactor,
    unnested: TableFactor,
    is_kept: bool,
    dropped: &mut Vec<String>,
) -> ControlFlow<Refused> {
    if let Some(joined) = told(unnest(Some(&mut *before), unnested, is_kept, dropped))? {
        *before = joined;
    }
    ControlFlow::Continue(())
}

fn told<T>(of: Result<T, Refused>) -> ControlFlow<Refused, T> {
    match of {
        Ok(of) => ControlFlow::Continue(of),
        Err(refused) => ControlFlow::Break(refused),
    }
}

/// `ON true`.
fn is_always(on: &JoinConstraint) -> bool {
    matches!(on, JoinConstraint::On(Expr::Value(value)) if value.value == Value::Boolean(true))
}

/// What a table is called outside.
fn alias_of(table: &TableFactor) -> Option<TableAlias> {
    match table {
        // Its columns have their names within.
        TableFactor::Table { alias, .. } | TableFactor::Derived { alias, .. } => {
            alias.clone().map(|alias| TableAlias { columns: Vec::new(), ..alias })
        }
        _ => None,
    }
}

/// `u.item` is `item` now, but where another is called `u`: a value of a lambda, or a table of a query within.
struct Unqualifying {
    dropped: Vec<String>,
    others: Vec<Vec<String>>,
}

impl VisitorMut for Unqualifying {
    type Break = Refused;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Refused> {
        self.others.push(tables(query));
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<Refused> {
        self.others.pop();
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Refused> {
        if let Expr::Lambda(_) = expr {
            self.others.pop();
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Refused> {
        if let Expr::Lambda(lambda) = expr {
            let values = match &lambda.params {
                OneOrManyWithParens::One(value) => std::slice::from_ref(value),
                OneOrManyWithParens::Many(values) => values,
            };
            self.others.push(values.iter().map(|value| value.name.value.clone()).collect());
        }
        if let Expr::CompoundIdentifier(idents) = expr
            && self.dropped.iter().any(|table| table.eq_ignore_ascii_case(&idents[0].value))
            && !self.others.iter().flatten().any(|other| other.eq_ignore_ascii_case(&idents[0].value))
        {
            idents.remove(0);
            if let [ident] = &idents[..] {
                *expr = Expr::Identifier(ident.clone());
            }
        }
        ControlFlow::Continue(())
    }
}
