//! Functions of lists and maps that are others here: `all_match`, `find_first`, an empty `map()`.

use sqlparser::ast::{Expr, LambdaFunction};

use crate::expressions::{call_of, not, number};

pub(super) fn written(name: &str, args: &[&Expr]) -> Option<Expr> {
    Some(match (name, args) {
        ("all_match", &[list, Expr::Lambda(lambda)]) => {
            let fails = LambdaFunction { body: Box::new(not((*lambda.body).clone())), ..lambda.clone() };
            not(call_of("array_any_match", [list.clone(), Expr::Lambda(fails)]))
        }
        ("none_match", &[list, matches]) => not(call_of("array_any_match", [list.clone(), matches.clone()])),
        ("find_first", &[list, wanted]) => {
            let found = call_of("array_filter", [list.clone(), wanted.clone()]);
            call_of("element_at", [found, number("1")])
        }
        ("array_sort", &[list, by @ Expr::Lambda(_)]) => call_of("array_sort_by", [list.clone(), by.clone()]),
        ("map", []) => call_of("empty_map", []),
        _ => return None,
    })
}
