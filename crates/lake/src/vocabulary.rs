//! What statements may name, for whoever offers it to a writer: columns, with what is nested in them, and functions.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use arrow::datatypes::{DataType, Field};
use datafusion::prelude::SessionContext;

use crate::functions;
use crate::schema::Kind;

/// A column, or a field within one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as Trino names it: `varchar`, `timestamp`, `map(varchar, varchar)`, `array(row)`, `row`.
    pub kind: String,
    /// What is nested in it, or in the items of its list.
    pub fields: Vec<Column>,
}

/// The columns of event data stores of this kind.
pub fn columns(kind: Kind) -> Vec<Column> {
    kind.schema().fields().iter().map(|field| column(field)).collect()
}

fn column(field: &Field) -> Column {
    let (kind, fields) = described(field.data_type());
    Column { name: field.name().clone(), kind, fields }
}

fn described(of: &DataType) -> (String, Vec<Column>) {
    match of {
        DataType::Struct(fields) => ("row".into(), fields.iter().map(|field| column(field)).collect()),
        DataType::List(item) => {
            let (kind, fields) = described(item.data_type());
            (format!("array({kind})"), fields)
        }
        of => (functions::said(of), Vec::new()),
    }
}

/// The functions that are offered, in order: Trino's, as far as they are understood, and ours. Others of DataFusion's are understood, too.
pub static FUNCTIONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let ours = functions::names().into_iter().filter(|name| !is_inner(name));
    let theirs = dialect::functions().chain(DATAFUSIONS.iter().copied()).map(str::to_owned);
    ours.chain(theirs).collect::<BTreeSet<String>>().into_iter().collect()
});

/// Every function that is known to the planner.
static REGISTERED: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let context = SessionContext::new();
    functions::register(&context);
    let state = context.state();
    let scalars = state.scalar_functions().keys().chain(state.higher_order_functions().keys());
    let of_rows = state.aggregate_functions().keys().chain(state.window_functions().keys());
    scalars.chain(of_rows).cloned().collect()
});

/// Whether a function of this name, in small letters, is understood, if it is given what it takes.
pub(crate) fn knows_function(name: &str) -> bool {
    REGISTERED.contains(name) || dialect::knows_function(name)
}

/// Whether it is only what something else becomes: nobody is offered it.
fn is_inner(name: &str) -> bool {
    functions::INNER.contains(&name) || functions::OPERATORS.contains(&name) || dialect::writes_function(name)
}

/// Those of Trino's that are DataFusion's as they are.
const DATAFUSIONS: &[&str] = &[
    "abs",
    "acos",
    "approx_distinct",
    "array_agg",
    "array_distinct",
    "array_except",
    "array_intersect",
    "array_union",
    "asin",
    "atan",
    "atan2",
    "avg",
    "bool_and",
    "bool_or",
    "cbrt",
    "chr",
    "coalesce",
    "corr",
    "cos",
    "cosh",
    "count",
    "covar_pop",
    "covar_samp",
    "cume_dist",
    "current_date",
    "current_timestamp",
    "degrees",
    "dense_rank",
    "exp",
    "first_value",
    "flatten",
    "lag",
    "last_value",
    "lead",
    "length",
    "ln",
    "log",
    "log10",
    "log2",
    "lower",
    "lpad",
    "ltrim",
    "map",
    "map_entries",
    "map_keys",
    "map_values",
    "max",
    "md5",
    "min",
    "now",
    "nth_value",
    "ntile",
    "nullif",
    "percent_rank",
    "pi",
    "pow",
    "power",
    "radians",
    "random",
    "rank",
    "regexp_like",
    "regr_intercept",
    "regr_slope",
    "round",
    "row_number",
    "rpad",
    "rtrim",
    "sha256",
    "sha512",
    "sin",
    "sinh",
    "sqrt",
    "starts_with",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "tan",
    "tanh",
    "translate",
    "trim",
    "upper",
    "uuid",
    "var_pop",
    "var_samp",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_that_is_offered_is_known() {
        let unknown: Vec<_> = FUNCTIONS.iter().filter(|name| !knows_function(name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn every_function_of_ours_is_known_and_offered_unless_it_stands_for_something_else() {
        for name in functions::names() {
            assert!(knows_function(&name), "{name}");
            assert!(FUNCTIONS.contains(&name) != is_inner(&name), "{name}");
        }
    }

    #[test]
    fn columns_are_told_with_what_is_nested_in_them() {
        let columns = columns(Kind::Events);
        let find = |all: &[Column], name: &str| all.iter().find(|one| one.name == name).expect("it is there").clone();
        let identity = find(&columns, "userIdentity");
        assert_eq!(identity.kind, "row");
        let context = find(&identity.fields, "sessionContext");
        let issuer = find(&context.fields, "sessionIssuer");
        assert_eq!(find(&issuer.fields, "userName").kind, "varchar");
        assert_eq!(find(&columns, "eventTime").kind, "timestamp");
        assert_eq!(find(&columns, "requestParameters").kind, "map(varchar, varchar)");
        assert_eq!(find(&columns, "resources").kind, "array(row)");
    }
}
