//! Decoys: changes that are everyday life and must not be told to anybody.

use super::kinds::{Nature, Traffic, add_cron};
use super::{MINUTES, dice::Dice};

/// Something harmless that happens to a whole account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoy {
    /// Every service makes a fifth more calls every week.
    Growth,
    /// In the fifth week new cron jobs begin, on keys that people use.
    NewCron,
    /// In the fifth week new cron jobs begin, on keys never called: one call each time.
    FirstCron,
    /// The working week is at one level, the weekend nearly dead.
    Weekend,
    /// Everybody's clock is an hour ahead from the fifth week on.
    DaylightSaving,
}

impl Decoy {
    /// All of them.
    pub const ALL: [Decoy; 5] =
        [Decoy::Growth, Decoy::NewCron, Decoy::FirstCron, Decoy::Weekend, Decoy::DaylightSaving];

    /// What happens, in a few words.
    pub fn as_str(self) -> &'static str {
        match self {
            Decoy::Growth => "growth of 20 % a week",
            Decoy::NewCron => "a new cron job on a key in use",
            Decoy::FirstCron => "a new cron job on a key never called",
            Decoy::Weekend => "working week and dead weekend",
            Decoy::DaylightSaving => "daylight-saving shift",
        }
    }
}

impl Decoy {
    /// Whether it changes how this kind of traffic is drawn.
    pub(super) fn reaches(self, kind: &str, nature: Nature) -> bool {
        match self {
            Decoy::Growth => nature == Nature::Service,
            Decoy::Weekend => kind == "business",
            Decoy::DaylightSaving => nature == Nature::Clumps || kind == "business" || kind == "diurnal",
            Decoy::NewCron | Decoy::FirstCron => false,
        }
    }
}

/// The minute at which decoys with a date begin: 02:00 UTC of a Sunday in the fifth week.
pub const DECOY_START: usize = 34 * 1440 + 120;

/// Begins a new cron job, if the decoy reaches this series; says whether it does.
pub(super) fn begin_cron(decoy: Decoy, dice: &mut Dice, number: usize, traffic: &mut Traffic) -> bool {
    let period = dice.one_of(&[15, 60, 120]);
    let first_second = dice.between(0.0, period as f64 * 60.0);
    match (decoy, traffic.nature) {
        (Decoy::NewCron, Nature::Clumps) => {
            let is_in_use = number.is_multiple_of(5) && traffic.calls[..DECOY_START].iter().sum::<u32>() >= 5;
            if is_in_use {
                let batch = dice.one_of(&[1.0, 2.0, 3.0, 5.0, 8.0]);
                add_cron(dice, &mut traffic.calls, period, batch, first_second, DECOY_START);
            }
            is_in_use
        }
        (Decoy::FirstCron, Nature::Never) => {
            for minute in (DECOY_START + (first_second / 60.0) as usize..MINUTES).step_by(period) {
                traffic.calls[minute] += 1;
            }
            true
        }
        _ => false,
    }
}
