//! Incidents: two a series, drawn after everything else was fixed, with the truth written beside them.
//!
//! Every incident is one of a closed list of kinds and sizes; which kinds a series can have follows from its nature.
//! Where the drawn one cannot be (nothing there to stop, a thousand times the largest count ever seen) another is drawn.

use std::ops::Range;

use record::insight::Direction;

use super::dice::Dice;
use super::kinds::{Nature, Traffic};

/// What happened, of which size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Incident {
    /// So many calls at once, on a key that was called before.
    Burst(u32),
    /// So many calls at once, on a key that never was.
    NewKey(u32),
    /// So many times the most calls ever seen within that time.
    Outdone(u32),
    /// So many times the rate.
    Rate(u32),
    /// Slowly up to so many times the rate.
    Ramp(u32),
    /// Batches of a cron job, so many times as large.
    CronTimes(u32),
    /// A cron job that does not come for so many periods.
    CronStopped(u32),
    /// Nothing any more.
    Zero,
    /// Half of the calls.
    Halved,
}

impl Incident {
    /// Every kind in every size.
    pub const ALL: [Incident; 22] = [
        Incident::Burst(1000),
        Incident::Burst(200),
        Incident::Burst(50),
        Incident::Burst(20),
        Incident::NewKey(1000),
        Incident::NewKey(200),
        Incident::NewKey(50),
        Incident::NewKey(20),
        Incident::Outdone(20),
        Incident::Outdone(5),
        Incident::Rate(20),
        Incident::Rate(10),
        Incident::Rate(5),
        Incident::Rate(3),
        Incident::Rate(2),
        Incident::Ramp(5),
        Incident::CronTimes(20),
        Incident::CronTimes(5),
        Incident::CronStopped(6),
        Incident::CronStopped(2),
        Incident::Zero,
        Incident::Halved,
    ];

    /// The kind, without its size.
    pub fn kind(self) -> &'static str {
        match self {
            Incident::Burst(_) => "burst on a seen key",
            Incident::NewKey(_) => "burst on a never-seen key",
            Incident::Outdone(_) => "times the largest ever seen",
            Incident::Rate(_) => "times the rate",
            Incident::Ramp(_) => "slow ramp",
            Incident::CronTimes(_) => "cron batch times",
            Incident::CronStopped(_) => "cron stopped for periods",
            Incident::Zero => "to zero",
            Incident::Halved => "halved",
        }
    }

    /// The size, as it is told.
    pub fn size(self) -> String {
        match self {
            Incident::Burst(calls) | Incident::NewKey(calls) => format!("{calls} calls"),
            Incident::Outdone(times) | Incident::Rate(times) | Incident::CronTimes(times) => format!("× {times}"),
            Incident::Ramp(times) => format!("to × {times}"),
            Incident::CronStopped(periods) => periods.to_string(),
            Incident::Zero => "0".to_owned(),
            Incident::Halved => "½".to_owned(),
        }
    }

    /// Which way the counts go.
    pub fn direction(self) -> Direction {
        match self {
            Incident::CronStopped(_) | Incident::Zero | Incident::Halved => Direction::Decrease,
            Incident::Burst(_) | Incident::NewKey(_) | Incident::Outdone(_) | Incident::Rate(_) | Incident::Ramp(_) => {
                Direction::Increase
            }
            Incident::CronTimes(_) => Direction::Increase,
        }
    }

    /// Draws one that a series of this nature can have.
    fn draw(dice: &mut Dice, nature: Nature, was_called: bool) -> Incident {
        let burst = |dice: &mut Dice| Incident::Burst(dice.one_of(&[1000, 200, 50, 20]));
        let outdone = |dice: &mut Dice| Incident::Outdone(dice.one_of(&[20, 5]));
        match (nature, dice.whole(0, 12)) {
            (Nature::Never, _) if !was_called => Incident::NewKey(dice.one_of(&[1000, 200, 50, 20])),
            (Nature::Never, _) | (Nature::Clumps, 0..6) => burst(dice),
            (Nature::Clumps, _) => outdone(dice),
            (Nature::Cron { .. }, 0..6) => Incident::CronTimes(dice.one_of(&[20, 5])),
            (Nature::Cron { .. }, _) => Incident::CronStopped(dice.one_of(&[6, 2])),
            (Nature::Service, 0..5) => Incident::Rate(dice.one_of(&[20, 10, 5, 3, 2])),
            (Nature::Service, 5..7) => Incident::Ramp(5),
            (Nature::Service, 7..9) => Incident::Zero,
            (Nature::Service, 9) => Incident::Halved,
            (Nature::Service, 10) => burst(dice),
            (Nature::Service, _) => outdone(dice),
        }
    }

    /// How many minutes it lasts.
    fn length(self, dice: &mut Dice, nature: Nature) -> usize {
        let period = if let Nature::Cron { period, .. } = nature { period } else { 60 };
        match self {
            Incident::Burst(_) | Incident::NewKey(_) | Incident::Outdone(_) => dice.one_of(&[1, 5, 15]),
            Incident::Rate(_) => dice.one_of(&[15, 60, 180]),
            Incident::Ramp(_) => 420,
            Incident::CronTimes(_) => period * (60 / period).max(1),
            Incident::CronStopped(periods) => period * periods as usize,
            Incident::Zero => dice.one_of(&[180, 720]),
            Incident::Halved => 720,
        }
    }

    /// Changes the counts; `None` where this incident cannot be (then nothing was changed).
    fn strike(self, dice: &mut Dice, calls: &mut [u32], at: Range<usize>) -> Option<()> {
        let there: u32 = calls[at.clone()].iter().sum();
        let scatter = |dice: &mut Dice, calls: &mut [u32], count: u32| {
            for _ in 0..count {
                calls[dice.whole(at.start as u32, at.end as u32) as usize] += 1;
            }
        };
        match self {
            Incident::Burst(count) => calls[..at.start].iter().any(|&n| n > 0).then(|| scatter(dice, calls, count)),
            Incident::NewKey(count) => calls[..at.start].iter().all(|&n| n == 0).then(|| scatter(dice, calls, count)),
            Incident::Outdone(times) => {
                let most = most_within(&calls[..at.start], at.len());
                (most > 0 && most * times <= 20_000).then(|| scatter(dice, calls, most * times))
            }
            Incident::Rate(times) => multiply(dice, calls, at, |_| f64::from(times), 5),
            Incident::Ramp(times) => multiply(dice, calls, at, |part| 1.0 + (f64::from(times) - 1.0) * part, 5),
            Incident::CronTimes(times) => {
                for minute in &mut calls[at.clone()] {
                    *minute *= times;
                }
                (there > 0).then_some(())
            }
            Incident::CronStopped(_) | Incident::Zero => {
                let enough = if self == Incident::Zero { 10 } else { 1 };
                (there >= enough).then(|| calls[at].fill(0))
            }
            Incident::Halved => (there >= 10).then(|| {
                for minute in &mut calls[at] {
                    *minute = (0..*minute).filter(|_| dice.chance(0.5)).count() as u32;
                }
            }),
        }
    }
}

