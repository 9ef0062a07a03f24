//! What casts become (`dialect::casts`): `cast_as(x, 'array(varchar)')`, `as_varchar(x)`, `to_json(x)`.
//!
//! | | gives |
//! |---|---|
//! | `cast_as(json, type)` | the lists, maps and rows that JSON tells; NULL where it is of another shape |
//! | `cast_as(x, type)` | what is nested already with what is within it cast; numbers rounded to whole ones |
//! | `as_varchar(x)` | the value as Lake shows it |
//! | `to_json(x)` | the value as JSON |
//!
//! <https://trino.io/docs/current/functions/conversion.html>, <https://trino.io/docs/current/functions/json.html#cast-from-json>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray, UInt32Array, new_empty_array, new_null_array};
use arrow::compute::{CastOptions, cast, cast_with_options, concat, take};
use arrow::datatypes::{DataType, Field, FieldRef, Float64Type, TimestampMicrosecondType};
use datafusion::common::{exec_err, internal_err, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Cast, TryCast};
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;

use super::typed::{field_of, map_array};
use super::types::{MOMENT, Type};
use super::{each_text, said};
use crate::addresses::{ADDRESS, PREFIX};
use crate::moments::shown;
use crate::values::{json_of, text_of};
use crate::zones::clocks;

mod from_json;

use from_json::from_json;

pub(super) fn all() -> Vec<ScalarUDF> {
    let signature = || Signature::user_defined(Volatility::Immutable);
    let written = |name, gives| ScalarUDF::from(Written { name, gives, signature: signature() });
    vec![
        ScalarUDF::from(CastAs { signature: signature() }),
        written("as_varchar", Gives::Text),
        written("to_json", Gives::Json),
    ]
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct CastAs {
    signature: Signature,
}

impl ScalarUDFImpl for CastAs {
    fn name(&self) -> &str {
        "cast_as"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [of, rest @ ..] if (1..=2).contains(&rest.len()) => {
                let of = if of.is_string() { DataType::Utf8 } else { of.clone() };
                Ok([of, DataType::Utf8, DataType::Boolean][..given.len()].to_vec())
            }
            _ => plan_err!("cast_as takes a value and a type"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        internal_err!("what a cast gives is in its second argument")
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let to = wanted(args.scalar_arguments.get(1).copied().flatten())?.arrow();
        let given = args.arg_fields.first().map(|field| field.data_type());
        if let Some(of @ (DataType::Timestamp(..) | DataType::Date32)) = given
            && to.is_numeric()
        {
            return plan_err!("a {} is not CAST to {}: to_unixtime gives its seconds", said(of), said(&to));
        }
        Ok(Arc::new(Field::new(self.name(), to, true)))
    }

    /// What the usual cast does as well is left to it: more is known of that.
    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let [of, Expr::Literal(to, _), rest @ ..] = &args[..] else { return Ok(ExprSimplifyResult::Original(args)) };
        let (to, given) = (wanted(Some(to))?, info.get_data_type(of)?);
        if !matches!(to, Type::Plain(_)) || given.is_floating() || given.is_decimal() {
            return Ok(ExprSimplifyResult::Original(args));
        }
        let (of, to) = (Box::new(of.clone()), to.arrow());
        Ok(ExprSimplifyResult::Simplified(match rest {
            [Expr::Literal(ScalarValue::Boolean(Some(true)), _)] => Expr::TryCast(TryCast::new(of, to)),
            _ => Expr::Cast(Cast::new(of, to)),
        }))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = matches!(args.args[0], ColumnarValue::Scalar(_));
        let rows = if is_scalar { 1 } else { args.number_rows };
        let of = args.args[0].to_array(rows)?;
        let scalar = |at: usize| match args.args.get(at) {
            Some(ColumnarValue::Scalar(scalar)) => Some(scalar),
            _ => None,
        };
        let to = wanted(scalar(1))?;
        let is_tried = scalar(2) == Some(&ScalarValue::Boolean(Some(true)));
        let made = match (&to, of.data_type()) {
            (Type::Plain(to), _) => cast_plain(&of, to, is_tried)?,
            (_, DataType::Utf8) => {
                let texts = of.as_string::<i32>();
                let values: Vec<Option<&str>> =
                    texts.iter().map(|text| text.map(str::trim).filter(|text| *text != "null")).collect();
                from_json(&to, &values)?
            }
            (_, DataType::Null) => new_null_array(&to.arrow(), rows),
            _ => {
                // What is nested in rows that were left out is not cast, and fails nothing.
                let own = take(&of, &UInt32Array::from_iter_values(0..rows as u32), None)?;
                match cast_nested(&own, &to) {
                    // It can be cast, if none of it is there.
                    Err(_) if is_tried && cast_nested(&new_empty_array(own.data_type()), &to).is_ok() => {
                        cast_each(&own, &to)?
                    }
                    made => made?,
                }
            }
        };
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&made, 0)?));
        }
        Ok(ColumnarValue::Array(made))
    }
}

