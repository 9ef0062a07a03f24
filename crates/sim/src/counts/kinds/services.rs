//! Services: machines that call all day, flat or along the day's curve.

use super::{Nature, Surroundings, Traffic};
use crate::counts::decoy::Decoy;
use crate::counts::dice::Dice;
use crate::counts::{DAYS, MINUTES};

/// Calls a minute of a service: from one in a few hours to dozens a minute.
fn rate(dice: &mut Dice) -> f64 {
    dice.lognormal(-1.4, 1.5).clamp(0.01, 60.0)
}

/// Independent calls at these rates; under the growth decoy a fifth more every week.
fn poisson(dice: &mut Dice, around: &Surroundings, rate: impl Fn(usize) -> f64) -> Traffic {
    let growth = if around.decoy == Some(Decoy::Growth) { libm::log(1.2) / 10_080.0 } else { 0.0 };
    let calls = (0..MINUTES).map(|minute| dice.poisson(rate(minute) * libm::exp(growth * minute as f64))).collect();
    Traffic::of(calls, Nature::Service)
}

/// Flat, variance / mean of 1.0 to 1.2.
pub(super) fn steady(dice: &mut Dice, around: &Surroundings) -> Traffic {
    let rate = rate(dice);
    poisson(dice, around, |_| rate)
}

/// Office hours and little else.
pub(super) fn business(dice: &mut Dice, around: &Surroundings) -> Traffic {
    let peak = rate(dice) * 3.0;
    let night = if around.decoy == Some(Decoy::Weekend) { 0.0 } else { dice.between(0.02, 0.2) };
    let hours: Vec<f64> = (0..MINUTES / 60 + 1).map(|_| dice.gamma(12.0, 1.0 / 12.0)).collect();
    let mut traffic = poisson(dice, around, |minute| {
        // Under the weekend decoy the working week is at one level day and night, and the weekend nearly dead.
        let flat = around.decoy == Some(Decoy::Weekend);
        let weight = if flat {
            if around.calendar.is_free(minute) { 0.05 } else { 1.0 }
        } else {
            around.calendar.office(minute, night)
        };
        peak * weight * hours[minute / 60]
    });
    traffic.changes.extend(around.calendar.holiday_minutes().map(|minutes| (minutes, "holiday")));
    traffic
}

/// The day's curve of the account's customers, weekends a little lower.
pub(super) fn diurnal(dice: &mut Dice, around: &Surroundings) -> Traffic {
    let (mean, depth, weekend) = (rate(dice), dice.between(0.3, 0.95), dice.between(0.6, 1.1));
    let hours: Vec<f64> = (0..MINUTES / 60 + 1).map(|_| dice.gamma(25.0, 1.0 / 25.0)).collect();
    let mut traffic = poisson(dice, around, |minute| {
        let calendar = &around.calendar;
        let of_day = (calendar.hour(minute) as f64 + minute as f64 % 60.0 / 60.0 - 15.0) / 24.0;
        let curve = 1.0 + depth * libm::cos(of_day * std::f64::consts::TAU);
        mean * curve * if calendar.is_free(minute) { weekend } else { 1.0 } * hours[minute / 60]
    });
    traffic.changes.extend(around.calendar.holiday_minutes().map(|minutes| (minutes, "holiday")));
    traffic
}

/// Steady, with storms of retries once or several times a day: a few clients, each trying again after twice as long.
pub(super) fn storm(dice: &mut Dice, around: &Surroundings) -> Traffic {
    let rate = rate(dice).min(3.0);
    let mut traffic = poisson(dice, around, |_| rate);
    let (days_between, clients) = (dice.between(0.3, 2.0), dice.lognormal(0.7, 0.6));
    let mut start = dice.exponential(days_between * 1440.0);
    while start < MINUTES as f64 {
        for _ in 0..1 + dice.poisson(clients) {
            let (mut at, mut pause) = (start + dice.exponential(2.0), 2.0 / 60.0);
            for _ in 0..dice.whole(4, 11) {
                if let Some(minute) = traffic.calls.get_mut(at as usize) {
                    *minute += 1;
                }
                at += pause * dice.between(0.5, 1.5);
                pause *= 2.0;
            }
        }
        start += dice.exponential(days_between * 1440.0);
    }
    traffic
}

/// Three to fifteen percent more every week.
pub(super) fn growth(dice: &mut Dice, around: &Surroundings) -> Traffic {
    let (rate, weekly) = (rate(dice), dice.between(0.03, 0.15));
    poisson(dice, around, |minute| rate * libm::pow(1.0 + weekly, minute as f64 / 10_080.0))
}

/// Writers of whole batches: variance / mean of 5.4.
pub(super) fn batch(dice: &mut Dice, around: &Surroundings) -> Traffic {
    let rate = rate(dice);
    let mut traffic = poisson(dice, around, |_| rate / 3.2);
    for minute in &mut traffic.calls {
        // Each of them writes a geometric number of records, 3.2 on average.
        *minute = (0..*minute).map(|_| 1 + (dice.exponential(1.0) / libm::log(3.2 / 2.2)) as u32).sum();
    }
    traffic
}

/// One day in the reported weeks it is at another level, and stays there.
pub(super) fn shift(dice: &mut Dice, around: &Surroundings) -> Traffic {
    let (rate, at) = (rate(dice), dice.whole(21 * 1440, (DAYS as u32 - 6) * 1440) as usize);
    let factor = dice.one_of(&[0.0, 0.25, 0.5, 2.0, 3.0, 5.0]);
    let mut traffic = poisson(dice, around, |minute| if minute < at { rate } else { rate * factor });
    // An insight lasts three days at most; by then the new level is the usual one.
    traffic.changes.push((at..at + 3 * 1440, "level shift"));
    traffic
}
