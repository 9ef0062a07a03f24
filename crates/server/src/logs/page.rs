//! Pages of events: 10,000 of them, or a MiB.

use jiff::Timestamp;
use wire::check::Shape;

pub(crate) const EVENTS_LIMIT: Shape = Shape::integer().range(1.0, 10_000.0);

/// Events of a page at most.
pub(crate) const MAX_EVENTS: usize = 10_000;
/// Bytes of a page's messages at most. A page has one event at least.
pub(crate) const MAX_PAGE_BYTES: usize = 1 << 20;

/// A moment of milliseconds since 1970; one beyond all years is the last.
pub(crate) fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
