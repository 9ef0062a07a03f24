//! Where an expression begins, in the text that it was read of; and what its operator is called.

use sqlparser::ast::{BinaryOperator, Expr, Join, JoinConstraint, JoinOperator, Spanned, UnaryOperator};
use sqlparser::tokenizer::Location;

/// What a fault of types may be told of, if it is the only one that is written so.
pub(super) fn kind(expr: &Expr) -> Option<String> {
    Some(match expr {
        Expr::BinaryOp { op: BinaryOperator::NotEq, .. } => "!=".into(),
        Expr::BinaryOp { op, .. } => op.to_string(),
        Expr::UnaryOp { op: UnaryOperator::Minus, .. } => "negative".into(),
        Expr::UnaryOp { op: UnaryOperator::Not, .. } => "NOT".into(),
        Expr::Between { .. } => "BETWEEN".into(),
        Expr::InList { .. } => "IN".into(),
        Expr::Like { .. } | Expr::ILike { .. } => "LIKE".into(),
        Expr::Case { .. } => "CASE".into(),
        Expr::IsDistinctFrom(..) => "IS DISTINCT FROM".into(),
        Expr::IsNotDistinctFrom(..) => "IS NOT DISTINCT FROM".into(),
        _ => return None,
    })
}

/// Where it begins: with what is leftmost in it.
pub(super) fn start(expr: &Expr) -> Location {
    match expr {
        Expr::BinaryOp { left: of, .. }
        | Expr::Between { expr: of, .. }
        | Expr::InList { expr: of, .. }
        | Expr::InSubquery { expr: of, .. }
        | Expr::Like { expr: of, .. }
        | Expr::ILike { expr: of, .. }
        | Expr::IsDistinctFrom(of, _)
        | Expr::IsNotDistinctFrom(of, _)
        | Expr::IsNull(of)
        | Expr::IsNotNull(of)
        | Expr::Nested(of)
        | Expr::UnaryOp { expr: of, .. }
        | Expr::Cast { expr: of, .. }
        | Expr::CompoundFieldAccess { root: of, .. } => start(of),
        Expr::Identifier(ident) => ident.span.start,
        Expr::Value(value) => value.span.start,
        Expr::Case { case_token, .. } => case_token.0.span.start,
        other => other.span().start,
    }
}

/// What a join is on.
pub(super) fn condition(join: &Join) -> Option<&Expr> {
    use JoinOperator::{FullOuter, Inner, Join, Left, LeftOuter, Right, RightOuter};
    match &join.join_operator {
        Join(on) | Inner(on) | Left(on) | LeftOuter(on) | Right(on) | RightOuter(on) | FullOuter(on) => match on {
            JoinConstraint::On(condition) => Some(condition),
            _ => None,
        },
        _ => None,
    }
}
