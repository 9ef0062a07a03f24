//! `typeof(x)`: the type of a value, as Trino names it. And `date_trunc`, which gives a day of a day.
//!
//! <https://trino.io/docs/current/functions/conversion.html>, <https://trino.io/docs/current/language/types.html>

use std::sync::Arc;

use arrow::array::StringArray;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::prelude::SessionContext;

use super::typed::{many, typed};
use super::types::MOMENT;

pub(super) fn all(context: &SessionContext) -> Vec<ScalarUDF> {
    let type_of = typed(
        "typeof",
        |given| {
            many("typeof", given, 1..=1)?;
            Ok((given.to_vec(), DataType::Utf8))
        },
        |args, rows, _| Ok(Arc::new(StringArray::from(vec![named(args[0].data_type()); rows]))),
    );
    let truncated = context.udf("date_trunc").ok().map(|inner| {
        let signature = Signature::user_defined(Volatility::Immutable);
        ScalarUDF::from(DateTrunc { inner, signature })
    });
    truncated.into_iter().chain([type_of]).collect()
}

/// As Trino names it. Moments have three places of a second when they are shown.
fn named(of: &DataType) -> String {
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
        of if of.is_binary() => "varbinary".into(),
        DataType::Date32 | DataType::Date64 => "date".into(),
        DataType::Time32(_) | DataType::Time64(_) => "time(3)".into(),
        DataType::Timestamp(_, None) => "timestamp(3)".into(),
        DataType::Timestamp(_, Some(_)) => "timestamp(3) with time zone".into(),
        DataType::Interval(arrow::datatypes::IntervalUnit::YearMonth) => "interval year to month".into(),
        DataType::Interval(_) | DataType::Duration(_) => "interval day to second".into(),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            format!("array({})", named(item.data_type()))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => {
                let parts: Vec<String> = fields.iter().map(|field| named(field.data_type())).collect();
                format!("map({})", parts.join(", "))
            }
            other => format!("map({})", named(other)),
        },
        DataType::Struct(fields) => {
            let field = |field: &FieldRef| match field.name().as_str() {
                // A row that is written out names nothing.
                name if name.is_empty()
                    || name.starts_with(|letter: char| letter.is_ascii_digit())
                    || is_unnamed(name) =>
                {
                    named(field.data_type())
                }
                name => format!("{name} {}", named(field.data_type())),
            };
            format!("row({})", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        DataType::Dictionary(_, value) => named(value),
        other => other.to_string().to_lowercase(),
    }
}

/// `c0`, `c1`, as DataFusion names what has no name.
fn is_unnamed(name: &str) -> bool {
    name.strip_prefix('c').is_some_and(|number| number.parse::<u32>().is_ok())
}

/// DataFusion's, which makes a moment of a day.
#[derive(Debug, PartialEq, Eq, Hash)]
struct DateTrunc {
    inner: Arc<ScalarUDF>,
    signature: Signature,
}

impl ScalarUDFImpl for DateTrunc {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let of = match given {
            [_, of @ (DataType::Timestamp(..) | DataType::Time32(_) | DataType::Time64(_))] => of.clone(),
            [_, DataType::Date32 | DataType::Date64] => DataType::Date32,
            [_, of] if of.is_string() || of.is_null() => MOMENT,
            [_, of] => return plan_err!("date_trunc takes a unit and a moment, and this is a {of}"),
            _ => return plan_err!("date_trunc takes a unit and a moment"),
        };
        Ok(vec![DataType::Utf8, of])
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        Ok(given[1].clone())
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let field = |of: DataType| Arc::new(Field::new("moment", of, true));
        if *args.return_field.data_type() != DataType::Date32 {
            return self.inner.invoke_with_args(args);
        }
        args.args[1] = args.args[1].cast_to(&MOMENT, None)?;
        args.arg_fields[1] = field(MOMENT);
        args.return_field = field(MOMENT);
        self.inner.invoke_with_args(args)?.cast_to(&DataType::Date32, None)
    }

    fn output_ordering(&self, input: &[ExprProperties]) -> Result<SortProperties> {
        self.inner.output_ordering(input)
    }
}
