//! DataFusion's words for what is wrong, as whoever wrote the statement understands them: with Lake's names of types, the place in the text, and
//! no stages of a plan.

use arrow::error::ArrowError;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use dialect::{Places, SHARED};

use crate::schema::{Kind, each_name};
use crate::vocabulary::{FUNCTIONS, knows_function};

mod phrases;
mod types;

use types::types;

/// How moments may be written.
const MOMENTS: &str = "2026-02-10, 2026-02-10 18:02:03 or 2026-02-10T18:02:03Z";

/// From where on a name is like another.
const LIKE: f64 = 0.8;
/// Names that are listed.
const LISTED: usize = 12;
/// Functions that stand before OVER alone.
const WINDOW: &[&str] = &["cume_dist", "dense_rank", "lag", "lead", "ntile", "percent_rank", "rank", "row_number"];
/// DataFusion's names for what is written otherwise.
const WRITTEN: &[(&str, &str)] = &[
    ("array_element", "[…]"),
    ("array_filter", "filter"),
    ("array_transform", "transform"),
    ("character_length", "length"),
    ("negative", "-"),
];

/// What the innermost error says.
pub(crate) fn of_root(root: &DataFusionError, places: &Places) -> String {
    match root {
        DataFusionError::Plan(why)
        | DataFusionError::Execution(why)
        | DataFusionError::Internal(why)
        | DataFusionError::NotImplemented(why) => of(why, None, places),
        DataFusionError::ArrowError(error, _) => match &**error {
            ArrowError::ParseError(why) | ArrowError::CastError(why) | ArrowError::ComputeError(why) => {
                of(why, None, places)
            }
            ArrowError::DivideByZero => "something is divided by zero".into(),
            other => of(&other.to_string(), None, places),
        },
        DataFusionError::External(error) => of(&error.to_string(), None, places),
        other => of(&other.strip_backtrace(), None, places),
    }
}

/// A sentence of DataFusion's, as one of ours. `told`: where it says itself that it is.
fn of(why: &str, told: Option<(u64, u64)>, places: &Places) -> String {
    // Of what is written so there may be one alone, or it is not known which it is.
    let at = |written: &str| place_of(places.of_kind(written).or(told));
    let why = why.split("\n\nbacktrace: ").next().unwrap_or(why);
    let known = no_moment(why, places)
        .or_else(|| no_value(why, places))
        .or_else(|| no_function(why, places))
        .or_else(|| wrong_arguments(why, places))
        .or_else(|| functions_own(why, places))
        .or_else(|| phrases::told(why, &at));
    known.unwrap_or_else(|| types(why))
}

/// A text of the statement that is no moment.
fn no_moment(why: &str, places: &Places) -> Option<String> {
    let (written, _) = between(why, "Error parsing timestamp from '", "': ")?;
    Some(format!("`{written}`{} is no moment: write it like {MOMENTS}", place_of(places.of_text(written))))
}

/// One that is no value of a type.
fn no_value(why: &str, places: &Places) -> Option<String> {
    let (written, rest) = between(why, "Cannot cast string '", "' to value of ")?;
    let of = types(rest.strip_suffix(" type").unwrap_or(rest));
    Some(format!("`{written}`{} is no {of}", place_of(places.of_text(written))))
}

/// A function that is not there.
fn no_function(why: &str, places: &Places) -> Option<String> {
    let (written, _) = between(why, "Invalid function '", "'")?;
    if knows_function(written) {
        if WINDOW.contains(&written) {
            let place = place_of(places.of_part(written));
            return Some(format!("`{written}`{place} is told of rows in an order: write OVER (ORDER BY …) behind it"));
        }
        // Some are written as something else, by what they are given.
        return Some(format!("`{written}`{} does not take so many arguments", place_of(places.of_part(written))));
    }
    let mut there: Vec<&str> = FUNCTIONS.iter().map(String::as_str).collect();
    like_first(written, &mut there);
    Some(not_there("function", written, places.of_part(written), &there, "docs/LAKE.md lists those that are"))
}

