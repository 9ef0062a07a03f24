//! Functions that are something else here: expressions of SQL, or functions of another name.

use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments,
    Ident, LambdaFunction, NullTreatment, ObjectName, OrderByExpr, OrderByOptions,
};

use super::expressions::{
    arguments, binary, call, call_of, case, cast, count_of_all, distinct, like, name_of, not, number, only, text,
};
use super::tries::TRIED;

/// What Trino calls them, and what DataFusion does.
const NAMES: &[(&str, &str)] = &[
    ("any_match", "array_any_match"),
    ("any_value", "first_value"),
    ("arbitrary", "first_value"),
    ("array_join", "array_to_string"),
    ("bitwise_and_agg", "bit_and"),
    ("bitwise_or_agg", "bit_or"),
    ("bitwise_xor_agg", "bit_xor"),
    ("ceiling", "ceil"),
    ("codepoint", "ascii"),
    ("every", "bool_and"),
    ("filter", "array_filter"),
    ("is_nan", "isnan"),
    ("levenshtein_distance", "levenshtein"),
    ("localtimestamp", "now"),
    ("rand", "random"),
    ("transform", "array_transform"),
    ("truncate", "trunc"),
    ("variance", "var"),
    ("zip", "arrays_zip"),
];

/// Those that are another function if they are given more arguments.
const OF_MORE: &[(&str, usize, &str)] =
    &[("max", 2, "max_n"), ("max_by", 3, "max_by_n"), ("min", 2, "min_n"), ("min_by", 3, "min_by_n")];

/// Those that are expressions here.
const EXPRESSIONS: &[&str] = &[
    "all_match",
    "approx_most_frequent",
    "array_sort",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "count_if",
    "current_timezone",
    "date",
    "e",
    "find_first",
    "from_base64",
    "from_hex",
    "from_utf8",
    "if",
    "listagg",
    "max_by",
    "min_by",
    "mod",
    "none_match",
    "set_agg",
    "set_union",
    "to_base64",
    "to_hex",
    "to_utf8",
    "try",
];

/// What only this crate writes: what casts, UNNEST, subqueries and functions with more arguments become. Nobody is offered these.
const WRITTEN: &[&str] = &[
    "array_sort_by",
    "as_varchar",
    "cast_as",
    "empty_map",
    "ip_address",
    "ip_as_prefix",
    "ip_contains",
    "is_among",
    "json_as_text",
    "max_by_n",
    "max_n",
    "min_by_n",
    "min_n",
    "most_frequent",
    "regexp_replace_each",
    "to_json",
    "try_ip_address",
    "try_ip_as_prefix",
    "unnest_part",
    "unnest_places",
];

/// What `extract` takes out of a moment.
const PARTS: &[&str] = &[
    "day",
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "dow",
    "doy",
    "hour",
    "minute",
    "month",
    "quarter",
    "second",
    "week",
    "year",
    "year_of_week",
    "yow",
];

/// What these are given is written several times: within one another they would grow beyond all bounds.
pub(super) const COPYING: &[&str] = &["max_by", "min_by", "rand", "random"];

/// Whether a function of this name, in small letters, is written as something else here.
pub fn knows(name: &str) -> bool {
    EXPRESSIONS.contains(&name) || NAMES.iter().any(|(theirs, _)| *theirs == name)
}

/// All of those, by name.
pub fn written_otherwise() -> impl Iterator<Item = &'static str> {
    EXPRESSIONS.iter().copied().chain(NAMES.iter().map(|(theirs, _)| *theirs))
}

/// Whether a function of this name stands in no statement but those that were read here.
pub fn writes(name: &str) -> bool {
    WRITTEN.contains(&name) || name.strip_prefix("try_").is_some_and(|tried| TRIED.contains(&tried))
}

/// What Trino may call one that DataFusion calls so.
pub(super) fn names_of(ours: &str) -> impl Iterator<Item = &'static str> {
    NAMES.iter().filter(move |(_, name)| *name == ours).map(|(theirs, _)| *theirs)
}

