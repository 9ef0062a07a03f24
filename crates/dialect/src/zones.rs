//! `x AT TIME ZONE z` is a moment, and the clock of there besides. Where two moments are held against one another it is the moment that
//! counts, and so `x` stands there; `hour`, `date_format` and casts are those of the clock. A zone that is written out is known wherever it is handed on
//! (`at_zone`); of one that is not it is the clock alone that is (`at_timezone`).
//!
//! | Lake | here |
//! |---|---|
//! | `x AT TIME ZONE z > TIMESTAMP '…'`, BETWEEN, IN | `x > TIMESTAMP '…'` |
//! | `x AT TIME ZONE z - y`, `date_diff('hour', y, x AT TIME ZONE z)`, `to_unixtime(x AT TIME ZONE z)` | the same of `x` |
//! | `min(x AT TIME ZONE 'Z')`, `max` | `at_timezone(min(x), 'Z')` |
//! | `date_trunc('day', x AT TIME ZONE z) = …` | as it is: when a day of there begins |
//! | `TIMESTAMP '2026-07-10 12:00:00 Europe/Berlin'` | `with_timezone(TIMESTAMP '2026-07-10 12:00:00', 'Europe/Berlin')` |

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, TypedString, Value,
};

use super::expressions::{arguments, call_of, name_of, text as text_of};

/// In a zone that may differ from row to row, and in one that is written out.
const AT: &str = "at_timezone";
const AT_ZONE: &str = "at_zone";

/// `moment AT TIME ZONE zone`.
pub(super) fn at(moment: Expr, zone: Expr) -> Expr {
    call_of(if is_written_out(&zone) { AT_ZONE } else { AT }, [moment, zone])
}

fn is_written_out(zone: &Expr) -> bool {
    matches!(zone, Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)))
}

/// `at_timezone(moment, zone)`, as the same.
pub(super) fn set_right(expr: &mut Expr) {
    let Expr::Function(function) = &*expr else { return };
    if let (Some(AT), &[moment, zone]) = (name_of(function).as_deref(), &arguments(function)[..]) {
        *expr = at(moment.clone(), zone.clone());
    }
}

/// `TIMESTAMP '2026-07-10 12:00:00 Europe/Berlin'`: what the clock there shows, and the zone.
pub(super) fn written(expr: &mut Expr) {
    let Expr::TypedString(typed) = &*expr else { return };
    let (DataType::Timestamp(..), Value::SingleQuotedString(text)) = (&typed.data_type, &typed.value.value) else {
        return;
    };
    let Some((clock, zone)) = text.trim().rsplit_once(' ') else { return };
    // A day and a time have no such letters.
    let is_zone = zone.contains('/') || zone.starts_with(['+', '-']);
    if is_zone {
        let clock =
            TypedString { value: Value::SingleQuotedString(clock.into()).with_span(typed.value.span), ..typed.clone() };
        *expr = call_of("with_timezone", [Expr::TypedString(clock), text_of(zone)]);
    }
}

/// Takes moments for clocks where moments are held against one another.
pub(super) fn rewrite(expr: &mut Expr) {
    match expr {
        Expr::BinaryOp { left, op, right } if compares(op) => both(&mut [left, right]),
        Expr::BinaryOp { left, op: BinaryOperator::Minus, right } if !is_span(right) => both(&mut [left, right]),
        Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => both(&mut [left, right]),
        Expr::Between { expr, low, high, .. } => both(&mut [expr, low, high]),
        Expr::InList { expr, list, .. } => {
            both(&mut std::iter::once(&mut **expr).chain(list).collect::<Vec<_>>());
        }
        Expr::InSubquery { expr, .. } => both(&mut [expr]),
        Expr::Function(_) => of_function(expr),
        _ => {}
    }
}

fn compares(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

fn of_function(expr: &mut Expr) {
    let Expr::Function(function) = expr else { return };
    match name_of(function).as_deref() {
        Some("date_diff") => both(&mut plain(function).into_iter().skip(1).collect::<Vec<_>>()),
        Some("to_unixtime") => both(&mut plain(function)),
        Some("min" | "max") => {
            let [of] = arguments(function)[..] else { return };
            let Some((moment, zone @ Expr::Value(_))) = shown(of) else { return };
            let zone = zone.clone();
            if let [of] = &mut plain(function)[..] {
                **of = moment;
                *expr = at(expr.clone(), zone);
            }
        }
        _ => {}
    }
}

/// If none of them is a clock after that: else they are clocks all, like `x AT TIME ZONE z = date_trunc('day', y AT TIME ZONE z)`.
fn both(all: &mut [&mut Expr]) {
    let shown: Vec<Option<Expr>> = all.iter().map(|expr| shown(expr).map(|(moment, _)| moment)).collect();
    if shown.iter().all(Option::is_none) {
        return;
    }
    let moments = all.iter().zip(shown).map(|(expr, moment)| moment.unwrap_or_else(|| (**expr).clone()));
    let moments: Vec<Expr> = moments.collect();
    let is_still_a_clock = |expr: &Expr| [AT, AT_ZONE].iter().any(|at| expr.to_string().contains(at));
    if !moments.iter().any(is_still_a_clock) {
        all.iter_mut().zip(moments).for_each(|(expr, moment)| **expr = moment);
    }
}

/// The moment at which a clock shows this, and the zone whose clock it is; `None` of what is no clock.
fn shown(expr: &Expr) -> Option<(Expr, &Expr)> {
    match expr {
        Expr::Nested(of) => shown(of).map(|(moment, zone)| (nested(moment), zone)),
        // Later, or earlier, on the same clock.
        Expr::BinaryOp { left, op: op @ (BinaryOperator::Plus | BinaryOperator::Minus), right } if is_span(right) => {
            let (moment, zone) = shown(left)?;
            Some((Expr::BinaryOp { left: Box::new(moment), op: op.clone(), right: right.clone() }, zone))
        }
        Expr::Function(function) => match (name_of(function).as_deref(), &arguments(function)[..]) {
            (Some(AT | AT_ZONE), &[of, zone]) => Some((nested(moment(of)), zone)),
            // In a zone that is written out a day later is the same on the clock of there, which its type knows.
            (Some("date_add"), &[unit, many, of]) => {
                let (moment, zone) = shown(of).filter(|(_, zone)| !is_written_out(zone))?;
                Some((call_of("date_add", [unit.clone(), many.clone(), moment]), zone))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The moment at which a clock shows this; what is none as it is.
fn moment(expr: &Expr) -> Expr {
    shown(expr).map_or_else(|| expr.clone(), |(moment, _)| moment)
}

/// In parentheses, if it needs them: what is written in two ways is not seen to be the same.
fn nested(expr: Expr) -> Expr {
    match expr {
        Expr::BinaryOp { .. } => Expr::Nested(Box::new(expr)),
        _ => expr,
    }
}

/// Whether it is a span of time, by its looks.
pub(super) fn is_span(expr: &Expr) -> bool {
    match expr {
        Expr::Interval(_) => true,
        Expr::Nested(of) | Expr::UnaryOp { expr: of, .. } => is_span(of),
        Expr::BinaryOp { left, right, .. } => is_span(left) || is_span(right),
        Expr::Function(function) => name_of(function).is_some_and(|name| name == "parse_duration"),
        _ => false,
    }
}

fn plain(function: &mut Function) -> Vec<&mut Expr> {
    let FunctionArguments::List(list) = &mut function.args else { return Vec::new() };
    let plain = list.args.iter_mut().filter_map(|arg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    plain.collect()
}