/// More calls of the same texture: each call brings others within a few minutes. At least `enough` must be added.
fn multiply(
    dice: &mut Dice,
    calls: &mut [u32],
    at: Range<usize>,
    times: impl Fn(f64) -> f64,
    enough: u32,
) -> Option<()> {
    let mut added = vec![0u32; at.len()];
    for offset in 0..at.len() {
        let more = times(offset as f64 / at.len() as f64) - 1.0;
        for _ in 0..calls[at.start + offset] {
            for _ in 0..dice.poisson(more) {
                let near = offset as f64 + dice.between(-5.0, 5.0);
                added[(near.max(0.0) as usize).min(at.len() - 1)] += 1;
            }
        }
    }
    (added.iter().sum::<u32>() >= enough).then(|| {
        for (minute, more) in calls[at].iter_mut().zip(added) {
            *minute += more;
        }
    })
}

/// The most calls within any so many minutes.
fn most_within(calls: &[u32], length: usize) -> u32 {
    let (mut sum, mut most) = (0, 0);
    for minute in 0..calls.len() {
        sum += calls[minute];
        if minute >= length {
            sum -= calls[minute - length];
        }
        most = most.max(sum);
    }
    most
}

/// One incident as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// What.
    pub incident: Incident,
    /// From this minute.
    pub start: usize,
    /// Until this minute (excluded).
    pub end: usize,
}

/// Puts an incident into each of these stretches of a series, away from its changes and from the account's gaps.
pub(super) fn strike_twice(
    dice: &mut Dice,
    traffic: &mut Traffic,
    gaps: &[Range<usize>],
    stretches: [Range<usize>; 2],
) -> Vec<Truth> {
    let mut truths = Vec::new();
    for stretch in stretches {
        let struck = (0..40).find_map(|_| {
            let incident = Incident::draw(dice, traffic.nature, !truths.is_empty());
            let length = incident.length(dice, traffic.nature);
            let mut start =
                dice.whole(stretch.start as u32, (stretch.end - length.min(stretch.len() - 1)) as u32) as usize;
            if let Nature::Cron { period, first } = traffic.nature {
                start = start / period * period + first % period;
            }
            let at = start..start + length;
            let near = start.saturating_sub(240)..at.end + 240;
            let is_clear = |other: &Range<usize>| other.end <= near.start || near.end <= other.start;
            let is_free = gaps.iter().all(is_clear) && traffic.changes.iter().all(|(change, _)| is_clear(change));
            if !is_free || at.end > stretch.end + 1440 || at.end >= traffic.calls.len() {
                return None;
            }
            incident.strike(dice, &mut traffic.calls, at.clone())?;
            // A batch is over long before the next one.
            let last = at.clone().rev().find(|&minute| traffic.calls[minute] > 0);
            let end = if matches!(incident, Incident::CronTimes(_)) { last? + 1 } else { at.end };
            Some(Truth { incident, start: at.start, end })
        });
        truths.extend(struck);
    }
    truths
}
