//! Sentences of DataFusion's that are told otherwise: what it says, and what is said instead.

use super::between;
use super::types::types;

/// Where something that is written so stands, as a sentence goes on.
type At<'a> = &'a dyn Fn(&str) -> String;

/// What is wrong, without a word of how it was planned.
pub(super) fn told(why: &str, at: At<'_>) -> Option<String> {
    compared(why, at)
        .or_else(|| calculated(why, at))
        .or_else(|| converted(why))
        .or_else(|| taken_apart(why))
        .or_else(|| placed(why, at))
}

/// Two values that have no comparison.
fn compared(why: &str, at: At<'_>) -> Option<String> {
    if let Some(rest) = why.strip_prefix("Cannot infer common argument type for comparison operation ") {
        let (left, operator, right) = operation(
            rest,
            &[" IS DISTINCT FROM ", " IS NOT DISTINCT FROM ", " != ", " <= ", " >= ", " = ", " < ", " > "],
        )?;
        let at = at(operator);
        return Some(format!("{} and {} are not compared by `{operator}`{at}: CAST one of them", a(&left), a(&right)));
    }
    if let Some(rest) = why.strip_prefix("Cannot infer common argument type for logical boolean operation ") {
        let (left, operator, right) = operation(rest, &[" AND ", " OR "])?;
        let (other, at) = (if left == "boolean" { right } else { left }, at(operator));
        return Some(format!("`{operator}`{at} stands between what is true or false, and this is {}", a(&other)));
    }
    if let Some(of) = why.strip_prefix("Unary operator 'NOT' requires a boolean expression, got ") {
        return Some(format!("NOT{} stands before what is true or false, and this is {}", at("NOT"), a(&types(of))));
    }
    if let Some((_, rest)) = why.split_once("Invalid comparison operation: ") {
        let (left, _, right) = operation(rest, &[" == ", " != ", " <= ", " >= ", " < ", " > "])?;
        return Some(format!("{} and {} are not compared: CAST one of them", a(&left), a(&right)));
    }
    let pair = between(why, "Can not find compatible types to compare ", " with [")
        .map(|(left, rest)| (left, rest.trim_end_matches(']'), "IN"))
        .or_else(|| {
            let (both, _) = between(why, "Failed to coerce types ", " in BETWEEN expression")?;
            let (left, right) = both.split_once(" and ")?;
            Some((left, right, "BETWEEN"))
        });
    if let Some((left, right, operator)) = pair {
        let (left, right) = (types(left), types(right));
        // Of a list the first that differs is told.
        let right = right.split(", ").find(|of| *of != left).unwrap_or(&right);
        let at = at(operator);
        return Some(format!("{} and {} are not compared by `{operator}`{at}: CAST one of them", a(&left), a(right)));
    }
    if let Some((types_of, rest)) = between(why, "There isn't a common type to coerce ", " in ")
        && rest.ends_with("LIKE expression")
    {
        let (left, right) = types_of.rsplit_once(" and ")?;
        let [left, right] = [types(left), types(right)];
        let other = if left == "varchar" { right } else { left };
        let at = at("LIKE");
        return Some(format!("LIKE{at} holds a varchar against a pattern, and this is {}: CAST it", a(&other)));
    }
    if why.starts_with("Uncomparable values: ") {
        return Some("rows and maps are neither more nor less than others: take one of their fields".into());
    }
    let (_, rest) = why.split_once("Min/Max accumulator not implemented for type ")?;
    let of = rest.split('\n').next().unwrap_or_default();
    Some(format!("of {} there is no least and no greatest", a(&types(of))))
}

/// Two values that cannot be added, or the like.
fn calculated(why: &str, at: At<'_>) -> Option<String> {
    let rest = why
        .strip_prefix("Cannot infer common string type for string concat operation ")
        .or_else(|| why.strip_prefix("Cannot coerce arithmetic expression "))
        .map(|rest| rest.trim_end_matches(" to valid types"))
        .or_else(|| why.strip_prefix("Cannot get result type for temporal operation ")?.split(": Invalid").next())?;
    let (left, operator, right) = operation(rest, &[" + ", " - ", " * ", " / ", " % ", " || "])?;
    let instead = match (&*left, operator) {
        ("timestamp" | "date", "+" | "-") => "an INTERVAL is added to it, like INTERVAL '1' DAY",
        _ => "CAST what is of another type",
    };
    Some(format!("`{operator}`{} does not take {} and {}: {instead}", at(operator), a(&left), a(&right)))
}

/// What stands on both sides of the first of these operators that stands there by itself.
fn operation<'o>(text: &str, operators: &[&'o str]) -> Option<(String, &'o str, String)> {
    // No type has an operator in its name.
    let (at, operator) =
        operators.iter().filter_map(|operator| Some((text.find(operator)?, *operator))).min_by_key(|(at, _)| *at)?;
    Some((types(&text[..at]), operator.trim(), types(&text[at + operator.len()..])))
}