/// A function that is there, and takes something else.
fn wrong_arguments(why: &str, places: &Places) -> Option<String> {
    let (call, _) = between(why, "No function matches the given name and argument types '", "'. ")?;
    let (called, given) = call.strip_suffix(')')?.split_once('(')?;
    let written = WRITTEN.iter().find(|(theirs, _)| *theirs == called);
    let name = written.map_or_else(|| places.function(called), |(_, ours)| ours);
    // What our own functions say themselves.
    let own = between(why, "coercion failed with: Error during planning: ", " No function matches");
    let own = own.map(|(own, _)| types(own.trim_end_matches('.')));
    let place = place_of(places.of_part(name).or_else(|| places.of_kind(called)));
    Some(match own {
        Some(own) => format!("`{name}`{place}: {own}"),
        None if name.starts_with("json_") && types(given).starts_with("map(") => format!(
            "`{name}`{place} takes a text of JSON, and this is a map: take what is in it by its name, like \
             element_at(requestParameters, 'bucketName')"
        ),
        None if given.is_empty() => format!("`{name}`{place} takes arguments"),
        None => format!("`{name}`{place} does not take ({}): CAST what is of another type", types(given)),
    })
}

/// What a function says itself, beginning with its name.
fn functions_own(why: &str, places: &Places) -> Option<String> {
    let (name, says) = why.split_once(' ')?;
    let name = places.function(name);
    let place = places.of_part(name).filter(|_| knows_function(name))?;
    Some(format!("`{name}`{} {}", place_of(Some(place)), types(says)))
}

/// What planning says.
pub(crate) fn of_plan(why: &str, error: &DataFusionError, places: &Places) -> String {
    let told = no_field(why, places).or_else(|| not_grouped(why, error, places)).or_else(|| uneven(why, error, places));
    told.unwrap_or_else(|| of(why, told_place(error, places), places))
}

/// Queries that select different numbers of columns, and are put together.
fn uneven(why: &str, error: &DataFusionError, places: &Places) -> Option<String> {
    let operator = why.strip_suffix(" queries have different number of columns")?;
    let many = |place: usize| {
        let told = error.diagnostic()?.notes.get(place)?.message.clone();
        Some(between(&told, "this side has ", " fields")?.0.to_owned())
    };
    let place = place_of(told_place(error, places));
    Some(format!("{operator}{place} puts as many columns below one another, and not {} and {}", many(0)?, many(1)?))
}

/// What cannot be planned of a statement that is understood: subqueries of some kinds.
pub(crate) fn no_plan(error: &DataFusionError) -> Option<String> {
    if error.find_root().to_string().contains("does not support logical expression WindowFunction") {
        return Some("what stands before OVER is no condition: select it in a subquery, and ask for it outside".into());
    }
    let is_subquery = match error.find_root() {
        // Every column was there when it was understood: it was lost with its subquery.
        DataFusionError::SchemaError(..) => true,
        root => {
            let why = root.to_string();
            why.contains("does not support logical expression") || why.contains("Accessing outer reference columns")
        }
    };
    is_subquery.then(|| {
        "a subquery of this kind is not understood: below SELECT and in comparisons one names what is around it by `=` alone, and none \
         does within an aggregate function or behind LATERAL: JOIN instead"
            .into()
    })
}

/// A column that is neither grouped by nor within an aggregate function.
fn not_grouped(why: &str, error: &DataFusionError, places: &Places) -> Option<String> {
    let (clause, _) = between(why, "Column in ", " must be in GROUP BY")?;
    let (column, _) = between(why, "column \"", "\" must appear in the GROUP BY clause")?;
    let column = column.rsplit('.').next().unwrap_or(column);
    // Of a column whose field was asked for, DataFusion tells no place.
    let place = place_of(told_place(error, places).or_else(|| places.of_only_part(column)));
    Some(format!(
        "`{column}`{place} is in {clause}: it must be in GROUP BY, or within a function of many rows like max(…)"
    ))
}

/// Where an error itself says that it is.
fn told_place(error: &DataFusionError, places: &Places) -> Option<(u64, u64)> {
    let span = error.diagnostic()?.span?;
    Some(places.as_written(span.start.line, span.start.column))
}

