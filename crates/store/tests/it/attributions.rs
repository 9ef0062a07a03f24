//! Who called: sums are exact, memory and disk are bounded.

use detect::attribution::{Contributions, ValueCounts, Values};
use detect::tally::Tally;
use proptest::prelude::*;
use record::insight::{Attribute, InsightType};
use record::time::{Minute, Minutes};
use store::attribution_counts::{AttributionBatch, KEPT, WhoCalled};
use store::{Store, StoreError};

use crate::{START, both, in_memory, subject};

/// Minute, caller, agent, calls.
type Call = (i32, u32, Option<u32>, u64);

fn add(store: &Store, calls: &[Call]) {
    let (mut tally, mut batch) = (Tally::new(), AttributionBatch::new());
    let series = tally.series(&subject(0));
    for &(minute, caller, agent, count) in calls {
        let minute = START + Minutes(minute);
        tally.add(series, minute, count as u32);
        let (caller, agent) = (format!("role/{caller}"), agent.map(|agent| format!("agent {agent}")));
        let values: Values<'_> = [Some(&caller), agent.as_deref(), None, None, None, None, None, None];
        batch.add(series, minute, &values, count);
    }
    store
        .write(|w| {
            let counted = w.add_counts(&tally)?;
            w.add_attributions(&counted, &batch)
        })
        .unwrap();
}

fn asked(store: &Store, from: i32, until: i32) -> WhoCalled {
    store.read(|r| r.who_called(&subject(0), START + Minutes(from), START + Minutes(until))).unwrap()
}

/// Of some attribute: all calls are of a value, of none, or of others.
fn sum(who: &WhoCalled, attribute: Attribute) -> u64 {
    let heaviest = who.of(attribute);
    heaviest.values().iter().map(|value| value.1).sum::<u64>() + heaviest.without + heaviest.other
}

fn some_calls(callers: u32) -> impl Strategy<Value = Vec<Call>> {
    let call = (0..400i32, 0..callers, proptest::option::of(0..callers), 1..20u64);
    proptest::collection::vec(call, 0..150)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn few_callers_are_told_exactly_however_cut_and_put_together(calls in some_calls(30), cut in 1..50usize, coarse in 0..500i32) {
        let store = in_memory();
        for piece in calls.chunks(cut) {
            add(&store, piece);
        }
        while store.write(|w| w.coarsen_attributions(START + Minutes(coarse))).unwrap() {}
        let who = asked(&store, 0, 400);
        let mut expected = WhoCalled::default();
        for &(_, caller, agent, count) in &calls {
            let (caller, agent) = (format!("role/{caller}"), agent.map(|agent| format!("agent {agent}")));
            expected.add(&[Some(&caller), agent.as_deref(), None, None, None, None, None, None], count);
        }
        prop_assert_eq!(who, expected);
    }

    #[test]
    fn many_callers_are_told_within_what_was_missed(calls in some_calls(400), cut in 1..50usize) {
        let store = in_memory();
        let crowded: Vec<Call> = calls.into_iter().map(|call| (call.0 % 5, call.1, call.2, call.3)).collect();
        for piece in crowded.chunks(cut) {
            add(&store, piece);
        }
        let who = asked(&store, 0, 5);
        let all: u64 = crowded.iter().map(|call| call.3).sum();
        prop_assert_eq!(who.calls, all);
        for attribute in Attribute::ALL {
            prop_assert_eq!(sum(&who, attribute), all);
        }
        let callers = who.of(Attribute::UserIdentityArn);
        prop_assert!(callers.values().len() <= KEPT * 2, "two stretches at most");
        for number in 0..400 {
            let truth: u64 = crowded.iter().filter(|call| call.1 == number).map(|call| call.3).sum();
            let name = format!("role/{number}");
            let told = callers.values().iter().find(|value| value.0 == name).map_or(0, |value| value.1);
            prop_assert!(told <= truth && truth <= told + callers.missed, "{} is {} of {}", name, told, truth);
        }
    }
}

