//! Expectation: what this minute usually looks like. Level × profile, constant within an hour.
//!
//! The *profile* is the usual calls a minute of each of the 168 hours of the week (UTC). An hour that is little known
//! leans on the same hour of all weekdays (or of the weekend), and that one on the mean over everything; how hard it
//! leans is told in clumps of calls, because a clump says no more than one call. The *level* says how the last half day
//! compares with the profile.
//!
//! A key never seen is believed to be called 0.3 times in two days, and to have been silent as long as the account was
//! watched: so a first burst is judged by how long there was silence.

use serde::{Deserialize, Serialize};

use crate::decay::Decay;
use crate::watch::{WatchedHour, pooled_hours};

/// What a week leaves of the profile: its half-life is three weeks.
pub(crate) const WEEK_DECAY: f64 = 0.793_700_525_984_099_8;
/// What an hour leaves of the mean: the 168th root of the week's.
pub(crate) const HOUR_DECAY: f64 = 0.998_625_653_255_761;
/// Minutes after which half of the level is forgotten; and while a new usual is adopted.
pub(crate) const LEVEL_HALF_LIFE: f64 = 720.0;
pub(crate) const LEVEL_HALF_LIFE_ADOPTING: f64 = 120.0;
/// Clumps' worth of trust in the pooled profile.
const PROFILE_PRIOR: f64 = 4.0;
/// Clumps' worth of trust in the profile as it is.
const LEVEL_PRIOR: f64 = 30.0;
/// What is believed of a key never seen.
const NEW_KEY_CALLS: f64 = 0.3;
const NEW_KEY_MINUTES: f64 = 2880.0;

/// What is expected of the minutes of an hour, and why.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// Calls a minute over all that was learned.
    pub mean_per_minute: f64,
    /// This hour of the week over the mean.
    pub hour_factor: f64,
    /// The last half day over what the hours of the week would give.
    pub level: f64,
    /// Calls expected in each minute: the product of the three.
    pub per_minute: f64,
}

/// All that is learned of the usual calls of one series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Usual {
    profile: Profile,
    /// Decayed calls of all hours, and those of the hour that is being learned.
    all_calls: f64,
    hour_calls: f64,
    /// Decayed calls, and what the profile gave for the same minutes.
    level_calls: f64,
    level_expected: f64,
    /// Clumpiness within a quarter of an hour, as of the start of this hour.
    clump: f64,
    mean: f64,
    /// What the profile gives for a minute of the hour before and of this hour.
    before: f64,
    now: f64,
    level: f64,
}

impl Usual {
    pub(crate) fn new() -> Usual {
        Usual {
            profile: Profile::new(),
            all_calls: 0.0,
            hour_calls: 0.0,
            level_calls: 0.0,
            level_expected: 0.0,
            clump: 1.0,
            mean: 0.0,
            before: 0.0,
            now: 0.0,
            level: 1.0,
        }
    }

    /// Makes the expectation of an hour; returns the calls expected in each of its minutes.
    pub(crate) fn enter_hour(&mut self, hour_of_week: usize, watched: &WatchedHour, clump: f64) -> f64 {
        self.clump = clump;
        self.before = self.now;
        self.mean = (self.all_calls + NEW_KEY_CALLS) / (watched.all + NEW_KEY_MINUTES);
        self.now = self.usual(hour_of_week, watched);
        let trust = LEVEL_PRIOR * clump;
        self.level = (self.level_calls + trust) / (self.level_expected + trust);
        self.per_minute()
    }

    /// Calls that would be expected of a minute in an hour of the week, as things stand.
    pub(crate) fn forecast(&self, hour_of_week: usize, watched: &WatchedHour) -> f64 {
        self.level * self.usual(hour_of_week, watched)
    }

    /// What the profile gives for a minute of an hour: (calls + trust) / (minutes + trust / pooled), and pooled likewise
    /// by the mean; as one division.
    fn usual(&self, hour_of_week: usize, watched: &WatchedHour) -> f64 {
        let trust = PROFILE_PRIOR * self.clump;
        let (cell, pooled) = self.profile.read(hour_of_week);
        let (mean, one) = (self.all_calls + NEW_KEY_CALLS, watched.all + NEW_KEY_MINUTES);
        let (pooled, one) = ((pooled + trust) * mean, watched.pooled * mean + trust * one);
        (cell + trust) * pooled / (watched.cell * pooled + trust * one)
    }

    fn per_minute(&self) -> f64 {
        self.level * self.now
    }

    /// Learns a minute; `is_this_hour` says of which hour it is.
    pub(crate) fn learn(&mut self, calls: f64, is_this_hour: bool, decay: &Decay) {
        self.hour_calls += calls;
        self.level_calls = self.level_calls * decay.power(1) + calls;
        self.level_expected = self.level_expected * decay.power(1) + self.profile_of(is_this_hour);
    }

