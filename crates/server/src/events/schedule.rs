//! Schedules: `rate(5 minutes)`, `cron(0 10 * * ? *)`. Whether a text is one; none is followed yet.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Whether EventBridge takes this schedule.
pub(crate) fn is_schedule(text: &str) -> bool {
    let within = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    match (within("rate"), within("cron")) {
        (Some(rate), _) => is_rate(rate),
        (_, Some(cron)) => is_cron(cron),
        (None, None) => false,
    }
}

/// `1 minute`, `5 minutes`.
fn is_rate(rate: &str) -> bool {
    let Some((count, unit)) = rate.split_once(' ') else { return false };
    let units = if count == "1" { ["minute", "hour", "day"] } else { ["minutes", "hours", "days"] };
    is_number(count, 1, u32::MAX) && units.contains(&unit)
}

/// Minutes, hours, day of the month, month, day of the week, year; of the two days one is `?`.
fn is_cron(cron: &str) -> bool {
    let fields: Vec<&str> = cron.split(' ').collect();
    let &[minutes, hours, day, month, weekday, year] = fields.as_slice() else { return false };
    (day == "?") != (weekday == "?")
        && is_field(minutes, &|text| is_number(text, 0, 59))
        && is_field(hours, &|text| is_number(text, 0, 23))
        && (day == "?" || is_field(day, &is_day))
        && is_field(month, &|text| is_number(text, 1, 12) || MONTHS.contains(&text))
        && (weekday == "?" || is_field(weekday, &is_weekday))
        && is_field(year, &|text| is_number(text, 1970, 2199))
}

/// `*`, a value, `1-5`, `0/15`, or several of them with commas.
fn is_field(field: &str, is_value: &dyn Fn(&str) -> bool) -> bool {
    field.split(',').all(|part| {
        let (of, step) = match part.split_once('/') {
            Some((of, step)) => (of, Some(step)),
            None => (part, None),
        };
        let is_range = |(from, until): (&str, &str)| is_value(from) && is_value(until);
        step.is_none_or(|step| is_number(step, 1, 2199))
            && (of == "*" || is_value(of) || of.split_once('-').is_some_and(is_range))
    })
}

/// Also `L`, the last, and `3W`, the working day that is nearest.
fn is_day(text: &str) -> bool {
    text == "L" || text == "LW" || is_number(text.strip_suffix('W').unwrap_or(text), 1, 31)
}

/// Also `L`, `6L`, the month's last Friday, and `SAT#3`, its third Saturday.
fn is_weekday(text: &str) -> bool {
    let is_one = |text: &str| is_number(text, 1, 7) || DAYS.contains(&text);
    let is_counted = |(day, which): (&str, &str)| is_one(day) && is_number(which, 1, 5);
    text == "L" || is_one(text.strip_suffix('L').unwrap_or(text)) || text.split_once('#').is_some_and(is_counted)
}

fn is_number(text: &str, least: u32, most: u32) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse().is_ok_and(|number| (least..=most).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::is_schedule;

    #[test]
    fn a_schedule_is_a_rate_or_six_fields() {
        for text in [
            "rate(1 minute)",
            "rate(5 days)",
            "cron(0 2 ? * SAT *)",
            "cron(5,35 14 * * ? *)",
            "cron(15 10 ? * 6L 2002-2005)",
            "cron(* * ? * SAT#3 *)",
            "cron(0/5 5 ? JAN 1-5 2022)",
            "cron(0/10 * L * ? *)",
        ] {
            assert!(is_schedule(text), "{text}");
        }
        for text in [
            "",
            "rate(5 minute)",
            "rate(1 minutes)",
            "rate(0 minutes)",
            "rate(-5 minutes)",
            "rate(5 months)",
            "cron(INVALID)",
            "cron(0 dummy ? * MON-FRI *)",
            "cron(7 20 * * NOT *)",
            "cron(71 8 1 * ? *)",
            "cron(0 1 * * * *)",
            "cron(0 1 ? * ? *)",
            "cron(0 1 * * ? *",
        ] {
            assert!(!is_schedule(text), "{text}");
        }
    }
}
