//! The rows of a batch, as functions are given them and give them back.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs};
use datafusion::scalar::ScalarValue;

use crate::wanted::Wanted;

/// What a function makes of so many rows. Where nothing it is given differs from row to row, it is one row, and one value for all.
pub(super) fn by_rows(
    args: &ScalarFunctionArgs,
    make: impl FnOnce(usize) -> Result<ArrayRef>,
) -> Result<ColumnarValue> {
    let _at_work = Wanted::at_work(&args.config_options)?;
    if is_one(args) {
        return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&make(1)?, 0)?));
    }
    Ok(ColumnarValue::Array(make(args.number_rows)?))
}

/// So many rows it is asked for.
pub(super) fn rows(args: &ScalarFunctionArgs) -> usize {
    if is_one(args) { 1 } else { args.number_rows }
}

/// Whether nothing it is given differs from row to row.
pub(super) fn is_one(args: &ScalarFunctionArgs) -> bool {
    args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)))
}

/// Its arguments, each with so many rows.
pub(super) fn arrays(args: &ScalarFunctionArgs, rows: usize) -> Result<Vec<ArrayRef>> {
    args.args.iter().map(|arg| arg.to_array(rows)).collect()
}

/// The texts of an argument; it was cast to them.
pub(super) fn texts_of(array: &ArrayRef) -> &StringArray {
    array.as_string::<i32>()
}

/// The text of a row, if there is one.
pub(super) fn text_at(array: &StringArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

/// A text for each row.
pub(super) fn each_text<T: AsRef<str>>(rows: usize, each: impl FnMut(usize) -> Option<T>) -> ArrayRef {
    Arc::new((0..rows).map(each).collect::<StringArray>())
}
