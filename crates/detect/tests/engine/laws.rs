//! Laws: what must change nothing changes nothing.

use detect::engine::{Engine, Found, Learned, Settings, SettingsBook};
use detect::findings;
use detect::tally::{RegionId, Tally};
use record::insight::Subject;
use record::time::{Minute, Minutes, WEEK};

use crate::made_up::{Count, Dice, SEEDS, account, assert_same, tally, told};

fn found(tally: &Tally) -> Vec<String> {
    let until = tally.span().unwrap().1.next();
    let mut engine = Engine::new(Settings::default());
    engine.advance(tally, until);
    engine.settle(tally);
    told(&engine, tally, until)
}

#[test]
fn there_is_something_to_find() {
    let all: Vec<String> = (0..SEEDS).flat_map(|seed| found(&tally(&account(seed)))).collect();
    assert!(all.iter().any(|told| told.contains("Increase")) && all.iter().any(|told| told.contains("Decrease")));
    assert!(all.iter().any(|told| told.starts_with("NoData")));
}

#[test]
fn the_order_of_calls_decides_nothing() {
    for seed in 0..SEEDS {
        let mut counts = account(seed);
        let in_order = found(&tally(&counts));
        Dice(seed).shuffle(&mut counts);
        assert_same(&found(&tally(&counts)), &in_order, seed);
        let mut merged = tally(&counts[..counts.len() / 3]);
        merged.merge(&tally(&counts[counts.len() / 3..]));
        assert_same(&found(&merged), &in_order, seed);
    }
}

#[test]
fn the_way_may_be_cut_anywhere() {
    for seed in 0..SEEDS {
        let tally = tally(&account(seed));
        let (first, last) = tally.span().unwrap();
        let (mut dice, mut engine, mut minute) = (Dice(seed), Engine::new(Settings::default()), first);
        while minute < last.next() {
            minute = (minute + Minutes(1 + dice.below(1200) as i32)).min(last.next());
            engine.advance(&tally, minute);
        }
        engine.settle(&tally);
        assert_same(&told(&engine, &tally, minute), &found(&tally), seed);
    }
}

/// A restart keeps what was learned and the counts of some weeks, under other numbers.
#[test]
fn whoever_goes_on_from_what_was_learned_finds_the_same() {
    for seed in 0..SEEDS {
        let counts = account(seed);
        let all = tally(&counts);
        let (first, last) = all.span().unwrap();
        let (mut dice, mut engine, mut minute) = (Dice(seed + 7), Engine::new(Settings::default()), first);
        let mut tally_now = all.clone();
        while minute < last.next() {
            minute = (minute + Minutes(1 + dice.below(2200) as i32)).min(last.next());
            // One Region lags, as those do of which nothing comes.
            let lag = Minutes(dice.below(40) as i32);
            engine.advance_each(&tally_now, |RegionId(id)| if id == 0 { minute - lag } else { minute });
            let Some(learned) = engine.learned(&tally_now, &counts[0].0.account) else { continue };
            let written = postcard::to_allocvec(&learned).unwrap();
            let learned: Learned = postcard::from_bytes(&written).unwrap();
            let since = learned.reached().map(|reached| reached.1).min().unwrap();
            let mut later: Vec<Count> = counts.iter().filter(|count| count.1 >= since).cloned().collect();
            dice.shuffle(&mut later);
            (tally_now, engine) = (tally(&later), Engine::new(Settings::default()));
            engine.resume(&mut tally_now, learned);
        }
        engine.advance(&tally_now, last.next());
        engine.settle(&tally_now);
        // They are told by all counts.
        let mut told: Vec<String> = (engine.found().into_iter())
            .map(|found| {
                let series = all.find(&tally_now.counted(found.series).subject).unwrap();
                format!("{:?}", findings::insight(&Found { series, ..found }, &all, &Settings::default(), last.next()))
            })
            .chain(findings::no_data(&engine, &tally_now).iter().map(|gap| format!("{gap:?}")))
            .collect();
        told.sort();
        assert_same(&told, &found(&all), seed);
    }
}

