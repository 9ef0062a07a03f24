//! `-x` and `abs(x)`: of the least whole number there is neither, and they fail, as in Trino. DataFusion's give it again.
//!
//! <https://trino.io/docs/current/functions/math.html>

use arrow::array::{Array, ArrayRef};
use arrow::compute::kernels::cmp::lt;
use arrow::compute::kernels::numeric::neg;
use arrow::compute::kernels::zip::zip;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion::scalar::ScalarValue;

use super::typed::{many, typed};

/// What the dialect writes for `-x`.
const NEGATIVE: &str = "negative";

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        typed(
            NEGATIVE,
            |given| match given {
                [of @ (DataType::Interval(_) | DataType::Duration(_))] => Ok((vec![of.clone()], of.clone())),
                given => number("-", given),
            },
            |args, _, _| match neg(&args[0]) {
                Err(ArrowError::ArithmeticOverflow(_)) => {
                    let of = args[0].data_type();
                    exec_err!("{} negation overflow: {}", super::said(of), least(of))
                }
                made => Ok(made?),
            },
        ),
        typed("abs", |given| number("abs", given), |args, _, _| absolute(&args[0])),
    ]
}

/// A number, of which it gives one of the same type.
fn number(name: &str, given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many(name, given, 1..=1)?;
    let of = match &given[0] {
        of if of.is_signed_integer() || of.is_floating() || of.is_decimal() => of.clone(),
        of if of.is_unsigned_integer() || of.is_null() => DataType::Int64,
        of => return plan_err!("{name} takes a number, and this is {of}"),
    };
    Ok((vec![of.clone()], of))
}

/// The same, with those turned round that are below zero: only of these anything is asked that may fail.
fn absolute(of: &ArrayRef) -> Result<ArrayRef> {
    let zero = ScalarValue::new_zero(of.data_type())?.to_scalar()?;
    let is_below = lt(of, &zero)?;
    let below = zip(&is_below, of, &zero)?;
    match neg(&below) {
        Err(ArrowError::ArithmeticOverflow(_)) => {
            let of = of.data_type();
            exec_err!("Value {} is out of range for abs({})", least(of), super::said(of))
        }
        turned => Ok(zip(&is_below, &turned?, of)?),
    }
}

/// The number that has none.
fn least(of: &DataType) -> i64 {
    match of {
        DataType::Int8 => i8::MIN.into(),
        DataType::Int16 => i16::MIN.into(),
        DataType::Int32 => i32::MIN.into(),
        _ => i64::MIN,
    }
}
