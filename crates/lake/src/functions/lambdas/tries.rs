//! `TRY(…)`, which is `try_each(true, it -> …)` here: NULL for the rows of which it fails, where the dialect does not know that only casts may.
//!
//! A batch that fails is halved until the rows are found that do. What ends a statement (its time, its memory, what would be too much)
//! ends it within TRY, too. <https://trino.io/docs/current/functions/conditional.html#try>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, new_empty_array, new_null_array};
use arrow::compute::concat;
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::HigherOrderUDF;

use super::{Call, OfLambdas, as_type, signature};
use crate::wanted::{TooMuch, ask};

pub(super) fn function() -> HigherOrderUDF {
    HigherOrderUDF::from(OfLambdas {
        name: "try_each",
        takes: |_, _| Ok(vec![DataType::Boolean]),
        parameters: |_, _| Ok(vec![Some(vec![DataType::Boolean])]),
        gives: |_, lambdas| Ok(lambdas[0].clone()),
        batch: |call| {
            let mut made = Vec::new();
            if call.rows == 0 {
                return Ok(new_empty_array(call.gives));
            }
            tried(call, 0, call.rows, &mut made)?;
            Ok(concat(&made.iter().map(|piece| piece.as_ref()).collect::<Vec<&dyn Array>>())?)
        },
        signature: signature(1, 1),
    })
}

fn tried(call: &Call<'_>, from: usize, many: usize, made: &mut Vec<ArrayRef>) -> Result<()> {
    match of_rows(call, from, many) {
        Ok(piece) => made.push(piece),
        Err(error) if !is_caught(&error) => return Err(error),
        Err(_) if many == 1 => made.push(new_null_array(call.gives, 1)),
        Err(_) => {
            ask()?;
            tried(call, from, many / 2, made)?;
            tried(call, from + many / 2, many - many / 2, made)?;
        }
    }
    Ok(())
}

fn of_rows(call: &Call<'_>, from: usize, many: usize) -> Result<ArrayRef> {
    let given = call.values[0].slice(from, many);
    let captured = |all: &[ArrayRef]| Ok(all.iter().map(|column| column.slice(from, many)).collect());
    let made = call.lambdas[0].evaluate(&[&|| Ok(Arc::clone(&given))], captured)?.into_array(many)?;
    if made.len() != many {
        return Err(DataFusionError::Internal("TRY gives a value for each row".into()));
    }
    as_type(&made, call.gives)
}

/// Whether it is of one of the kinds of which Trino's TRY gives NULL.
fn is_caught(error: &DataFusionError) -> bool {
    match error.find_root() {
        DataFusionError::Execution(_) | DataFusionError::ArrowError(..) => true,
        DataFusionError::External(error) => !error.is::<TooMuch>(),
        _ => false,
    }
}
