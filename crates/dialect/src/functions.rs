//! Functions that are something else here: expressions of SQL, or functions of another name.

use sqlparser::ast::{Expr, Function, Ident, NullTreatment, ObjectName};

use super::expressions::{arguments, call_of, name_of, number};

mod aggregates;
mod lists;
mod values;

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
    "at_zone",
    "cast_as",
    "clock_of",
    "empty_map",
    "ip_address",
    "ip_as_prefix",
    "is_among",
    "is_row_among",
    "json_as_text",
    "max_by_n",
    "max_n",
    "min_by_n",
    "min_n",
    "moment_of",
    "most_frequent",
    "negative",
    "regexp_replace_each",
    "row_among",
    "to_json",
    "try_each",
    "try_ip_address",
    "try_ip_as_prefix",
    "unnest_part",
    "unnest_places",
    "with_ties",
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
    WRITTEN.contains(&name)
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
        if let Some(list) = aggregates::listagg(function) {
            *expr = list;
        }
        return;
    }
    let args = arguments(function);
    let written = values::written(&name, &args)
        .or_else(|| lists::written(&name, &args))
        .or_else(|| aggregates::written(&name, &args, &(function.filter.clone(), function.over.clone())));
    let many = args.len();
    match written {
        Some(written) => *expr = written,
        None => rename(function, &name, many),
    }
}

/// Calls it as it is called here, given so many arguments.
fn rename(function: &mut Function, name: &str, many: usize) {
    let of_more = OF_MORE.iter().find(|(theirs, args, _)| *theirs == name && *args == many);
    let plain = NAMES.iter().find(|(theirs, _)| *theirs == name);
    let ours = of_more.map(|(_, _, ours)| *ours).or(plain.map(|(_, ours)| *ours)).unwrap_or(name);
    function.name = ObjectName::from(vec![Ident::new(ours)]);
    if ours == "first_value" && name != ours {
        // Any but NULL.
        function.null_treatment = Some(NullTreatment::IgnoreNulls);
    }
}

/// `extract(dow FROM x)`: the function of that name.
pub(super) fn rewrite_extract(expr: &mut Expr) {
    let Expr::Extract { field, expr: of, .. } = expr else { return };
    let name = field.to_string().to_lowercase();
    if PARTS.contains(&&*name) {
        *expr = call_of(&name, [(**of).clone()]);
    }
}
