//! Functions of Trino that take lambdas, and DataFusion has not: `reduce`, `zip_with`, `map_filter`, `array_sort` with a comparator …
//!
//! What a lambda is asked for is counted, and what it makes is weighed: one row of a list may be a million items, and a state may
//! double with each of them. <https://trino.io/docs/current/functions/lambda.html>

use std::cell::Cell;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array, new_empty_array};
use arrow::compute::{CastOptions, cast_with_options, concat, take_arrays};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature, HigherOrderUDF,
    HigherOrderUDFImpl, LambdaArgument, LambdaParametersProgress, ValueOrLambda, Volatility,
};

use super::typed::list_of;
use crate::wanted::{Wanted, too_much};

mod lists;
mod maps;
mod sorting;
mod texts;
mod tries;

/// Items that a lambda is evaluated for at once: each has its own copy of what is captured.
const AT_ONCE: usize = 8192;
/// Items that the lambdas of one call are evaluated for, with those of the calls within them.
const MOST: u64 = 16 << 20;
/// So many items are as much work as to begin.
const TO_BEGIN: u64 = 250;
/// What lambdas of one call may make.
const MOST_BYTES: usize = 128 << 20;

pub(super) fn all() -> Vec<HigherOrderUDF> {
    let others = [sorting::function(), texts::function(), tries::function()];
    lists::all().into_iter().chain(maps::all()).chain(others).collect()
}

/// What each lambda is given, of what values are and lambdas give, as far as both are known.
type GivenTo = fn(&[DataType], &[Option<DataType>]) -> Result<Vec<Option<Vec<DataType>>>>;

/// A function of some values and, after them, some lambdas.
struct OfLambdas {
    name: &'static str,
    /// What the values are cast to. What the lambdas give is not known at first, and then there is none.
    takes: fn(&[DataType], &[DataType]) -> Result<Vec<DataType>>,
    parameters: GivenTo,
    /// What it gives, of what values are and lambdas give.
    gives: fn(&[DataType], &[DataType]) -> Result<DataType>,
    batch: fn(&Call<'_>) -> Result<ArrayRef>,
    signature: HigherOrderSignature,
}

/// One call, of the rows of a batch.
struct Call<'a> {
    values: Vec<ArrayRef>,
    lambdas: Vec<&'a LambdaArgument>,
    rows: usize,
    gives: &'a DataType,
}

/// How many values and lambdas it takes.
fn signature(values: usize, lambdas: usize) -> HigherOrderSignature {
    let all = std::iter::repeat_n(ValueOrLambda::Value(()), values)
        .chain(std::iter::repeat_n(ValueOrLambda::Lambda(()), lambdas));
    HigherOrderSignature::exact(all.collect(), Volatility::Immutable)
}

known_by_name!(OfLambdas);

impl HigherOrderUDFImpl for OfLambdas {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn coerce_value_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        (self.takes)(given, &[])
    }

    fn coerce_values_for_lambdas(&self, given: &[ValueOrLambda<DataType, DataType>]) -> Result<Option<Vec<DataType>>> {
        let (values, lambdas) = parted(given, DataType::clone, DataType::clone);
        (self.takes)(&values, &lambdas).map(Some)
    }

    fn lambda_parameters(
        &self,
        _: usize,
        given: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let (values, lambdas) = parted(
            given,
            |field| field.data_type().clone(),
            |field| field.as_ref().map(|field| field.data_type().clone()),
        );
        let parameter = |of| Arc::new(Field::new("", of, true));
        let known: Vec<Option<Vec<FieldRef>>> = (self.parameters)(&values, &lambdas)?
            .into_iter()
            .map(|all| all.map(|all| all.into_iter().map(parameter).collect()))
            .collect();
        Ok(match known.iter().cloned().collect::<Option<Vec<_>>>() {
            Some(all) => LambdaParametersProgress::Complete(all),
            None => LambdaParametersProgress::Partial(known),
        })
    }

    fn return_field_from_args(&self, args: HigherOrderReturnFieldArgs<'_>) -> Result<FieldRef> {
        let of = |field: &FieldRef| field.data_type().clone();
        let (values, lambdas) = parted(args.arg_fields, of, of);
        Ok(Arc::new(Field::new("", (self.gives)(&values, &lambdas)?, true)))
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        let (values, lambdas) = parted(&args.args, |value| value.to_array(args.number_rows), |lambda| lambda);
        let values = values.into_iter().collect::<Result<_>>()?;
        let call = Call { values, lambdas, rows: args.number_rows, gives: args.return_field.data_type() };
        let _counted = Counted::begin();
        let _at_work = Wanted::at_work(&args.config_options)?;
        (self.batch)(&call).map(ColumnarValue::Array)
    }
}

