//! What of a condition is a bound of a column, in whichever of its ways it is said.
//!
//! | it is said | it is |
//! |---|---|
//! | `b.x < a.x` | `b.x < a.x` |
//! | `b.x + INTERVAL '1' HOUR > a.x`, `date_add('hour', 1, b.x) > a.x` | `b.x` is later than an hour before `a.x` |
//! | `date_diff('minute', b.x, a.x) <= 5` | `b.x` is later than six minutes before `a.x`: there are five whole ones until they are six |

use arrow::datatypes::IntervalMonthDayNano;
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator};
use datafusion::scalar::ScalarValue;

use super::differing::is_column;
use super::keys::{comparison, is_of};
use crate::functions::{Bound, micros_of_unit};
use crate::moments::DAY_MICROS;
use crate::schema::MOMENT;

/// The column of the right that a condition bounds, and by what of the left. None: it is another condition.
///
/// What is reckoned of a column may fail for rows that nobody asks for: it is not reckoned here.
pub(super) fn bounds(condition: &Expr, left: &DFSchema, right: &DFSchema) -> Result<Option<(Expr, Vec<Bound>)>> {
    let Some((x, bounds)) = compared(condition, right).or_else(|| apart(condition, right)) else { return Ok(None) };
    let kind = x.get_type(right)?;
    for Bound { bound, later, .. } in &bounds {
        if bound.get_type(left)? != kind || (*later != 0 && kind != MOMENT) {
            return Ok(None);
        }
    }
    Ok(Some((x, bounds)))
}

fn compared(condition: &Expr, right: &DFSchema) -> Option<(Expr, Vec<Bound>)> {
    let (bound, op, x) = comparison(condition, right).filter(|(_, op, _)| *op != Operator::NotEq)?;
    let (x, later) = moved(&x)?;
    Some((x, vec![Bound { bound, op, later: later.saturating_neg() }]))
}

/// Of how many whole units one moment is after another.
fn apart(condition: &Expr, right: &DFSchema) -> Option<(Expr, Vec<Bound>)> {
    let Expr::BinaryExpr(BinaryExpr { left: one, op, right: other }) = condition else { return None };
    let (call, op, number) = match (whole(one), whole(other)) {
        (None, Some(number)) => (one, *op, number),
        (Some(number), None) => (other, op.swap()?, number),
        _ => return None,
    };
    let [unit, from, to] = call_of("date_diff", call)?;
    let unit = micros_of_unit(text(unit)?)?;
    // A number of whole units, and how far apart moments are of which it is the number: what is begun does not count, to either side.
    let at_least = |number: i64| match number {
        1.. => number.saturating_mul(unit),
        _ => number.saturating_sub(1).saturating_mul(unit).saturating_add(1),
    };
    let at_most = |number: i64| at_least(number.saturating_neg()).saturating_neg();
    let (least, most) = match op {
        Operator::Eq => (Some(at_least(number)), Some(at_most(number))),
        Operator::GtEq => (Some(at_least(number)), None),
        Operator::Gt => (Some(at_least(number.checked_add(1)?)), None),
        Operator::LtEq => (None, Some(at_most(number))),
        Operator::Lt => (None, Some(at_most(number.checked_sub(1)?))),
        _ => return None,
    };
    // So far the column is after the other moment, at least and at most.
    let (x, bound, least, most) = match (is_of(to, right, true), is_of(from, right, true)) {
        (true, false) if is_of(from, right, false) => (to, from, least, most),
        (false, true) if is_of(to, right, false) => {
            (from, to, most.map(i64::saturating_neg), least.map(i64::saturating_neg))
        }
        _ => return None,
    };
    let (x, moved) = moved(x)?;
    let held = |far: i64, op| Bound { bound: bound.clone(), op, later: far.saturating_sub(moved) };
    let least = least.map(|far| held(far, Operator::LtEq));
    Some((x, least.into_iter().chain(most.map(|far| held(far, Operator::GtEq))).collect()))
}

/// A column, and by how many microseconds a moment in it was moved.
fn moved(of: &Expr) -> Option<(Expr, i64)> {
    if is_column(of) {
        return Some((of.clone(), 0));
    }
    if let Some([unit, number, of]) = call_of("date_add", of) {
        let (of, later) = moved(of)?;
        return Some((of, later.saturating_add(micros_of_unit(text(unit)?)?.saturating_mul(whole(number)?))));
    }
    let Expr::BinaryExpr(BinaryExpr { left: one, op, right: other }) = of else { return None };
    let (of, span) = match (span(one), span(other), op) {
        (None, Some(span), Operator::Plus) => (one, span),
        (None, Some(span), Operator::Minus) => (one, span.saturating_neg()),
        (Some(span), None, Operator::Plus) => (other, span),
        _ => return None,
    };
    let (of, later) = moved(of)?;
    Some((of, later.saturating_add(span)))
}

/// The three arguments of a function.
fn call_of<'e>(name: &str, of: &'e Expr) -> Option<&'e [Expr; 3]> {
    match of {
        Expr::ScalarFunction(call) if call.name() == name => call.args.as_array(),
        _ => None,
    }
}

fn text(of: &Expr) -> Option<&str> {
    match of {
        Expr::Literal(value, _) => value.try_as_str().flatten(),
        _ => None,
    }
}

fn whole(of: &Expr) -> Option<i64> {
    match of {
        Expr::Literal(ScalarValue::Int64(number), _) => *number,
        _ => None,
    }
}

/// Microseconds of an interval that is always as long.
fn span(of: &Expr) -> Option<i64> {
    let Expr::Literal(ScalarValue::IntervalMonthDayNano(Some(span)), _) = of else { return None };
    let IntervalMonthDayNano { months, days, nanoseconds } = span;
    let is_it = *months == 0 && nanoseconds % 1000 == 0;
    is_it.then(|| (i64::from(*days) * DAY_MICROS).checked_add(nanoseconds / 1000)).flatten()
}