/// A column that is not there is told by the name that was written and its place, with those that are most like it.
pub(crate) fn no_column(why: &SchemaError, error: &DataFusionError, places: &Places) -> String {
    let (field, valid_fields) = match why {
        SchemaError::FieldNotFound { field, valid_fields } => (field, valid_fields),
        SchemaError::AmbiguousReference { field } => {
            let name = &field.name;
            let place = field.spans.first().map(|span| places.as_written(span.start.line, span.start.column));
            let place = place_of(place.or_else(|| told_place(error, places)).or_else(|| places.of_only_part(name)));
            return format!(
                "`{name}`{place} is what several columns are called: write of which table, like a.{name}, or name one otherwise by AS"
            );
        }
        SchemaError::DuplicateQualifiedField { qualifier, .. } => {
            let table = qualifier.table();
            return format!(
                "two tables are called `{table}`: give each a name of its own, like FROM {table} a JOIN {table} b"
            );
        }
        other => return other.to_string(),
    };
    let place = field.spans.first().map(|span| places.as_written(span.start.line, span.start.column));
    let place = place.or_else(|| told_place(error, places));
    // `eventData.eventTime`, where nothing is called eventData: it is what is not there.
    let of_table = field.relation.as_ref().map(|table| table.table());
    let is_table =
        |table: &str| valid_fields.iter().filter_map(|column| column.relation.as_ref()).any(|of| of.table() == table);
    let written = of_table.filter(|table| !is_table(table)).unwrap_or(field.name());
    let mut there: Vec<&str> = valid_fields.iter().map(|column| column.name()).collect();
    like_first(written, &mut there);
    let is_one_of = |name: &&str| name.split_once(SHARED).is_some_and(|(label, _)| label.eq_ignore_ascii_case(written));
    if there.iter().any(is_one_of) {
        return format!("`{written}`{} is what several columns are called: give each a name by AS", place_of(place));
    }
    there.retain(|name| !name.contains(SHARED));
    let nearest = there.first().filter(|name| likeness(name, written) > LIKE);
    if nearest.is_none() && places.is_quoted(written) {
        let place = place_of(place);
        return format!("there is no column `{written}`{place}: a text stands in single quotes, '{written}'");
    }
    let otherwise = listed(&there);
    not_there("column", written, place, &there, &otherwise)
}

/// What is there, in the order of the alphabet, if it is not too much.
fn listed(there: &[&str]) -> String {
    let mut sorted = there.to_vec();
    sorted.sort_by_key(|name| name.to_lowercase());
    match sorted.len() {
        0 => "nothing is there but what FROM names".into(),
        1..=LISTED => format!("there are {}", sorted.join(", ")),
        many => format!("there are {} and {} more", sorted[..LISTED].join(", "), many - LISTED),
    }
}

/// The same of a field of a column, of which DataFusion tells the name alone.
fn no_field(why: &str, places: &Places) -> Option<String> {
    let written = why.strip_prefix("Field ")?.strip_suffix(" not found in struct")?;
    let mut known = Vec::new();
    for kind in Kind::ALL {
        each_name(kind.schema().fields(), &mut |name| known.push(name.to_owned()));
    }
    let mut there: Vec<&str> = known.iter().map(String::as_str).collect();
    like_first(written, &mut there);
    Some(not_there("field", written, places.of_part(written), &there, "no field of any column is like it"))
}

fn likeness(name: &str, written: &str) -> f64 {
    strsim::jaro_winkler(&name.to_lowercase(), &written.to_lowercase())
}

/// Puts the names first that are most like this one.
fn like_first(written: &str, names: &mut Vec<&str>) {
    names.sort_by(|a, b| likeness(b, written).total_cmp(&likeness(a, written)).then(a.cmp(b)));
    names.dedup();
}

/// Where something is, as a sentence goes on.
fn place_of(place: Option<(u64, u64)>) -> String {
    place.map(|(line, column)| format!(" at Line: {line}, Column: {column}")).unwrap_or_default()
}

/// Says that nothing has this name, and what has one like it.
fn not_there(what: &str, written: &str, place: Option<(u64, u64)>, there: &[&str], otherwise: &str) -> String {
    let place = place_of(place);
    match there.first().filter(|name| likeness(name, written) > LIKE) {
        Some(nearest) => format!("there is no {what} `{written}`{place}; did you mean `{nearest}`?"),
        None => format!("there is no {what} `{written}`{place}; {otherwise}"),
    }
}

/// What stands between two texts, and behind the second.
fn between<'t>(text: &'t str, before: &str, behind: &str) -> Option<(&'t str, &'t str)> {
    text.split_once(before)?.1.split_once(behind)
}
