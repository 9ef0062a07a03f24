//! Functions of single values that are expressions here: `if`, `date`, `mod`, bits, encodings.

use sqlparser::ast::{BinaryOperator, DataType, Expr};

use crate::expressions::{binary, call_of, case, cast, number, text};
use crate::tries::tried;

pub(super) fn written(name: &str, args: &[&Expr]) -> Option<Expr> {
    Some(match (name, args) {
        ("if", &[condition, then]) => case(condition, then, None),
        ("if", &[condition, then, otherwise]) => case(condition, then, Some(otherwise)),
        ("date", &[of]) => cast(of, DataType::Date),
        ("try", &[of]) => tried(of),
        ("mod", &[of, by]) => binary(of, BinaryOperator::Modulo, by),
        ("bitwise_and", &[of, with]) => binary(of, BinaryOperator::BitwiseAnd, with),
        ("bitwise_or", &[of, with]) => binary(of, BinaryOperator::BitwiseOr, with),
        ("bitwise_xor", &[of, with]) => binary(of, BinaryOperator::BitwiseXor, with),
        ("e", []) => call_of("exp", [number("1")]),
        ("rand" | "random", &[below]) => random(&number("0"), below),
        ("rand" | "random", &[from, below]) => random(from, below),
        ("from_unixtime", &[of, zone]) => {
            call_of("at_timezone", [call_of("from_unixtime", [of.clone()]), zone.clone()])
        }
        ("current_timezone", []) => text("UTC"),
        ("regexp_replace", &[of, found, put @ Expr::Lambda(_)]) => {
            call_of("regexp_replace_each", [of.clone(), found.clone(), put.clone()])
        }
        ("from_base64", &[of]) => call_of("decode", [of.clone(), text("base64")]),
        ("to_base64", &[of]) => call_of("encode", [of.clone(), text("base64pad")]),
        ("from_hex", &[of]) => call_of("decode", [of.clone(), text("hex")]),
        ("to_hex", &[of]) => call_of("upper", [call_of("encode", [of.clone(), text("hex")])]),
        ("to_utf8", &[of]) => cast(of, DataType::Bytea),
        ("from_utf8", &[of]) => cast(of, DataType::Varchar(None)),
        ("md5", &[of]) => call_of("digest", [of.clone(), text("md5")]),
        _ => return None,
    })
}

/// A whole number of at least this, and below that.
fn random(from: &Expr, below: &Expr) -> Expr {
    let many = binary(below, BinaryOperator::Minus, from);
    let some = call_of("floor", [binary(&call_of("random", []), BinaryOperator::Multiply, &many)]);
    binary(from, BinaryOperator::Plus, &cast(&some, DataType::BigInt(None)))
}
