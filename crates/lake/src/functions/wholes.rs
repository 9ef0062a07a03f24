//! Sums, differences and products of whole numbers that are too large fail, as in Trino. DataFusion's begin again from the other end.
//!
//! `+`, `-` and `*` of two whole numbers are planned as functions of their own. `sum` adds in 128 bits, and what it gives has to fit into 64: so
//! nothing depends on the order in which it adds.
//!
//! <https://trino.io/docs/current/functions/math.html>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, PrimitiveArray, UInt64Array};
use arrow::compute::kernels::numeric::{add, mul, sub};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Field, FieldRef, Int64Type, IntervalMonthDayNano,
    IntervalMonthDayNanoType, UInt64Type,
};
use arrow::error::ArrowError;
use datafusion::common::{DFSchema, exec_datafusion_err, exec_err};
use datafusion::error::{DataFusionError, Result};
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, ExprSchemable, GroupsAccumulator, ReversedUDAF, ScalarUDF,
    Signature,
};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::sliding::Different;
use super::typed::{many, typed};
use super::types::{SPAN, WHOLE};

/// In which a sum adds, and more than any sum of whole numbers is.
const WIDE: DataType = DataType::Decimal128(38, 0);

const PLUS: &str = "plus_wholes";
const MINUS: &str = "minus_wholes";
const TIMES: &str = "times_wholes";
const TIMES_SPAN: &str = "times_span";

/// What operators become: nobody is offered these.
pub(crate) const OPERATORS: [&str; 4] = [PLUS, MINUS, TIMES, TIMES_SPAN];

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![plus(), minus(), times(), times_span()]
}

fn plus() -> ScalarUDF {
    typed(PLUS, whole_numbers, |args, _, _| fits(add(&args[0], &args[1]), args, "addition"))
}

fn minus() -> ScalarUDF {
    typed(MINUS, whole_numbers, |args, _, _| fits(sub(&args[0], &args[1]), args, "subtraction"))
}

fn times() -> ScalarUDF {
    typed(TIMES, whole_numbers, |args, _, _| fits(mul(&args[0], &args[1]), args, "multiplication"))
}

/// `INTERVAL '1' DAY * 7`.
fn times_span() -> ScalarUDF {
    typed(TIMES_SPAN, span_and_whole, |args, rows, _| spans_times(args, rows))
}

/// Those by which statements are planned.
pub(super) fn planner() -> Arc<dyn ExprPlanner> {
    Arc::new(Wholes)
}

/// `sum`, of whole numbers and of others.
pub(super) fn sum() -> AggregateUDF {
    AggregateUDF::from(Sum { name: "sum", theirs: sum_udaf() })
}

/// Both of one type, or of 64 bits.
fn whole_numbers(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("an operator", given, 2..=2)?;
    let is_one = given[0] == given[1] && given[0].is_signed_integer();
    let both = if is_one { given[0].clone() } else { DataType::Int64 };
    Ok((vec![both.clone(), both.clone()], both))
}

/// What was calculated, or the words of Trino for what cannot be.
fn fits(made: Result<ArrayRef, ArrowError>, args: &[ArrayRef], what: &str) -> Result<ArrayRef> {
    match made {
        Err(ArrowError::ArithmeticOverflow(why)) => {
            let of = super::said(args[0].data_type());
            let numbers = why.rsplit(": ").next().unwrap_or_default();
            exec_err!("{of} {what} overflow: {numbers}")
        }
        made => Ok(made?),
    }
}

#[derive(Debug)]
struct Wholes;

impl ExprPlanner for Wholes {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        use BinaryOperator::{Minus, Multiply, Plus};
        if !matches!(expr.op, Plus | Minus | Multiply) {
            return Ok(PlannerResult::Original(expr));
        }
        let (Ok(left), Ok(right)) = (expr.left.get_type(schema), expr.right.get_type(schema)) else {
            return Ok(PlannerResult::Original(expr));
        };
        let is_span = |of: &DataType| matches!(of, DataType::Interval(_));
        let is_times = |of: &DataType| of.is_integer() || of.is_null();
        let are_numbers = left.is_integer() && right.is_integer();
        let (function, is_turned) = match expr.op {
            Multiply if is_span(&left) && is_times(&right) => (times_span(), false),
            Multiply if is_times(&left) && is_span(&right) => (times_span(), true),
            Multiply if are_numbers => (times(), false),
            Plus if are_numbers => (plus(), false),
            Minus if are_numbers => (minus(), false),
            _ => return Ok(PlannerResult::Original(expr)),
        };
        let RawBinaryExpr { left, right, .. } = expr;
        let args = if is_turned { vec![right, left] } else { vec![left, right] };
        Ok(PlannerResult::Planned(function.call(args)))
    }
}

fn span_and_whole(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("an operator", given, 2..=2)?;
    Ok((vec![SPAN, WHOLE], SPAN))
}

