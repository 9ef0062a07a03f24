//! What somebody said: a change that is expected, a false alarm, what is muted. It does what it is about, and no more.

use std::sync::Arc;

use detect::band::band;
use detect::engine::{Engine, Found, Settings, SettingsBook};
use detect::said::{Apis, Called, ExpectedChange, Identities, Keys, LONG_AGO, Muted, Said};
use detect::tally::{SeriesId, Tally};
use record::insight::{Direction, Subject};
use record::names::EventCategory;
use record::time::{Minute, Minutes};

use crate::made_up::{assert_same, told};

mod laws;

/// A Monday, 00:00 UTC.
const START: Minute = Minute(29_459_520);
const DAY: i32 = 1440;

fn subject(name: &str) -> Subject {
    Subject {
        account: "123456789012".into(),
        region: "us-east-1".into(),
        source: "ec2.amazonaws.com".into(),
        name: name.into(),
        error: None,
        category: EventCategory::Management,
    }
}

/// Some calls in every minute of so many days, as `calls` has it of each; and other APIs as ever.
fn lived(days: i32, calls: impl Fn(i32) -> u32) -> Tally {
    let mut tally = Tally::new();
    for minute in 0..days * DAY {
        let noise = (minute * 7919 % 9) as u32;
        tally.count(&subject("RunInstances"), START + Minutes(minute), calls(minute) * (16 + noise) / 20, false);
        for other in 0..6 {
            let calls = 3 + ((minute + other) * 6007 % 7) as u32;
            tally.count(&subject(&format!("Other{other}")), START + Minutes(minute), calls, false);
        }
    }
    tally
}

fn expected(from: i32, until: i32, direction: Option<Direction>) -> Said {
    let keys = Keys { apis: Apis::read("ec2/Run*").unwrap(), ..Keys::default() };
    let (id, from, until) = ("load-test".into(), START + Minutes(from), START + Minutes(until));
    Said { expected: vec![ExpectedChange { id, keys, from, until, direction }], ..Said::default() }
}

/// The usual settings, and what somebody said.
fn book(said: &Said) -> SettingsBook {
    SettingsBook { said: Arc::new(said.clone()), ..SettingsBook::from(Settings::default()) }
}

fn engine_of(tally: &Tally, said: &Said) -> Engine {
    let settings = Settings { false_alarms_per_month: 10.0, ..Settings::default() };
    let mut engine =
        Engine::new(SettingsBook { usual: settings, said: Arc::new(said.clone()), ..SettingsBook::default() });
    engine.advance(tally, tally.span().unwrap().1.next());
    engine
}

/// A direction, and a Start in minutes since the beginning.
type Start = (Direction, i32);

/// Alarms, and what was expected.
fn found(tally: &Tally, said: &Said) -> (Vec<Start>, Vec<Start>) {
    let all = engine_of(tally, said).found();
    let (held, alarms): (Vec<Found>, Vec<Found>) = all.into_iter().partition(|found| found.episode.is_expected);
    let starts = |all: Vec<Found>| {
        all.iter().map(|found| (found.episode.direction, (found.episode.start - START).0)).collect::<Vec<_>>()
    };
    (starts(alarms), starts(held))
}

/// What is expected a minute, an hour after so many minutes.
fn expectation(tally: &Tally, said: &Said, minute: i32) -> f64 {
    let id = tally.find(&subject("RunInstances")).unwrap();
    let from = (START + Minutes(minute)).hour_start() + Minutes(60);
    let counted = tally.span().unwrap().1.next();
    band(tally, id, (from, from + Minutes(60)), Minutes(60), counted, said).expected[0] / 60.0
}

const LOAD: std::ops::Range<i32> = 14 * DAY + 600..14 * DAY + 780;

#[test]
fn an_expected_rise_is_learned_and_not_alarmed_and_neither_is_its_end() {
    let load_test = lived(18, |minute| if LOAD.contains(&minute) { 240 } else { 12 });
    let said = expected(LOAD.start, LOAD.end, Some(Direction::Increase));
    let nothing = Said::default();
    assert_eq!(found(&load_test, &nothing).0, [(Direction::Increase, LOAD.start)]);
    assert_eq!(found(&load_test, &said), (vec![], vec![(Direction::Increase, LOAD.start)]));
    // It is learned: right after it more is expected than where it was an alarm.
    let (learned, guarded) = (expectation(&load_test, &said, LOAD.end), expectation(&load_test, &nothing, LOAD.end));
    assert!(learned > 2.0 * guarded && guarded < 13.0, "{learned} {guarded}");
    // And where it was for nothing, that passes.
    let later = expectation(&load_test, &said, LOAD.end + 2 * DAY);
    assert!(later < 14.0, "{later}");
}