#[test]
fn the_minutes_of_an_insight_are_not_told_as_those_before_it() {
    for store in both() {
        let start = START.hour_start() - START; // some minutes back
        add(&store, &[(start.0 + 60 + 22, 1, None, 5), (start.0 + 60 + 31, 2, None, 7)]);
        let names = |from: i32, until: i32| -> Vec<String> {
            let who = asked(&store, start.0 + 60 + from, start.0 + 60 + until);
            who.of(Attribute::UserIdentityArn).values().iter().map(|value| value.0.to_owned()).collect()
        };
        assert_eq!(names(0, 30), ["role/1"]);
        assert_eq!(names(30, 60), ["role/2"]);
        assert_eq!(names(33, 34), ["role/2"]);
        while store.write(|w| w.coarsen_attributions(START + Minutes(500))).unwrap() {}
        assert_eq!(names(30, 60), ["role/2", "role/1"]);
        assert_eq!(names(60, 90), [""; 0]);
    }
}

#[test]
fn an_attacker_fills_neither_memory_nor_disk() {
    for store in both() {
        let long = "é".repeat(100_000);
        for batch in 0..20 {
            let calls: Vec<Call> = (0..1000).map(|n| (batch % 5, batch as u32 * 1000 + n, Some(n), 1)).collect();
            add(&store, &calls);
        }
        assert!(store.read(|r| r.attribution_count()).unwrap() <= 2 * 2 * KEPT as u64);
        let mut who = WhoCalled::default();
        who.add(&[Some(&long), None, None, None, None, None, None, None], 1);
        assert_eq!(who.of(Attribute::UserIdentityArn).values()[0].0.len(), 512);
    }
}

#[test]
fn beyond_the_limit_the_least_used_are_given_up_first() {
    for store in both() {
        for minute in 0..10 {
            add(&store, &[(minute * 5, 1, Some(1), 10 + minute as u64), (minute * 5, 2, Some(2), 1)]);
        }
        assert_eq!(store.read(|r| r.attribution_count()).unwrap(), 40);
        assert_eq!(store.write(|w| w.limit_attributions(40)).unwrap(), 0);
        assert_eq!(store.write(|w| w.limit_attributions(30)).unwrap(), 3);
        assert_eq!(store.read(|r| r.attribution_count()).unwrap(), 28);
        assert_eq!(asked(&store, 0, 15).calls, 0);
        assert_eq!(asked(&store, 15, 20).calls, 14);
        assert_eq!(store.write(|w| w.expire_attributions(START + Minutes(1000))).unwrap(), 7);
        assert_eq!(store.read(|r| r.attribution_count()).unwrap(), 0);
    }
}

#[test]
fn what_is_kept_goes_into_contributions_and_the_rest_is_other() {
    let mut who = WhoCalled::default();
    who.add(&[Some("role/a"), None, None, None, None, None, None, None], 9);
    for number in 0..200 {
        who.add(&[Some(&format!("role/{number}")), Some("sdk"), None, None, None, None, None, None], 1);
    }
    let insight = ValueCounts::from(&who);
    let told = Contributions { insight, ..Contributions::default() }.attributions(InsightType::ApiErrorRateInsight);
    assert_eq!((&*told[0].insight[0].value, told[0].insight[0].calls), ("role/a", 9));
    assert_eq!(told[0].insight.iter().map(|share| share.calls).sum::<u64>() + told[0].insight_other, 209);
    let agents: Vec<_> = told[1].insight.iter().map(|share| (&*share.value, share.calls)).collect();
    assert_eq!(agents, [("sdk", 200), ("null", 9)]);
}

#[test]
fn attributions_without_counts_are_a_mistake_that_is_told() {
    for store in both() {
        let (mut tally, mut batch) = (Tally::new(), AttributionBatch::new());
        let series = tally.series(&subject(0));
        batch.add(series, Minute(0), &[None; 8], 1);
        let told = store.write(|w| w.add_attributions(&w.add_counts(&tally)?, &batch));
        assert!(matches!(told, Err(StoreError::NotThere { .. })));
    }
}
