//! Learning: minutes become what is expected, and how clumpy it is, a quarter of an hour after they went by.

use record::time::{Minute, Minutes};

use super::{LAG, Series};
use crate::decay::{Decay, Decays};
use crate::watch::{WHOLE_HOUR, Watch};
use crate::windows::runs;

impl Series {
    /// Learns the minutes before `until` that are not yet learned; they are of the newest hour or the one before.
    pub(super) fn learn(&mut self, until: Minute, watch: &Watch, decays: &Decays) {
        while self.learned < until {
            let hour = self.learned.hour_start();
            let end = until.min(hour + Minutes(60));
            let known = self.means.hour(hour).known;
            if known == WHOLE_HOUR {
                self.learn_run(self.learned, end, hour, watch, decays);
            } else {
                for (from, to) in runs(known, self.learned.0 - hour.0, end.0 - hour.0) {
                    self.learn_run(hour + Minutes(from), hour + Minutes(to), hour, watch, decays);
                }
            }
            self.learned = end;
            if end == hour + Minutes(60) {
                self.usual.end_hour(hour.hour_of_week());
            }
        }
    }

    /// Learns known minutes of an hour.
    fn learn_run(&mut self, from: Minute, to: Minute, hour: Minute, watch: &Watch, decays: &Decays) {
        let mut at = from;
        while at < to && self.guard.covers(at) {
            self.learn_guarded(at, hour, watch, decays);
            at = at.next();
        }
        while let Some((minute, calls)) = self.calls.learn_next(to) {
            self.learn_quiet(at, minute, hour, watch, decays);
            self.learn_minute(minute, f64::from(calls), hour, &decays.level, watch, decays);
            at = minute.next();
        }
        self.learn_quiet(at, to, hour, watch, decays);
    }

    /// Learns a minute not long before an unusual one: as what was expected of it, or fast.
    fn learn_guarded(&mut self, minute: Minute, hour: Minute, watch: &Watch, decays: &Decays) {
        self.guard.pass(minute + Minutes(LAG), watch, &self.means);
        let calls = self.calls.learn_next(minute.next()).map_or(0.0, |(_, calls)| f64::from(calls));
        if self.guard.is_adopting() && !self.guard.holds(minute) {
            self.learn_minute(minute, calls, hour, &decays.level_adopting, watch, decays);
        } else {
            let expected = self.means.hour(hour).per_minute;
            self.learn_minute(minute, expected, hour, &decays.level, watch, decays);
        }
    }

    fn learn_minute(
        &mut self,
        minute: Minute,
        calls: f64,
        hour: Minute,
        level: &Decay,
        watch: &Watch,
        decays: &Decays,
    ) {
        self.usual.learn(calls, hour == self.means.newest(), level);
        let is_learned = minute.0 >= watch.clumps_from().0 - LAG;
        self.clumpiness.learn(calls, self.means.hour(hour).per_minute, is_learned, decays);
    }

    fn learn_quiet(&mut self, from: Minute, to: Minute, hour: Minute, watch: &Watch, decays: &Decays) {
        if from >= to {
            return;
        }
        let mean = self.means.hour(hour).per_minute;
        self.usual.learn_quiet((to.0 - from.0) as usize, hour == self.means.newest(), &decays.level);
        if from.0 >= watch.clumps_from().0 - LAG {
            self.clumpiness.learn_quiet((to.0 - from.0) as usize, mean, true, decays);
            return;
        }
        let first_learned = (watch.clumps_from().0 - LAG).min(to.0);
        for (from, to, is_learned) in [(from.0, first_learned, false), (first_learned, to.0, true)] {
            if from < to {
                self.clumpiness.learn_quiet((to - from) as usize, mean, is_learned, decays);
            }
        }
    }
}
