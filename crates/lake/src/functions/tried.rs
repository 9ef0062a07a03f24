//! What `try(date_parse(…))` becomes: `try_date_parse(…)`, which gives NULL for a row where `date_parse` fails. The dialect writes the name.
//!
//! <https://trino.io/docs/current/functions/conditional.html#try>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, new_null_array};
use arrow::compute::concat;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature};
use datafusion::scalar::ScalarValue;
use dialect::TRIED;

use super::rows::is_one;

/// The kin of those that are among these.
pub(super) fn all(known: &[ScalarUDF]) -> Vec<ScalarUDF> {
    let tried = |inner: &ScalarUDF| {
        ScalarUDF::from(Tried { name: format!("try_{}", inner.name()), inner: Arc::new(inner.clone()) })
    };
    known.iter().filter(|function| TRIED.contains(&function.name())).map(tried).collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Tried {
    name: String,
    inner: Arc<ScalarUDF>,
}

impl ScalarUDFImpl for Tried {
    fn name(&self) -> &str {
        &self.name
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

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if let Ok(made) = self.inner.invoke_with_args(args.clone()) {
            return Ok(made);
        }
        let gives = args.return_field.data_type();
        if is_one(&args) {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_new_null(gives)?));
        }
        // Some row fails: each by itself.
        let arrays: Vec<ArrayRef> =
            args.args.iter().map(|arg| arg.to_array(args.number_rows)).collect::<Result<_>>()?;
        let one = |row: usize| {
            let here = arrays.iter().map(|array| ColumnarValue::Array(array.slice(row, 1))).collect();
            let made = self.inner.invoke_with_args(ScalarFunctionArgs { args: here, number_rows: 1, ..args.clone() });
            made.and_then(|made| made.to_array(1)).unwrap_or_else(|_| new_null_array(gives, 1))
        };
        let rows: Vec<ArrayRef> = (0..args.number_rows).map(one).collect();
        Ok(ColumnarValue::Array(concat(&rows.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>())?))
    }
}
