//! Minutes: the grain in which calls are counted.
//!
//! AWS aggregates calls a UTC minute, and its Insight records carry whole minutes only
//! (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-insights-fields-trails.html>).

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// Minutes of a day.
pub const DAY: Minutes = Minutes(1440);
/// Minutes of a week.
pub const WEEK: Minutes = Minutes(10_080);

/// A moment, in whole UTC minutes since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Minute(pub i32);

/// A length of time in minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Minutes(pub i32);

impl Minute {
    /// The minute that this second (since 1970-01-01T00:00:00Z) belongs to.
    pub fn of_seconds(seconds: i64) -> Minute {
        Minute(seconds.div_euclid(60).clamp(i32::MIN as i64, i32::MAX as i64) as i32)
    }

    /// The first second of this minute, since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> i64 {
        self.0 as i64 * 60
    }

    /// 00:00 UTC of this minute's day.
    pub fn day_start(self) -> Minute {
        Minute(self.0.div_euclid(1440) * 1440)
    }

    /// The first minute of this minute's hour.
    pub fn hour_start(self) -> Minute {
        Minute(self.0.div_euclid(60) * 60)
    }

    /// Hour of the UTC week: 0 is Monday 00:00 to 01:00, 167 is Sunday 23:00 to 24:00.
    pub fn hour_of_week(self) -> usize {
        // 1970-01-01 was a Thursday.
        (self.0.div_euclid(60) + 3 * 24).rem_euclid(168) as usize
    }

    /// The next minute.
    pub fn next(self) -> Minute {
        Minute(self.0 + 1)
    }
}

impl Add<Minutes> for Minute {
    type Output = Minute;
    fn add(self, length: Minutes) -> Minute {
        Minute(self.0 + length.0)
    }
}

impl AddAssign<Minutes> for Minute {
    fn add_assign(&mut self, length: Minutes) {
        self.0 += length.0;
    }
}

impl Sub<Minutes> for Minute {
    type Output = Minute;
    fn sub(self, length: Minutes) -> Minute {
        Minute(self.0 - length.0)
    }
}

impl Sub for Minute {
    type Output = Minutes;
    fn sub(self, earlier: Minute) -> Minutes {
        Minutes(self.0 - earlier.0)
    }
}

/// RFC 3339, UTC, as AWS prints it: `2026-02-12T14:30:00Z`.
impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.seconds()) {
            Ok(at) => write!(f, "{}", at.strftime("%Y-%m-%dT%H:%M:%SZ")),
            Err(_) => write!(f, "minute {}", self.0),
        }
    }
}

/// Why a text is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time like 2026-02-12T14:30:00Z or 2026-02-12")]
pub struct NotATime(pub String);

/// Seconds since 1970-01-01T00:00:00Z of an RFC 3339 time, or of a UTC day (`2026-02-12`), or of a UTC time without offset.
pub fn parse_seconds(text: &str) -> Result<i64, NotATime> {
    let not_a_time = || NotATime(text.to_owned());
    let trimmed = text.trim();
    if let Ok(at) = trimmed.parse::<jiff::Timestamp>() {
        return Ok(at.as_second());
    }
    let civil = trimmed
        .parse::<jiff::civil::DateTime>()
        .or_else(|_| trimmed.parse::<jiff::civil::Date>().map(|day| day.at(0, 0, 0, 0)))
        .map_err(|_| not_a_time())?;
    let zoned = jiff::tz::TimeZone::UTC.to_timestamp(civil).map_err(|_| not_a_time())?;
    Ok(zoned.as_second())
}

/// Seconds since 1970-01-01T00:00:00Z of an `eventTime`: `2023-07-10T11:42:36Z` at once, whatever else [`parse_seconds`] knows
/// (fractions, offsets) through it.
#[inline]
pub fn seconds_of_event_time(text: &[u8]) -> Option<i64> {
    usual_event_time(text).or_else(|| unusual_event_time(text))
}

#[cold]
fn unusual_event_time(text: &[u8]) -> Option<i64> {
    parse_seconds(std::str::from_utf8(text).ok()?).ok()
}

/// `2023-07-10T11:42:36Z`, if it is a day and time of the years 1 to 9999.
#[inline]
pub(crate) fn usual_event_time(text: &[u8]) -> Option<i64> {
    let text: &[u8; 20] = text.try_into().ok()?;
    if [text[4], text[7], text[10], text[13], text[16], text[19]] != *b"--T::Z" {
        return None;
    }
    let mut digits = [0u8; 14];
    for (digit, at) in digits.iter_mut().zip([0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]) {
        *digit = text[at].wrapping_sub(b'0');
    }
    if digits.iter().any(|digit| *digit > 9) {
        return None;
    }
    let two = |at: usize| i64::from(digits[at]) * 10 + i64::from(digits[at + 1]);
    let (year, month, day) = (two(0) * 100 + two(2), two(4), two(6));
    let (hour, minute, second) = (two(8), two(10), two(12));
    let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_of_month = match month {
        2 => 28 + i64::from(is_leap_year),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let is_time = (1..=12).contains(&month)
        && (1..=days_of_month).contains(&day)
        && year > 0
        && hour < 24
        && minute < 60
        && second < 60;
    if !is_time {
        return None;
    }
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so that leap days end them.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_time_is_read_at_once_as_it_is_through_jiff() {
        for day in (-719_000..2_900_000i64).step_by(37) {
            let seconds = day * 86_400 + day.rem_euclid(86_399);
            let text = jiff::Timestamp::from_second(seconds.min(253_402_207_199)).unwrap().to_string();
            assert_eq!(usual_event_time(text.as_bytes()), Some(parse_seconds(&text).unwrap()), "{text}");
        }
        for text in
            ["2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-04-31T00:00:00Z", "2023-01-01T24:00:00Z", "x"]
        {
            assert_eq!(seconds_of_event_time(text.as_bytes()), None, "{text}");
        }
        for text in ["2023-07-10T11:42:36.5Z", "2023-07-10T13:42:36+02:00", "2023-07-10T11:42:36"] {
            assert_eq!(seconds_of_event_time(text.as_bytes()), Some(1_688_989_356), "{text}");
        }
    }

    #[test]
    fn a_minute_is_printed_and_read_back() {
        let minute = Minute::of_seconds(parse_seconds("2026-02-12T14:30:59Z").unwrap());
        assert_eq!(minute.to_string(), "2026-02-12T14:30:00Z");
        assert_eq!(minute.day_start().to_string(), "2026-02-12T00:00:00Z");
        assert_eq!(parse_seconds("2026-02-12").unwrap(), minute.day_start().seconds());
        assert_eq!(parse_seconds("2026-02-12 14:30:00").unwrap(), minute.seconds());
        assert!(parse_seconds("yesterday").is_err());
    }

    #[test]
    fn the_week_begins_on_monday() {
        let at = |text| Minute::of_seconds(parse_seconds(text).unwrap()).hour_of_week();
        assert_eq!(at("2026-11-23T00:00:00Z"), 0); // a Monday
        assert_eq!(at("2026-11-29T23:59:00Z"), 167);
        assert_eq!(at("1970-01-01T00:00:00Z"), 72);
        assert_eq!(at("1969-12-29T00:00:00Z"), 0);
    }
}
