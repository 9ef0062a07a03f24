//! Alarms beside the truth: what was found, how soon, how exactly; and what nobody should have been told of.

use std::ops::Range;

use record::insight::Direction;
use sim::counts::incident::{Incident, Truth};
use sim::counts::{CountsAccount, MINUTES, REPORTED_FROM};

use crate::method::Alarm;

/// An alarm this many minutes before an incident, or after it, may still speak of it.
pub(crate) const BEFORE: usize = 15;
pub(crate) const AFTER: usize = 60;
/// Months, and weeks, in which results are counted.
pub(crate) const MONTHS: f64 = (MINUTES - REPORTED_FROM) as f64 / 43_200.0;
pub(crate) const WEEKS: f64 = (MINUTES - REPORTED_FROM) as f64 / 10_080.0;

/// The alarms that speak of no incident.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unasked {
    /// Nothing was there, more calls were said to be.
    pub(crate) up: usize,
    /// Nothing was there, fewer calls were said to be.
    pub(crate) down: usize,
    /// Something really changed, but nothing was wrong.
    pub(crate) on_changes: usize,
}

impl Unasked {
    pub(crate) fn false_alarms(&self) -> usize {
        self.up + self.down
    }
}

/// Counts the alarms that were called within these minutes and speak of no incident.
pub(crate) fn unasked(account: &CountsAccount, alarms: &[Alarm], called: Range<usize>) -> Unasked {
    let mut unasked = Unasked::default();
    for alarm in alarms.iter().filter(|alarm| called.contains(&alarm.called)) {
        let series = &account.series[alarm.series];
        if series.truths.iter().any(|truth| alarm.touches(&(truth.start..truth.end), BEFORE, AFTER)) {
            continue;
        }
        if series.changes.iter().any(|(change, _)| alarm.touches(change, BEFORE, AFTER)) {
            unasked.on_changes += 1;
        } else if alarm.direction == Direction::Increase {
            unasked.up += 1;
        } else {
            unasked.down += 1;
        }
    }
    unasked
}

/// An incident, and the first alarm that speaks of it.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) truth: Truth,
    pub(crate) found: Option<Alarm>,
}

/// What became of each incident of an account.
pub(crate) fn outcomes(account: &CountsAccount, alarms: &[Alarm]) -> Vec<Outcome> {
    let mut of_series: Vec<Vec<&Alarm>> = vec![Vec::new(); account.series.len()];
    for alarm in alarms {
        of_series[alarm.series].push(alarm);
    }
    let outcome = |(series, truth): (usize, &Truth)| {
        let speaks = |alarm: &&&Alarm| {
            alarm.direction == truth.incident.direction()
                && alarm.called + BEFORE >= truth.start
                && alarm.touches(&(truth.start..truth.end), BEFORE, AFTER)
        };
        let found =
            of_series[series].iter().filter(speaks).min_by_key(|alarm| alarm.called).map(|alarm| (*alarm).clone());
        Outcome { truth: truth.clone(), found }
    };
    let truths = account.series.iter().enumerate().flat_map(|(n, series)| series.truths.iter().map(move |t| (n, t)));
    truths.map(outcome).collect()
}

/// Shares found, by incident and size.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recall {
    found: [usize; Incident::ALL.len()],
    all: [usize; Incident::ALL.len()],
}

impl Recall {
    /// Of these incidents, found or not.
    pub(crate) fn of(incidents: impl IntoIterator<Item = (Incident, bool)>) -> Recall {
        let mut recall = Recall::default();
        for (incident, is_found) in incidents {
            recall.add(incident, is_found);
        }
        recall
    }

    /// One more incident.
    pub(crate) fn add(&mut self, incident: Incident, is_found: bool) {
        let at =
            Incident::ALL.iter().position(|known| *known == incident).expect("every incident is in the list of all");
        self.found[at] += usize::from(is_found);
        self.all[at] += 1;
    }

    /// How many there were of this incident.
    pub(crate) fn count(&self, incident: usize) -> usize {
        self.all[incident]
    }

    /// The share of this incident that was found; `None` where there was none.
    pub(crate) fn share(&self, incident: usize) -> Option<f64> {
        (self.all[incident] > 0).then(|| self.found[incident] as f64 / self.all[incident] as f64)
    }

    /// Macro recall: every kind counts the same, and within a kind every size. In one direction, or over all kinds.
    pub(crate) fn all_kinds(&self, direction: Option<Direction>) -> f64 {
        let mut kinds: Vec<(&str, Vec<f64>)> = Vec::new();
        for (at, incident) in Incident::ALL.iter().enumerate() {
            let Some(share) = self.share(at) else { continue };
            if direction.is_some_and(|direction| direction != incident.direction()) {
                continue;
            }
            match kinds.last_mut() {
                Some((kind, shares)) if *kind == incident.kind() => shares.push(share),
                _ => kinds.push((incident.kind(), vec![share])),
            }
        }
        let of_kind = |shares: &[f64]| shares.iter().sum::<f64>() / shares.len() as f64;
        kinds.iter().map(|(_, shares)| of_kind(shares)).sum::<f64>() / kinds.len().max(1) as f64
    }
}

/// Half, and nine tenths, of these are no larger; `None` where there are none.
pub(crate) fn half_and_most(mut of: Vec<usize>) -> Option<(usize, usize)> {
    of.sort_unstable();
    (!of.is_empty()).then(|| (of[of.len() / 2], of[(of.len() * 9 / 10).min(of.len() - 1)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_finds_what_it_touches_in_its_direction() {
        let account = CountsAccount::struck(5, 30);
        let (series, truth) = account
            .series
            .iter()
            .enumerate()
            .find_map(|(n, series)| Some((n, series.truths.first()?.clone())))
            .expect("a struck account has incidents");
        let alarm = |shift: usize, direction| {
            let start = truth.end + shift;
            vec![Alarm { series, direction, start, end: start + 1, called: start }]
        };
        let direction = truth.incident.direction();
        let found =
            |alarms: &[Alarm]| outcomes(&account, alarms).iter().filter(|outcome| outcome.found.is_some()).count();
        assert_eq!(found(&alarm(0, direction)), 1);
        assert_eq!(found(&alarm(AFTER, direction)), 0);
        assert_eq!(unasked(&account, &alarm(0, direction), 0..MINUTES).false_alarms(), 0);
        let nearby = unasked(&account, &alarm(AFTER, direction), 0..MINUTES);
        assert_eq!(nearby.false_alarms() + nearby.on_changes, 1);
    }

    #[test]
    fn every_kind_counts_the_same() {
        let mut recall = Recall::default();
        recall.add(Incident::Burst(1000), true);
        recall.add(Incident::Burst(20), false);
        recall.add(Incident::Zero, true);
        assert_eq!(recall.all_kinds(None), 0.75);
        assert_eq!(recall.all_kinds(Some(Direction::Increase)), 0.5);
    }
}
