//! `TRY(…)`: what fails within it is NULL. Casts become those that give NULL, and divisions are by no zero: of these a plan can still be pruned.
//! Whatever else may fail is tried row by row: `try_each(true, it -> CASE WHEN it THEN … END)`, where nothing is taken out of the CASE.
//!
//! <https://trino.io/docs/current/functions/conditional.html#try>

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, CastKind, Expr, Function, Ident, LambdaFunction, LambdaFunctionParameter, LambdaSyntax,
    OneOrManyWithParens, Value, Visit, VisitMut, Visitor, VisitorMut,
};

use super::expressions::{arguments, call_of, case, name_of, number};

/// What nobody calls anything.
const IT: &str = "\u{1f}it";
/// What does not fail, as far as it stands in TRY.
const SAFE: &[&str] = &[
    "as_varchar",
    // Each that stands in TRY is one that is tried.
    "cast_as",
    "coalesce",
    "json_as_text",
    "json_extract",
    "json_extract_scalar",
    "left",
    "lower",
    "nullif",
    "try_ip_address",
    "try_ip_as_prefix",
    "upper",
];

/// Makes NULL of casts and divisions that fail.
pub(super) fn set_right(expr: &mut Expr) {
    let _ = expr.visit(&mut Trying);
}

struct Trying;

impl VisitorMut for Trying {
    type Break = std::convert::Infallible;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        match expr {
            Expr::Cast { kind, .. } => *kind = CastKind::TryCast,
            Expr::BinaryOp { op: BinaryOperator::Divide | BinaryOperator::Modulo, right, .. } => {
                let by = std::mem::replace(&mut **right, Expr::value(Value::Null));
                **right = call_of("nullif", [by, number("0")]);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// What stands in TRY and is planned already, as it is tried.
pub(super) fn tried(expr: &Expr) -> Expr {
    if expr.visit(&mut Failing).is_continue() {
        return expr.clone();
    }
    let params =
        OneOrManyWithParens::One(LambdaFunctionParameter { name: Ident::with_quote('"', IT), data_type: None });
    let body = case(&Expr::Identifier(Ident::with_quote('"', IT)), expr, None);
    let lambda = LambdaFunction { params, body: Box::new(body), syntax: LambdaSyntax::Arrow };
    call_of("try_each", [Expr::value(Value::Boolean(true)), Expr::Lambda(lambda)])
}

fn is_safe(function: &Function) -> bool {
    let (Some(name), arguments) = (name_of(function), arguments(function)) else { return false };
    match &*name {
        // A map has what it has; a list has no place 0.
        "element_at" => {
            matches!(&arguments[..], [_, Expr::Value(key)] if matches!(key.value, Value::SingleQuotedString(_)))
        }
        name => SAFE.contains(&name),
    }
}

/// Stops where something may fail.
struct Failing;

impl Visitor for Failing {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        use BinaryOperator::{Divide, Minus, Modulo, Multiply, Plus};
        let may_fail = match expr {
            Expr::Function(function) => !is_safe(function),
            Expr::BinaryOp { op, .. } => matches!(op, Plus | Minus | Multiply | Divide | Modulo),
            _ => false,
        };
        if may_fail { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
