//! The minutes a series is watched are the account-Region's: kept once.
//!
//! Whether a minute is known, how many known minutes an hour of the week has had, for how long there has been no gap:
//! all of that is the same for each of the thousands of series of an account and Region. It is kept here, *as of each
//! hour*, so that a series may lag weeks behind and still learn exactly what it would have learned in step.
//!
//! Minutes before the first one count as unknown: a series that is new on Wednesday noon starts like one whose logs were
//! missing until then.

use std::collections::VecDeque;

use record::time::{Minute, Minutes};
use serde::{Deserialize, Serialize};

use crate::expectation::{HOUR_DECAY, WEEK_DECAY};

/// Known minutes after which clumpiness is learned: the first day is too uneven.
const CLUMPS_AFTER: i32 = 1440;

/// All sixty minutes of an hour, one bit each, the first the lowest.
pub(crate) const WHOLE_HOUR: u64 = (1 << 60) - 1;

/// Which minutes of one account-Region are known, and how many each hour of the week has had.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Watch {
    first: Minute,
    frontier: Minute,
    /// Known minutes so far.
    age: i32,
    /// Known minutes without a gap, up to the frontier.
    run: i32,
    /// Decayed known minutes of each hour of the week, as of the newest hour.
    cells: Box<[f64]>,
    /// Decayed known minutes of all hours, as of the newest hour.
    all: f64,
    /// Known minutes of the newest hour and of the one before.
    newest: [u32; 2],
    /// The minute from which on clumpiness is learned.
    clumps_from: Minute,
    /// The start of the next hour to be opened.
    next_hour: Minute,
    /// The hours that some series may still need, up to `next_hour`.
    hours: VecDeque<WatchedHour>,
}

/// One hour: which of its minutes are known, and what was so at its start.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct WatchedHour {
    /// One bit a minute.
    pub(crate) known: u64,
    /// Decayed minutes of all hours, of this hour of the week, and of this hour of all weekdays (or of the weekend).
    pub(crate) all: f64,
    pub(crate) cell: f64,
    pub(crate) pooled: f64,
    /// Known minutes before it, and those of them without a gap up to it.
    age: i32,
    run: i32,
}

impl Watch {
    /// A watch that begins with `first`; nothing is known of any minute before.
    pub fn new(first: Minute) -> Watch {
        Watch {
            first,
            frontier: first,
            age: 0,
            run: 0,
            cells: vec![0.0; 168].into(),
            all: 0.0,
            newest: [0; 2],
            clumps_from: Minute(i32::MAX),
            next_hour: first.hour_start(),
            hours: VecDeque::new(),
        }
    }

    /// The minutes from the frontier to `until` are known.
    pub fn known(&mut self, until: Minute) {
        self.extend(until, true);
    }

    /// The minutes from the frontier to `until` are a gap: nothing is known of them.
    pub fn unknown(&mut self, until: Minute) {
        self.extend(until, false);
    }

    /// The first minute of which it has not been said whether it is known.
    pub fn frontier(&self) -> Minute {
        self.frontier
    }

    /// The first minute that was watched.
    pub fn first(&self) -> Minute {
        self.first
    }

    /// Whether this minute is known; `false` for hours that were forgotten and beyond the frontier.
    pub fn is_known(&self, minute: Minute) -> bool {
        self.find(minute).is_some_and(|hour| hour.known >> minute.0.rem_euclid(60) & 1 == 1)
    }

    /// Known minutes so far.
    pub fn age(&self) -> Minutes {
        Minutes(self.age)
    }

    /// Known minutes before this one, which must be of an hour that was not forgotten.
    pub fn age_at(&self, minute: Minute) -> Minutes {
        match self.find(minute) {
            Some(hour) => hour.age_before(minute.0.rem_euclid(60) as u32),
            None => self.age(),
        }
    }

    /// No series needs the hours before that of `minute` any more.
    pub fn forget_before(&mut self, minute: Minute) {
        while self.hours.len() > 1 && self.next_hour.0 - 60 * (self.hours.len() as i32 - 1) <= minute.0 {
            self.hours.pop_front();
        }
    }

    /// The hour that starts with this minute.
    pub(crate) fn hour(&self, start: Minute) -> &WatchedHour {
        self.find(start).expect("a watch keeps the hours that its series have not passed")
    }

    /// The minute from which on clumpiness is learned.
    pub(crate) fn clumps_from(&self) -> Minute {
        self.clumps_from
    }

