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

#[cfg(test)]
mod tests {
    use super::*;

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
