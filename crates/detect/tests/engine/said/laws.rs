//! Laws of what somebody said at random: it is an input, as counts are.

use detect::engine::{Engine, Learned};
use detect::said::{Apis, Called, ExpectedChange, Keys, Said};
use detect::tally::Tally;
use record::insight::{Direction, Subject};
use record::time::{Minute, Minutes};

use super::{START, book};
use crate::made_up::{Count, Dice, SEEDS, account, assert_same, tally, told};

/// Things said at random of a made-up account: of any of its APIs, at any time.
fn anything(dice: &mut Dice, counts: &[Count]) -> Said {
    let mut said = Said::default();
    for number in 0..6 {
        let from = START + Minutes(dice.below(20 * 1440) as i32);
        let name = format!("ec2/Call{}", ["1", "3", "*", "7", "2", "1*"][dice.below(6) as usize]);
        let keys = Keys { apis: Apis::read(&name).unwrap(), ..Keys::default() };
        let direction = [None, Some(Direction::Increase), Some(Direction::Decrease)][dice.below(3) as usize];
        let until = from + Minutes(1 + dice.below(3000) as i32);
        said.expected.push(ExpectedChange { id: format!("{number}"), keys, from, until, direction });
        let subject = counts[dice.below(counts.len() as u32) as usize].0.clone();
        let direction = direction.unwrap_or(Direction::Increase);
        let (end, is_real) = ((dice.below(3) > 0).then_some(from + Minutes(90)), dice.below(2) == 0);
        said.called.push(Called { subject, direction, start: from, end, is_real });
    }
    said
}

/// An API that is called for the first time when something is expected of it.
fn counts_with_a_new_one(seed: u64, said: &Said) -> Vec<Count> {
    let mut counts = account(seed);
    for (number, expected) in said.expected.iter().enumerate() {
        let new = Subject { name: format!("Call1New{number}").as_str().into(), ..counts[0].0.clone() };
        for minute in 0..30 {
            counts.push((new.clone(), expected.from + Minutes(100 + 7 * minute), 4, false));
        }
    }
    counts
}

fn whole(tally: &Tally, said: &Said) -> Vec<String> {
    let until = tally.span().unwrap().1.next();
    let mut engine = Engine::new(book(said));
    engine.advance(tally, until);
    engine.settle(tally);
    told_with(&engine, tally, until)
}

/// As told, and what of it was expected.
fn told_with(engine: &Engine, tally: &Tally, until: Minute) -> Vec<String> {
    let mut all = told(engine, tally, until);
    all.extend(
        engine
            .found()
            .iter()
            .filter(|found| found.episode.is_expected)
            .map(|found| format!("expected: {:?} {:?}", tally.counted(found.series).subject, found.episode.start)),
    );
    all.sort();
    all
}

#[test]
fn in_whatever_order_it_was_said_and_the_calls_came_the_same_is_found() {
    for seed in 0..SEEDS {
        let mut dice = Dice(seed + 40);
        let mut said = anything(&mut dice, &account(seed));
        let mut counts = counts_with_a_new_one(seed, &said);
        let first = whole(&tally(&counts), &said);
        assert!(first.iter().any(|told| told.starts_with("expected")), "seed {seed}");
        dice.shuffle(&mut said.expected);
        dice.shuffle(&mut said.called);
        said.expected.extend(said.expected.clone());
        dice.shuffle(&mut counts);
        assert_same(&whole(&tally(&counts), &said), &first, seed);
    }
}

#[test]
fn the_way_may_be_cut_anywhere_and_gone_on_after_a_restart() {
    for seed in 0..SEEDS {
        let mut dice = Dice(seed + 80);
        let said = anything(&mut dice, &account(seed));
        let counts = counts_with_a_new_one(seed, &said);
        let mut tally_now = tally(&counts);
        let (first, last) = tally_now.span().unwrap();
        let (mut engine, mut minute) = (Engine::new(book(&said)), first);
        while minute < last.next() {
            minute = (minute + Minutes(1 + dice.below(500) as i32)).min(last.next());
            engine.advance(&tally_now, minute);
            if dice.below(4) == 0 {
                let learned = engine.learned(&tally_now, &counts[0].0.account).unwrap();
                let learned: Learned = postcard::from_bytes(&postcard::to_allocvec(&learned).unwrap()).unwrap();
                engine = Engine::new(book(&said));
                engine.resume(&mut tally_now, learned);
            }
        }
        engine.settle(&tally_now);
        assert_same(&told_with(&engine, &tally_now, last.next()), &whole(&tally_now, &said), seed);
    }
}

#[test]
fn said_of_another_account_it_changes_nothing() {
    let counts = account(3);
    let mut said = anything(&mut Dice(3), &counts);
    for one in &mut said.expected {
        one.keys.account = Some("999999999999".into());
    }
    for one in &mut said.called {
        one.subject.account = "999999999999".into();
    }
    assert_same(&whole(&tally(&counts), &said), &whole(&tally(&counts), &Said::default()), 3);
    assert!(said.before(&counts[0].0.account, Minute(i32::MAX)).is_silent());
}
