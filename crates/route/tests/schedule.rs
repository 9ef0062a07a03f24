//! Schedules: what is one, and when it is due.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use route::schedule::Schedule;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The next times after the first one.
fn next(schedule: &str, since: &str, count: usize) -> Vec<String> {
    let parsed = Schedule::parse(schedule).unwrap_or_else(|| panic!("{schedule}"));
    let mut after = at(since);
    let mut times = Vec::new();
    while times.len() < count
        && let Some(time) = parsed.next_after(after, at(since))
    {
        assert!(time > after, "{schedule} goes back in time");
        times.push(time.to_string());
        after = time;
    }
    times
}

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
        assert!(Schedule::parse(text).is_some(), "{text}");
    }
    for text in [
        "",
        "rate(5 minute)",
        "rate(1 minutes)",
        "rate(0 minutes)",
        "rate(-5 minutes)",
        "rate(5 months)",
        "rate(5  minutes)",
        "cron(INVALID)",
        "cron(0 dummy ? * MON-FRI *)",
        "cron(7 20 * * NOT *)",
        "cron(71 8 1 * ? *)",
        "cron(0 1 * * * *)",
        "cron(0 1 ? * ? *)",
        "cron(0 1 * * ? *",
        "cron(0 1 * * ? * *)",
        "cron(0/0 1 * * ? *)",
        "cron(, 1 * * ? *)",
        "cron(0 1 ? * 0 *)",
        "cron(0 1 ? * 8 *)",
        "cron(0 1 ? * 2#6 *)",
        "cron(0 1 32W * ? *)",
        "cron(0 1 * * ? 2200)",
        "at(2026-02-12T14:30:00)",
    ] {
        assert!(Schedule::parse(text).is_none(), "{text}");
    }
}

#[test]
fn a_schedule_is_due_when_it_says() {
    // 2026-02-12 is a Thursday.
    const SINCE: &str = "2026-02-12T14:30:20Z";
    for (schedule, times) in [
        ("rate(1 minute)", &["2026-02-12T14:31:20Z", "2026-02-12T14:32:20Z"][..]),
        ("rate(12 hours)", &["2026-02-13T02:30:20Z", "2026-02-13T14:30:20Z"]),
        ("rate(2 days)", &["2026-02-14T14:30:20Z"]),
        ("cron(* * * * ? *)", &["2026-02-12T14:31:00Z", "2026-02-12T14:32:00Z"]),
        ("cron(30 14 * * ? *)", &["2026-02-13T14:30:00Z", "2026-02-14T14:30:00Z"]),
        ("cron(0 10 * * ? *)", &["2026-02-13T10:00:00Z"]),
        ("cron(5,35 14 * * ? *)", &["2026-02-12T14:35:00Z", "2026-02-13T14:05:00Z"]),
        ("cron(0/15 * * * ? *)", &["2026-02-12T14:45:00Z", "2026-02-12T15:00:00Z", "2026-02-12T15:15:00Z"]),
        ("cron(10-50/20 23 * * ? *)", &["2026-02-12T23:10:00Z", "2026-02-12T23:30:00Z", "2026-02-12T23:50:00Z"]),
        ("cron(0 18 ? * MON-FRI *)", &["2026-02-12T18:00:00Z", "2026-02-13T18:00:00Z", "2026-02-16T18:00:00Z"]),
        ("cron(0 2 ? * SAT *)", &["2026-02-14T02:00:00Z", "2026-02-21T02:00:00Z"]),
        ("cron(0 2 ? * 7 *)", &["2026-02-14T02:00:00Z"]),
        ("cron(0 2 ? * L *)", &["2026-02-14T02:00:00Z"]),
        (
            "cron(0 0 ? * SAT-MON *)",
            &["2026-02-14T00:00:00Z", "2026-02-15T00:00:00Z", "2026-02-16T00:00:00Z", "2026-02-21T00:00:00Z"],
        ),
        ("cron(0 8 1 * ? *)", &["2026-03-01T08:00:00Z", "2026-04-01T08:00:00Z"]),
        ("cron(0 8 31 * ? *)", &["2026-03-31T08:00:00Z", "2026-05-31T08:00:00Z"]),
        ("cron(0 8 L * ? *)", &["2026-02-28T08:00:00Z", "2026-03-31T08:00:00Z", "2026-04-30T08:00:00Z"]),
        // 2026-02-28 is a Saturday, 2026-05-31 a Sunday.
        (
            "cron(0 8 LW * ? *)",
            &["2026-02-27T08:00:00Z", "2026-03-31T08:00:00Z", "2026-04-30T08:00:00Z", "2026-05-29T08:00:00Z"],
        ),
        // 2026-03-15 is a Sunday; 2026-08-15 a Saturday.
        ("cron(0 8 15W 3,8 ? *)", &["2026-03-16T08:00:00Z", "2026-08-14T08:00:00Z"]),
        // 2026-08-01 is a Saturday: the nearest working day of its month is the third.
        ("cron(0 8 1W 8 ? *)", &["2026-08-03T08:00:00Z"]),
        ("cron(0 9 ? * 2#1 *)", &["2026-03-02T09:00:00Z", "2026-04-06T09:00:00Z"]),
        ("cron(0 9 ? * SUN#5 *)", &["2026-03-29T09:00:00Z", "2026-05-31T09:00:00Z"]),
        ("cron(15 10 ? * 6L 2026-2027)", &["2026-02-27T10:15:00Z", "2026-03-27T10:15:00Z"]),
        ("cron(0 0 29 2 ? *)", &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]),
        ("cron(0/5 5 ? JAN 1-5 2022)", &[]),
        ("cron(59 23 31 12 ? 2199)", &["2199-12-31T23:59:00Z"]),
        ("cron(0 0 31 2 ? *)", &[]),
        ("cron(0 0 1 1 ? 2030/3)", &["2030-01-01T00:00:00Z", "2033-01-01T00:00:00Z"]),
    ] {
        assert_eq!(next(schedule, SINCE, times.len().max(1)), times, "{schedule}");
    }
}

