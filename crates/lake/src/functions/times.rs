//! Functions of time: `date_add`, `date_diff`, `date_trunc`, `from_iso8601_timestamp`, `day_of_week` …
//!
//! All in UTC. Units are Trino's: millisecond, second, minute, hour, day, week, month, quarter, year.
//! <https://trino.io/docs/current/functions/datetime.html>

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Builder, Float64Builder, Int64Builder, TimestampMicrosecondBuilder,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, TimestampMicrosecondType};
use datafusion::common::{exec_err, plan_err};
use datafusion::error::Result;
use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;
use jiff::civil::DateTime;
use jiff::{Span, Timestamp, Unit, tz::TimeZone};

use super::stretches::Alike;
use super::typed::{many, typed, whole};
use super::types::{MOMENT, NUMBER, TEXT, WHOLE};
use super::{Plain, each_text, text_at, texts_of};
use crate::moments::{DAY_MICROS, HOUR_MICROS, MINUTE_MICROS, micros};
use crate::zones::{self, kept, zone_of};

pub(super) fn all(context: &SessionContext) -> Vec<ScalarUDF> {
    let mut all: Vec<ScalarUDF> = vec![
        typed("date_add", date_add_types, date_add),
        Plain::new("date_diff", &[TEXT, MOMENT, MOMENT], WHOLE, date_diff).of_moments().into(),
        Plain::new("from_iso8601_timestamp", &[TEXT], MOMENT, from_iso8601).into(),
        Plain::new("from_iso8601_date", &[TEXT], DataType::Date32, from_iso8601_date).into(),
        typed("to_iso8601", to_iso8601_types, to_iso8601),
        Plain::new("from_unixtime", &[NUMBER], MOMENT, from_unixtime).into(),
        Plain::new("from_unixtime_nanos", &[WHOLE], MOMENT, |args, rows| {
            each_moment(rows, |row| Ok(whole(&args[0], row).map(|nanos| nanos.div_euclid(1000))))
        })
        .into(),
        Plain::new("to_unixtime", &[MOMENT], NUMBER, to_unixtime).of_moments().into(),
        Plain::new("year", &[MOMENT], WHOLE, |args, rows| part(args, rows, DAY_MICROS, |moment| moment.year().into()))
            .of_stretch(of_year)
            .into(),
        Plain::new("last_day_of_month", &[MOMENT], DataType::Date32, last_day_of_month).into(),
    ];
    type Part = fn(&[ArrayRef], usize) -> Result<ArrayRef>;
    let parts: [(&'static str, Part); 16] = [
        ("quarter", |args, rows| part(args, rows, DAY_MICROS, |moment| (i64::from(moment.month()) + 2) / 3)),
        ("month", |args, rows| part(args, rows, DAY_MICROS, |moment| moment.month().into())),
        ("week", |args, rows| part(args, rows, DAY_MICROS, |moment| moment.date().iso_week_date().week().into())),
        ("day", |args, rows| part(args, rows, DAY_MICROS, |moment| moment.day().into())),
        ("day_of_month", |args, rows| part(args, rows, DAY_MICROS, |moment| moment.day().into())),
        ("day_of_week", |args, rows| {
            part(args, rows, DAY_MICROS, |moment| moment.weekday().to_monday_one_offset().into())
        }),
        ("dow", |args, rows| part(args, rows, DAY_MICROS, |moment| moment.weekday().to_monday_one_offset().into())),
        ("day_of_year", |args, rows| part(args, rows, DAY_MICROS, |moment| moment.day_of_year().into())),
        ("hour", |args, rows| part(args, rows, HOUR_MICROS, |moment| moment.hour().into())),
        ("minute", |args, rows| part(args, rows, MINUTE_MICROS, |moment| moment.minute().into())),
        ("second", |args, rows| part(args, rows, 1_000_000, |moment| moment.second().into())),
        ("millisecond", |args, rows| part(args, rows, 1_000, |moment| moment.millisecond().into())),
        ("doy", |args, rows| part(args, rows, DAY_MICROS, |moment| moment.day_of_year().into())),
        ("week_of_year", |args, rows| {
            part(args, rows, DAY_MICROS, |moment| moment.date().iso_week_date().week().into())
        }),
        ("year_of_week", |args, rows| {
            part(args, rows, DAY_MICROS, |moment| moment.date().iso_week_date().year().into())
        }),
        ("yow", |args, rows| part(args, rows, DAY_MICROS, |moment| moment.date().iso_week_date().year().into())),
    ];
    let truncated = |inner| DateTrunc { inner, signature: Signature::user_defined(Volatility::Immutable) };
    all.extend(context.udf("date_trunc").ok().map(truncated).map(ScalarUDF::from));
    all.extend(parts.map(|(name, batch)| Plain::new(name, &[MOMENT], WHOLE, batch).into()));
    all
}

/// The moment of a row, in UTC.
pub(super) fn moment_at(array: &ArrayRef, row: usize) -> Option<DateTime> {
    let moments = array.as_primitive::<TimestampMicrosecondType>();
    moment_of(moments.is_valid(row).then(|| moments.value(row))?)
}

fn moment_of(micros: i64) -> Option<DateTime> {
    Some(TimeZone::UTC.to_datetime(Timestamp::from_microsecond(micros).ok()?))
}

pub(super) fn micros_of(moment: DateTime) -> Option<i64> {
    Some(TimeZone::UTC.to_timestamp(moment).ok()?.as_microsecond())
}

/// A part of moments that is the same for so many microseconds.
fn part(args: &[ArrayRef], rows: usize, micros: i64, of: fn(DateTime) -> i64) -> Result<ArrayRef> {
    let (moments, mut alike) = (args[0].as_primitive::<TimestampMicrosecondType>(), Alike::within(micros));
    let mut out = Int64Builder::with_capacity(rows);
    for row in 0..rows {
        let part = match moments.is_valid(row) {
            true => *alike.at(moments.value(row), || Ok(moment_at(&args[0], row).map(of)))?,
            false => None,
        };
        out.append_option(part);
    }
    Ok(Arc::new(out.finish()))
}

/// From the first moment of a year to that of the next.
fn of_year(year: &ScalarValue) -> Option<(ScalarValue, ScalarValue)> {
    let ScalarValue::Int64(Some(year)) = year else { return None };
    let first = |year: i64| {
        let day = jiff::civil::Date::new(year.try_into().ok()?, 1, 1).ok()?;
        Some(ScalarValue::TimestampMicrosecond(Some(micros_of(day.into())?), None))
    };
    Some((first(*year)?, first(year.checked_add(1)?)?))
}

pub(super) fn each_moment(rows: usize, mut each: impl FnMut(usize) -> Result<Option<i64>>) -> Result<ArrayRef> {
    let mut out = TimestampMicrosecondBuilder::with_capacity(rows);
    for row in 0..rows {
        out.append_option(each(row)?);
    }
    Ok(Arc::new(out.finish()))
}

fn unit(name: &str) -> Result<Unit> {
    Ok(match name.to_lowercase().as_str() {
        "millisecond" => Unit::Millisecond,
        "second" => Unit::Second,
        "minute" => Unit::Minute,
        "hour" => Unit::Hour,
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" | "quarter" => Unit::Month,
        "year" => Unit::Year,
        _ => {
            return exec_err!(
                "`{name}` is no unit of time: millisecond, second, minute, hour, day, week, month, quarter or year"
            );
        }
    })
}

/// Microseconds of a unit that is always as long.
fn micros_each(unit: Unit) -> Option<i64> {
    match unit {
        Unit::Millisecond => Some(1_000),
        Unit::Second => Some(1_000_000),
        Unit::Minute => Some(MINUTE_MICROS),
        Unit::Hour => Some(HOUR_MICROS),
        Unit::Day => Some(DAY_MICROS),
        Unit::Week => Some(7 * DAY_MICROS),
        _ => None,
    }
}

/// Microseconds of the unit of this name, if it is always as long.
pub(crate) fn micros_of_unit(name: &str) -> Option<i64> {
    unit(name).ok().and_then(micros_each)
}

/// How many of the unit one of these is.
fn times(name: &str) -> i64 {
    if name.eq_ignore_ascii_case("quarter") { 3 } else { 1 }
}

/// A day stays a day, and a moment in its zone.
fn date_add_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("date_add", given, 3..=3)?;
    let of = if given[2] == DataType::Date32 { DataType::Date32 } else { kept(&given[2]) };
    Ok((vec![TEXT, WHOLE, of.clone()], of))
}

