//! Moments as texts: what records have (`2026-02-10T18:02:00Z`), and what people and Lake write (`2026-02-10 18:02:00`, a day).

use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};

/// Of a minute.
pub(crate) const MINUTE_MICROS: i64 = 60_000_000;
/// Of an hour.
pub(crate) const HOUR_MICROS: i64 = 60 * MINUTE_MICROS;
/// Of a day.
pub(crate) const DAY_MICROS: i64 = 24 * HOUR_MICROS;

/// Microseconds since 1970-01-01T00:00:00Z; `None`: that is no moment. Without an offset it is UTC.
pub(crate) fn micros(text: &str) -> Option<i64> {
    // As nearly every record has it, without a fraction.
    if text.len() == 20
        && let Some(seconds) = record::time::seconds_of_event_time(text.as_bytes())
    {
        return Some(seconds * 1_000_000);
    }
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_microsecond());
    }
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    let moment: DateTime = text.parse().ok()?;
    Some(TimeZone::UTC.to_timestamp(moment).ok()?.as_microsecond())
}

/// A moment as Lake shows it: `2026-02-10 18:02:00.000`.
pub(crate) fn shown(micros: i64) -> String {
    let Ok(moment) = Timestamp::from_microsecond(micros) else { return micros.to_string() };
    let moment = TimeZone::UTC.to_datetime(moment);
    let mut out = String::with_capacity(23);
    match moment.year() {
        year @ 0..=9_999 => push_digits(&mut out, year.into(), 4),
        // Before the year 0 it has a sign, and six digits.
        _ => return format!("{} {:.3}", moment.date(), moment.time()),
    }
    let rest = [
        ('-', i64::from(moment.month()), 2),
        ('-', moment.day().into(), 2),
        (' ', moment.hour().into(), 2),
        (':', moment.minute().into(), 2),
        (':', moment.second().into(), 2),
        ('.', moment.millisecond().into(), 3),
    ];
    for (between, number, digits) in rest {
        out.push(between);
        push_digits(&mut out, number, digits);
    }
    out
}

/// A number of so many digits: to write a million moments by `format!` takes seconds.
fn push_digits(out: &mut String, number: i64, digits: u32) {
    for place in (0..digits).rev() {
        let digit = number / 10_i64.pow(place) % 10;
        out.push(char::from(b'0' + digit as u8));
    }
}

/// A moment for other programs, with all digits that it has: `2026-02-10T18:02:00.000`.
pub(crate) fn written(micros: i64) -> String {
    let least = micros.rem_euclid(1_000);
    let digits = if least == 0 { String::new() } else { format!("{least:03}") };
    shown(micros).replace(' ', "T") + &digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_however_it_is_written() {
        let seconds = 1_770_746_520;
        for text in [
            "2026-02-10T18:02:00Z",
            "2026-02-10 18:02:00",
            "2026-02-10T19:02:00+01:00",
            "2026-02-10 18:02",
            "2026-02-10 18:02:00.000 UTC",
        ] {
            assert_eq!(micros(text), Some(seconds * 1_000_000), "{text}");
        }
        assert_eq!(micros("2026-02-10"), Some(1_770_681_600_000_000));
        assert_eq!(micros("2026-02-10T18:02:00.123456Z"), Some(seconds * 1_000_000 + 123_456));
        for text in ["", "yesterday", "2026-02-30", "2026-02-10T24:00:01Z", "9999999-01-01"] {
            assert_eq!(micros(text), None, "{text}");
        }
        for (micros, text) in [
            (seconds * 1_000_000 + 5_000, "2026-02-10 18:02:00.005"),
            (seconds * 1_000_000 + 999_999, "2026-02-10 18:02:00.999"),
            (0, "1970-01-01 00:00:00.000"),
            (-1, "1969-12-31 23:59:59.999"),
            (-62_167_219_200_000_000, "0000-01-01 00:00:00.000"),
            (-62_167_219_200_000_001, "-000001-12-31 23:59:59.999"),
        ] {
            assert_eq!(shown(micros), text);
        }
        for least in [0, 5_000, 5_001, 123_456] {
            let moment = seconds * 1_000_000 + least;
            assert_eq!(micros(&written(moment)), Some(moment));
        }
    }
}
