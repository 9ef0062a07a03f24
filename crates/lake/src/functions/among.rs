//! `is_among`, as which the dialect writes `x IN (SELECT …)` below SELECT: the values that a query selected, as a list, and one that may be among them.
//!
//! The list is the same for all rows, unless the query names something around it. Then it is put in order once a batch, and copied for no row.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder};
use arrow::datatypes::DataType;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::rows::{arrays, by_rows};
use super::typed::{common, item_in, list_of, many, order, within};
use crate::wanted::ask;

pub(super) fn function() -> ScalarUDF {
    ScalarUDF::from(IsAmong { name: "is_among", signature: Signature::user_defined(Volatility::Immutable) })
}

struct IsAmong {
    name: &'static str,
    signature: Signature,
}

known_by_name!(IsAmong);

impl ScalarUDFImpl for IsAmong {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        many(self.name, given, 2..=2)?;
        let item = common("IN", &[item_in("IN", &given[0])?, given[1].clone()])?;
        Ok(vec![list_of(item.clone()), item])
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        by_rows(&args, |rows| match &args.args[..] {
            [list @ ColumnarValue::Scalar(_), ColumnarValue::Array(wanted)] => among_these(&list.to_array(1)?, wanted),
            [_, _] => among_each(&arrays(&args, rows)?, rows),
            _ => exec_err!("is_among takes a list and a value"),
        })
    }
}

/// Whether values are among those of one list: NULL if it is not known. No list: the query selected none.
fn among_these(list: &ArrayRef, wanted: &ArrayRef) -> Result<ArrayRef> {
    let lists = list.as_list::<i32>();
    let (items, range) = (lists.values(), within(lists, 0).unwrap_or_default());
    if range.is_empty() {
        return Ok(Arc::new(BooleanArray::from(vec![false; wanted.len()])));
    }
    let (among, across) = (order(items, items)?, order(items, wanted)?);
    let nulls = arrow::compute::is_null(items)?;
    let has_null = range.clone().any(|item| nulls.value(item));
    let mut sorted: Vec<usize> = range.filter(|item| !nulls.value(*item)).collect();
    sorted.sort_unstable_by(|one, other| among(*one, *other));
    ask()?;
    let is_null = arrow::compute::is_null(wanted)?;
    let found = (0..wanted.len()).map(|row| {
        let is_there = !is_null.value(row) && sorted.binary_search_by(|item| across(*item, row)).is_ok();
        (is_there || !(has_null || is_null.value(row))).then_some(is_there)
    });
    Ok(Arc::new(found.collect::<BooleanArray>()))
}

/// The same, each of a list of its own.
fn among_each(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (lists, wanted) = (args[0].as_list::<i32>(), &args[1]);
    let (order, nulls) = (order(lists.values(), wanted)?, arrow::compute::is_null(lists.values())?);
    let is_null = arrow::compute::is_null(wanted)?;
    let mut out = BooleanBuilder::with_capacity(rows);
    for row in 0..rows {
        ask()?;
        let mut items = within(lists, row).unwrap_or_default();
        if items.is_empty() {
            out.append_value(false);
            continue;
        }
        let has_null = items.clone().any(|item| nulls.value(item));
        let is_there = !is_null.value(row) && items.any(|item| order(item, row).is_eq());
        out.append_option((is_there || !(has_null || is_null.value(row))).then_some(is_there));
    }
    Ok(Arc::new(out.finish()))
}
