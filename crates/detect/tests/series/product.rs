//! The product, asked like its twin.

use detect::series::{Judged, Listener, Series, Verdict};
use detect::watch::Watch;
use record::time::{Minute, Minutes};

use crate::reference::Rare;

/// Monday, 2026-06-29T00:00Z.
pub(crate) const MONDAY: Minute = Minute(2_948 * 10_080 - 4_320);

/// Hears all that a series tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Heard {
    pub(crate) judged: Vec<Judged>,
    pub(crate) hours: Vec<(Minute, f64)>,
}

impl Listener for Heard {
    fn hour(&mut self, start: Minute, expected_per_minute: f64) {
        self.hours.push((start, expected_per_minute));
    }

    fn judged(&mut self, series: &Series, judged: &Judged) {
        assert_eq!(series.frontier(), judged.minute.next());
        self.judged.push(*judged);
    }
}

impl Heard {
    pub(crate) fn rare(&self, start: Minute) -> Vec<Rare> {
        let rarity = |verdict: &Option<Verdict>| verdict.as_ref().map_or(-99.0, |verdict| verdict.rarity);
        let rare = |judged: &Judged| Rare {
            minute: (judged.minute - start).0 as usize,
            increase: rarity(&judged.increase),
            decrease: rarity(&judged.decrease),
        };
        self.judged.iter().map(rare).collect()
    }

    pub(crate) fn expected(&self, minute: Minute) -> f64 {
        let after = self.hours.partition_point(|&(hour, _)| hour <= minute);
        after.checked_sub(1).map_or(0.0, |hour| self.hours[hour].1)
    }
}

/// The minutes that are watched, and those with calls. What is unknown at first is not watched yet.
pub(crate) fn watched(counts: &[Option<u32>], start: Minute) -> (Watch, Vec<(Minute, u32)>) {
    let first = counts.iter().position(Option::is_some).unwrap_or(0);
    let mut watch = Watch::new(start + Minutes(first as i32));
    let mut calls = Vec::new();
    for (at, count) in counts.iter().enumerate().skip(first) {
        let minute = start + Minutes(at as i32);
        match count {
            Some(_) => watch.known(minute.next()),
            None => watch.unknown(minute.next()),
        }
        calls.extend(count.filter(|&count| count > 0).map(|count| (minute, count)));
    }
    (watch, calls)
}

/// All at once.
pub(crate) fn heard(counts: &[Option<u32>], start: Minute) -> Heard {
    let (watch, calls) = watched(counts, start);
    let mut heard = Heard::default();
    Series::new(&watch).advance(&watch, watch.frontier(), &calls, &mut heard);
    heard
}