fn spans_times(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (spans, times) = (args[0].as_primitive::<IntervalMonthDayNanoType>(), args[1].as_primitive::<Int64Type>());
    let product = |row: usize| {
        let (span, times) = (spans.value(row), times.value(row));
        let part = |part: i32| i32::try_from(i64::from(part).checked_mul(times)?).ok();
        let nanos = span.nanoseconds.checked_mul(times);
        match part(span.months).zip(part(span.days)).zip(nanos) {
            Some(((months, days), nanos)) => Ok(IntervalMonthDayNano::new(months, days, nanos)),
            None => exec_err!("interval multiplication overflow: it is too long, {times} times"),
        }
    };
    let each = (0..rows).map(|row| (spans.is_valid(row) && times.is_valid(row)).then(|| product(row)).transpose());
    Ok(Arc::new(each.collect::<Result<PrimitiveArray<IntervalMonthDayNanoType>>>()?))
}

struct Sum {
    name: &'static str,
    theirs: Arc<AggregateUDF>,
}

known_by_name!(Sum);

/// Whether a sum of this type is one of whole numbers.
fn is_whole(of: &DataType) -> bool {
    matches!(of, DataType::Int64 | DataType::UInt64)
}

/// The same sum, in more bits.
fn wide<'a>(args: AccumulatorArgs<'a>) -> AccumulatorArgs<'a> {
    let return_field = Arc::new(Field::new(args.return_field.name(), WIDE, true));
    AccumulatorArgs { return_field, ..args }
}

impl AggregateUDFImpl for Sum {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        self.theirs.signature()
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        self.theirs.return_type(given)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        if !is_whole(args.return_type()) {
            return self.theirs.state_fields(args);
        }
        let return_field = Arc::new(Field::new(args.return_field.name(), WIDE, true));
        self.theirs.state_fields(StateFieldsArgs { return_field, ..args })
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let to = args.return_type().clone();
        match is_whole(&to) {
            true => Ok(Box::new(Whole { adds: self.theirs.accumulator(wide(args))?, to })),
            false => self.theirs.accumulator(args),
        }
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let to = args.return_type().clone();
        if args.is_distinct {
            return Ok(Box::new(Different::new(to)));
        }
        match is_whole(&to) {
            true => Ok(Box::new(Whole { adds: self.theirs.create_sliding_accumulator(wide(args))?, to })),
            false => self.theirs.create_sliding_accumulator(args),
        }
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        self.theirs.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        let to = args.return_type().clone();
        match is_whole(&to) {
            true => Ok(Box::new(WholeGroups { adds: self.theirs.create_groups_accumulator(wide(args))?, to })),
            false => self.theirs.create_groups_accumulator(args),
        }
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// Whole numbers in more bits.
fn widened(columns: &[ArrayRef]) -> Vec<ArrayRef> {
    let column = |column: &ArrayRef| -> ArrayRef {
        match column.data_type() {
            DataType::Int64 => Arc::new(wider(column.as_primitive::<Int64Type>())),
            DataType::UInt64 => Arc::new(wider(column.as_primitive::<UInt64Type>())),
            _ => Arc::clone(column),
        }
    };
    columns.iter().map(column).collect()
}

fn wider<T: ArrowPrimitiveType<Native: Into<i128>>>(column: &PrimitiveArray<T>) -> PrimitiveArray<Decimal128Type> {
    column.unary::<_, Decimal128Type>(Into::into).with_data_type(WIDE)
}

/// What is said of a sum that does not fit.
pub(super) fn beyond(sum: i128) -> DataFusionError {
    exec_datafusion_err!("bigint addition overflow: the sum is {sum}: CAST what is added to double or decimal(38, 0)")
}

/// The same in as many bits as it should have, if it fits.
fn narrowed(wide: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let wide = wide.as_primitive::<Decimal128Type>();
    Ok(match to {
        DataType::UInt64 => {
            let sums: UInt64Array = wide.try_unary(|sum| u64::try_from(sum).map_err(|_| beyond(sum)))?;
            Arc::new(sums)
        }
        _ => {
            let sums: Int64Array = wide.try_unary(|sum| i64::try_from(sum).map_err(|_| beyond(sum)))?;
            Arc::new(sums)
        }
    })
}

#[derive(Debug)]
struct Whole {
    adds: Box<dyn Accumulator>,
    to: DataType,
}

impl Accumulator for Whole {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        self.adds.update_batch(&widened(columns))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        ScalarValue::try_from_array(&narrowed(&self.adds.evaluate()?.to_array()?, &self.to)?, 0)
    }

    fn size(&self) -> usize {
        self.adds.size() + size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.adds.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.adds.merge_batch(states)
    }

    fn retract_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        self.adds.retract_batch(&widened(columns))
    }

    fn supports_retract_batch(&self) -> bool {
        self.adds.supports_retract_batch()
    }
}

struct WholeGroups {
    adds: Box<dyn GroupsAccumulator>,
    to: DataType,
}

impl GroupsAccumulator for WholeGroups {
    fn update_batch(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.adds.update_batch(&widened(columns), groups, filter, total)
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        narrowed(&self.adds.evaluate(emit)?, &self.to)
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        self.adds.state(emit)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.adds.merge_batch(states, groups, total)
    }

    fn convert_to_state(&self, columns: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        self.adds.convert_to_state(&widened(columns), filter)
    }

    fn size(&self) -> usize {
        self.adds.size()
    }
}
