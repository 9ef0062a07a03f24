//! Moments, as they are stored: milliseconds since 1970. What is finer is cut off.

use jiff::Timestamp;

use crate::error::Cause;

pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(crate) fn moment(millis: i64) -> Result<Timestamp, Cause> {
    // jiff's last moment is in the midst of a second, and in milliseconds it knows that second's start only.
    Timestamp::from_millisecond(millis)
        .or_else(|_| Timestamp::from_second(millis / 1000))
        .map_err(|_| Cause::Damaged("a moment beyond all years"))
}

pub(crate) fn maybe_moment(millis: Option<i64>) -> Result<Option<Timestamp>, Cause> {
    millis.map(moment).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_moment_are_kept() {
        for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            let kept = moment(millis(at)).expect("it is a moment");
            assert_eq!(kept.as_second(), at.as_second());
        }
    }
}
