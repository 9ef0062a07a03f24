//! Functions that make much of little: `lpad('x', 1000000000)`, `range(1000000000)`. DataFusion's make it all at once, and of a memory
//! that nobody counts. Here they are asked first how much it will be; ours count while they make it (`Room`).

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Float64Type};
use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};
use datafusion::prelude::SessionContext;

use super::rows::{arrays, rows};
use crate::wanted::too_much;

/// Letters or items that one function makes of one batch, at most.
const MOST: f64 = (32 << 20) as f64;
/// Of days and months in an interval.
const NANOS_A_DAY: f64 = 86_400e9;

/// What one function has made of one batch so far.
#[derive(Debug, Default)]
pub(super) struct Room(usize);

impl Room {
    /// So many letters or items more, if they may be.
    pub(super) fn take(&mut self, name: &str, many: usize) -> Result<()> {
        self.0 = self.0.saturating_add(many);
        if self.0 as f64 > MOST {
            return too_much(format!("{name} would make more letters or items at once; it may make {MOST:.0}"));
        }
        Ok(())
    }

    /// A text has grown to so much more than what it is made of; `counted` of it was known before.
    pub(super) fn grown(&mut self, name: &str, counted: &mut usize, many: usize) -> Result<()> {
        let more = many.saturating_sub(*counted);
        *counted += more;
        self.take(name, more)
    }
}

/// Steps that one function takes of one row, at most.
const MOST_STEPS: usize = 50_000_000;

/// What one function has taken of one row so far: where that may be as many steps as two lengths by one another.
#[derive(Debug, Default)]
pub(super) struct Steps(usize);

impl Steps {
    /// So many steps more, if they may be.
    pub(super) fn take(&mut self, name: &str, many: usize) -> Result<()> {
        self.0 = self.0.saturating_add(many);
        if self.0 > MOST_STEPS {
            return too_much(format!("{name} would take more steps with one row; it may take {MOST_STEPS}"));
        }
        Ok(())
    }
}

/// How much a function makes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Makes {
    /// So many letters or items.
    Count,
    /// What lies between two of its arguments.
    Between,
}

const BOUNDED: [(&str, Makes); 6] = [
    ("lpad", Makes::Count),
    ("rpad", Makes::Count),
    ("array_repeat", Makes::Count),
    ("array_resize", Makes::Count),
    ("generate_series", Makes::Between),
    ("range", Makes::Between),
];

/// Those of them that are known here, bounded.
pub(super) fn all(context: &SessionContext) -> Vec<ScalarUDF> {
    let bounded = |(name, makes)| {
        let inner = context.udf(name).ok()?;
        Some(ScalarUDF::from(Bounded { inner, makes }))
    };
    BOUNDED.into_iter().filter_map(bounded).collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Bounded {
    inner: Arc<ScalarUDF>,
    makes: Makes,
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(given)
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        self.inner.return_type(given)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = rows(&args);
        let made = self.makes.of(&arrays(&args, rows)?, rows);
        if made > MOST {
            return too_much(format!(
                "{} would make {made:.0} letters or items of {rows} rows at once; it may make {MOST:.0}",
                self.name()
            ));
        }
        self.inner.invoke_with_args(args)
    }
}

impl Makes {
    fn of(self, args: &[ArrayRef], rows: usize) -> f64 {
        let numbers = |at: usize| args.get(at).map(numbers).unwrap_or_default();
        match self {
            Makes::Count => numbers(1).into_iter().flatten().map(|count| count.max(0.0)).sum(),
            Makes::Between => {
                // With one argument, from nothing to it; without a step, one by one.
                let (from, to) =
                    if args.len() == 1 { (vec![Some(0.0); rows], numbers(0)) } else { (numbers(0), numbers(1)) };
                let step = if args.len() > 2 { numbers(2) } else { vec![Some(1.0); rows] };
                let between = |row: usize| {
                    let step = step[row]?;
                    let many = (to[row]? - from[row]?) / step;
                    // A step of nothing is refused elsewhere.
                    (many.is_finite() && many > 0.0).then_some(many + 1.0)
                };
                (0..rows).filter_map(between).sum()
            }
        }
    }
}

/// Numbers as they are; moments, days and intervals in nanoseconds.
fn numbers(array: &ArrayRef) -> Vec<Option<f64>> {
    let nothing = || vec![None; array.len()];
    if let DataType::Interval(_) = array.data_type() {
        let nanos = DataType::Interval(arrow::datatypes::IntervalUnit::MonthDayNano);
        let Ok(intervals) = cast(array, &nanos) else { return nothing() };
        let intervals = intervals.as_primitive::<arrow::datatypes::IntervalMonthDayNanoType>();
        let nanos = |of: arrow::datatypes::IntervalMonthDayNano| {
            (f64::from(of.months) * 28.0 + f64::from(of.days)) * NANOS_A_DAY + of.nanoseconds as f64
        };
        return intervals.iter().map(|interval| interval.map(nanos)).collect();
    }
    let nanos_each = match array.data_type() {
        DataType::Date32 => NANOS_A_DAY,
        DataType::Date64 | DataType::Timestamp(arrow::datatypes::TimeUnit::Millisecond, _) => 1e6,
        DataType::Timestamp(arrow::datatypes::TimeUnit::Second, _) => 1e9,
        DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, _) => 1e3,
        _ => 1.0,
    };
    let whole = match array.data_type() {
        DataType::Timestamp(..) | DataType::Date64 => cast(array, &DataType::Int64),
        DataType::Date32 => cast(array, &DataType::Int32),
        _ => Ok(Arc::clone(array)),
    };
    let Ok(doubles) = whole.and_then(|whole| cast(&whole, &DataType::Float64)) else { return nothing() };
    doubles.as_primitive::<Float64Type>().iter().map(|number| number.map(|number| number * nanos_each)).collect()
}
