//! Laws of what is found early, in minutes that are not final.

use std::collections::BTreeSet;

use detect::engine::{Engine, Found, Settings};
use detect::tally::{RegionId, SeriesId, Tally};
use record::insight::{Direction, Subject};
use record::time::{Minute, Minutes};

use crate::made_up::{Count, Dice, SEEDS, account, tally};

/// Minutes that are not final.
const UNSETTLED: Minutes = Minutes(15);

/// A series by its name, and when it was called unusual and since when.
type Start = (Subject, Minute, Minute);

fn start(tally: &Tally, found: &Found) -> Start {
    (tally.counted(found.series).subject.clone(), found.episode.start, found.episode.called)
}

/// The increases that the engine finds in the end.
fn increases(tally: &Tally) -> Vec<Start> {
    let mut engine = Engine::new(Settings::default());
    engine.advance(tally, tally.span().expect("it has calls").1.next());
    let found = engine.found().into_iter().filter(|found| found.episode.direction == Direction::Increase);
    found.map(|found| start(tally, &found)).collect()
}

fn early(engine: &Engine, tally: &Tally, until: Minute) -> Vec<Found> {
    let grown = tally.all_series().map(|(id, _)| id).collect();
    engine.early(tally, &grown, |_| until)
}

/// At moments in and after each increase of an account: an engine that has come to what is final, what that is, the calls of
/// later minutes, and the moment.
fn at_increases(seed: u64, mut look: impl FnMut(&Engine, Tally, &[Count], Minute)) {
    let mut counts = account(seed);
    let mut dice = Dice(seed + 7);
    let whole = tally(&counts);
    let called: BTreeSet<Minute> = increases(&whole).iter().map(|start| start.2).collect();
    let moments: BTreeSet<Minute> =
        called.iter().flat_map(|&called| [1, 1 + dice.below(14) as i32].map(|more| called + Minutes(more))).collect();
    counts.sort_by_key(|count| count.1);
    for moment in moments {
        let until = moment - UNSETTLED;
        let known = &counts[..counts.partition_point(|count| count.1 < moment)];
        let (settled, unsettled) = known.split_at(known.partition_point(|count| count.1 < until));
        let mut tally = Tally::new();
        // In the order of the whole, so that the numbers are the same.
        for (_, counted) in whole.all_series() {
            tally.series(&counted.subject);
        }
        tally.merge(&crate::made_up::tally(settled));
        let mut engine = Engine::new(Settings::default());
        engine.advance(&tally, until);
        look(&engine, tally, unsettled, moment);
    }
}

#[test]
fn an_increase_is_found_at_its_first_rare_minute_as_it_will_be_found() {
    let mut seen = 0;
    for seed in SEEDS / 2..SEEDS {
        let whole = tally(&account(seed));
        let all = increases(&whole);
        at_increases(seed, |engine, mut tally, unsettled, moment| {
            tally.merge(&crate::made_up::tally(unsettled));
            let known = |region: RegionId| engine.judged_until(&whole, region).expect("it was looked at");
            // Whether minutes without calls are a gap, the next call decides.
            let mut found: Vec<Start> =
                early(engine, &tally, moment).iter().map(|found| start(&tally, found)).collect();
            let region_of =
                |subject: &Subject| whole.find_region(&subject.account, &subject.region).expect("it has one");
            let new = |start: &&Start| start.2 >= known(region_of(&start.0)) && start.2 < moment;
            let mut wanted: Vec<Start> = all.iter().filter(new).cloned().collect();
            found.sort();
            wanted.sort();
            assert_eq!(found, wanted, "seed {seed}, {moment:?}");
            seen += found.len();
        });
    }
    assert!(seen > 20, "only {seen}");
}

#[test]
fn what_is_found_of_some_calls_is_found_of_all() {
    let mut seen = 0;
    for seed in 0..SEEDS / 2 {
        let whole = tally(&account(seed));
        let all = increases(&whole);
        let mut dice = Dice(seed + 40);
        at_increases(seed, |engine, mut tally, unsettled, moment| {
            // A third of the minutes of each series is still on its way.
            let came: Vec<Count> = unsettled.iter().filter(|_| dice.below(3) > 0).cloned().collect();
            tally.merge(&crate::made_up::tally(&came));
            for found in early(engine, &tally, moment) {
                let (subject, start, called) = start(&tally, &found);
                let is_it = |other: &&Start| other.0 == subject && other.1 <= called && other.2 + Minutes(60) >= start;
                assert!(all.iter().any(|other| is_it(&other)), "seed {seed}: {subject:?} {start:?} {called:?}");
                seen += 1;
            }
        });
    }
    assert!(seen > 20, "only {seen}");
}

#[test]
fn only_series_that_grew_are_looked_at() {
    let mut looked = 0;
    at_increases(0, |engine, mut tally, unsettled, moment| {
        tally.merge(&crate::made_up::tally(unsettled));
        for found in early(engine, &tally, moment) {
            let others = tally.all_series().map(|(id, _)| id).filter(|&id: &SeriesId| id != found.series).collect();
            let rest = engine.early(&tally, &others, |_| moment);
            assert!(rest.iter().all(|rest| rest.series != found.series));
            looked += 1;
        }
    });
    assert!(looked > 0);
}
