//! Schedules: `rate(5 minutes)`, `cron(0 10 * * ? *)`; whether a text is one, and when it is due next. UTC throughout.
//!
//! ```text
//! cron(minutes hours day-of-month month day-of-week year)
//!      0–59    0–23  1–31         1–12  1–7          1970–2199    * all   , several   - from–to   / from and every so many
//!                    ? L W        JAN–  SUN–SAT                   ? whichever (one of the two days)   L the last
//!                                 DEC   ? L #                     15W the working day nearest the 15th   6#3 the third Friday
//! ```
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const YEARS: (u16, u16) = (1970, 2199);

/// When something happens again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Rate(SignedDuration),
    Cron(Box<Cron>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Cron {
    minutes: Vec<u16>,
    hours: Vec<u16>,
    days: Days,
    months: Vec<u16>,
    years: Vec<u16>,
}

/// Which days of a month: by their dates, or by their weekdays.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Days {
    OfMonth(Vec<DayOfMonth>),
    OfWeek(Vec<DayOfWeek>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DayOfMonth {
    Date(u16),
    /// The working day of the month that is nearest.
    NearWorkday(u16),
    Last,
    LastWorkday,
}

/// Sunday is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DayOfWeek {
    Every(u16),
    Last(u16),
    /// The first, the second …
    Nth(u16, u16),
}

impl Schedule {
    /// The schedule that a text says; `None` where EventBridge takes it for none.
    pub fn parse(text: &str) -> Option<Schedule> {
        let within = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(rate) = within("rate") {
            return Some(Schedule(Kind::Rate(parse_rate(rate)?)));
        }
        Some(Schedule(Kind::Cron(Box::new(Cron::parse(within("cron")?)?))))
    }

    /// When it is due next after `after`. Rates are counted from `since`, when the schedule was made. `None`: never again.
    pub fn next_after(&self, after: Timestamp, since: Timestamp) -> Option<Timestamp> {
        match &self.0 {
            Kind::Rate(every) => {
                let passed = after.duration_since(since).as_nanos().max(0);
                let count = passed.div_euclid(every.as_nanos()) + 1;
                let nanos = count.checked_mul(every.as_nanos())?;
                let seconds = i64::try_from(nanos / 1_000_000_000).ok()?;
                since.checked_add(SignedDuration::from_secs(seconds)).ok()
            }
            Kind::Cron(cron) => cron.next_after(after),
        }
    }
}

/// `1 minute`, `5 minutes`.
fn parse_rate(rate: &str) -> Option<SignedDuration> {
    let (count, unit) = rate.split_once(' ')?;
    let count = number(count, 1, u32::MAX)?;
    let minutes = match (unit, count) {
        ("minute", 1) => 1,
        ("hour", 1) => 60,
        ("day", 1) => 1440,
        ("minutes", 2..) => 1,
        ("hours", 2..) => 60,
        ("days", 2..) => 1440,
        _ => return None,
    };
    Some(SignedDuration::from_mins(i64::from(count) * minutes))
}

impl Cron {
    fn parse(cron: &str) -> Option<Cron> {
        let fields: Vec<&str> = cron.split(' ').collect();
        let &[minutes, hours, day, month, weekday, year] = fields.as_slice() else { return None };
        let days = match (day, weekday) {
            ("?", "?") => return None,
            (day, "?") => Days::OfMonth(parse_days_of_month(day)?),
            ("?", weekday) => Days::OfWeek(parse_days_of_week(weekday)?),
            _ => return None,
        };
        Some(Cron {
            minutes: values(minutes, (0, 59), &[])?,
            hours: values(hours, (0, 23), &[])?,
            days,
            months: values(month, (1, 12), MONTHS)?,
            years: values(year, YEARS, &[])?,
        })
    }

    fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        // The first whole minute behind it.
        let minute = after.as_second().div_euclid(60).checked_add(1)?.checked_mul(60)?;
        let from = TimeZone::UTC.to_datetime(Timestamp::from_second(minute).ok()?);
        let mut month = from.date().first_of_month();
        // Leap days of some weekday come after 40 years at most; and years are looked at only if they are named.
        while month.year() <= YEARS.1 as i16 {
            if self.years.binary_search(&(month.year() as u16)).is_err() {
                month = month.first_of_year().checked_add(1.year()).ok()?;
                continue;
            }
            if self.months.binary_search(&(month.month() as u16)).is_ok() {
                for date in self.days.of(month) {
                    if date < from.date() {
                        continue;
                    }
                    let is_later = |hour: u16, minute: u16| {
                        date > from.date() || (hour as i8, minute as i8) >= (from.hour(), from.minute())
                    };
                    for hour in &self.hours {
                        if let Some(minute) = self.minutes.iter().find(|minute| is_later(*hour, **minute)) {
                            let due = date.at(*hour as i8, *minute as i8, 0, 0);
                            return TimeZone::UTC.to_timestamp(due).ok();
                        }
                    }
                }
            }
            month = month.checked_add(1.month()).ok()?;
        }
        None
    }
}

