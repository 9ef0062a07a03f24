//! Decoys: changes that are everyday life and must not be told to anybody.

use super::kinds::{Nature, Traffic, add_cron};
use super::{MINUTES, dice::Dice};

/// Something harmless that happens to a whole account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoy {
    /// Every service makes a fifth more calls every week.
    Growth,
    /// On day 30 new cron jobs begin: on keys that were used before, and (small ones) on keys that never were.
    NewCron,
    /// The working week is at one level, the weekend nearly dead.
    Weekend,
    /// Everybody's clock is an hour ahead from the fifth week on.
    DaylightSaving,
}

impl Decoy {
    /// All of them.
    pub const ALL: [Decoy; 4] = [Decoy::Growth, Decoy::NewCron, Decoy::Weekend, Decoy::DaylightSaving];

    /// What happens, in a few words.
    pub fn as_str(self) -> &'static str {
        match self {
            Decoy::Growth => "growth of 20 % a week",
            Decoy::NewCron => "a new cron job",
            Decoy::Weekend => "working week and dead weekend",
            Decoy::DaylightSaving => "daylight-saving shift",
        }
    }
}

/// The minute at which decoys with a date begin: 02:00 UTC of a Sunday in the fifth week.
pub const DECOY_START: usize = 34 * 1440 + 120;

/// A new cron job on some of the keys: every fifth one that comes in sessions, and all that were never called.
pub(super) fn begin_cron(dice: &mut Dice, number: usize, traffic: &mut Traffic) {
    let period = dice.one_of(&[15, 60, 120]);
    let first_second = dice.between(0.0, period as f64 * 60.0);
    match traffic.nature {
        Nature::Clumps if number.is_multiple_of(5) => {
            let batch = dice.one_of(&[1.0, 2.0, 3.0, 5.0, 8.0]);
            add_cron(dice, &mut traffic.calls, period, batch, first_second, DECOY_START);
        }
        Nature::Never => {
            for minute in (DECOY_START + (first_second / 60.0) as usize..MINUTES).step_by(period) {
                traffic.calls[minute] += 1;
            }
        }
        Nature::Clumps | Nature::Service | Nature::Cron { .. } => {}
    }
}
