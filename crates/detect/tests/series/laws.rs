//! Laws of one series.

use detect::series::{Judged, Listener, Series};
use record::time::{Minute, Minutes, WEEK};

use crate::made_up::{Dice, SHAPES, counts};
use crate::product::{Heard, MONDAY, heard, watched};
use crate::reference;

#[test]
fn what_is_skipped_changes_nothing() {
    let mut judged = 0;
    for seed in 0..5 * SHAPES {
        let counts = counts(seed);
        let (asked, expected) = reference::detect(&counts);
        let heard = heard(&counts, MONDAY);
        let found = heard.rare(MONDAY);
        for (found, asked) in found.iter().zip(&asked) {
            assert_eq!(found.minute, asked.minute, "seed {seed}: {found:?} {asked:?}");
            let near = |found: f64, asked: f64| (found - asked).abs() <= 1e-6 * asked.abs().max(1.0);
            let is_near = near(found.increase, asked.increase) && near(found.decrease, asked.decrease);
            assert!(is_near, "seed {seed}: {found:?}, should be {asked:?}");
        }
        assert_eq!(found.len(), asked.len(), "seed {seed}");
        for (at, (asked, known)) in expected.iter().zip(&counts).enumerate() {
            let found = if known.is_some() { heard.expected(MONDAY + Minutes(at as i32)) } else { 0.0 };
            assert!((found - asked).abs() <= 1e-9 * asked, "seed {seed}, minute {at}: {found}, should be {asked}");
        }
        judged += asked.len();
    }
    println!("{judged} minutes judged alike");
}

#[test]
fn cutting_changes_nothing() {
    for seed in 0..3 * SHAPES {
        let (watch, calls) = watched(&counts(seed), MONDAY);
        let mut whole = Heard::default();
        Series::new(&watch).advance(&watch, watch.frontier(), &calls, &mut whole);

        let mut dice = Dice(seed);
        let most = [3, 40, 400, 4000][seed as usize % 4];
        let mut cut = Heard::default();
        let mut series = Series::new(&watch);
        let mut calls = &calls[..];
        while series.frontier() < watch.frontier() {
            let until = watch.frontier().min(series.frontier() + Minutes(1 + dice.below(most) as i32));
            let (now, later) = calls.split_at(calls.partition_point(|&(minute, _)| minute < until));
            series.advance(&watch, until, now, &mut cut);
            calls = later;
        }
        assert!(whole == cut, "seed {seed}");
    }
}

/// The watch grows with the series and forgets behind it, or is complete from the start.
#[test]
fn what_is_watched_later_changes_nothing() {
    for seed in 0..SHAPES {
        let counts = counts(seed);
        let whole = heard(&counts, MONDAY);
        let (known, calls) = watched(&counts, MONDAY);
        let mut dice = Dice(seed);
        let mut watch = detect::watch::Watch::new(known.first());
        let mut series = Series::new(&watch);
        let mut heard = Heard::default();
        while watch.frontier() < known.frontier() {
            let until = known.frontier().min(watch.frontier() + Minutes(1 + dice.below(200) as i32));
            while watch.frontier() < until {
                let minute = watch.frontier();
                if known.is_known(minute) { watch.known(minute.next()) } else { watch.unknown(minute.next()) }
            }
            let from = calls.partition_point(|&(minute, _)| minute < series.frontier());
            let to = calls.partition_point(|&(minute, _)| minute < until);
            series.advance(&watch, until, &calls[from..to], &mut heard);
            watch.forget_before(series.frontier());
        }
        assert!(whole == heard, "seed {seed}");
    }
}

#[test]
fn shifting_by_whole_weeks_changes_nothing() {
    for seed in 0..SHAPES {
        let counts = counts(seed);
        let now = heard(&counts, MONDAY);
        let later = heard(&counts, Minute(MONDAY.0 - 2000 * WEEK.0));
        assert_eq!(now.rare(MONDAY), later.rare(Minute(MONDAY.0 - 2000 * WEEK.0)), "seed {seed}");
        assert!(now.hours.iter().map(|hour| hour.1).eq(later.hours.iter().map(|hour| hour.1)), "seed {seed}");
    }
}

/// A series is told of as of the minute that is judged.
#[test]
fn recent_minutes_are_as_they_were() {
    struct Asks<'a>(&'a [Option<u32>], &'a [f64]);
    impl Listener for Asks<'_> {
        fn judged(&mut self, series: &Series, judged: &Judged) {
            let now = (judged.minute - MONDAY).0;
            let since = (now - 1023).max(0);
            let recent: Vec<_> = series.recent_calls().filter(|call| (call.0 - MONDAY).0 >= since).collect();
            let calls = |at: i32| self.0[at as usize].filter(|&calls| calls > 0);
            let asked = (since..=now).filter_map(|at| Some((MONDAY + Minutes(at), calls(at)?)));
            assert!(asked.eq(recent), "{judged:?}");
            for at in (since..=now).step_by(7) {
                let (found, asked) = (series.expected_at(MONDAY + Minutes(at)), self.1[at as usize]);
                assert!((found - asked).abs() <= 1e-9 * asked, "{judged:?}: {found}, should be {asked}");
            }
            let expectation = series.expectation();
            let product = expectation.mean_per_minute * expectation.hour_factor * expectation.level;
            assert!((product - expectation.per_minute).abs() < 1e-9 * product);
            assert!((expectation.per_minute - self.1[now as usize]).abs() < 1e-9 * product);
        }
    }
    for seed in 0..SHAPES {
        let counts = counts(seed);
        let (_, expected) = reference::detect(&counts);
        let (watch, calls) = watched(&counts, MONDAY);
        Series::new(&watch).advance(&watch, watch.frontier(), &calls, &mut Asks(&counts, &expected));
    }
}

#[test]
fn more_calls_in_the_last_minute_are_never_less_rare() {
    let mut compared = 0;
    for seed in 0..6 * SHAPES {
        let mut counts = counts(seed);
        let mut dice = Dice(seed);
        counts.truncate(3000 + dice.below(counts.len() - 3000));
        let (watch, calls) = watched(&counts, MONDAY);
        let last = Minute(watch.frontier().0 - 1);
        if !watch.is_known(last) {
            continue;
        }
        let calls = &calls[..calls.partition_point(|&(minute, _)| minute < last)];
        let mut series = Series::new(&watch);
        series.advance(&watch, last, calls, &mut ());
        let mut before = f64::NEG_INFINITY;
        let mut count = 0u32;
        while count < 1_000_000 {
            count += 1 + count / 10;
            let mut heard = Heard::default();
            series.clone().advance(&watch, last.next(), &[(last, count)], &mut heard);
            let now = heard.judged.first().and_then(|judged| judged.increase).map_or(-99.0, |verdict| verdict.rarity);
            assert!(now >= before - 1e-9, "seed {seed}: {count} calls are {now}, fewer were {before}");
            compared += usize::from(now > before);
            before = now;
        }
    }
    println!("{compared} times rarer");
}
