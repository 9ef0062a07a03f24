//! People's sessions: what makes human traffic come in clumps, on many keys at once.
//!
//! Sessions are drawn once an account (Neyman–Scott: parents by the hours and weekdays, calls after them); every human
//! key then takes part in some of them. So the surprises of an account are correlated as they really are: one evening's
//! work touches a dozen keys in the same minutes.

use super::calendar::Calendar;
use super::dice::Dice;
use super::{HOURS, MINUTES};

/// Somebody sat down and worked.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// When, in seconds since the first minute.
    pub start: f64,
    /// How long, in seconds.
    pub length: f64,
    /// How many keys it touches, against the usual.
    pub breadth: f64,
}

/// All sessions of an account, some so many a day.
pub fn sessions(dice: &mut Dice, calendar: &Calendar, per_day: f64) -> Vec<Session> {
    let mut all = Vec::new();
    for minute in 0..MINUTES {
        for _ in 0..dice.poisson(per_day / 1440.0 * calendar.people(minute)) {
            let start = minute as f64 * 60.0 + dice.between(0.0, 60.0);
            all.push(Session { start, length: dice.lognormal(6.6, 0.9), breadth: dice.gamma(3.0, 1.0 / 3.0) });
        }
    }
    all
}

/// How one key is used by people.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    /// How often a session of usual breadth comes to the key.
    pub share: f64,
    /// Mean and spread of the logarithm of the calls that it then makes.
    pub calls: (f64, f64),
    /// Mean seconds between two of them.
    pub gap: f64,
}

/// The key's calls: in the sessions that touch it, so many each, some seconds apart.
pub fn calls(dice: &mut Dice, sessions: &[Session], habit: Habit) -> Vec<u32> {
    let mut minutes = vec![0; MINUTES];
    // How much this key is in use in each hour: mostly not at all, sometimes several times the usual.
    let in_use: Vec<f64> = (0..HOURS).map(|_| dice.gamma(0.5, 2.0)).collect();
    for session in sessions {
        let share = habit.share * session.breadth * in_use[(session.start / 3600.0) as usize % HOURS];
        for _ in 0..dice.poisson(share) {
            let calls = dice.lognormal(habit.calls.0, habit.calls.1).round().max(1.0) as u32;
            let mut at = session.start + dice.between(0.0, session.length);
            for _ in 0..calls.min(5000) {
                if let Some(minute) = minutes.get_mut((at / 60.0) as usize) {
                    *minute += 1;
                }
                at += dice.exponential(habit.gap);
            }
        }
    }
    minutes
}
