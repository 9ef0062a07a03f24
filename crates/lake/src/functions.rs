//! Functions of Trino that DataFusion has not, or has otherwise (decision 0021). One file a family.
//!
//! JSON is text here: what gives JSON gives its text, and a cast of it to VARCHAR reads the text that it is (`json_as_text`, which
//! the dialect puts there).

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{
    AggregateUDF, ColumnarValue, Expr, HigherOrderUDF, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;

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
mod any_resource;
mod arrays;
mod bounded;
mod casts;
mod element_at;
mod greatest_few;
mod hashes;
mod insights;
mod json;
mod json_get;
mod lambdas;
mod made;
mod maps;
mod numbers;
mod parts;
mod percentiles;
mod printf;
mod spans;
mod strings;
mod texts;
mod time_texts;
mod times;
mod tried;
mod type_names;
mod typed;
mod types;
mod unnested;
mod urls;
mod zones;

pub(crate) use any_resource::any_resource;
pub(crate) use insights::fields as fields_of_insights;

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
            times::all(),
            time_texts::all(),
            spans::all(),
            texts::all(),
            strings::all(),
            printf::all(),
            printf::bases(),
            numbers::all(),
            hashes::all(),
            arrays::all(),
            parts::all(),
            made::all(),
            type_names::all(context),
            addresses::all(),
            casts::all(),
            unnested::all(),
            zones::all(),
            vec![any_resource::function(), ScalarUDF::from(element_at::ElementAt::new())],
        ];
        let mut scalars: Vec<ScalarUDF> = scalars.into_iter().flatten().collect();
        scalars.extend(tried::all(&scalars));
        let aggregates =
            [maps::all(), aggregates::all(), greatest_few::all(), percentiles::all(), vec![insights::function()]];
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
    ours.iter().for_each(|name| context.deregister_udf(name));
    scalars.into_iter().for_each(|function| context.register_udf(function));
    of_lambdas.into_iter().for_each(|function| context.register_higher_order_function(Arc::new(function)));
    aggregates.into_iter().for_each(|function| context.register_udaf(function));
}

/// A function of some values, row by row: what it takes, what it gives, and how a batch of it is made.
struct Plain {
    name: &'static str,
    /// What each argument is cast to.
    takes: &'static [DataType],
    /// So many of them may be left out, from the last on.
    optional: usize,
    gives: DataType,
    batch: fn(&[ArrayRef], usize) -> Result<ArrayRef>,
    /// Where the values begin and end of which it gives this one, if it grows with its only argument.
    stretch: Option<Stretch>,
    signature: Signature,
}

/// From the first on, and below the second.
type Stretch = fn(&ScalarValue) -> Option<(ScalarValue, ScalarValue)>;

impl Plain {
    fn new(
        name: &'static str,
        takes: &'static [DataType],
        gives: DataType,
        batch: fn(&[ArrayRef], usize) -> Result<ArrayRef>,
    ) -> Plain {
        let signature = Signature::user_defined(Volatility::Immutable);
        Plain { name, takes, optional: 0, gives, batch, stretch: None, signature }
    }

    /// It is held against values by its argument, by which files are pruned.
    fn of_stretch(mut self, stretch: Stretch) -> Plain {
        self.stretch = Some(stretch);
        self
    }

    /// So many arguments may be left out.
    fn optional(mut self, optional: usize) -> Plain {
        self.optional = optional;
        self
    }

    fn into(self) -> ScalarUDF {
        ScalarUDF::from(self)
    }
}

known_by_name!(Plain);

impl ScalarUDFImpl for Plain {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let (most, least) = (self.takes.len(), self.takes.len() - self.optional);
        if !(least..=most).contains(&given.len()) {
            let many = if least == most { format!("{most}") } else { format!("{least} to {most}") };
            return datafusion::common::plan_err!("{} takes {many} arguments, not {}", self.name, given.len());
        }
        Ok(self.takes[..given.len()].to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.gives.clone())
    }

    fn preimage(&self, args: &[Expr], value: &Expr, info: &SimplifyContext) -> Result<PreimageResult> {
        let (Some(stretch), [of], Expr::Literal(value, _)) = (self.stretch, args, value) else {
            return Ok(PreimageResult::None);
        };
        match stretch(value) {
            Some((from, below)) if info.get_data_type(of)? == self.takes[0] => {
                let interval = Box::new(Interval::try_new(from, below)?);
                Ok(PreimageResult::Range { expr: of.clone(), interval })
            }
            _ => Ok(PreimageResult::None),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let all_are_one = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if all_are_one { 1 } else { args.number_rows };
        let arrays: Vec<ArrayRef> = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<_>>()?;
        let made = (self.batch)(&arrays, rows)?;
        if all_are_one {
            return Ok(ColumnarValue::Scalar(datafusion::scalar::ScalarValue::try_from_array(&made, 0)?));
        }
        Ok(ColumnarValue::Array(made))
    }
}

/// The texts of an argument; it was cast to them.
fn texts_of(array: &ArrayRef) -> &StringArray {
    array.as_string::<i32>()
}

/// The text of a row, if there is one.
fn text_at(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

/// A text for each row.
fn each_text<T: AsRef<str>>(rows: usize, each: impl FnMut(usize) -> Option<T>) -> ArrayRef {
    let mut each = each;
    let mut builder = arrow::array::StringBuilder::new();
    for row in 0..rows {
        match each(row) {
            Some(text) => builder.append_value(text.as_ref()),
            None => builder.append_null(),
        }
    }
    Arc::new(builder.finish())
}

/// `2.3MB`, taken apart: the number, and the letters behind it.
fn number_and_unit(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len()))
}
