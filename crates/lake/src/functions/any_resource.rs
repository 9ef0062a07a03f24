//! `any_resource(resources, part, how, text)`: whether this part (`type`, `arn`) of any of the resources `is`, `starts` or `ends` like
//! the text. Conditions of event data stores are made of it; nobody writes it.

use std::sync::{Arc, LazyLock};

use arrow::array::{Array, AsArray, BooleanArray, StringArray};
use arrow::datatypes::DataType;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};
use datafusion::scalar::ScalarValue;

static FUNCTION: LazyLock<Arc<ScalarUDF>> =
    LazyLock::new(|| Arc::new(ScalarUDF::from(AnyResource { signature: Signature::any(4, Volatility::Immutable) })));

pub(super) fn function() -> ScalarUDF {
    (**FUNCTION).clone()
}

/// The function, said of these resources.
pub(crate) fn any_resource(resources: Expr, part: &str, how: &str, text: &str) -> Expr {
    FUNCTION.call(vec![resources, lit(part), lit(how), lit(text)])
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct AnyResource {
    signature: Signature,
}

impl ScalarUDFImpl for AnyResource {
    fn name(&self) -> &str {
        "any_resource"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let said = |at: usize| match &args.args[at] {
            ColumnarValue::Scalar(ScalarValue::Utf8(Some(text))) => Ok(text.as_str()),
            _ => exec_err!("any_resource takes texts"),
        };
        let (part, how, text) = (said(1)?, said(2)?, said(3)?);
        let resources = args.args[0].to_array(args.number_rows)?;
        let Some(lists) = resources.as_list_opt::<i32>() else { return exec_err!("any_resource looks into a list") };
        let Some(parts) = lists.values().as_struct_opt().and_then(|one| one.column_by_name(part)) else {
            return exec_err!("resources have no `{part}`");
        };
        let parts: &StringArray = parts.as_string();
        let is_it = |at: usize| {
            let value = parts.value(at);
            parts.is_valid(at)
                && match how {
                    "is" => value == text,
                    "starts" => value.starts_with(text),
                    _ => value.ends_with(text),
                }
        };
        let offsets = lists.value_offsets();
        let rows = (0..lists.len())
            .map(|row| Some(lists.is_valid(row) && (offsets[row] as usize..offsets[row + 1] as usize).any(is_it)));
        Ok(ColumnarValue::Array(Arc::new(rows.collect::<BooleanArray>())))
    }
}
