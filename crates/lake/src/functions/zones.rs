//! `at_timezone(moment, zone)`, and with it `moment AT TIME ZONE zone`: what clocks show there.
//!
//! Moments have no zone here, so what is given is the wall clock of that zone: `hour`, `date_format` and `date_trunc` of it are those of there.
//! <https://trino.io/docs/current/functions/datetime.html#time-zone-conversion>

use std::sync::Arc;

use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, AsArray, TimestampMicrosecondArray};
use arrow::compute::concat;
use arrow::datatypes::TimestampMicrosecondType;
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;

use super::types::{MOMENT, TEXT};
use super::{Plain, text_at, texts_of};

pub(super) fn all() -> Vec<ScalarUDF> {
    vec![Plain::new("at_timezone", &[MOMENT, TEXT], MOMENT, at_timezone).into()]
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
    let Ok(zone) = zone.parse::<Tz>() else {
        return exec_err!("`{zone}` is no time zone: write it like America/New_York or +02:00");
    };
    let moments = moments.as_primitive::<TimestampMicrosecondType>();
    let wall = |row: usize| {
        let there = moments.is_valid(row).then(|| moments.value_as_datetime_with_tz(row, zone)).flatten()?;
        Some(there.naive_local().and_utc().timestamp_micros())
    };
    Ok(Arc::new((0..moments.len()).map(wall).collect::<TimestampMicrosecondArray>()))
}
