//! `FROM t CROSS JOIN UNNEST(list) AS u(item)`: a row for each item, beside the row that the list is in. DataFusion unnests what a
//! SELECT selects, so the join becomes a subquery that does.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Ident, JoinOperator, Query, Select, SelectItem, SetExpr, TableAlias, TableFactor, TableWithJoins, Value,
    VisitMut, VisitorMut,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::functions::call_of;
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
                    if let Err(error) = unnest(&mut before.relation, table.relation, &mut dropped) {
                        return ControlFlow::Break(error);
                    }
                }
                _ => all.push(table),
            }
        }
        for table in &mut all {
            let mut joins = Vec::new();
            for join in std::mem::take(&mut table.joins) {
                let is_cross = matches!(join.join_operator, JoinOperator::CrossJoin(_));
                if !(is_cross && is_unnest(&join.relation)) {
                    joins.push(join);
                    continue;
                }
                if !joins.is_empty() {
                    return ControlFlow::Break(Refused(
                        "UNNEST is understood directly behind the table whose list it is, before other joins".into(),
                    ));
                }
                if let Err(error) = unnest(&mut table.relation, join.relation, &mut dropped) {
                    return ControlFlow::Break(error);
                }
            }
            table.joins = joins;
        }
        select.from = all;
        if dropped.is_empty() {
            return ControlFlow::Continue(());
        }
        select.visit(&mut Unqualifying(dropped))
    }
}

fn is_unnest(table: &TableFactor) -> bool {
    matches!(table, TableFactor::UNNEST { .. })
}

/// Makes of `before CROSS JOIN UNNEST(…)` one subquery. `dropped`: names of tables that are none any more.
fn unnest(before: &mut TableFactor, unnested: TableFactor, dropped: &mut Vec<String>) -> Result<(), Refused> {
    let TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } = unnested else { return Ok(()) };
    let (mut columns, name): (Vec<Ident>, Option<Ident>) = match alias {
        Some(TableAlias { columns, name, .. }) => (columns.into_iter().map(|column| column.name).collect(), Some(name)),
        None => (Vec::new(), None),
    };
    // Its place within the list, from 1 on, is the last column.
    let ordinality =
        if with_ordinality { Some(columns.pop().unwrap_or_else(|| Ident::new("ordinality"))) } else { None };
    let names: Vec<Ident> = match (&columns[..], &name) {
        // `UNNEST(list) AS item`, without columns.
        ([], Some(name)) => vec![name.clone()],
        ([], None) => vec![Ident::new("unnested")],
        _ => columns,
    };
    // A map gives two columns: its keys, and what they have.
    let mut lists = match &array_exprs[..] {
        [map] if names.len() == 2 => ["map_keys", "map_values"].map(|part| call_of(part, [map.clone()])).into(),
        _ => array_exprs,
    };
    if names.len() != lists.len() {
        return Err(Refused(
            "UNNEST of so many lists gives as many columns, and of a map two: name each, `UNNEST(list) AS t(item)`, \
             `UNNEST(map) AS t(key, value)`"
                .into(),
        ));
    }
    let mut names = names;
    if let (Some(ordinality), Some(list)) = (ordinality, lists.first()) {
        let one = Expr::value(Value::Number("1".into(), false));
        let places = call_of("generate_series", [one, call_of("array_length", [list.clone()])]);
        names.push(ordinality);
        lists.push(places);
    }
    dropped.extend(name.map(|name| name.value));
    let mut query = Parser::new(&GenericDialect)
        .try_with_sql("SELECT * FROM t")
        .and_then(|mut parser| parser.parse_query())
        .map_err(|error| Refused(error.to_string()))?;
    let SetExpr::Select(select) = &mut *query.body else { return Ok(()) };
    for (name, list) in names.into_iter().zip(lists) {
        select.projection.push(SelectItem::ExprWithAlias { expr: call_of("unnest", [list]), alias: name });
    }
    let own = alias_of(before);
    select.from[0].relation = before.clone();
    *before = TableFactor::Derived { lateral: false, subquery: query, alias: own, sample: None };
    Ok(())
}

/// What a table is called outside.
fn alias_of(table: &TableFactor) -> Option<TableAlias> {
    match table {
        TableFactor::Table { alias, .. } | TableFactor::Derived { alias, .. } => alias.clone(),
        _ => None,
    }
}

/// `u.item` is `item` now.
struct Unqualifying(Vec<String>);

impl VisitorMut for Unqualifying {
    type Break = Refused;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Refused> {
        if let Expr::CompoundIdentifier(idents) = expr
            && self.0.iter().any(|table| table.eq_ignore_ascii_case(&idents[0].value))
        {
            idents.remove(0);
            if let [ident] = &idents[..] {
                *expr = Expr::Identifier(ident.clone());
            }
        }
        ControlFlow::Continue(())
    }
}
