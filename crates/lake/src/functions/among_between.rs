//! `among_between(sorted, how, bound …)`: whether one of the values that `among_sorted` put in order lies between bounds; with one value more: one that has
//! another `other` than this. What is looked for among rows becomes them (`lake/src/among/between.rs`); nobody writes them.
//!
//! ```text
//!    how "<+0 >=-60" is there an x with   bound₁ < x   and   bound₂ - 60 >= x ?
//!
//!    x               1  3  3  7  9                  sorted: the first is found by halving, and so is the end
//!    other           a  a  b  b  b
//!    other again at  2  2  5  5  5                  of those between them one has another than `a`, if the first has, or the next that has is one of them
//! ```

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, AsArray, BooleanArray, Int64Array};
use arrow::datatypes::DataType;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};
use datafusion::scalar::ScalarValue;

use super::among_sorted::{Bytes, numbers};
use super::rows::{arrays, by_rows};
use crate::wanted::ask;

/// What it is called.
pub(super) const NAME: &str = "among_between";

static BETWEEN: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
    let signature = Signature::variadic_any(Volatility::Immutable);
    Arc::new(ScalarUDF::from(Between { name: NAME, signature }))
});

pub(super) fn function() -> ScalarUDF {
    (**BETWEEN).clone()
}

/// A bound of values: `bound + later < x`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bound {
    pub(crate) bound: Expr,
    pub(crate) op: Operator,
    pub(crate) later: i64,
}

/// Whether each of these bounds holds for one of the values, and `other` is another than its.
pub(crate) fn among_between(sorted: Expr, bounds: Vec<Bound>, other: Option<Expr>) -> Expr {
    let how: Vec<String> = bounds.iter().map(|Bound { op, later, .. }| format!("{op}{later:+}")).collect();
    let bounds = bounds.into_iter().map(|Bound { bound, .. }| bound);
    BETWEEN.call([sorted, lit(how.join(" "))].into_iter().chain(bounds).chain(other).collect())
}

/// How a bound is held, and how much later it is, as it was written.
fn held(how: &str) -> Option<(&str, i64)> {
    let (op, later) = how.split_at(how.find(['+', '-'])?);
    Some((op, later.parse().ok()?))
}

struct Between {
    name: &'static str,
    signature: Signature,
}

known_by_name!(Between);

impl ScalarUDFImpl for Between {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(ColumnarValue::Scalar(ScalarValue::Utf8(Some(how)))) = args.args.get(1) else {
            return exec_err!("among_between takes comparisons");
        };
        let Some(how) = how.split(' ').map(held).collect::<Option<Vec<_>>>() else {
            return exec_err!("among_between takes comparisons");
        };
        by_rows(&args, |rows| {
            let given = arrays(&args, rows)?;
            let sorted = given[0].as_binary_view();
            let bounds = given[2..].iter().take(how.len()).map(numbers).collect::<Result<Vec<_>>>()?;
            let other = given.get(2 + how.len()).map(Bytes::of).transpose()?;
            let is_one = |row: usize| {
                if row.is_multiple_of(1024) {
                    ask()?;
                }
                if sorted.is_null(row) || bounds.iter().any(|bound| bound.is_null(row)) {
                    return Ok(false);
                }
                let values = Values::of(sorted.value(row), other.is_some());
                let held =
                    |((op, later), bound): (&(_, i64), &Int64Array)| (*op, bound.value(row).saturating_add(*later));
                let within = values.within(how.iter().zip(&bounds).map(held));
                Ok(match &other {
                    None => !within.is_empty(),
                    Some(other) => other.at(row, |other| values.has_another(within, other)).unwrap_or(false),
                })
            };
            Ok(Arc::new((0..rows).map(|row| is_one(row).map(Some)).collect::<Result<BooleanArray>>()?))
        })
    }
}

/// The values of a group.
struct Values<'b> {
    numbers: &'b [[u8; 8]],
    /// For each the next that has another other value, and where its own ends.
    next: &'b [[u8; 4]],
    ends: &'b [[u8; 4]],
    others: &'b [u8],
}

impl<'b> Values<'b> {
    fn of(bytes: &'b [u8], has_others: bool) -> Values<'b> {
        if !has_others {
            return Values { numbers: bytes.as_chunks().0, next: &[], ends: &[], others: &[] };
        }
        let (many, bytes) = bytes.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
        let many = u32::from_le_bytes(*many) as usize;
        let (numbers, bytes) = bytes.split_at(size_of::<i64>() * many);
        let (next, bytes) = bytes.split_at(size_of::<u32>() * many);
        let (ends, others) = bytes.split_at(size_of::<u32>() * many);
        Values { numbers: numbers.as_chunks().0, next: next.as_chunks().0, ends: ends.as_chunks().0, others }
    }

    /// Which of them lie between the bounds.
    fn within<'o>(&self, bounds: impl Iterator<Item = (&'o str, i64)>) -> Range<usize> {
        let until = |is_before: &dyn Fn(i64) -> bool| {
            self.numbers.partition_point(|number| is_before(i64::from_le_bytes(*number)))
        };
        bounds.fold(0..self.numbers.len(), |Range { start, end }, (op, bound)| match op {
            "<" => start.max(until(&|number| number <= bound))..end,
            "<=" => start.max(until(&|number| number < bound))..end,
            ">" => start..end.min(until(&|number| number < bound)),
            _ => start..end.min(until(&|number| number <= bound)),
        })
    }

    /// Whether one of these has another other value than this.
    fn has_another(&self, within: Range<usize>, other: &[u8]) -> bool {
        let Some(next) = self.next.get(within.start).filter(|_| !within.is_empty()) else { return false };
        self.other(within.start) != other || (u32::from_le_bytes(*next) as usize) < within.end
    }

    fn other(&self, at: usize) -> &'b [u8] {
        let end = |at: usize| u32::from_le_bytes(self.ends[at]) as usize;
        &self.others[at.checked_sub(1).map_or(0, end)..end(at)]
    }
}