#[test]
fn an_expected_change_that_lasts_is_the_new_usual_at_once() {
    for (calls, direction) in [(60, Direction::Increase), (2, Direction::Decrease)] {
        let deployed = lived(19, |minute| if minute >= LOAD.start { calls } else { 20 });
        let said = expected(LOAD.start - 10, LOAD.start + 2 * DAY, None);
        let (alarms, held) = found(&deployed, &said);
        assert_eq!(alarms, [], "{calls}");
        assert!(held.iter().all(|(way, start)| *way == direction && *start >= LOAD.start - 10), "{held:?}");
        assert!(!held.is_empty());
    }
}

#[test]
fn what_nobody_expected_is_alarmed_before_it_amid_it_and_after_it() {
    let bursts = [LOAD.start - 700, LOAD.end + 300];
    let uneven = lived(18, |minute| match minute {
        _ if bursts.iter().any(|burst| (*burst..burst + 20).contains(&minute)) => 400,
        // Amid the load test there is nothing for an hour.
        _ if (LOAD.start + 60..LOAD.start + 120).contains(&minute) => 0,
        _ if LOAD.contains(&minute) => 60,
        _ => 12,
    });
    let said = expected(LOAD.start, LOAD.end, Some(Direction::Increase));
    let (alarms, _) = found(&uneven, &said);
    for burst in bursts {
        assert!(alarms.contains(&(Direction::Increase, burst)), "{alarms:?}");
    }
    let amid = LOAD.start + 60..LOAD.start + 121;
    assert!(alarms.iter().any(|(way, start)| *way == Direction::Decrease && amid.contains(start)), "{alarms:?}");
    // Of other APIs nothing was said.
    let other = Said {
        expected: said
            .expected
            .iter()
            .cloned()
            .map(|mut one| {
                one.keys.apis = Apis::read("ec2/Other9").unwrap();
                one
            })
            .collect(),
        ..Said::default()
    };
    assert_eq!(found(&uneven, &other), found(&uneven, &Said::default()));
}

#[test]
fn what_is_announced_changes_nothing_before_it_begins() {
    let tally = lived(16, |minute| if LOAD.contains(&minute) { 240 } else { 12 });
    let until = START + Minutes(LOAD.start);
    let at = |said: Said| {
        let book = book(&said);
        let id = &subject("").account;
        let mut engine = Engine::new(book.clone());
        engine.advance(&tally, until);
        (Engine::made_with(&book, id, until), postcard::to_allocvec(&engine.learned(&tally, id)).unwrap())
    };
    assert!(at(Said::default()) == at(expected(LOAD.start, LOAD.end, None)));
    let (begun, silent) = (at(expected(LOAD.start - 1, LOAD.end, None)), at(Said::default()));
    assert_ne!(begun.0, silent.0, "what was said of it is known by its name");
    // When it ends makes no difference while it lasts.
    assert!(begun == at(expected(LOAD.start - 1, LOAD.end + 600, None)));
}

/// A burst of twenty minutes at 10:00 of these days.
fn bursts(days: &'static [i32]) -> Tally {
    lived(26, move |minute| {
        let is_burst = days.contains(&(minute / DAY)) && (600..620).contains(&(minute % DAY));
        if is_burst { 90 } else { 12 }
    })
}

fn called(day: i32, is_real: bool) -> Called {
    let start = START + Minutes(day * DAY + 600);
    Called {
        subject: subject("RunInstances"),
        direction: Direction::Increase,
        start,
        end: Some(start + Minutes(20)),
        is_real,
    }
}

/// The rarity of the burst of a day, and what is asked of increases at the end: q.
fn rarity(tally: &Tally, called: Vec<Called>, day: i32) -> (f64, f64) {
    let engine = engine_of(tally, &Said { called, ..Said::default() });
    let at = START + Minutes(day * DAY + 600);
    let found = engine.found().into_iter().find(|found| found.episode.start == at).expect("it is found");
    let q = engine.asked().next().unwrap().1[0].correction;
    (found.episode.peak.verdict.rarity, q)
}

#[test]
fn a_false_alarm_makes_the_like_of_it_usual_and_a_real_one_changes_nothing() {
    let tally = bursts(&[14, 17, 20]);
    let alone = rarity(&bursts(&[20]), vec![], 20).0;
    let (unsaid, q) = rarity(&tally, vec![], 20);
    let real = rarity(&tally, vec![called(14, true), called(17, true)], 20);
    let engine = engine_of(&tally, &Said { called: vec![called(14, false), called(17, false)], ..Said::default() });
    let last = START + Minutes(20 * DAY + 600);
    let left = engine.found().into_iter().find(|found| found.episode.start == last);
    let left = left.map_or(f64::NEG_INFINITY, |found| found.episode.peak.verdict.rarity);
    assert!(left < unsaid - 0.2, "{left} {unsaid}");
    assert!(unsaid < alone - 0.3 && (real.0 - alone).abs() < 0.05, "{unsaid} {} {alone}", real.0);
    assert!(real.1 <= q);
}