/// Writes a function of Trino as what it is here.
pub(super) fn rewrite(expr: &mut Expr) {
    if let Expr::Substring { expr: of, substring_from, substring_for, .. } = expr {
        let from = substring_from.as_ref().map_or_else(|| number("1"), |from| (**from).clone());
        *expr = call_of("substr", [(**of).clone(), from].into_iter().chain(substring_for.as_deref().cloned()));
        return;
    }
    let Expr::Function(function) = expr else { return };
    let Some(name) = name_of(function) else { return };
    if name == "listagg" {
        if let Some(list) = listagg(function) {
            *expr = list;
        }
        return;
    }
    let rows = (function.filter.clone(), function.over.clone());
    let replacement = match (&name[..], &mut arguments(function)[..]) {
        ("if", [condition, then]) => case(condition, then, None),
        ("if", [condition, then, otherwise]) => case(condition, then, Some(otherwise)),
        ("date", [of]) => cast(of, DataType::Date),
        ("try", [of]) => (*of).clone(),
        ("count_if", [condition]) => only(like(&rows, count_of_all()), condition.clone()),
        ("all_match", [list, Expr::Lambda(lambda)]) => {
            let fails = LambdaFunction { body: Box::new(not((*lambda.body).clone())), ..lambda.clone() };
            not(call_of("array_any_match", [list.clone(), Expr::Lambda(fails)]))
        }
        ("none_match", [list, matches]) => not(call_of("array_any_match", [list.clone(), matches.clone()])),
        ("mod", [of, by]) => binary(of, BinaryOperator::Modulo, by),
        ("bitwise_and", [of, with]) => binary(of, BinaryOperator::BitwiseAnd, with),
        ("bitwise_or", [of, with]) => binary(of, BinaryOperator::BitwiseOr, with),
        ("bitwise_xor", [of, with]) => binary(of, BinaryOperator::BitwiseXor, with),
        ("e", []) => call_of("exp", [number("1")]),
        ("map", []) => call_of("empty_map", []),
        ("rand" | "random", [below]) => random(&number("0"), below),
        ("rand" | "random", [from, below]) => random(from, below),
        // How near it may be is not asked here.
        ("approx_distinct", [of, _]) => like(&rows, call_of("approx_distinct", [of.clone()])),
        ("approx_most_frequent", [most, of, _]) => {
            call_of("most_frequent", [like(&rows, call_of("histogram", [of.clone()])), most.clone()])
        }
        ("set_agg", [of]) => like(&rows, distinct(call_of("array_agg", [of.clone()]))),
        ("set_union", [of]) => {
            call_of("array_distinct", [call_of("flatten", [like(&rows, call_of("array_agg", [of.clone()]))])])
        }
        ("from_unixtime", [of, zone]) => call_of("at_timezone", [call_of("from_unixtime", [of.clone()]), zone.clone()]),
        ("current_timezone", []) => text("UTC"),
        ("from_base64", [of]) => call_of("decode", [of.clone(), text("base64")]),
        ("to_base64", [of]) => call_of("encode", [of.clone(), text("base64pad")]),
        ("from_hex", [of]) => call_of("decode", [of.clone(), text("hex")]),
        ("to_hex", [of]) => call_of("upper", [call_of("encode", [of.clone(), text("hex")])]),
        ("to_utf8", [of]) => cast(of, DataType::Bytea),
        ("from_utf8", [of]) => cast(of, DataType::Varchar(None)),
        ("md5", [of]) => call_of("digest", [of.clone(), text("md5")]),
        ("max_by" | "min_by", [of, by]) => {
            let (of, by, few) = (of.clone(), by.clone(), if name == "max_by" { "max_by_n" } else { "min_by_n" });
            if rows.1.is_some() {
                let first = like(&rows, call_of(few, [of, by, number("1")]));
                call_of("element_at", [first, number("1")])
            } else {
                let is_told = Expr::IsNotNull(Box::new(Expr::Nested(Box::new(by.clone()))));
                only(like(&rows, first_by(&of, &by, name == "min_by")), is_told)
            }
        }
        ("contains", [network, of]) if is_address(of) => call_of("ip_contains", [network.clone(), of.clone()]),
        ("array_sort", [list, by @ Expr::Lambda(_)]) => call_of("array_sort_by", [list.clone(), by.clone()]),
        ("find_first", [list, wanted]) => {
            let found = call_of("array_filter", [list.clone(), wanted.clone()]);
            call_of("element_at", [found, number("1")])
        }
        ("regexp_replace", [of, found, put @ Expr::Lambda(_)]) => {
            call_of("regexp_replace_each", [of.clone(), found.clone(), put.clone()])
        }
        (_, args)
            if let Some((_, _, ours)) =
                OF_MORE.iter().find(|(theirs, many, _)| *theirs == name && *many == args.len()) =>
        {
            function.name = ObjectName::from(vec![Ident::new(*ours)]);
            return;
        }
        _ => {
            let ours = NAMES.iter().find(|(theirs, _)| *theirs == name).map_or(name.as_str(), |(_, ours)| *ours);
            let ident = Ident::new(ours);
            function.name = ObjectName::from(vec![ident]);
            if ours == "first_value" && name != ours {
                // Any but NULL.
                function.null_treatment = Some(NullTreatment::IgnoreNulls);
            }
            return;
        }
    };
    *expr = replacement;
}

/// `listagg(x, ', ') WITHIN GROUP (ORDER BY y)`: the list of them in that order, put together. What stands for an overflow goes: there is none.
fn listagg(function: &Function) -> Option<Expr> {
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

/// `extract(dow FROM x)`: the function of that name.
pub(super) fn rewrite_extract(expr: &mut Expr) {
    let Expr::Extract { field, expr: of, .. } = expr else { return };
    let name = field.to_string().to_lowercase();
    if PARTS.contains(&&*name) {
        *expr = call_of(&name, [(**of).clone()]);
    }
}

/// A whole number of at least this, and below that.
fn random(from: &Expr, below: &Expr) -> Expr {
    let many = binary(below, BinaryOperator::Minus, from);
    let some = call_of("floor", [binary(&call_of("random", []), BinaryOperator::Multiply, &many)]);
    binary(from, BinaryOperator::Plus, &cast(&some, DataType::BigInt(None)))
}

/// Whether it was cast to an address.
fn is_address(expr: &Expr) -> bool {
    matches!(expr, Expr::Function(function) if name_of(function).is_some_and(|name| name.ends_with("ip_address")))
}

/// The value where another is first. Where that is NULL it does not count.
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
