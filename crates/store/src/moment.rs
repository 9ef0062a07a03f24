//! Moments, as they are stored: milliseconds since 1970. What is finer is cut off.

use jiff::Timestamp;

use crate::error::Cause;

pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(crate) fn moment(millis: i64) -> Result<Timestamp, Cause> {
    Timestamp::from_millisecond(millis).map_err(|_| Cause::Damaged("a moment beyond all years"))
}

pub(crate) fn maybe_moment(millis: Option<i64>) -> Result<Option<Timestamp>, Cause> {
    millis.map(moment).transpose()
}
