//! When people work: hours, weekdays, holidays, and where on earth the account's people are.

use super::dice::Dice;
use super::{DAYS, MINUTES};

/// Weight of each local hour of people's calls: low from 2 to 6, high from 8 to 21. Their mean is 1.
const HOURS: [f64; 24] = [
    0.50, 0.35, 0.20, 0.15, 0.15, 0.20, 0.45, 0.80, 1.25, 1.55, 1.65, 1.60, 1.40, 1.50, 1.65, 1.65, 1.60, 1.50, 1.30,
    1.15, 1.05, 0.95, 0.75, 0.65,
];
/// Weight of each day, Monday first.
const DAYS_OF_WEEK: [f64; 7] = [1.0, 1.05, 1.05, 1.0, 0.9, 0.35, 0.3];

/// The account's clock and its special days.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// Local time minus UTC, in minutes.
    pub offset: i32,
    /// The clocks are turned forward by an hour at this minute.
    pub daylight_saving: Option<usize>,
    /// A day (number) on which nobody works who would otherwise.
    pub holiday: Option<usize>,
    /// Activity of each day as a whole: some weeks are busier.
    busy: Vec<f64>,
}

impl Calendar {
    /// Draws one.
    pub fn new(dice: &mut Dice) -> Calendar {
        let offset = dice.one_of(&[-480, -300, 0, 60, 120, 330, 540]);
        // A working day of the reported weeks, in about half of the accounts.
        let day = (22 + dice.whole(0, 33)) as usize;
        let holiday = ((day + 6) % 7 < 5 && dice.chance(0.7)).then_some(day);
        let busy = (0..DAYS + 2).map(|_| dice.gamma(25.0, 1.0 / 25.0)).collect();
        Calendar { offset, daylight_saving: None, holiday, busy }
    }

    /// Minutes of local time since local midnight of the first Monday, shifted by a day so as never to be negative.
    fn local(&self, minute: usize) -> usize {
        let summer = if self.daylight_saving.is_some_and(|from| minute >= from) { 60 } else { 0 };
        (minute as i32 + 1440 + self.offset + summer) as usize
    }

    /// Number of the local day, the first Monday being 1.
    pub fn day(&self, minute: usize) -> usize {
        self.local(minute) / 1440
    }

    /// Local hour of the day.
    pub fn hour(&self, minute: usize) -> usize {
        self.local(minute) / 60 % 24
    }

    /// Saturday, Sunday, or the holiday.
    pub fn is_free(&self, minute: usize) -> bool {
        let day = self.day(minute);
        (day + 6) % 7 >= 5 || self.holiday == Some(day)
    }

    /// How busy people are in this minute, 1 on average of a week.
    pub fn people(&self, minute: usize) -> f64 {
        let day = self.day(minute);
        let of_week = if self.holiday == Some(day) { 0.3 } else { DAYS_OF_WEEK[(day + 6) % 7] };
        HOURS[self.hour(minute)] * of_week / 0.807 * self.busy[day]
    }

    /// Office hours: one from 9 to 18 on working days, with soft edges; `night` otherwise.
    pub fn office(&self, minute: usize, night: f64) -> f64 {
        const EDGES: [f64; 24] = [
            0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.05, 0.2, 0.6, 0.95, 1.0, 1.0, 0.8, 0.9, 1.0, 1.0, 0.95, 0.8, 0.4, 0.2, 0.1,
            0.05, 0.0, 0.0,
        ];
        if self.is_free(minute) { night } else { night + (1.0 - night) * EDGES[self.hour(minute)] }
    }

    /// The minutes of the holiday, with the night around it.
    pub fn holiday_minutes(&self) -> Option<std::ops::Range<usize>> {
        let start = self.holiday? as i32 * 1440 - 1440 - self.offset;
        let at = |minute: i32| minute.clamp(0, MINUTES as i32) as usize;
        Some(at(start - 120)..at(start + 1440 + 120))
    }
}
