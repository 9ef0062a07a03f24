//! `is_row_among`, as which the dialect writes `(a, b) IN (SELECT x, y …)` below SELECT: the rows that a query selected, as a list, and the values of one
//! that may be among them. It is NULL where a row may be meant of which a value is NULL, and all others are equal.
//!
//! The list is the same for all rows, unless the query names something around it. Then those of its rows that are known whole are put in order once a
//! batch, and looked up.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder, DynComparator};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::rows::by_rows;
use super::typed::{common, field_of, item_in, list_of, order, within};
use crate::wanted::ask;

pub(super) fn function() -> ScalarUDF {
    ScalarUDF::from(IsRowAmong { name: "is_row_among", signature: Signature::user_defined(Volatility::Immutable) })
}

struct IsRowAmong {
    name: &'static str,
    signature: Signature,
}

known_by_name!(IsRowAmong);

impl ScalarUDFImpl for IsRowAmong {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let [list, values @ ..] = given else { return plan_err!("IN takes rows") };
        let DataType::Struct(fields) = item_in("IN", list)? else { return plan_err!("IN takes rows") };
        if fields.len() != values.len() {
            return plan_err!("a row of {} values is held against one of {}", values.len(), fields.len());
        }
        let types = fields.iter().zip(values).map(|(field, of)| common("IN", &[field.data_type().clone(), of.clone()]));
        let types = types.collect::<Result<Vec<DataType>>>()?;
        let row = fields.iter().zip(&types).map(|(field, of)| Field::new(field.name(), of.clone(), true)).collect();
        Ok(std::iter::once(list_of(DataType::Struct(row))).chain(types).collect())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        by_rows(&args, |rows| {
            let [list, wanted @ ..] = &args.args[..] else { return exec_err!("is_row_among takes rows and values") };
            let wanted = wanted.iter().map(|value| value.to_array(rows)).collect::<Result<Vec<ArrayRef>>>()?;
            match list {
                ColumnarValue::Scalar(_) => among_these(&list.to_array(1)?, wanted, rows),
                ColumnarValue::Array(lists) => among_each(lists, wanted, rows),
            }
        })
    }
}

/// Rows of lists, held against rows that are looked for.
struct Held {
    /// Of each value, that of an item and that of a row.
    across: Vec<DynComparator>,
    /// And whether it is NULL in either.
    items: Vec<Option<NullBuffer>>,
    rows: Vec<Option<NullBuffer>>,
}

impl Held {
    fn new(items: &ArrayRef, wanted: &[ArrayRef]) -> Result<Held> {
        let rows = items.as_struct();
        let values = (0..wanted.len()).map(|place| field_of(rows, place)).collect::<Result<Vec<ArrayRef>>>()?;
        let across = values.iter().zip(wanted).map(|(items, wanted)| order(items, wanted)).collect::<Result<_>>()?;
        let nulls = |arrays: &[ArrayRef]| arrays.iter().map(|array| array.logical_nulls()).collect();
        Ok(Held { across, items: nulls(&values), rows: nulls(wanted) })
    }

    /// Which of the two comes first, of those that are known whole.
    fn order(&self, item: usize, row: usize) -> Ordering {
        self.across.iter().map(|across| across(item, row)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// Whether it is equal; NULL if it is not known.
    fn is_equal(&self, item: usize, row: usize) -> Option<bool> {
        let mut is_known = true;
        for (place, across) in self.across.iter().enumerate() {
            if is_null(&self.items[place], item) || is_null(&self.rows[place], row) {
                is_known = false;
            } else if across(item, row).is_ne() {
                return Some(false);
            }
        }
        is_known.then_some(true)
    }

    /// Whether the row is one of these; NULL if it is not known.
    fn is_among(&self, items: impl Iterator<Item = usize>, row: usize) -> Option<bool> {
        let mut found = Some(false);
        for item in items {
            match self.is_equal(item, row) {
                Some(true) => return Some(true),
                None => found = None,
                Some(false) => {}
            }
        }
        found
    }
}

fn is_null(nulls: &Option<NullBuffer>, at: usize) -> bool {
    nulls.as_ref().is_some_and(|nulls| nulls.is_null(at))
}

/// Whether each row is in this one list. No list: the query selected none.
fn among_these(list: &ArrayRef, wanted: Vec<ArrayRef>, rows: usize) -> Result<ArrayRef> {
    let lists = list.as_list::<i32>();
    let held = Held::new(lists.values(), &wanted)?;
    let all: Range<usize> = within(lists, 0).unwrap_or_default();
    let (mut whole, parts): (Vec<usize>, Vec<usize>) =
        all.clone().partition(|item| !held.items.iter().any(|nulls| is_null(nulls, *item)));
    let among = order(lists.values(), lists.values())?;
    whole.sort_unstable_by(|one, other| among(*one, *other));
    let mut out = BooleanBuilder::with_capacity(rows);
    for row in 0..rows {
        ask()?;
        out.append_option(if held.rows.iter().any(|nulls| is_null(nulls, row)) {
            held.is_among(all.clone(), row)
        } else if whole.binary_search_by(|item| held.order(*item, row)).is_ok() {
            Some(true)
        } else {
            held.is_among(parts.iter().copied(), row)
        });
    }
    Ok(Arc::new(out.finish()))
}

/// The same, each of a list of its own.
fn among_each(lists: &ArrayRef, wanted: Vec<ArrayRef>, rows: usize) -> Result<ArrayRef> {
    let lists = lists.as_list::<i32>();
    let held = Held::new(lists.values(), &wanted)?;
    let mut out = BooleanBuilder::with_capacity(rows);
    for row in 0..rows {
        ask()?;
        out.append_option(held.is_among(within(lists, row).unwrap_or_default(), row));
    }
    Ok(Arc::new(out.finish()))
}