/// Late calls, or other settings: the account begins anew from some day, the others go on.
#[test]
fn an_account_that_goes_back_leaves_no_trace() {
    let of = |seed: u64, id: &str| {
        let own = account(seed).into_iter();
        own.map(|(subject, minute, calls, read)| (Subject { account: id.into(), ..subject }, minute, calls, read))
            .collect::<Vec<Count>>()
    };
    let mut counts = of(0, "111111111111");
    counts.extend(of(1, "222222222222"));
    let late = counts.iter().position(|count| count.0.account == "222222222222".into()).unwrap() + 9_000;
    let late: Vec<Count> = counts.drain(late..late + 40).collect();
    let mut tally_now = tally(&counts);
    let last = tally_now.span().unwrap().1.next();
    let mut engine = Engine::new(Settings::default());
    let id = "222222222222".into();
    engine.advance(&tally_now, late[0].1 - Minutes(600));
    let learned = engine.learned(&tally_now, &id).unwrap();
    engine.advance(&tally_now, last);
    tally_now.merge(&tally(&late));
    let all = {
        counts.extend(late);
        tally(&counts)
    };
    let mut anew = engine.clone();
    engine.resume(&mut tally_now, learned);
    anew.forget(&tally_now, &id);
    for mut engine in [engine, anew] {
        engine.advance(&tally_now, last);
        engine.settle(&tally_now);
        assert_same(&told(&engine, &tally_now, last), &found(&all), 0);
    }
}

#[test]
fn whichever_region_goes_first_the_same_is_found() {
    for seed in 0..SEEDS {
        let tally = tally(&account(seed));
        let (first, last) = tally.span().unwrap();
        let (mut dice, mut engine) = (Dice(seed + 100), Engine::new(Settings::default()));
        let mut until: Vec<Minute> = tally.all_regions().map(|_| first).collect();
        while until.iter().any(|until| *until < last.next()) {
            let region = dice.below(until.len() as u32) as usize;
            until[region] = (until[region] + Minutes(1 + dice.below(900) as i32)).min(last.next());
            engine.advance_each(&tally, |id| until[id.0 as usize]);
        }
        engine.settle(&tally);
        assert_same(&told(&engine, &tally, last.next()), &found(&tally), seed);
    }
}

#[test]
fn however_many_go_along_the_same_is_found() {
    let mut counts = Vec::new();
    for seed in 0..4 {
        let own = account(seed).into_iter().map(|(mut subject, minute, calls, read)| {
            subject.account = format!("{:012}", 100 + seed).as_str().into();
            (subject, minute, calls, read)
        });
        counts.extend(own);
    }
    let tally = tally(&counts);
    let until = tally.span().unwrap().1.next();
    let order = |threads: usize| {
        let mut engine = Engine::new(Settings::default());
        engine.advance_far(&tally, threads, |_| until);
        assert!(!engine.closed().is_empty());
        let closed: Vec<_> = engine.closed().iter().map(|found| (found.series, found.episode.start)).collect();
        (closed, told(&engine, &tally, until))
    };
    let mut alone = Engine::new(Settings::default());
    alone.advance(&tally, until);
    let (closed, all) = order(1);
    let in_order: Vec<_> = alone.closed().iter().map(|found| (found.series, found.episode.start)).collect();
    assert_eq!(closed, in_order);
    assert_same(&all, &told(&alone, &tally, until), 0);
    assert_eq!(order(3), (closed, all));
}

#[test]
fn a_region_that_lags_holds_up_another_no_longer_than_to_midnight() {
    let tally = tally(&account(1));
    let (first, _) = tally.span().unwrap();
    let midnight = first.day_start() + Minutes(3 * 1440);
    let mut engine = Engine::new(Settings::default());
    let until = |region: RegionId, hours: i32| {
        if region.0 == 0 { midnight + Minutes(60) } else { midnight + Minutes(60 * hours) }
    };
    engine.advance_each(&tally, |region| until(region, 20));
    assert!(engine.judged_until(&tally, RegionId(1)) > Some(midnight + Minutes(18 * 60)));
    engine.advance_each(&tally, |region| until(region, 40));
    let judged = engine.judged_until(&tally, RegionId(1));
    assert!(judged > Some(midnight + Minutes(23 * 60)) && judged <= Some(midnight + Minutes(1440)), "{judged:?}");
}

