//! Keys that people use: by the hundred in every account, most of them seldom.

use super::{Nature, Surroundings, Traffic};
use crate::counts::MINUTES;
use crate::counts::dice::Dice;
use crate::counts::people::{Habit, calls};

/// In a session now and then; a fifth of all keys see less than one call a day.
pub(super) fn rare(dice: &mut Dice, around: &Surroundings) -> Traffic {
    touched(dice, around, (-4.8, 1.2))
}

/// In many sessions: what the console and everybody's scripts call.
pub(super) fn console(dice: &mut Dice, around: &Surroundings) -> Traffic {
    touched(dice, around, (-2.3, 0.8))
}

/// Nobody ever called it.
pub(super) fn never(_: &mut Dice, _: &Surroundings) -> Traffic {
    Traffic::of(vec![0; MINUTES], Nature::Never)
}

fn touched(dice: &mut Dice, around: &Surroundings, (mu, sigma): (f64, f64)) -> Traffic {
    let share = dice.lognormal(mu, sigma);
    let usual_calls = 1.6 + 0.9 * dice.normal();
    // Mean gap 17 s: some keys are called by hand, some by what a hand started.
    let habit = Habit { share, calls: (usual_calls, 1.0), gap: dice.lognormal(libm::log(17.0), 1.1) };
    let mut traffic = Traffic::of(calls(dice, &around.sessions, habit), Nature::Clumps);
    traffic.changes.extend(around.calendar.holiday_minutes().map(|minutes| (minutes, "holiday")));
    traffic
}
