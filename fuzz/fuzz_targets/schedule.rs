//! Any text as a schedule, at any time: it is one or is none; when it is due next lies behind, and nothing is due in between.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none schedule -- -max_total_time=20
//!
//! (from the folder above). The input is two lines, the seconds since 1970 after which, and since when; and an expression.
#![no_main]

use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::fuzz_target;
use route::schedule::Schedule;

fuzz_target!(|input: &str| {
    let mut lines = input.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let mut moment = || Timestamp::from_millisecond(line().parse().unwrap_or_default()).unwrap_or_default();
    let (after, since) = (moment(), moment());
    let Some(schedule) = Schedule::parse(line()) else { return };
    let Some(next) = schedule.next_after(after, since) else { return };
    assert!(next > after, "{next} {after}");
    let second = SignedDuration::from_secs(1);
    if let Ok(just_before) = next.checked_sub(second) {
        assert_eq!(schedule.next_after(just_before, since), Some(next));
        if just_before > after {
            let between = after + just_before.duration_since(after) / 2;
            assert_eq!(schedule.next_after(between, since), Some(next), "{between}");
        }
    }
    if let Some(second_next) = schedule.next_after(next, since) {
        assert!(second_next > next);
    }
});
