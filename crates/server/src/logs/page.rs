//! Pages of events: 10,000 of them, or a MiB.

use jiff::Timestamp;
use store::log_events::{LogBegin, LogPlace};
use wire::check::Shape;

use super::token::Direction;

pub(crate) const EVENTS_LIMIT: Shape = Shape::integer().range(1.0, 10_000.0);

/// Events of a page at most.
const MAX_EVENTS: usize = 10_000;
/// Bytes of a page's messages at most. A page has one event at least.
const MAX_PAGE_BYTES: usize = 1 << 20;

/// What a page has room for yet.
pub(crate) struct Room {
    is_empty: bool,
    events: usize,
    bytes: usize,
}

impl Room {
    /// That of an empty page of so many events.
    pub(crate) fn new(limit: Option<usize>) -> Room {
        Room { is_empty: true, events: limit.unwrap_or(MAX_EVENTS), bytes: MAX_PAGE_BYTES }
    }

    /// Takes the room of a message, if there is enough of it. The first always has room.
    pub(crate) fn take(&mut self, message: &str) -> bool {
        if !self.is_empty && (self.events == 0 || message.len() > self.bytes) {
            return false;
        }
        self.is_empty = false;
        self.events = self.events.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(message.len());
        true
    }
}

/// Where a page begins: at the place of its token, or else at one of the two ends.
pub(crate) fn begin(given: Option<(Direction, LogPlace)>, is_from_head: bool) -> LogBegin {
    match given {
        Some((Direction::Forward, place)) => LogBegin::After(place),
        Some((Direction::Backward, place)) => LogBegin::Before(place),
        None if is_from_head => LogBegin::First,
        None => LogBegin::Last,
    }
}

/// A moment of milliseconds since 1970; one beyond all years is the last.
pub(crate) fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