    /// An hour of the week, as if it began now.
    pub(crate) fn as_it_stands(&self, hour_of_week: usize) -> WatchedHour {
        let pooled = pooled_hours(hour_of_week).map(|hour| self.cells[hour]).sum();
        let (all, cell) = (self.all, self.cells[hour_of_week]);
        WatchedHour { known: 0, all, cell, pooled, age: self.age, run: self.run }
    }

    fn find(&self, minute: Minute) -> Option<&WatchedHour> {
        let back = (self.next_hour.0 - 1 - minute.0).div_euclid(60);
        (self.hours.len() as i32).checked_sub(1 + back).and_then(|at| self.hours.get(usize::try_from(at).ok()?))
    }

    fn extend(&mut self, until: Minute, known: bool) {
        while self.frontier < until {
            if self.frontier >= self.next_hour {
                self.open_hour();
            }
            let end = until.min(self.next_hour);
            if known {
                self.see(end);
            } else {
                self.run = 0;
            }
            self.frontier = end;
        }
    }

    /// The minutes up to `end`, all of the newest hour, are known.
    fn see(&mut self, end: Minute) {
        let length = end.0 - self.frontier.0;
        if self.age < CLUMPS_AFTER && self.age + length >= CLUMPS_AFTER {
            self.clumps_from = self.frontier + Minutes(CLUMPS_AFTER - self.age);
        }
        self.age += length;
        self.run += length;
        let bits = ((1u64 << length) - 1) << self.frontier.0.rem_euclid(60);
        self.hours.back_mut().expect("the hour was opened").known |= bits;
        self.newest[0] += length as u32;
    }

    fn open_hour(&mut self) {
        // The hour before the previous one: the last minute of the previous one is learned a quarter of an hour from now.
        let learned = f64::from(self.newest[1]);
        let cell = Minute(self.next_hour.0 - 120).hour_of_week();
        self.cells[cell] = WEEK_DECAY * self.cells[cell] + learned;
        self.all = HOUR_DECAY * self.all + learned;
        self.newest = [0, self.newest[0]];

        self.hours.push_back(self.as_it_stands(self.next_hour.hour_of_week()));
        self.next_hour += Minutes(60);
    }
}

impl WatchedHour {
    /// Known minutes before this minute of the hour.
    pub(crate) fn age_before(&self, minute: u32) -> Minutes {
        Minutes(self.age + (self.known & ((1 << minute) - 1)).count_ones() as i32)
    }

    /// How many minutes up to and with this minute of the hour are known without a gap.
    pub(crate) fn known_run(&self, minute: u32) -> i32 {
        let up_to = !self.known & ((2u64 << minute) - 1);
        let in_hour = minute as i32 - (63 - up_to.leading_zeros() as i32);
        if up_to == 0 { self.run + minute as i32 + 1 } else { in_hour }
    }
}

/// The same hour of all weekdays, or of both days of the weekend.
pub(crate) fn pooled_hours(hour_of_week: usize) -> impl Iterator<Item = usize> {
    let days = if hour_of_week / 24 >= 5 { 5..7 } else { 0..5 };
    days.map(move |day| day * 24 + hour_of_week % 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Saying it in one word or in many is the same.
    #[test]
    fn what_is_known_is_known_minute_by_minute() {
        let mut watch = Watch::new(Minute(1000));
        watch.known(Minute(1100));
        watch.unknown(Minute(1130));
        for minute in 1131..=1300 {
            watch.known(Minute(minute));
        }
        assert_eq!(watch.frontier(), Minute(1300));
        assert_eq!(watch.age(), Minutes(270));
        assert_eq!(watch.age_at(Minute(1150)), Minutes(120));
        assert_eq!(watch.hour(Minute(1140)).known_run(9), 20);
        assert_eq!(watch.hour(Minute(1080)).known_run(19), 100);
        assert_eq!(watch.hour(Minute(1080)).known_run(25), 0);
        assert_eq!(watch.hour(Minute(1080)).known_run(59), 10);
        let known: Vec<bool> =
            [999, 1000, 1099, 1100, 1129, 1130, 1299, 1300].map(|m| watch.is_known(Minute(m))).into();
        assert_eq!(known, [false, true, true, false, false, true, true, false]);
        watch.forget_before(Minute(1200));
        assert!(!watch.is_known(Minute(1199)));
        assert!(watch.is_known(Minute(1200)));
    }

    #[test]
    fn clumpiness_waits_for_a_day_of_known_minutes() {
        let mut watch = Watch::new(Minute(7));
        watch.known(Minute(107));
        watch.unknown(Minute(207));
        watch.known(Minute(5000));
        assert_eq!(watch.clumps_from(), Minute(7 + 100 + 1440));
    }
}