fn date_add(args: &[ArrayRef], rows: usize, gives: &DataType) -> Result<ArrayRef> {
    let (units, moments) = (texts_of(&args[0]), cast(&args[2], &MOMENT)?);
    let zone = zone_of(gives).map(|zone| zones::named(zone)).transpose()?;
    let later = each_moment(rows, |row| {
        let (Some(name), Some(number), Some(moment)) =
            (text_at(units, row), whole(&args[1], row), moment_at(&moments, row))
        else {
            return Ok(None);
        };
        // A day later it is the same on the clock of there, however many hours later.
        let zone = zone.filter(|_| unit(name).is_ok_and(|unit| unit >= Unit::Day));
        let moment = match zone {
            Some(zone) => micros_of(moment).and_then(|moment| zones::clock_at(moment, zone)).and_then(moment_of),
            None => Some(moment),
        };
        let Some(moment) = moment else { return Ok(None) };
        if *gives == DataType::Date32
            && matches!(unit(name)?, Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour)
        {
            return exec_err!("`{name}` is no unit that is added to a day");
        }
        let number = number.saturating_mul(times(name));
        let span = match unit(name)? {
            Unit::Millisecond => Span::new().try_milliseconds(number),
            Unit::Second => Span::new().try_seconds(number),
            Unit::Minute => Span::new().try_minutes(number),
            Unit::Hour => Span::new().try_hours(number),
            Unit::Day => Span::new().try_days(number),
            Unit::Week => Span::new().try_weeks(number),
            Unit::Month => Span::new().try_months(number),
            _ => Span::new().try_years(number),
        };
        let later = span.ok().and_then(|span| moment.checked_add(span).ok()).and_then(micros_of);
        let later = match zone {
            Some(zone) => later.and_then(|clock| zones::moment_at(clock, zone)),
            None => later,
        };
        if later.is_none() {
            return exec_err!("{moment} and {number} {name} is no moment of the years that are known here");
        }
        Ok(later)
    })?;
    match zone_of(gives) {
        None => Ok(cast(&later, gives)?),
        zone => Ok(zones::within(&later, zone)),
    }
}

