//! Types, as Trino names them: what `typeof(x)` gives, and what is said of columns and of faults.
//!
//! <https://trino.io/docs/current/functions/conversion.html>, <https://trino.io/docs/current/language/types.html>

use std::sync::Arc;

use arrow::array::StringArray;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::logical_expr::ScalarUDF;

use super::typed::{many, typed};
use crate::addresses::{ADDRESS, PREFIX};

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![typed(
        "typeof",
        |given| {
            many("typeof", given, 1..=1)?;
            Ok((given.to_vec(), DataType::Utf8))
        },
        |args, rows, _| Ok(Arc::new(StringArray::from(vec![named(args[0].data_type(), true); rows]))),
    )]
}

/// The same in a sentence, where nobody asks how many places a second has.
pub(crate) fn said(of: &DataType) -> String {
    named(of, true).replace("timestamp(3)", "timestamp")
}

/// The same; of rows it is not told what is in them.
pub(crate) fn said_shortly(of: &DataType) -> String {
    named(of, false).replace("timestamp(3)", "timestamp")
}

/// As Trino names it. Moments have three places of a second when they are shown.
fn named(of: &DataType, tells_rows: bool) -> String {
    match of {
        DataType::Null => "unknown".into(),
        DataType::Boolean => "boolean".into(),
        DataType::Int8 => "tinyint".into(),
        DataType::Int16 | DataType::UInt8 => "smallint".into(),
        DataType::Int32 | DataType::UInt16 => "integer".into(),
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => "bigint".into(),
        DataType::Float16 | DataType::Float32 => "real".into(),
        DataType::Float64 => "double".into(),
        DataType::Decimal32(digits, places)
        | DataType::Decimal64(digits, places)
        | DataType::Decimal128(digits, places)
        | DataType::Decimal256(digits, places) => format!("decimal({digits},{places})"),
        of if of.is_string() => "varchar".into(),
        of if *of == ADDRESS => "ipaddress".into(),
        of if *of == PREFIX => "ipprefix".into(),
        of if of.is_binary() => "varbinary".into(),
        DataType::Date32 | DataType::Date64 => "date".into(),
        DataType::Time32(_) | DataType::Time64(_) => "time(3)".into(),
        DataType::Timestamp(_, None) => "timestamp(3)".into(),
        DataType::Timestamp(_, Some(_)) => "timestamp(3) with time zone".into(),
        DataType::Interval(arrow::datatypes::IntervalUnit::YearMonth) => "interval year to month".into(),
        DataType::Interval(_) | DataType::Duration(_) => "interval day to second".into(),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            format!("array({})", named(item.data_type(), tells_rows))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => {
                let parts: Vec<String> = fields.iter().map(|field| named(field.data_type(), tells_rows)).collect();
                format!("map({})", parts.join(", "))
            }
            other => format!("map({})", named(other, tells_rows)),
        },
        DataType::Struct(_) if !tells_rows => "row(…)".into(),
        DataType::Struct(fields) => {
            let field = |field: &FieldRef| match field.name().as_str() {
                // A row that is written out names nothing.
                name if name.is_empty()
                    || name.starts_with(|letter: char| letter.is_ascii_digit())
                    || is_unnamed(name) =>
                {
                    named(field.data_type(), tells_rows)
                }
                name => format!("{name} {}", named(field.data_type(), tells_rows)),
            };
            format!("row({})", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        DataType::Dictionary(_, value) => named(value, tells_rows),
        other => other.to_string().to_lowercase(),
    }
}

/// `c0`, `c1`, as DataFusion names what has no name.
fn is_unnamed(name: &str) -> bool {
    name.strip_prefix('c').is_some_and(|number| number.parse::<u32>().is_ok())
}
