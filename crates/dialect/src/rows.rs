//! Rows that are held against others, value by value.
//!
//! | Lake | here |
//! |---|---|
//! | `(a, b) = (c, d)` | `a = c AND b = d` |
//! | `(a, b) <> (c, d)` | `NOT (a = c AND b = d)` |
//! | `(a, b) < (c, d)`, `<=`, `>`, `>=`, BETWEEN | `a < c OR a = c AND b < d` |
//! | `(a, b) IN ((1, 2), (3, 4))` | `a = 1 AND b = 2 OR a = 3 AND b = 4` |
//! | `(a, b) IN (SELECT x, y …)` | `row_among(a, b) IN (SELECT row_among(…) FROM (SELECT x, y …))`, of which planning makes EXISTS, and below SELECT `subqueries` a list |
//!
//! `ROW(a, b)` is the same as `(a, b)`.

use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Expr, Query, SetExpr, TableFactor, TableWithJoins, VisitMut, VisitorMut};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::counts::selected;
use super::expressions::{arguments, call_of, name_of, not};
use crate::Refused;

/// As what a row is written that is looked for among others, and they.
const ROW: &str = "row_among";
/// So long what a row in front of IN is written as may be: it stands there for each that it is held against.
const LONGEST: usize = 1 << 20;
/// Letters of two rows of which it is asked which comes before: what they begin with is written twice.
const LONGEST_PAIR: usize = 1 << 12;

/// Writes them so, wherever they are.
pub(super) fn rewrite(query: &mut Query) -> Result<(), Refused> {
    match query.visit(&mut Rows) {
        ControlFlow::Break(why) => Err(why),
        ControlFlow::Continue(()) => Ok(()),
    }
}

struct Rows;

impl VisitorMut for Rows {
    type Break = Refused;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Refused> {
        match written(expr) {
            Ok(Some(written)) => *expr = written,
            Ok(None) => {}
            Err(why) => return ControlFlow::Break(why),
        }
        ControlFlow::Continue(())
    }
}

/// What is written instead; `None`: no row is held against anything here.
fn written(expr: &Expr) -> Result<Option<Expr>, Refused> {
    Ok(match expr {
        Expr::BinaryOp { left, op: op @ (BinaryOperator::Eq | BinaryOperator::NotEq), right } => {
            let (Some(left), Some(right)) = (values(left), values(right)) else { return Ok(None) };
            let equal = equal(&left, &right)?;
            Some(if *op == BinaryOperator::Eq { equal } else { not(equal) })
        }
        Expr::BinaryOp { left, op, right } if strictly(op).is_some() => {
            let (Some(left), Some(right)) = (values(left), values(right)) else { return Ok(None) };
            Some(before(&left, op, &right)?)
        }
        Expr::Between { expr: of, negated, low, high } => {
            let (Some(row), Some(low), Some(high)) = (values(of), values(low), values(high)) else { return Ok(None) };
            let (from, to) = (before(&row, &BinaryOperator::GtEq, &low)?, before(&row, &BinaryOperator::LtEq, &high)?);
            let between = nested(op(from, BinaryOperator::And, to));
            Some(if *negated { not(between) } else { between })
        }
        Expr::InList { expr: of, list, negated } => {
            let Some(row) = values(of) else { return Ok(None) };
            if of.to_string().len().saturating_mul(list.len()) > LONGEST {
                return Err(Refused("the rows behind IN are too many: put them into VALUES, and JOIN them".into()));
            }
            let each = list.iter().map(|other| match values(other) {
                Some(other) => equal(&row, &other),
                None => {
                    Err(Refused(format!("`{of}` is a row of {} values, and `{other}` behind IN is none", row.len())))
                }
            });
            let any = any(each.collect::<Result<_, _>>()?);
            any.map(|any| if *negated { not(any) } else { any })
        }
        Expr::InSubquery { expr: of, subquery, negated } => {
            let Some(row) = values(of) else { return Ok(None) };
            let row: Vec<Expr> = row.into_iter().cloned().collect();
            if let Some(selected) = selected(&subquery.body).filter(|selected| *selected != row.len()) {
                return Err(Refused(format!(
                    "`{of}` is a row of {} values, and what stands behind IN selects {selected}",
                    row.len()
                )));
            }
            let subquery = Box::new(rows_of(subquery, row.len())?);
            Some(Expr::InSubquery { expr: Box::new(call_of(ROW, row)), subquery, negated: *negated })
        }
        _ => None,
    })
}

/// The values of a row; `None`: it is none.
fn values(expr: &Expr) -> Option<Vec<&Expr>> {
    match expr {
        Expr::Tuple(values) if values.len() > 1 => Some(values.iter().collect()),
        Expr::Function(function) if name_of(function).as_deref() == Some("row") => {
            Some(arguments(function)).filter(|values| !values.is_empty())
        }
        Expr::Nested(of) => values(of),
        _ => None,
    }
}