impl Days {
    /// The days of the month that begins so, in order.
    fn of(&self, month: Date) -> Vec<Date> {
        let mut days: Vec<Date> = match self {
            Days::OfMonth(days) => days.iter().filter_map(|day| day.of(month)).collect(),
            Days::OfWeek(days) => days.iter().flat_map(|day| day.of(month)).collect(),
        };
        days.sort_unstable();
        days.dedup();
        days
    }
}

impl DayOfMonth {
    fn of(self, month: Date) -> Option<Date> {
        let date = |day: u16| Date::new(month.year(), month.month(), day as i8).ok();
        match self {
            DayOfMonth::Date(day) => date(day),
            DayOfMonth::NearWorkday(day) => date(day).and_then(near_workday),
            DayOfMonth::Last => Some(month.last_of_month()),
            DayOfMonth::LastWorkday => near_workday(month.last_of_month()),
        }
    }
}

/// The working day that is nearest, within the month.
fn near_workday(date: Date) -> Option<Date> {
    let days = match date.weekday() {
        Weekday::Saturday if date.day() == 1 => 2,
        Weekday::Saturday => -1,
        Weekday::Sunday if date == date.last_of_month() => -2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    date.checked_add(days.days()).ok()
}

impl DayOfWeek {
    fn of(self, month: Date) -> Vec<Date> {
        let weekday = |day: u16| Weekday::from_sunday_one_offset(day as i8).expect("days of the week are 1 to 7");
        let nth = |nth: i8, day| month.nth_weekday_of_month(nth, weekday(day)).ok();
        match self {
            DayOfWeek::Every(day) => (1..=5).filter_map(|which| nth(which, day)).collect(),
            DayOfWeek::Last(day) => nth(-1, day).into_iter().collect(),
            DayOfWeek::Nth(day, which) => nth(which as i8, day).into_iter().collect(),
        }
    }
}

fn parse_days_of_month(field: &str) -> Option<Vec<DayOfMonth>> {
    let parse = |part: &str| {
        Some(match part {
            "L" => vec![DayOfMonth::Last],
            "LW" => vec![DayOfMonth::LastWorkday],
            part => match part.strip_suffix('W') {
                Some(day) => vec![DayOfMonth::NearWorkday(number(day, 1, 31)? as u16)],
                None => part_values(part, (1, 31), &[])?.into_iter().map(DayOfMonth::Date).collect(),
            },
        })
    };
    Some(field.split(',').map(parse).collect::<Option<Vec<_>>>()?.concat())
}

fn parse_days_of_week(field: &str) -> Option<Vec<DayOfWeek>> {
    let one = |text: &str| value(text, (1, 7), WEEKDAYS);
    let parse = |part: &str| {
        if part == "L" {
            // The last day of the week.
            return Some(vec![DayOfWeek::Every(7)]);
        }
        if let Some((day, which)) = part.split_once('#') {
            return Some(vec![DayOfWeek::Nth(one(day)?, number(which, 1, 5)? as u16)]);
        }
        if let Some(day) = part.strip_suffix('L') {
            return Some(vec![DayOfWeek::Last(one(day)?)]);
        }
        Some(part_values(part, (1, 7), WEEKDAYS)?.into_iter().map(DayOfWeek::Every).collect())
    };
    Some(field.split(',').map(parse).collect::<Option<Vec<_>>>()?.concat())
}

/// The values of a field, in order.
fn values(field: &str, range: (u16, u16), names: &[&str]) -> Option<Vec<u16>> {
    let parts = field.split(',').map(|part| part_values(part, range, names));
    let mut values = parts.collect::<Option<Vec<_>>>()?.concat();
    values.sort_unstable();
    values.dedup();
    Some(values)
}

/// `*`, a value, `1-5`, `FRI-MON`, `0/15`, `*/5`, `1-30/2`.
fn part_values(part: &str, (least, most): (u16, u16), names: &[&str]) -> Option<Vec<u16>> {
    let (of, step) = match part.split_once('/') {
        Some((of, step)) => (of, Some(number(step, 1, u32::from(YEARS.1))?)),
        None => (part, None),
    };
    let one = |text: &str| value(text, (least, most), names);
    let all: Vec<u16> = match (of, of.split_once('-')) {
        ("*", _) => (least..=most).collect(),
        (_, Some((from, until))) => match (one(from)?, one(until)?) {
            (from, until) if from <= until => (from..=until).collect(),
            // Around the end: from Friday to Monday.
            (from, until) => (from..=most).chain(least..=until).collect(),
        },
        // With a step, on from there.
        (one_of, None) if step.is_some() => (one(one_of)?..=most).collect(),
        (one_of, None) => vec![one(one_of)?],
    };
    Some(all.into_iter().step_by(step.unwrap_or(1) as usize).collect())
}

/// A number, or a name in place of one: the first stands for the least.
fn value(text: &str, (least, most): (u16, u16), names: &[&str]) -> Option<u16> {
    match names.iter().position(|name| *name == text) {
        Some(at) => Some(least + at as u16),
        None => number(text, u32::from(least), u32::from(most)).map(|number| number as u16),
    }
}

fn number(text: &str, least: u32, most: u32) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && (least..=most).contains(number))
}
