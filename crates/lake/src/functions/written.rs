//! What the dialect writes for planning to read, and what is never called: of a number of rows that may have some beside them (`ties`), and of a
//! row that is looked for among others (`among::rows`).

use arrow::datatypes::DataType;
use datafusion::common::exec_err;
use datafusion::logical_expr::ScalarUDF;

use super::typed::{many, typed};
use crate::among::ROW;
use crate::ties::WITH_TIES;

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        typed(
            WITH_TIES,
            |given| {
                many(WITH_TIES, given, 1..=1)?;
                Ok((vec![DataType::Int64], DataType::Int64))
            },
            |_, _, _| exec_err!("WITH TIES stands behind ORDER BY"),
        ),
        // Of a type that all rows have: what is in them is held against one another by itself.
        typed(
            ROW,
            |given| Ok((given.to_vec(), DataType::Int64)),
            |_, _, _| {
                exec_err!(
                    "a row is looked for among those of a query in conditions alone: behind WHERE, HAVING or CASE WHEN"
                )
            },
        ),
    ]
}