/// Casts.
fn converted(why: &str) -> Option<String> {
    if let Some(of) = why.strip_prefix("Unsupported SQL type ") {
        return Some(format!("there is no type `{}`", of.to_lowercase()));
    }
    let (from, to) = between(why, "Unsupported CAST from ", " to ").or_else(|| {
        between(why, "Casting from ", " to ").map(|(from, to)| (from, to.trim_end_matches(" not supported")))
    })?;
    Some(format!("{} is not CAST to {}", a(&types(from)), types(to)))
}

/// Fields of what has none.
fn taken_apart(why: &str) -> Option<String> {
    let (of, _) = between(why, "Cannot access field at argument 1: type ", " is not Struct, Map, or Null")?;
    let of = types(of);
    Some(match of.starts_with("array") {
        true => format!("{} has no fields: take an item of it, like resources[1].arn, or UNNEST it", a(&of)),
        false => format!("{} has no fields", a(&of)),
    })
}

/// What stands where it may not.
fn placed(why: &str, at: At<'_>) -> Option<String> {
    let starts: &[(&str, &str)] = &[
        (
            "Aggregate function calls cannot be nested",
            "functions of many rows, like sum and count, do not stand within one another: select the inner one in a subquery",
        ),
        (
            "Aggregate functions are not allowed in the WHERE clause",
            "functions of many rows, like sum and count, do not stand in WHERE, which is asked of each row: use HAVING",
        ),
        (
            "Too many columns! The subquery should only return one column",
            "a subquery that stands for a value, or behind IN, selects one column",
        ),
        ("Scalar subquery returned more than one row", "a subquery that stands for a value gave more than one row"),
        (
            "FILTER clause can only be used with aggregate window functions",
            "FILTER stands behind functions of many rows, like sum and count, and not behind this one",
        ),
        (
            "Projections require unique expression names",
            "two columns are called the same: give one of them another name by AS",
        ),
        (
            "Unsupported Interval Expression with last_field",
            "INTERVAL … TO … is not understood: write one unit, like INTERVAL '14' MONTH",
        ),
        ("TOP", "TOP is not understood: write LIMIT at the end"),
    ];
    if let Some((_, told)) = starts.iter().find(|(start, _)| why.starts_with(start)) {
        return Some((*told).to_owned());
    }
    let no_condition =
        between(why, "Cannot create filter with non-boolean predicate ", " returning ").map(|(_, of)| of);
    if let Some(of) = no_condition.or_else(|| why.strip_prefix("Join condition must be boolean type, but got ")) {
        return Some(format!("a condition is true or false, and this one{} is {}", at("WHERE"), a(&types(of))));
    }
    if let Some((then, rest)) = between(why, "Failed to coerce then (", ") and else (") {
        let (other, _) = rest.rsplit_once(") to common types")?;
        let at = at("CASE");
        return Some(format!(
            "CASE{at} gives values of one type, and not {} and {}",
            a(&types(then)),
            a(&types(other))
        ));
    }
    if let Some((unit, units)) = between(why, "Unsupported date_trunc granularity: '", "'. Supported values are: ") {
        return Some(format!("`{unit}` is no unit of date_trunc: there are {units}"));
    }
    if let Some(given) = why.strip_prefix("array_filter lambda must return boolean, got ") {
        return Some(format!("the lambda of filter says true or false, and this one gives {}", a(&types(given))));
    }
    if let Some(table) = why.strip_prefix("Invalid qualifier ") {
        return Some(format!("there is no table `{table}` here"));
    }
    if let Some((text, _)) = between(why, "Invalid input syntax for type interval: \"", "\"") {
        return Some(format!("`{text}` is no interval: write it like INTERVAL '1' DAY"));
    }
    if let Some((order, _)) = between(why, "For SELECT DISTINCT, ORDER BY expressions ", " must appear in select list")
    {
        let name = order.rsplit('.').next().unwrap_or(order);
        return Some(format!("`{name}` is in ORDER BY, and SELECT DISTINCT does not select it"));
    }
    if let Some((place, most)) = between(why, "Order by column out of bounds, specified: ", ", max: ") {
        return Some(format!("`ORDER BY {place}` is by the place of a column, and {most} are selected"));
    }
    if let Some((place, rest)) = between(why, "Cannot find column with position ", " in SELECT clause. Valid columns: ")
    {
        let most = rest.rsplit(' ').next().unwrap_or(rest);
        return Some(format!("`GROUP BY {place}` is by the place of a column, and {most} are selected"));
    }
    if let Some((columns, rest)) = between(why, "Source table contains ", " columns but only ") {
        let (names, _) = rest.split_once(' ')?;
        return Some(format!("there are {columns} columns, and {names} names for them"));
    }
    let (first, rest) =
        between(why, "Incompatible inputs for Union: Previous inputs were of type ", ", but got incompatible type ")?;
    let (other, column) = rest.split_once(" on column ")?;
    let (first, other, at) = (types(first), types(other), at("UNION"));
    let of = match column.trim_matches(['\'', '"', '`', '.']) {
        "" => String::new(),
        column => format!(" in `{column}`"),
    };
    Some(format!("UNION{at} puts values of one type below one another, and not {} and {}{of}", a(&first), a(&other)))
}

/// With its article.
fn a(of: &str) -> String {
    format!("{} {of}", if of.starts_with(['a', 'i']) { "an" } else { "a" })
}
