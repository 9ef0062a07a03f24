//! Incidents: what is to go wrong in a made-up account, as a plan says it; and lists of them, of all kinds and sizes.
//!
//! A plan says what should happen, roughly where; to which key it happens and who does it is decided later (`happening`).

use record::time::{Minute, Minutes};

use crate::dice::Dice;

/// Something that should be found.
#[derive(Clone, Debug)]
pub struct Incident {
    /// Which account, from 0.
    pub account: usize,
    /// Which Region, from 0.
    pub region: usize,
    /// To which key it happens.
    pub target: Target,
    /// What happens.
    pub kind: IncidentKind,
    /// The first minute.
    pub start: Minute,
    /// For how many minutes.
    pub minutes: i32,
    /// Who does it.
    pub by: By,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum IncidentKind {
    /// The key is called this many times as often.
    Surge {
        /// How many times as often.
        factor: f64,
    },
    /// So many calls come besides.
    Burst {
        /// How many.
        calls: usize,
        /// What all of them fail with, if they do.
        code: Option<&'static str>,
    },
    /// As many calls as always, and this share of them fails.
    ErrorShare {
        /// The share, up to 1.
        to: f64,
        /// With a code that this key never had.
        new_code: bool,
    },
    /// No calls at all.
    Silence,
}

/// To which key it happens.
#[derive(Clone, Debug)]
pub enum Target {
    /// One that is called about so often.
    Rate(RateClass),
    /// A machine's or a cron job's, often enough to be missed or to fail visibly within the time.
    Steady,
    /// A cron job's.
    Cron,
    /// One that this account never used in this Region.
    NeverSeen,
    /// This one.
    Api(&'static str, &'static str),
}

/// How often a key is called a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateClass {
    /// Less than 0.01.
    Rare,
    /// 0.01 to 1.
    Low,
    /// 1 to 30.
    Medium,
    /// More than 30.
    High,
}

impl RateClass {
    /// All of them.
    pub const ALL: [RateClass; 4] = [RateClass::Rare, RateClass::Low, RateClass::Medium, RateClass::High];

    /// The class of a rate.
    pub fn of(per_minute: f64) -> RateClass {
        match per_minute {
            rate if rate < 0.01 => RateClass::Rare,
            rate if rate < 1.0 => RateClass::Low,
            rate if rate <= 30.0 => RateClass::Medium,
            _ => RateClass::High,
        }
    }
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whoever calls this key anyway.
    Usual,
    /// Someone else of the account.
    Insider,
    /// Someone with the access key of a person of the account, from another address.
    Thief,
    /// An identity that nobody has seen.
    Stranger,
}

impl Incident {
    /// The minute after the last.
    pub(crate) fn end(&self) -> Minute {
        self.start + Minutes(self.minutes)
    }

    /// So many incidents, spread over the accounts: of all kinds and sizes, but no floods of a small account.
    pub fn some(
        seed: u64,
        count: usize,
        accounts: usize,
        regions: usize,
        from: Minute,
        until: Minute,
    ) -> Vec<Incident> {
        let mut all = Incident::of_every_kind(seed, accounts, regions, from, until);
        all.retain(|incident| match (&incident.target, &incident.kind) {
            (Target::Rate(RateClass::High | RateClass::Medium), _) => false,
            (_, IncidentKind::Surge { factor }) => *factor < 100.0 || incident.minutes < 240,
            _ => incident.minutes < (until - from).0,
        });
        let mut picked: Vec<Incident> = (0..count).map(|nth| all[nth * 7 % all.len()].clone()).collect();
        let mut dice = Dice::of(seed, &[20]);
        for (nth, incident) in picked.iter_mut().enumerate() {
            (incident.account, incident.region) = (nth % accounts, nth / accounts % regions);
            incident.start = spread(&mut dice, nth, count, from, until, incident.minutes);
        }
        picked
    }

    /// Every kind and size once: four factors on four rates for four lengths, keys never seen, errors, silences.
    pub fn of_every_kind(seed: u64, accounts: usize, regions: usize, from: Minute, until: Minute) -> Vec<Incident> {
        let mut kinds: Vec<(Target, IncidentKind, i32)> = Vec::new();
        for rate in RateClass::ALL {
            for factor in [2.0, 5.0, 20.0, 100.0] {
                for minutes in [1, 5, 30, 240] {
                    kinds.push((Target::Rate(rate), IncidentKind::Surge { factor }, minutes));
                }
            }
        }
        for calls in [10, 20, 50, 200, 1000] {
            for minutes in [2, 30] {
                kinds.push((Target::NeverSeen, IncidentKind::Burst { calls, code: None }, minutes));
            }
        }
        for to in [0.5, 1.0] {
            for new_code in [false, true] {
                for minutes in [30, 240] {
                    kinds.push((Target::Steady, IncidentKind::ErrorShare { to, new_code }, minutes));
                }
            }
        }
        for minutes in [60, 240, 720, 1440] {
            kinds.push((Target::Steady, IncidentKind::Silence, minutes));
            kinds.push((Target::Cron, IncidentKind::Silence, minutes));
        }
        let mut dice = Dice::of(seed, &[21]);
        dice.shuffle(&mut kinds);
        let count = kinds.len();
        let mut high = 0..;
        let who = [By::Usual, By::Insider, By::Thief, By::Stranger];
        let mut one = |(nth, (target, kind, minutes)): (usize, (Target, IncidentKind, i32))| Incident {
            // The hot keys are where the plan puts them: in the first accounts' home Regions.
            account: match target {
                Target::Rate(RateClass::High) => high.next().unwrap_or(0) % accounts.min(5),
                _ => nth % accounts,
            },
            region: if nth % 3 == 0 { 0 } else { nth % regions },
            target,
            kind,
            start: spread(&mut dice, nth, count, from, until, minutes),
            minutes,
            by: who[nth / 3 % 4],
        };
        kinds.into_iter().enumerate().map(&mut one).collect()
    }
}

/// Starts that keep apart: the n-th of so many equal parts of the time.
fn spread(dice: &mut Dice, nth: usize, count: usize, from: Minute, until: Minute, minutes: i32) -> Minute {
    let room = (until.0 - from.0 - minutes).max(1) as f64;
    Minute(from.0 + (room * (nth as f64 + dice.unit() * 0.8) / count as f64) as i32)
}