/// Whole units from the first to the second.
fn date_diff(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let units = texts_of(&args[0]);
    let mut out = Int64Builder::with_capacity(rows);
    for row in 0..rows {
        let (Some(name), Some(from), Some(to)) =
            (text_at(units, row), moment_at(&args[1], row), moment_at(&args[2], row))
        else {
            out.append_null();
            continue;
        };
        let micros = micros_of(to).zip(micros_of(from)).map(|(to, from)| to - from).unwrap_or_default();
        let unit = unit(name)?;
        let number = match micros_each(unit) {
            Some(each) => micros / each,
            None if unit == Unit::Month => i64::from(months(from, to)) / times(name),
            None => i64::from(months(from, to)) / 12,
        };
        out.append_value(number);
    }
    Ok(Arc::new(out.finish()))
}

fn months(from: DateTime, to: DateTime) -> i32 {
    from.until((Unit::Month, to)).map_or(0, |span| span.get_months())
}

fn from_iso8601(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let texts = texts_of(&args[0]);
    each_moment(rows, |row| {
        let Some(text) = text_at(texts, row) else { return Ok(None) };
        match micros(text) {
            None => exec_err!("`{text}` is no moment like 2026-02-10T18:02:00Z"),
            moment => Ok(moment),
        }
    })
}

fn from_iso8601_date(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let (texts, mut out) = (texts_of(&args[0]), Date32Builder::new());
    for row in 0..rows {
        let Some(text) = text_at(texts, row) else {
            out.append_null();
            continue;
        };
        let Ok(date) = text.parse::<jiff::civil::Date>() else {
            return exec_err!("`{text}` is no day like 2026-02-10");
        };
        out.append_value((date - jiff::civil::date(1970, 1, 1)).get_days());
    }
    Ok(Arc::new(out.finish()))
}

fn to_iso8601_types(given: &[DataType]) -> Result<(Vec<DataType>, DataType)> {
    many("to_iso8601", given, 1..=1)?;
    Ok((vec![if given[0] == DataType::Date32 { DataType::Date32 } else { kept(&given[0]) }], TEXT))
}

fn to_iso8601(args: &[ArrayRef], rows: usize, _: &DataType) -> Result<ArrayRef> {
    if let Some(zone) = zone_of(args[0].data_type()) {
        let (zone, moments) = (zones::named(zone)?, args[0].as_primitive::<TimestampMicrosecondType>());
        let told = |row: usize| moments.is_valid(row).then(|| zones::with_offset(moments.value(row), zone)).flatten();
        return Ok(each_text(rows, told));
    }
    let form = if *args[0].data_type() == DataType::Date32 { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%S.%3f" };
    let moments = cast(&args[0], &MOMENT)?;
    Ok(each_text(rows, |row| moment_at(&moments, row).map(|moment| moment.strftime(form).to_string())))
}

fn from_unixtime(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let all = args[0].as_primitive::<Float64Type>();
    each_moment(rows, |row| {
        let Some(seconds) = all.is_valid(row).then(|| all.value(row)) else { return Ok(None) };
        match Timestamp::from_microsecond((seconds * 1e6).round() as i64) {
            Ok(moment) => Ok(Some(moment.as_microsecond())),
            Err(_) => exec_err!("{seconds} seconds after 1970 is no moment of the years that are known here"),
        }
    })
}

fn to_unixtime(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let mut out = Float64Builder::with_capacity(rows);
    let moments = args[0].as_primitive::<TimestampMicrosecondType>();
    (0..rows).for_each(|row| out.append_option(moments.is_valid(row).then(|| moments.value(row) as f64 / 1e6)));
    Ok(Arc::new(out.finish()))
}

fn last_day_of_month(args: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let mut out = Date32Builder::with_capacity(rows);
    let days = |moment: DateTime| (moment.date().last_of_month() - jiff::civil::date(1970, 1, 1)).get_days();
    (0..rows).for_each(|row| out.append_option(moment_at(&args[0], row).map(days)));
    Ok(Arc::new(out.finish()))
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
