//! `TRY(…)`: what fails within it is NULL. Casts become those that give NULL, divisions are by no zero, and functions that refuse a text have a kin that
//! does not.
//!
//! <https://trino.io/docs/current/functions/conditional.html#try>

use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, CastKind, Expr, Ident, ObjectName, Value, VisitorMut};

use super::expressions::{call_of, name_of, number};

/// What fails with a text that is none of theirs, and has a kin that gives NULL then: `try_date_parse`.
pub const TRIED: &[&str] = &["date_parse", "from_iso8601_date", "from_iso8601_timestamp", "parse_datetime"];

/// Within TRY: what would fail is NULL.
pub(super) struct Trying;

impl VisitorMut for Trying {
    type Break = std::convert::Infallible;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        match expr {
            Expr::Cast { kind, .. } => *kind = CastKind::TryCast,
            Expr::BinaryOp { op: BinaryOperator::Divide | BinaryOperator::Modulo, right, .. } => {
                let by = std::mem::replace(&mut **right, Expr::value(Value::Null));
                **right = call_of("nullif", [by, number("0")]);
            }
            Expr::Function(function) if name_of(function).is_some_and(|name| TRIED.contains(&&*name)) => {
                let name = format!("try_{}", name_of(function).unwrap_or_default());
                function.name = ObjectName::from(vec![Ident::new(name)]);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
