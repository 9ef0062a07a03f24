//! `at_timezone(moment, zone)`, and with it `moment AT TIME ZONE zone`; `with_timezone(clock, zone)`, `timezone_hour(moment)`.
//!
//! A zone that is written out is in the type of what is given (`crate::zones`; the dialect writes `at_zone` of these). One that is not may differ from
//! row to row: then what is given is the clock of there, as a moment without zone.
//! <https://trino.io/docs/current/functions/datetime.html#time-zone-conversion>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Field, FieldRef, TimestampMicrosecondType};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::rows::{arrays, by_rows};
use super::typed::{many, typed};
use super::types::{MOMENT, TEXT, WHOLE};
use super::{Plain, text_at, texts_of};
use crate::moments::MINUTE_MICROS;
use crate::zones::{
    AT_ZONE, CLOCK_OF, MOMENT_OF, WITH_ZONE, clock_at, clocks, each, kept, moment_at, moments, named, within, zone_of,
    zoned,
};

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![
        Plain::new("at_timezone", &[MOMENT, TEXT], MOMENT, at_timezone).of_moments().into(),
        zone_function(AT_ZONE),
        zone_function(WITH_ZONE),
        zone_function(MOMENT_OF),
        zone_function(CLOCK_OF),
        typed("timezone_hour", of_moment, |args, rows, _| offset(args, rows, |minutes| minutes / 60)),
        typed("timezone_minute", of_moment, |args, rows, _| offset(args, rows, |minutes| minutes % 60)),
    ]
}

/// A moment, with its zone if it has one.
fn of_moment(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("timezone_hour", given, 1..=1)?;
    Ok((vec![kept(&given[0])], WHOLE))
}

/// A part of the minutes by which the clock of a zone is before UTC.
fn offset(args: &[ArrayRef], rows: usize, part: fn(i64) -> i64) -> Result<ArrayRef> {
    let (clocks, moments) = (clocks(&args[0])?, moments(&args[0]));
    let (clocks, moments) =
        (clocks.as_primitive::<TimestampMicrosecondType>(), moments.as_primitive::<TimestampMicrosecondType>());
    let minutes = |row: usize| (clocks.value(row) - moments.value(row)) / MINUTE_MICROS;
    let part = (0..rows).map(|row| clocks.is_valid(row).then(|| part(minutes(row))));
    Ok(Arc::new(part.collect::<Int64Array>()))
}

/// One that gives moments a zone, or takes it from them.
pub(crate) fn zone_function(name: &'static str) -> ScalarUDF {
    ScalarUDF::from(OfZone { name, signature: Signature::user_defined(Volatility::Immutable) })
}

fn at_timezone(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let zones = texts_of(&args[1]);
    let is_same = |row: usize| text_at(zones, row) == text_at(zones, 0);
    if rows == 0 {
        return Ok(Arc::clone(&args[0]));
    }
    // One zone for all rows, nearly always.
    if (0..rows).all(is_same) {
        return there(&args[0], text_at(zones, 0));
    }
    let each = (0..rows).map(|row| there(&args[0].slice(row, 1), text_at(zones, row)));
    let each = each.collect::<Result<Vec<ArrayRef>>>()?;
    Ok(concat(&each.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>())?)
}

fn there(moments: &ArrayRef, zone: Option<&str>) -> Result<ArrayRef> {
    let Some(zone) = zone else { return Ok(arrow::array::new_null_array(&MOMENT, moments.len())) };
    each(moments, named(zone)?, clock_at)
}

struct OfZone {
    name: &'static str,
    signature: Signature,
}

known_by_name!(OfZone);

impl OfZone {
    /// Whether the zone is its second argument.
    fn gives_zone(&self) -> bool {
        matches!(self.name, AT_ZONE | WITH_ZONE)
    }
}

impl ScalarUDFImpl for OfZone {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let takes = if self.gives_zone() { 2 } else { 1 };
        many(if self.name == AT_ZONE { "at_timezone" } else { self.name }, given, takes..=takes)?;
        Ok(std::iter::once(kept(&given[0])).chain(self.gives_zone().then_some(TEXT)).collect())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(MOMENT)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let of = match args.scalar_arguments {
            [_, zone] => match zone.and_then(|zone| zone.try_as_str().flatten()) {
                Some(zone) => named(zone).map(|_| zoned(zone))?,
                None => return plan_err!("{} takes a time zone that is written out", self.name),
            },
            _ => MOMENT,
        };
        Ok(Arc::new(Field::new(self.name, of, true)))
    }

    /// A moment that was given a zone is what it was before, by which files are pruned.
    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        if self.name == MOMENT_OF
            && let [Expr::ScalarFunction(ScalarFunction { func, args: within })] = &args[..]
            && let (AT_ZONE, Some(of)) = (func.name(), within.first())
            && info.get_data_type(of)? == MOMENT
        {
            return Ok(ExprSimplifyResult::Simplified(of.clone()));
        }
        Ok(ExprSimplifyResult::Original(args))
    }

    fn output_ordering(&self, input: &[ExprProperties]) -> Result<SortProperties> {
        Ok(match (self.name, input) {
            (AT_ZONE | MOMENT_OF, [of, ..]) => of.sort_properties,
            _ => SortProperties::Unordered,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        by_rows(&args, |rows| {
            let of = &arrays(&args, rows)?[0];
            match (self.name, zone_of(args.return_field.data_type())) {
                (CLOCK_OF, _) => clocks(of),
                (MOMENT_OF, _) | (_, None) => Ok(moments(of)),
                (name, Some(zone)) => {
                    // A clock that is given a zone may be that of another.
                    let there =
                        if name == WITH_ZONE { each(&clocks(of)?, named(zone)?, moment_at)? } else { moments(of) };
                    Ok(within(&there, Some(zone)))
                }
            }
        })
    }
}
