//! Moments that are told by the clock of a zone: `eventTime AT TIME ZONE 'Europe/Berlin'`. The zone is in their type, so that it is known wherever a
//! subquery, WITH or CASE hands them on; what is kept is the moment.
//!
//! Of zones that differ from row to row there is no type: those give clocks, as moments without a zone.

use std::sync::Arc;

use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, AsArray, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit, TimestampMicrosecondType};
use arrow::temporal_conversions::as_datetime_with_timezone;
use datafusion::common::exec_err;
use datafusion::error::Result;

use crate::moments::{DAY_MICROS, MINUTE_MICROS, shown};
use crate::schema::MOMENT;

mod rule;

pub(crate) use rule::analyze;

/// What gives a moment its zone, which the dialect writes where the zone is written out.
pub(crate) const AT_ZONE: &str = "at_zone";
/// What gives a clock its zone.
pub(crate) const WITH_ZONE: &str = "with_timezone";
/// What takes its zone from a moment: the moment itself, and what the clock shows.
pub(crate) const MOMENT_OF: &str = "moment_of";
pub(crate) const CLOCK_OF: &str = "clock_of";

/// The zone by whose clock values of this type are told.
pub(crate) fn zone_of(of: &DataType) -> Option<&Arc<str>> {
    match of {
        DataType::Timestamp(_, zone) => zone.as_ref(),
        _ => None,
    }
}

/// As what moments of this type are taken: in microseconds, and in their zone if they have one.
pub(crate) fn kept(of: &DataType) -> DataType {
    zone_of(of).map_or(MOMENT, |zone| zoned(zone))
}

/// Moments of this zone.
pub(crate) fn zoned(zone: &str) -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(zone.into()))
}

/// A zone by its name.
pub(crate) fn named(zone: &str) -> Result<Tz> {
    match zone.parse() {
        Ok(zone) => Ok(zone),
        Err(_) => exec_err!("`{zone}` is no time zone: write it like America/New_York or +02:00"),
    }
}

/// What a clock there shows, in microseconds as of UTC.
pub(crate) fn clock_at(moment: i64, zone: Tz) -> Option<i64> {
    let there = as_datetime_with_timezone::<TimestampMicrosecondType>(moment, zone)?;
    Some(there.naive_local().and_utc().timestamp_micros())
}

/// When a clock there shows this: the first time of two. Where it is put forward over it, as much later as it is put forward.
pub(crate) fn moment_at(clock: i64, zone: Tz) -> Option<i64> {
    let offset = |moment: i64| Some(clock_at(moment, zone)? - moment);
    let before = clock - offset(clock.checked_sub(DAY_MICROS)?)?;
    let after = clock - offset(clock.checked_add(DAY_MICROS)?)?;
    let shows = |moment: &i64| clock_at(*moment, zone) == Some(clock);
    Some([before.min(after), before.max(after)].into_iter().find(shows).unwrap_or(before))
}

/// As ISO 8601 has it, with the offset of its zone: `2026-07-10T08:00:00.000-04:00`.
pub(crate) fn with_offset(moment: i64, zone: Tz) -> Option<String> {
    let clock = clock_at(moment, zone)?;
    let minutes = (clock - moment) / MINUTE_MICROS;
    let (sign, minutes_off) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
    let offset = match minutes_off {
        0 => "Z".to_owned(),
        _ => format!("{sign}{:02}:{:02}", minutes_off / 60, minutes_off % 60),
    };
    Some(format!("{}{offset}", shown(clock).replacen(' ', "T", 1)))
}

/// As Trino shows it: `2026-07-10 08:00:00.000 America/New_York`.
pub(crate) fn shown_there(moment: i64, zone: &str) -> String {
    let clock = named(zone).ok().and_then(|there| clock_at(moment, there));
    clock.map_or_else(|| shown(moment), |clock| format!("{} {zone}", shown(clock)))
}

/// What the clocks of their zone show; moments without a zone as they are.
pub(crate) fn clocks(moments: &ArrayRef) -> Result<ArrayRef> {
    let Some(zone) = zone_of(moments.data_type()) else { return Ok(Arc::clone(moments)) };
    each(&cast(moments, &zoned(zone))?, named(zone)?, clock_at)
}

/// What is made of each of these moments.
pub(crate) fn each(moments: &ArrayRef, zone: Tz, of: fn(i64, Tz) -> Option<i64>) -> Result<ArrayRef> {
    let moments = moments.as_primitive::<TimestampMicrosecondType>();
    let of = |row: usize| moments.is_valid(row).then(|| of(moments.value(row), zone)).flatten();
    Ok(Arc::new((0..moments.len()).map(of).collect::<TimestampMicrosecondArray>()))
}

/// The same moments in this zone, or in none.
pub(crate) fn within(moments: &ArrayRef, zone: Option<&Arc<str>>) -> ArrayRef {
    Arc::new(moments.as_primitive::<TimestampMicrosecondType>().clone().with_timezone_opt(zone.cloned()))
}

/// The same moments without a zone.
pub(crate) fn moments(moments: &ArrayRef) -> ArrayRef {
    match zone_of(moments.data_type()) {
        Some(_) => within(moments, None),
        None => Arc::clone(moments),
    }
}