#[test]
fn false_twice_raises_q_and_taken_back_all_is_as_before() {
    let tally = bursts(&[14, 17]);
    let q = |said: &Said| engine_of(&tally, said).asked().next().unwrap().1.map(|asked| asked.correction);
    let said =
        |count: usize| Said { called: vec![called(14, false), called(17, false)][..count].to_vec(), ..Said::default() };
    // Ten a month are promised: two called false in 26 days are fewer. One a month: they are more.
    assert_eq!(q(&said(2))[0], q(&said(0))[0]);
    let strict = |said: &Said| {
        let settings = Settings { false_alarms_per_month: 0.5, ..Settings::default() };
        let book = SettingsBook { usual: settings, said: Arc::new(said.clone()), ..SettingsBook::default() };
        let mut engine = Engine::new(book);
        engine.advance(&tally, tally.span().unwrap().1.next());
        engine.asked().next().unwrap().1.map(|asked| asked.correction)
    };
    assert!(strict(&said(2))[0] > strict(&said(1))[0] && strict(&said(1))[0] >= strict(&said(0))[0]);
    assert_eq!(strict(&said(2))[1], strict(&said(0))[1], "decreases have their own");
    let until = tally.span().unwrap().1.next();
    let mut engine = engine_of(&tally, &said(2));
    let id = &subject("").account;
    engine.forget(&tally, id);
    engine.set(SettingsBook { said: Arc::default(), ..engine.settings().clone() });
    engine.advance(&tally, until);
    assert_same(&told(&engine, &tally, until), &told(&engine_of(&tally, &said(0)), &tally, until), 0);
}

#[test]
fn what_is_muted_is_found_and_known_to_be_held_back() {
    let tally = bursts(&[14]);
    let keys = Keys { apis: Apis::read("ec2").unwrap(), ..Keys::default() };
    let mute = |id: &str, since: i32, until: Option<i32>| Muted {
        id: id.into(),
        keys: keys.clone(),
        by: None,
        since: START + Minutes(since * DAY),
        until: until.map(|day| START + Minutes(day * DAY)),
    };
    let all = engine_of(&tally, &Said::default()).found();
    let said =
        Said { muted: vec![mute("b", 3, None), mute("a", 3, Some(15)), mute("0", 3, Some(14))], ..Said::default() };
    assert_eq!(engine_of(&tally, &said).found().len(), all.len());
    let until = tally.span().unwrap().1.next();
    let insight = detect::findings::insight(&all[0], &tally, &Settings::default(), until);
    let nobody = |_: &Identities| false;
    assert_eq!(said.holds_back(&insight, false, nobody), Some("a"));
    assert_eq!(said.holds_back(&insight, true, nobody), None);
    let later = Said { muted: vec![mute("c", 15, None)], ..Said::default() };
    assert_eq!(later.holds_back(&insight, false, nobody), None, "it was told by then");
    let scanner = Identities::read("*:role/scanner").unwrap();
    let theirs = Said { muted: vec![Muted { by: Some(scanner.clone()), ..mute("d", 3, None) }], ..Said::default() };
    assert_eq!(theirs.holds_back(&insight, false, |who| *who == scanner), Some("d"));
    assert_eq!(theirs.holds_back(&insight, false, nobody), None, "others did it");
}

#[test]
fn what_is_expected_is_no_early_alarm() {
    let tally = lived(15, |minute| if minute >= LOAD.start { 240 } else { 12 });
    let now = START + Minutes(LOAD.start + 10);
    let early = |said: &Said| {
        let mut engine = Engine::new(book(said));
        engine.advance(&tally, START + Minutes(LOAD.start - 15));
        let grown = tally.all_series().map(|(id, _): (SeriesId, _)| id).collect();
        engine.early(&tally, &grown, |_| now).iter().map(|found| found.episode.is_expected).collect::<Vec<_>>()
    };
    assert_eq!(early(&Said::default()), [false]);
    assert_eq!(early(&expected(LOAD.start - 5, LOAD.end, None)), [true]);
}

/// What is forgotten in the end must have made no difference for long: or forgetting it would have everything judged again.
#[test]
fn what_was_over_long_ago_makes_no_difference() {
    let account = "123456789012".into();
    let over = START + Minutes(30);
    let change = ExpectedChange { id: "x".into(), keys: Keys::default(), from: START, until: over, direction: None };
    let subject = subject("RunInstances");
    let called = Called { subject, direction: Direction::Increase, start: START, end: Some(over), is_real: false };
    let said = Said { expected: vec![change], called: vec![called], muted: Vec::new() };
    assert!(!said.before(&account, over).is_silent());
    assert!(!said.before(&account, START + LONG_AGO - Minutes(1)).is_silent());
    assert!(said.before(&account, over + LONG_AGO).is_silent());
    assert!(said.before(&account, Minute(i32::MIN)).is_silent());
}
