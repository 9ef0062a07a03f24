//! Jobs: nobody sits before them, and they keep their times.

use super::{Nature, Surroundings, Traffic};
use crate::counts::dice::Dice;
use crate::counts::{DAYS, MINUTES};

/// A fixed batch every so many minutes, 20 seconds wide; now and then one is tried twice, or left out.
pub(super) fn cron(dice: &mut Dice, _: &Surroundings) -> Traffic {
    let period = dice.one_of(&[5, 15, 15, 60, 60, 60, 120, 120, 1440]);
    let first_second = dice.between(0.0, period as f64 * 60.0);
    let mut calls = vec![0; MINUTES];
    let batch = dice.lognormal(1.6, 1.4).round().max(1.0);
    add_cron(dice, &mut calls, period, batch, first_second, 0);
    Traffic::of(calls, Nature::Cron { period, first: (first_second / 60.0) as usize })
}

/// Adds a cron job's calls, from a minute on.
pub(in crate::counts) fn add_cron(
    dice: &mut Dice,
    calls: &mut [u32],
    period: usize,
    batch: f64,
    first_second: f64,
    from_minute: usize,
) {
    let spread = dice.one_of(&[0.0, 0.0, 0.05, 0.2]); // many list the same things each time, some a few more or fewer
    let mut at = first_second;
    while at < MINUTES as f64 * 60.0 {
        let tries = if dice.chance(0.002) { 2 } else { u32::from(!dice.chance(0.001)) };
        let size = (batch * (1.0 + spread * dice.normal())).round().max(1.0) as u32;
        for _ in 0..size * tries {
            let minute = ((at + dice.between(0.0, 20.0)) / 60.0) as usize;
            if minute >= from_minute && minute < calls.len() {
                calls[minute] += 1;
            }
        }
        at += period as f64 * 60.0;
    }
}

/// Pipelines: runs while people work, each a few steps with a handful of calls; on a release day many times as many.
pub(super) fn ci(dice: &mut Dice, around: &Surroundings) -> Traffic {
    let runs_per_day = dice.lognormal(2.3, 0.8);
    let (steps, calls_per_step) = (dice.whole(2, 9), dice.lognormal(1.2, 1.0));
    let release = dice.chance(0.5).then(|| dice.whole(21, DAYS as u32 - 1) as usize);
    let mut calls = vec![0; MINUTES];
    for minute in 0..MINUTES {
        let weight = around.calendar.office(minute, 0.08) * if release == Some(minute / 1440) { 5.0 } else { 1.0 };
        for _ in 0..dice.poisson(runs_per_day / 420.0 * weight) {
            let mut at = minute as f64;
            for _ in 0..steps {
                if let Some(minute) = calls.get_mut(at as usize) {
                    *minute += 1 + dice.poisson(calls_per_step);
                }
                at += dice.exponential(2.5);
            }
        }
    }
    let mut traffic = Traffic::of(calls, Nature::Clumps);
    traffic.changes.extend(release.map(|day| (day * 1440..((day + 1) * 1440 + 120).min(MINUTES), "release")));
    traffic.changes.extend(around.calendar.holiday_minutes().map(|minutes| (minutes, "holiday")));
    traffic
}

/// Once a month, for some quarter of an hour; the first time is news.
pub(super) fn monthly(dice: &mut Dice, _: &Surroundings) -> Traffic {
    let mut calls = vec![0; MINUTES];
    let first = dice.whole(0, 30 * 1440) as usize;
    let (length, rate) = (dice.whole(5, 40) as usize, dice.lognormal(1.2, 1.0));
    let mut at = first;
    while at + length < MINUTES {
        for minute in &mut calls[at..at + length] {
            *minute += dice.poisson(rate);
        }
        at += 30 * 1440 + dice.whole(0, 3) as usize * 1440;
    }
    let mut traffic = Traffic::of(calls, Nature::Clumps);
    traffic.changes.push((first..(first + length + 60).min(MINUTES), "first monthly job"));
    traffic
}
