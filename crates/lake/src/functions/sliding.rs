//! `sum(DISTINCT x) OVER (… ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)`: what leaves the window is left out of the sum when the last that is equal to
//! it leaves. DataFusion's is of whole numbers alone, and begins again from the other end.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, UInt64Type};
use datafusion::common::{exec_datafusion_err, not_impl_err};
use datafusion::error::Result;
use datafusion::logical_expr::Accumulator;
use datafusion::scalar::ScalarValue;

use super::wholes::beyond;

/// Values within a window, and how often each is there.
#[derive(Debug)]
pub(super) struct Different {
    counts: BTreeMap<i128, u64>,
    /// The sum of those that are no doubles. Of these it is added up anew: what is taken away again leaves its error.
    sum: i128,
    gives: DataType,
}

impl Different {
    pub(super) fn new(gives: DataType) -> Different {
        Different { counts: BTreeMap::new(), sum: 0, gives }
    }
}

impl Accumulator for Different {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for value in values(&columns[0])? {
            let many = self.counts.entry(value).or_default();
            if *many == 0 {
                self.sum = self.sum.wrapping_add(value);
            }
            *many += 1;
        }
        Ok(())
    }

    fn retract_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for value in values(&columns[0])? {
            let Some(many) = self.counts.get_mut(&value) else { continue };
            *many -= 1;
            if *many == 0 {
                self.counts.remove(&value);
                self.sum = self.sum.wrapping_sub(value);
            }
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if self.counts.is_empty() {
            return ScalarValue::try_new_null(&self.gives);
        }
        Ok(match self.gives {
            DataType::Int64 => ScalarValue::Int64(Some(i64::try_from(self.sum).map_err(|_| beyond(self.sum))?)),
            DataType::UInt64 => ScalarValue::UInt64(Some(u64::try_from(self.sum).map_err(|_| beyond(self.sum))?)),
            DataType::Decimal128(digits, scale) => ScalarValue::Decimal128(Some(self.sum), digits, scale),
            _ => ScalarValue::Float64(Some(self.counts.keys().map(|key| number(*key)).sum())),
        })
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.counts.len() * 2 * size_of::<(i128, u64)>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Err(exec_datafusion_err!("a sum over a window is made in one piece"))
    }

    fn merge_batch(&mut self, _: &[ArrayRef]) -> Result<()> {
        Err(exec_datafusion_err!("a sum over a window is made in one piece"))
    }
}

/// The values that are told, each as a number by which it is known.
fn values(column: &ArrayRef) -> Result<Vec<i128>> {
    Ok(match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().iter().flatten().map(i128::from).collect(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().iter().flatten().map(i128::from).collect(),
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().iter().flatten().collect(),
        DataType::Float64 => column.as_primitive::<Float64Type>().iter().flatten().map(key).collect(),
        other => return not_impl_err!("sum(DISTINCT …) over a window does not take {other}"),
    })
}

/// A double's bits: of zero there is one, whatever is in front of it.
fn key(number: f64) -> i128 {
    i128::from((number + 0.0).to_bits())
}

fn number(key: i128) -> f64 {
    f64::from_bits(key as u64)
}