#[test]
fn what_was_long_ago_may_be_forgotten() {
    for seed in 0..SEEDS {
        let whole = tally(&account(seed));
        let (mut kept, (first, last)) = (whole.clone(), whole.span().unwrap());
        let (mut engine, mut minute) = (Engine::new(Settings::default()), first);
        while minute < last.next() {
            minute = (minute + Minutes(700)).min(last.next());
            engine.advance(&kept, minute);
            kept.forget_before(minute - Minutes(14 * 1440));
        }
        engine.settle(&kept);
        let starts = |engine: &Engine| {
            let all = engine.found().into_iter();
            all.map(|found| (found.series, found.episode.start, found.episode.end)).collect::<Vec<_>>()
        };
        let mut other = Engine::new(Settings::default());
        other.advance(&whole, last.next());
        other.settle(&whole);
        assert_eq!(starts(&engine), starts(&other), "seed {seed}");
    }
}

#[test]
fn what_is_forgotten_was_heard_of_when_it_was() {
    let counted = tally(&account(2));
    let mut watched = counted.clone();
    watched.watch(RegionId(0), Minute(29_459_000), Minute(29_490_000));
    for tally in [counted, watched] {
        let last = tally.region_tally(RegionId(0)).span().expect("it was heard of").1;
        for before in [last - Minutes(60), last + Minutes(16 * 1440)] {
            let mut lately = tally.clone();
            lately.forget_before(before);
            assert_eq!(lately.region_tally(RegionId(0)).span(), Some((before.min(last), last)));
        }
    }
}

#[test]
fn what_is_set_before_an_account_begins_is_as_if_it_had_always_been_set() {
    let counts = account(3);
    let tally = tally(&counts);
    let (id, until) = (counts[0].0.account.clone(), tally.span().unwrap().1.next());
    let mut book = SettingsBook::default();
    book.accounts.insert(id.clone(), Settings { reads: true, false_alarms_per_month: 30.0, data_events: false });
    let mut late = Engine::new(Settings::default());
    late.advance(&Tally::new(), until);
    assert!(!late.has_begun(&id));
    late.set(book.clone());
    late.advance(&tally, until);
    assert!(late.has_begun(&id));
    let mut always = Engine::new(book);
    always.advance(&tally, until);
    assert_same(&told(&late, &tally, until), &told(&always, &tally, until), 3);
}

#[test]
fn what_is_to_come_does_not_change_what_was() {
    for seed in 0..SEEDS {
        let counts = account(seed);
        let whole = tally(&counts);
        let until = whole.span().unwrap().0 + Minutes(17 * 1440 + 77);
        let known: Vec<Count> = counts.into_iter().filter(|count| count.1 < until).collect();
        let known = tally(&known);
        let at = |tally: &Tally| {
            let mut engine = Engine::new(Settings::default());
            engine.advance(tally, until);
            told(&engine, &known, until)
        };
        assert_same(&at(&whole), &at(&known), seed);
    }
}

#[test]
fn a_series_without_calls_changes_nothing() {
    let counts = account(1);
    let mut with = tally(&counts);
    let silent = Subject { name: "NeverCalled".into(), ..counts[0].0.clone() };
    with.series(&silent);
    assert_same(&found(&with), &found(&tally(&counts)), 1);
}

#[test]
fn whole_weeks_later_the_same_is_found() {
    let mut counts = account(2);
    let shift = Minutes(3 * WEEK.0);
    let strip = |told: Vec<String>, shift: Minutes| -> Vec<String> {
        // Minutes are the only numbers of eight digits.
        let shifted = told.iter().map(|told| {
            let mut out = String::new();
            for part in told.split_inclusive(|letter: char| !letter.is_ascii_digit()) {
                let digits = part.trim_end_matches(|letter: char| !letter.is_ascii_digit());
                match digits.parse::<i32>() {
                    Ok(minute) if digits.len() == 8 && digits.starts_with("29") => {
                        out += &format!("{}{}", minute - shift.0, &part[digits.len()..]);
                    }
                    _ => out += part,
                }
            }
            out
        });
        shifted.collect()
    };
    let before = strip(found(&tally(&counts)), Minutes(0));
    for count in &mut counts {
        count.1 += shift;
    }
    let mut after = strip(found(&tally(&counts)), shift);
    after.sort();
    assert_same(&after, &before, 2);
}
