//! Functions of Trino that DataFusion has not, or has otherwise (decision 0021). One file a family.
//!
//! JSON is text here: what gives JSON gives its text, and a cast of it to VARCHAR reads the text that it is (`json_as_text`, which
//! the dialect puts there).

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF};
use datafusion::prelude::SessionContext;

/// A function is its name: no two have the same.
macro_rules! known_by_name {
    ($function:ty) => {
        impl std::fmt::Debug for $function {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(self.name)
            }
        }

        impl PartialEq for $function {
            fn eq(&self, other: &$function) -> bool {
                self.name == other.name
            }
        }

        impl Eq for $function {}

        impl std::hash::Hash for $function {
            fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
                self.name.hash(hasher);
            }
        }
    };
}

mod addresses;
mod aggregates;
mod among;
mod among_between;
mod among_sorted;
mod any_resource;
mod arrays;
mod bounded;
mod casts;
mod concat;
mod contains;
mod element_at;
mod greatest_few;
mod hashes;
mod insights;
mod json;
mod json_get;
mod lambdas;
mod map_aggregates;
mod map_entries;
mod numbers;
mod operands;
mod percentiles;
mod plain;
mod printf;
mod regexps;
mod rows;
mod rows_among;
mod sequences;
mod signs;
mod sliding;
mod spans;
mod stretches;
mod strings;
mod time_texts;
mod times;
mod type_names;
mod typed;
mod types;
mod unnested;
mod urls;
mod wholes;
mod written;
mod zones;

pub(crate) use among_between::{Bound, among_between};
pub(crate) use among_sorted::{among_sorted, is_bytes, is_in_order};
pub(crate) use any_resource::any_resource;
pub(crate) use insights::fields as fields_of_insights;
use plain::Plain;
use rows::{each_text, text_at, texts_of};
pub(crate) use times::micros_of_unit;
pub(crate) use type_names::{said, said_shortly};
pub(crate) use wholes::OPERATORS;
pub(crate) use zones::zone_function;

/// Those that only something else becomes.
pub(crate) const INNER: [&str; 3] = ["any_resource", among_between::NAME, among_sorted::NAME];

/// All of them.
struct Ours {
    scalars: Vec<ScalarUDF>,
    of_lambdas: Vec<HigherOrderUDF>,
    aggregates: Vec<AggregateUDF>,
}

impl Ours {
    /// `context`: one that knows DataFusion's, of which some are within ours.
    fn all(context: &SessionContext) -> Ours {
        let scalars = [
            json::all(),
            json_get::all(),
            urls::all(),
            times::all(context),
            time_texts::all(),
            spans::all(),
            regexps::all(),
            strings::all(),
            printf::all(),
            printf::bases(),
            numbers::all(),
            signs::all(),
            hashes::all(),
            arrays::all(),
            contains::all(),
            concat::all(),
            sequences::all(),
            map_entries::all(),
            type_names::all(),
            addresses::all(),
            casts::all(),
            unnested::all(),
            zones::all(),
            wholes::all(),
            written::all(),
            vec![
                among::function(),
                among_between::function(),
                rows_among::function(),
                any_resource::function(),
                ScalarUDF::from(element_at::ElementAt::new()),
            ],
        ];
        let scalars = scalars.into_iter().flatten().collect();
        let aggregates = [
            map_aggregates::all(),
            aggregates::all(),
            greatest_few::all(),
            percentiles::all(),
            vec![insights::function(), wholes::sum(), among_sorted::aggregate()],
        ];
        Ours { scalars, of_lambdas: lambdas::all(), aggregates: aggregates.into_iter().flatten().collect() }
    }
}

/// What they are called. Those of DataFusion's that are only bounded here are its own.
pub(crate) fn names() -> Vec<String> {
    let Ours { scalars, of_lambdas, aggregates } = Ours::all(&SessionContext::new());
    let scalars = scalars.iter().map(ScalarUDF::name);
    let others = of_lambdas.iter().map(HigherOrderUDF::name).chain(aggregates.iter().map(AggregateUDF::name));
    scalars.chain(others).map(str::to_owned).collect()
}

/// Functions of DataFusion's that Trino has not, or calls otherwise, and that take as many steps as two lengths by one another.
const UNBOUNDED: [&str; 3] = ["levenshtein", "regexp_instr", "array_has_all"];

/// Makes them known. A function of DataFusion's that has the name of one of ours as another name of its own goes: who makes a session
/// from this one, as Ballista does, would have it take that name again.
pub(crate) fn register(context: &SessionContext) {
    let Ours { mut scalars, of_lambdas, aggregates } = Ours::all(context);
    scalars.extend(bounded::all(context));
    let ours: HashSet<&str> = scalars.iter().map(ScalarUDF::name).collect();
    let known = context.state();
    for other in known.scalar_functions().values().filter(|other| !ours.contains(other.name())) {
        if other.aliases().iter().any(|alias| ours.contains(alias.as_str())) {
            context.deregister_udf(other.name());
        }
    }
    // And so does one of the same name, with its other names.
    ours.iter().chain(&UNBOUNDED).for_each(|name| context.deregister_udf(name));
    scalars.into_iter().for_each(|function| context.register_udf(function));
    of_lambdas.into_iter().for_each(|function| context.register_higher_order_function(Arc::new(function)));
    aggregates.into_iter().for_each(|function| context.register_udaf(function));
    // Said twice, the second finds nothing left to plan.
    for planner in [addresses::planner(), wholes::planner(), operands::planner()] {
        let _ = context.state_ref().write().register_expr_planner(planner);
    }
}

/// `2.3MB`, taken apart: the number, and the letters behind it.
fn number_and_unit(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len()))
}