    /// Learns so many minutes without calls, all of one hour.
    pub(crate) fn learn_quiet(&mut self, minutes: usize, is_this_hour: bool, decay: &Decay) {
        self.level_calls *= decay.power(minutes);
        self.level_expected =
            self.level_expected * decay.power(minutes) + self.profile_of(is_this_hour) * decay.sum(minutes);
    }

    /// All minutes of an hour are learned.
    pub(crate) fn end_hour(&mut self, hour_of_week: usize) {
        self.all_calls = HOUR_DECAY * self.all_calls + self.hour_calls;
        self.profile.write(hour_of_week, self.hour_calls);
        self.hour_calls = 0.0;
    }

    fn profile_of(&self, is_this_hour: bool) -> f64 {
        if is_this_hour { self.now } else { self.before }
    }

    /// Relative variance of the expectation: how little it is known.
    pub(crate) fn uncertainty(&self) -> f64 {
        1.0 / (NEW_KEY_CALLS + self.all_calls / self.clump) + 0.5 / (LEVEL_PRIOR + self.level_expected / self.clump)
    }

    pub(crate) fn expectation(&self) -> Expectation {
        let hour_factor = if self.mean > 0.0 { self.now / self.mean } else { 1.0 };
        Expectation { mean_per_minute: self.mean, hour_factor, level: self.level, per_minute: self.per_minute() }
    }
}

/// Decayed calls of each hour of the week. Most series call in a few hours only.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Profile {
    /// Which days have had calls in each hour of the day, one bit a day, Monday the lowest.
    days: [u8; 24],
    hours: Hours,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Hours {
    /// Hour of the week and calls, in the order of the week.
    Sparse(Vec<(u8, f64)>),
    /// All of them.
    Dense(Box<[f64]>),
}

/// A profile with more hours than this is kept as a table.
const MOST_SPARSE_HOURS: usize = 24;
const WEEKDAYS: u8 = 0b001_1111;
const WEEKEND: u8 = 0b110_0000;

impl Profile {
    fn new() -> Profile {
        Profile { days: [0; 24], hours: Hours::Sparse(Vec::new()) }
    }

    /// The calls of an hour, and those of the same hour of all weekdays (or of the weekend).
    fn read(&self, hour_of_week: usize) -> (f64, f64) {
        let alike = if hour_of_week >= 5 * 24 { WEEKEND } else { WEEKDAYS };
        if self.days[hour_of_week % 24] & alike == 0 {
            return (0.0, 0.0);
        }
        match &self.hours {
            Hours::Dense(hours) => (hours[hour_of_week], pooled_hours(hour_of_week).map(|hour| hours[hour]).sum()),
            Hours::Sparse(hours) => {
                let (mut cell, mut pooled) = (0.0, 0.0);
                for &(hour, calls) in hours {
                    let hour = usize::from(hour);
                    if hour % 24 == hour_of_week % 24 && alike >> (hour / 24) & 1 == 1 {
                        pooled += calls;
                    }
                    if hour == hour_of_week {
                        cell = calls;
                    }
                }
                (cell, pooled)
            }
        }
    }

    /// A week has passed for this hour, with so many calls in it.
    fn write(&mut self, hour_of_week: usize, calls: f64) {
        let (days, day) = (&mut self.days[hour_of_week % 24], 1 << (hour_of_week / 24));
        let is_new = *days & day == 0;
        if is_new && calls == 0.0 {
            return;
        }
        *days |= day;
        match &mut self.hours {
            Hours::Dense(hours) => hours[hour_of_week] = WEEK_DECAY * hours[hour_of_week] + calls,
            Hours::Sparse(hours) => {
                let place = hours.partition_point(|&(hour, _)| usize::from(hour) < hour_of_week);
                if is_new {
                    hours.insert(place, (hour_of_week as u8, calls));
                } else {
                    hours[place].1 = WEEK_DECAY * hours[place].1 + calls;
                }
                if hours.len() > MOST_SPARSE_HOURS {
                    self.hours = Hours::table(hours);
                }
            }
        }
    }
}

impl Hours {
    fn table(sparse: &[(u8, f64)]) -> Hours {
        let mut hours = vec![0.0; 168].into_boxed_slice();
        for &(hour, calls) in sparse {
            hours[usize::from(hour)] = calls;
        }
        Hours::Dense(hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decays_are_the_half_life_of_three_weeks() {
        assert_eq!(WEEK_DECAY, 0.5f64.powf(1.0 / 3.0));
        assert!((HOUR_DECAY - WEEK_DECAY.powf(1.0 / 168.0)).abs() < 1e-15);
    }

    #[test]
    fn a_sparse_profile_reads_like_a_table() {
        let mut sparse = Profile::new();
        let mut table = Profile { hours: Hours::table(&[]), ..Profile::new() };
        for step in 0..3000usize {
            let calls = if (step * step) % 97 < 3 && step % 168 < 90 { step as f64 / 7.0 } else { 0.0 };
            sparse.write(step % 168, calls);
            table.write(step % 168, calls);
            assert_eq!(sparse.read(step * 31 % 168), table.read(step * 31 % 168));
        }
    }
}
