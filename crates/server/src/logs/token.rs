//! Tokens of pages: after which name, or next to which event, the next page begins.

use jiff::Timestamp;
use store::log_events::LogPlace;
use wire::ApiError;

use super::group::invalid;
use crate::page::{self, token_name, token_of};

/// The name after which a page begins.
pub(crate) fn name_of(token: Option<&str>) -> Result<Option<String>, ApiError> {
    page::name_of(token, unknown)
}

/// The token of a page after this name.
pub(crate) fn of_name(name: &str) -> String {
    token_of(name)
}

/// The token of a page after a stream, as streams are listed by their last event.
pub(crate) fn of_stream(last_at: Option<Timestamp>, name: &str) -> String {
    let last_at = last_at.map_or_else(String::new, |at| at.as_millisecond().to_string());
    token_of(&format!("{last_at}:{name}"))
}

/// The last event and the name of the stream after which a page begins.
pub(crate) fn stream_of(token: &str) -> Result<(Option<Timestamp>, String), ApiError> {
    let read = || {
        let text = token_name(token)?;
        let (last_at, name) = text.split_once(':')?;
        let last_at = match last_at {
            "" => None,
            millis => Some(Timestamp::from_millisecond(millis.parse().ok()?).ok()?),
        };
        Some((last_at, name.to_owned()))
    };
    read().ok_or_else(unknown)
}

/// Which way events are read from a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Backward,
}

/// The token of events next to this one: 56 digits, as AWS's, behind a letter.
pub(crate) fn of_place(direction: Direction, place: LogPlace) -> String {
    let letter = match direction {
        Direction::Forward => 'f',
        Direction::Backward => 'b',
    };
    format!("{letter}/{}", event_id(place))
}

/// An event's id: 56 digits, in the order of the events.
pub(crate) fn event_id(place: LogPlace) -> String {
    // A time before 1970 has no place here: PutLogEvents takes none.
    format!("{:028}{:028}", place.at_millis.max(0), place.number)
}

/// The event that a token names, and which way from there.
pub(crate) fn place_of(token: &str) -> Result<(Direction, LogPlace), ApiError> {
    let read = || {
        let (letter, digits) = token.split_once('/')?;
        let direction = match letter {
            "f" => Direction::Forward,
            "b" => Direction::Backward,
            _ => return None,
        };
        if digits.len() != 56 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (at_millis, number) = digits.split_at(28);
        Some((direction, LogPlace { at_millis: at_millis.parse().ok()?, number: number.parse().ok()? }))
    };
    read().ok_or_else(unknown)
}

fn unknown() -> ApiError {
    invalid("The specified nextToken is invalid.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_as_they_were_written_and_others_refused() {
        for direction in [Direction::Forward, Direction::Backward] {
            let place = LogPlace { at_millis: 1_770_906_600_000, number: i64::MAX };
            assert_eq!(place_of(&of_place(direction, place)).unwrap(), (direction, place));
        }
        for at in [None, Some("2026-02-12T14:30:00.5Z".parse().unwrap())] {
            assert_eq!(stream_of(&of_stream(at, "a:b")).unwrap(), (at, "a:b".to_owned()));
        }
        for token in ["", "x", "f/1", "g/00000000000000000000000000000000000000000000000000000000", "f/é"] {
            assert!(place_of(token).is_err() && stream_of(token).is_err(), "{token}");
        }
    }
}