/// Whole numbers are the nearest ones.
fn cast_plain(of: &ArrayRef, to: &DataType, is_tried: bool) -> Result<ArrayRef> {
    let options = CastOptions { safe: is_tried, ..CastOptions::default() };
    let given = of.data_type();
    if *given == ADDRESS || *given == PREFIX {
        return match to {
            DataType::Utf8 => Ok(each_text(of.len(), |row| text_of(of, row))),
            to => exec_err!("an {} is no {}", said(given), said(to)),
        };
    }
    if !to.is_integer() || !(given.is_floating() || given.is_decimal()) {
        return Ok(cast_with_options(of, to, &options)?);
    }
    let doubles = cast(of, &DataType::Float64)?;
    let nearest = doubles.as_primitive::<Float64Type>().unary::<_, Float64Type>(f64::round);
    Ok(cast_with_options(&nearest, to, &options)?)
}

/// The same, row by row: NULL where something in it fails.
fn cast_each(of: &ArrayRef, to: &Type) -> Result<ArrayRef> {
    let nothing = new_null_array(&to.arrow(), 1);
    let mut each = Vec::with_capacity(of.len());
    for row in 0..of.len() as u32 {
        let one = take(of, &UInt32Array::from(vec![row]), None)?;
        each.push(cast_nested(&one, to).unwrap_or_else(|_| Arc::clone(&nothing)));
    }
    Ok(concat(&each.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>())?)
}

/// What is nested already, with what is within it cast. A row's fields are those of the same places, whatever they are called.
fn cast_nested(of: &ArrayRef, to: &Type) -> Result<ArrayRef> {
    Ok(match (to, of.data_type()) {
        // What the clock of its zone shows, as of one that stands by itself.
        (Type::Plain(to), DataType::Timestamp(_, Some(_))) if to.is_temporal() => cast_plain(&clocks(of)?, to, false)?,
        (Type::Plain(to), _) => cast_plain(of, to, false)?,
        (Type::Json, given) if !given.is_string() => each_text(of.len(), |row| json_of(of, row)),
        (Type::Map(key, value), DataType::Map(..)) => {
            let map = of.as_map();
            let (keys, values) = (cast_nested(map.keys(), key)?, cast_nested(map.values(), value)?);
            Arc::new(map_array(&to.arrow(), map.offsets().clone(), keys, values, map.nulls().cloned())?)
        }
        (Type::Row(fields), DataType::Struct(given)) if fields.len() == given.len() => {
            let (rows, DataType::Struct(types)) = (of.as_struct(), to.arrow()) else {
                return internal_err!("a row is one");
            };
            let columns = fields.iter().enumerate().map(|(place, (_, to))| cast_nested(&field_of(rows, place)?, to));
            let columns = columns.collect::<Result<_>>()?;
            Arc::new(StructArray::try_new(types, columns, rows.nulls().cloned())?)
        }
        (Type::List(item), DataType::List(_)) => {
            let list = of.as_list::<i32>();
            let items = cast_nested(list.values(), item)?;
            let field = Arc::new(Field::new("item", items.data_type().clone(), true));
            Arc::new(ListArray::try_new(field, list.offsets().clone(), items, list.nulls().cloned())?)
        }
        _ => cast(of, &to.arrow())?,
    })
}

/// The type that is named.
fn wanted(to: Option<&ScalarValue>) -> Result<Type> {
    let Some(Some(text)) = to.and_then(ScalarValue::try_as_str) else {
        return plan_err!("a cast names its type");
    };
    match Type::parse(text) {
        Some(to) => Ok(to),
        None => plan_err!("there is no type `{text}`"),
    }
}

fn is_written_alike(of: &DataType) -> bool {
    of.is_integer() || matches!(of, DataType::Boolean | DataType::Date32)
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Gives {
    Text,
    Json,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Written {
    name: &'static str,
    gives: Gives,
    signature: Signature,
}

impl ScalarUDFImpl for Written {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [of] => Ok(vec![if of.is_string() { DataType::Utf8 } else { of.clone() }]),
            _ => plan_err!("{} takes one value", self.name),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    /// A text is one already.
    fn simplify(&self, mut args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        if self.gives == Gives::Text
            && let [of] = &args[..]
            && info.get_data_type(of)? == DataType::Utf8
        {
            return Ok(ExprSimplifyResult::Simplified(args.remove(0)));
        }
        Ok(ExprSimplifyResult::Original(args))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [of] = &args.args[..] else { return exec_err!("{} takes one value", self.name) };
        let write = match self.gives {
            Gives::Text => text_of,
            Gives::Json => json_of,
        };
        Ok(match of {
            ColumnarValue::Scalar(_) => {
                let one = of.to_array(1)?;
                ColumnarValue::Scalar(ScalarValue::Utf8(write(&one, 0)))
            }
            // What is written alike by Arrow is written at once.
            ColumnarValue::Array(array) if self.gives == Gives::Text && is_written_alike(array.data_type()) => {
                ColumnarValue::Array(cast(array, &DataType::Utf8)?)
            }
            ColumnarValue::Array(array) if self.gives == Gives::Text && array.data_type() == &MOMENT => {
                let moments = array.as_primitive::<TimestampMicrosecondType>();
                let text = |row: usize| moments.is_valid(row).then(|| shown(moments.value(row)));
                ColumnarValue::Array(each_text(array.len(), text))
            }
            ColumnarValue::Array(array) => ColumnarValue::Array(each_text(array.len(), |row| write(array, row))),
        })
    }
}