#[test]
fn a_schedule_of_the_past_is_never_due_again() {
    assert_eq!(next("cron(0 0 1 1 ? 2026)", "2026-01-01T00:00:00Z", 1), Vec::<String>::new());
    assert_eq!(next("cron(0 0 1 1 ? 2026)", "2025-12-31T23:59:59Z", 1), ["2026-01-01T00:00:00Z"]);
}

proptest! {
    /// However much later it is looked, the next time is one of those that come one after the other.
    #[test]
    fn looking_later_changes_no_time(
        minute in 0..60_u8, step in 1..60_u8, hour in 0..24_u8, weekday in 1..8_u8, seconds in 0..40_000_000_i64,
    ) {
        let text = format!("cron({minute}/{step} {hour} ? * {weekday} *)");
        let schedule = Schedule::parse(&text).expect("it is one");
        let start = at("2026-02-12T14:30:20Z");
        let later = start + SignedDuration::from_secs(seconds);
        let next = schedule.next_after(later, start).expect("it is due every week");
        prop_assert!(next > later);
        prop_assert_eq!(schedule.next_after(next - SignedDuration::from_secs(1), start), Some(next));
        // Nothing lies between.
        prop_assert_eq!(schedule.next_after(later + next.duration_since(later) / 2, start), Some(next));
    }

    #[test]
    fn a_rate_is_counted_from_its_beginning(minutes in 2..10_000_i64, seconds in 0..40_000_000_i64) {
        let schedule = Schedule::parse(&format!("rate({minutes} minutes)")).expect("it is one");
        let start = at("2026-02-12T14:30:20Z");
        let later = start + SignedDuration::from_secs(seconds);
        let next = schedule.next_after(later, start).expect("it is always due");
        prop_assert!(next > later && next <= later + SignedDuration::from_mins(minutes));
        prop_assert_eq!((next.as_second() - start.as_second()) % (minutes * 60), 0);
    }
}

#[test]
fn any_text_is_a_schedule_or_none() {
    proptest!(|(text in "(rate|cron)\\([0-9A-Z?*/#,L W-]{0,24}\\)")| {
        if let Some(schedule) = Schedule::parse(&text) {
            let _ = schedule.next_after(at("2026-02-12T14:30:20Z"), at("2026-02-12T14:30:20Z"));
        }
    });
}
