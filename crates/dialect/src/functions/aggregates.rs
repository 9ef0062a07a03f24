//! Aggregate functions that are others here: `count_if`, `set_agg`, `max_by`, `listagg`. What is said of their rows is said of what they become.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments, OrderByExpr,
    OrderByOptions,
};

use crate::expressions::{Rows, call, call_of, count_of_all, distinct, like, number, only, text};

pub(super) fn written(name: &str, args: &[&Expr], rows: &Rows) -> Option<Expr> {
    Some(match (name, args) {
        ("count_if", &[condition]) => only(like(rows, count_of_all()), condition.clone()),
        // How near it may be is not asked here.
        ("approx_distinct", &[of, _]) => like(rows, call_of("approx_distinct", [of.clone()])),
        ("approx_most_frequent", &[most, of, _]) => {
            call_of("most_frequent", [like(rows, call_of("histogram", [of.clone()])), most.clone()])
        }
        ("set_agg", &[of]) => like(rows, distinct(call_of("array_agg", [of.clone()]))),
        ("set_union", &[of]) => {
            call_of("array_distinct", [call_of("flatten", [like(rows, call_of("array_agg", [of.clone()]))])])
        }
        ("max_by", &[of, by]) => extreme_by(of, by, rows, false),
        ("min_by", &[of, by]) => extreme_by(of, by, rows, true),
        _ => return None,
    })
}

/// The value where another is greatest, or least. Where that is NULL it does not count.
fn extreme_by(of: &Expr, by: &Expr, rows: &Rows, least: bool) -> Expr {
    if rows.1.is_some() {
        let few = if least { "min_by_n" } else { "max_by_n" };
        let first = like(rows, call_of(few, [of.clone(), by.clone(), number("1")]));
        return call_of("element_at", [first, number("1")]);
    }
    let is_told = Expr::IsNotNull(Box::new(Expr::Nested(Box::new(by.clone()))));
    only(like(rows, first_by(of, by, least)), is_told)
}

/// The value where another is first.
fn first_by(of: &Expr, by: &Expr, asc: bool) -> Expr {
    let mut first = call_of("first_value", [of.clone()]);
    let order = OrderByExpr {
        expr: by.clone(),
        options: OrderByOptions { asc: Some(asc), nulls_first: Some(false) },
        with_fill: None,
    };
    if let Expr::Function(Function { args: FunctionArguments::List(list), .. }) = &mut first {
        list.clauses.push(FunctionArgumentClause::OrderBy(vec![order]));
    }
    first
}

/// `listagg(x, ', ') WITHIN GROUP (ORDER BY y)`: the list of them in that order, put together. What stands for an overflow goes: there is none.
pub(super) fn listagg(function: &Function) -> Option<Expr> {
    let FunctionArguments::List(list) = &function.args else { return None };
    let (of, between) = match &list.args[..] {
        [FunctionArg::Unnamed(of)] => (of.clone(), text("")),
        [FunctionArg::Unnamed(of), FunctionArg::Unnamed(FunctionArgExpr::Expr(between))] => {
            (of.clone(), between.clone())
        }
        _ => return None,
    };
    let mut all = call("array_agg", vec![of]);
    if let Expr::Function(all) = &mut all {
        all.filter.clone_from(&function.filter);
        all.over.clone_from(&function.over);
        if let FunctionArguments::List(args) = &mut all.args {
            args.duplicate_treatment = list.duplicate_treatment;
            let order = |clause: &&FunctionArgumentClause| matches!(clause, FunctionArgumentClause::OrderBy(_));
            args.clauses.extend(list.clauses.iter().find(order).cloned());
            if !function.within_group.is_empty() {
                args.clauses = vec![FunctionArgumentClause::OrderBy(function.within_group.clone())];
            }
        }
    }
    Some(call_of("array_to_string", [all, between]))
}