/// What less, or more, is where it is not equal, too.
fn strictly(op: &BinaryOperator) -> Option<BinaryOperator> {
    match op {
        BinaryOperator::Lt | BinaryOperator::LtEq => Some(BinaryOperator::Lt),
        BinaryOperator::Gt | BinaryOperator::GtEq => Some(BinaryOperator::Gt),
        _ => None,
    }
}

/// Whether a row is less, or more: by its first values, and where these are equal by what follows.
fn before(one: &[&Expr], by: &BinaryOperator, other: &[&Expr]) -> Result<Expr, Refused> {
    are_as_many(one, other)?;
    // What stands within it is written so already: each row within a row doubles it.
    let letters: usize = one.iter().chain(other).map(|value| value.to_string().len()).sum();
    if letters > LONGEST_PAIR {
        return Err(Refused(
            "two rows are too long to be held against each other: give their values names in WITH".into(),
        ));
    }
    let ([first, rest @ ..], [other_first, other_rest @ ..]) = (one, other) else {
        return Err(Refused("a row has values".into()));
    };
    let strictly = strictly(by).filter(|_| !rest.is_empty()).unwrap_or_else(|| by.clone());
    let is_before = pair(first, strictly, other_first)?;
    if rest.is_empty() {
        return Ok(nested(is_before));
    }
    let is_equal = pair(first, BinaryOperator::Eq, other_first)?;
    let follows = nested(op(nested(is_equal), BinaryOperator::And, before(rest, by, other_rest)?));
    Ok(nested(op(nested(is_before), BinaryOperator::Or, follows)))
}

/// Two values, held against one another. Each may be a row itself.
fn pair(one: &Expr, by: BinaryOperator, other: &Expr) -> Result<Expr, Refused> {
    let pair = op(nested(one.clone()), by, nested(other.clone()));
    Ok(written(&pair)?.unwrap_or(pair))
}

fn are_as_many(one: &[&Expr], other: &[&Expr]) -> Result<(), Refused> {
    if one.len() == other.len() {
        return Ok(());
    }
    Err(Refused(format!("a row of {} values is held against one of {}", one.len(), other.len())))
}

/// Whether all values of two rows are equal.
fn equal(one: &[&Expr], other: &[&Expr]) -> Result<Expr, Refused> {
    are_as_many(one, other)?;
    let equal = |(one, other): (&&Expr, &&Expr)| pair(one, BinaryOperator::Eq, other);
    let pairs: Vec<Expr> = one.iter().zip(other).map(equal).collect::<Result<_, Refused>>()?;
    let all = pairs.into_iter().reduce(|all, pair| op(all, BinaryOperator::And, pair));
    all.map(nested).ok_or_else(|| Refused("a row has values".into()))
}

/// The values of a row that is looked for among those of a query.
pub(super) fn looked_for(expr: &Expr) -> Option<Vec<&Expr>> {
    match expr {
        Expr::Function(function) if name_of(function).as_deref() == Some(ROW) => Some(arguments(function)),
        _ => None,
    }
}

/// The query whose rows a query gives, each as one.
pub(super) fn within(rows: &Query) -> Option<&Query> {
    let SetExpr::Select(select) = &*rows.body else { return None };
    match &select.from[..] {
        [TableWithJoins { relation: TableFactor::Derived { subquery, .. }, .. }] => Some(subquery),
        _ => None,
    }
}

/// Whether one of these is so: halves of halves, so that of a thousand none stands deep within others.
fn any(mut conditions: Vec<Expr>) -> Option<Expr> {
    let rest = match conditions.len() {
        0 => return None,
        1 => return conditions.pop(),
        many => conditions.split_off(many / 2),
    };
    Some(nested(op(any(conditions)?, BinaryOperator::Or, any(rest)?)))
}

/// The rows of a query, each as one.
fn rows_of(query: &Query, values: usize) -> Result<Query, Refused> {
    let columns: Vec<String> = (0..values).map(|place| format!("\"value {place}\"")).collect();
    let columns = columns.join(", ");
    let text = format!("SELECT {ROW}({columns}) FROM (SELECT 1) AS \"among\" ({columns})");
    let mut rows = Parser::new(&GenericDialect)
        .try_with_sql(&text)
        .and_then(|mut parser| parser.parse_query())
        .map_err(|error| Refused(error.to_string()))?;
    if let SetExpr::Select(select) = &mut *rows.body
        && let Some(TableFactor::Derived { subquery, .. }) = select.from.first_mut().map(|from| &mut from.relation)
    {
        **subquery = query.clone();
    }
    Ok(*rows)
}

fn op(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

fn nested(expr: Expr) -> Expr {
    match expr {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_) | Expr::Nested(_) => expr,
        other => Expr::Nested(Box::new(other)),
    }
}