/// Values, and lambdas.
fn parted<'a, V, L, A, B>(
    all: &'a [ValueOrLambda<V, L>],
    value: impl Fn(&'a V) -> A,
    lambda: impl Fn(&'a L) -> B,
) -> (Vec<A>, Vec<B>) {
    let (mut values, mut lambdas) = (Vec::new(), Vec::new());
    for one in all {
        match one {
            ValueOrLambda::Value(of) => values.push(value(of)),
            ValueOrLambda::Lambda(of) => lambdas.push(lambda(of)),
        }
    }
    (values, lambdas)
}

impl Call<'_> {
    /// What a lambda gives for each of these items, as this type. `rows`: the row of each.
    fn evaluate(&self, lambda: usize, items: &[ArrayRef], rows: &UInt32Array, gives: &DataType) -> Result<ArrayRef> {
        let (mut made, mut bytes) = (Vec::new(), 0);
        for from in (0..rows.len()).step_by(AT_ONCE) {
            let many = AT_ONCE.min(rows.len() - from);
            Counted::count(many)?;
            let rows = rows.slice(from, many);
            let items: Vec<ArrayRef> = items.iter().map(|items| items.slice(from, many)).collect();
            let given: Vec<_> = items.iter().map(|items| || Ok(Arc::clone(items))).collect();
            let given: Vec<&dyn Fn() -> Result<ArrayRef>> = given.iter().map(|given| given as _).collect();
            let piece = self.lambdas[lambda].evaluate(&given, |captured| Ok(take_arrays(captured, &rows, None)?))?;
            let piece = as_type(&piece.into_array(many)?, gives)?;
            bytes += weighed(&piece)?;
            if bytes > MOST_BYTES {
                return too_large();
            }
            made.push(piece);
        }
        if made.is_empty() {
            return Ok(new_empty_array(gives));
        }
        let made: Vec<&dyn Array> = made.iter().map(|piece| piece.as_ref()).collect();
        Ok(concat(&made)?)
    }
}

/// What the lambdas of a call are evaluated for is counted for the outermost one: lambdas within lambdas are evaluated within it, on
/// the same thread.
struct Counted {
    is_outermost: bool,
}

thread_local! {
    /// What is left of it, while one is run.
    static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
}

impl Counted {
    fn begin() -> Counted {
        let is_outermost = LEFT.get().is_none();
        if is_outermost {
            LEFT.set(Some(MOST));
        }
        Counted { is_outermost }
    }

    /// What is left when a lambda was evaluated so many times, for so many items; an error, if nothing is.
    fn ahead(times: u64, items: u64) -> Result<u64> {
        match LEFT.get().unwrap_or(MOST).checked_sub(times.saturating_mul(TO_BEGIN).saturating_add(items)) {
            Some(left) => Ok(left),
            None => too_much("a lambda is evaluated for too many items of a batch: filter or slice the lists first"),
        }
    }

    fn count(items: usize) -> Result<()> {
        LEFT.set(Some(Counted::ahead(1, items as u64)?));
        Ok(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.is_outermost {
            LEFT.set(None);
        }
    }
}

fn weighed(array: &ArrayRef) -> Result<usize> {
    Ok(array.to_data().get_slice_memory_size()? + elsewhere(array))
}

/// Letters that are not in an array itself: it only says where they are.
fn elsewhere(array: &ArrayRef) -> usize {
    match array.data_type() {
        DataType::Utf8View => array.as_string_view().total_buffer_bytes_used(),
        DataType::BinaryView => array.as_binary_view().total_buffer_bytes_used(),
        DataType::List(_) => elsewhere(array.as_list::<i32>().values()),
        DataType::LargeList(_) => elsewhere(array.as_list::<i64>().values()),
        DataType::Map(..) => elsewhere(array.as_map().keys()) + elsewhere(array.as_map().values()),
        DataType::Struct(_) => array.as_struct().columns().iter().map(elsewhere).sum(),
        _ => 0,
    }
}

fn too_large<T>() -> Result<T> {
    too_much(format!("what a lambda makes of a batch is too large: it may be {} MiB", MOST_BYTES >> 20))
}

/// The same values; what does not fit is an error.
fn as_type(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    Ok(cast_with_options(array, to, &CastOptions { safe: false, ..CastOptions::default() })?)
}

/// A list as they are read here.
fn list(name: &str, given: &DataType) -> Result<DataType> {
    match given {
        DataType::List(_) => Ok(given.clone()),
        DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => Ok(DataType::List(Arc::clone(item))),
        DataType::Null => Ok(list_of(DataType::Null)),
        other => plan_err!("{name} takes an array, and this is a {other}"),
    }
}

/// What a list is of.
fn item(list: &DataType) -> DataType {
    match list {
        DataType::List(item) => item.data_type().clone(),
        _ => DataType::Null,
    }
}
