//! What is loaded is what was added.

use detect::tally::{Counted, Tally};
use proptest::prelude::*;
use record::insight::{NoData, Subject};
use record::time::{Minute, Minutes};
use store::attribution_counts::AttributionBatch;

use crate::{START, account, both, in_memory, subject, tally, told};

fn some_calls() -> impl Strategy<Value = Vec<(usize, i32, u32)>> {
    let minute = prop_oneof![0..30i32, 0..20_000i32];
    let calls = prop_oneof![Just(1), 1..300u32, Just(u32::MAX / 2)];
    proptest::collection::vec((0..12usize, minute, calls), 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn load_after_add_is_what_was_added_in_any_cuts_and_order(calls in some_calls(), cuts in proptest::collection::vec(1..40usize, 1..8), turned: bool) {
        let store = in_memory();
        let mut pieces: Vec<&[(usize, i32, u32)]> = Vec::new();
        let (mut rest, mut cut) = (&calls[..], cuts.iter().cycle());
        while !rest.is_empty() {
            let (piece, more) = rest.split_at((*cut.next().unwrap()).min(rest.len()));
            pieces.push(piece);
            rest = more;
        }
        if turned {
            pieces.reverse();
        }
        for piece in pieces {
            store.write(|w| w.add_counts(&tally(piece))).unwrap();
        }
        let loaded = store.read(|r| r.load_tally(Minute(0))).unwrap();
        prop_assert_eq!(told(&loaded), told(&tally(&calls)));

        // One series at a time, and only a part of it.
        let (from, until) = (Minute(START.0 + 7), Minute(START.0 + 9000));
        for (_, counted) in tally(&calls).all_series() {
            let counts = store.read(|r| r.counts(&counted.subject, from, until)).unwrap();
            prop_assert_eq!(counts, counted.counts.within(from, until));
        }
        // All of them at once, summed.
        let sums = |is_wanted: fn(&Subject) -> bool| {
            let mut sums = store.read(|r| r.called(from, until, is_wanted)).unwrap();
            sums.sort();
            sums
        };
        let expected = |is_wanted: fn(&Subject) -> bool| {
            let all = tally(&calls);
            let wanted = all.all_series().filter(|(_, counted)| is_wanted(&counted.subject));
            let sum = |counted: &Counted| counted.counts.within(from, until).iter().map(|pair| u64::from(pair.1)).sum();
            let mut sums: Vec<(Subject, u64)> = wanted.map(|(_, counted)| (counted.subject.clone(), sum(counted))).filter(|one| one.1 > 0).collect();
            sums.sort();
            sums
        };
        for is_wanted in [|_: &Subject| true, |subject: &Subject| subject.error.is_some()] {
            prop_assert_eq!(sums(is_wanted), expected(is_wanted));
        }
        for (_, region) in tally(&calls).all_regions() {
            let activity = store.read(|r| r.activity(&region.account, &region.region, from, until)).unwrap();
            prop_assert_eq!(activity, region.activity.within(from, until));
        }
    }

    #[test]
    fn what_expires_is_whole_days_and_nothing_else(calls in some_calls(), days in 0..16i32) {
        let store = in_memory();
        store.write(|w| w.add_counts(&tally(&calls))).unwrap();
        let before = Minute(START.0 + days * 1440);
        store.write(|w| w.expire_counts(before)).unwrap();
        let kept: Vec<_> = calls.iter().copied().filter(|call| START.0 + call.1 >= before.day_start().0).collect();
        let loaded = store.read(|r| r.load_tally(before.day_start())).unwrap();
        let series = |tally: &Tally| told(tally).into_iter().filter(|line| line.contains("Subject")).map(|line| line.replace(" true ", " ").replace(" false ", " ")).collect::<Vec<_>>();
        prop_assert_eq!(series(&loaded), series(&tally(&kept)));
        prop_assert_eq!(series(&store.read(|r| r.load_tally(Minute(0))).unwrap()), series(&tally(&kept)));
    }
}

#[test]
fn a_start_reads_from_its_minute_on_and_no_earlier() {
    for store in both() {
        store.write(|w| w.add_counts(&tally(&[(0, 0, 1), (0, 10, 2), (2, 3, 4), (0, 3000, 5)]))).unwrap();
        let loaded = store.read(|r| r.load_tally(Minute(START.0 + 10))).unwrap();
        let (_, region) = loaded.all_regions().next().unwrap();
        assert_eq!(region.span(), Some((Minute(START.0 + 10), Minute(START.0 + 3000))));
        let counted = loaded.counted(loaded.find(&subject(0)).unwrap());
        assert_eq!(counted.counts.calls(), 7);
        assert_eq!(loaded.find(&subject(2)).map(|id| loaded.counted(id).counts.calls()), Some(0));
    }
}

#[test]
fn a_region_that_was_watched_and_silent_was_watched() {
    for store in both() {
        let mut silent = Tally::new();
        let region = silent.region(&account(), &"eu-west-1".into());
        silent.watch(region, START, START + Minutes(90));
        store.write(|w| w.add_counts(&silent)).unwrap();
        assert_eq!(told(&store.read(|r| r.load_tally(Minute(0))).unwrap()), told(&silent));
    }
}

#[test]
fn counts_of_times_before_1970_and_of_the_last_ones_are_kept() {
    for store in both() {
        let mut odd = Tally::new();
        for minute in [i32::MIN + 5000, -1441, -1, 0, i32::MAX - 5000] {
            odd.count(&subject(0), Minute(minute), 3, true);
        }
        store.write(|w| w.add_counts(&odd)).unwrap();
        assert_eq!(told(&store.read(|r| r.load_tally(Minute(i32::MIN + 3000))).unwrap()), told(&odd));
    }
}

#[test]
fn whoever_asks_for_all_of_time_is_answered_at_once() {
    for store in both() {
        let batch = tally(&[(0, 5, 2), (0, 9000, 3)]);
        let ever = (Minute(i32::MIN), Minute(i32::MAX));
        let ask =
            || store.read(|r| Ok((r.counts(&subject(0), ever.0, ever.1)?, r.who_called(&subject(0), ever.0, ever.1)?)));
        assert_eq!(ask().unwrap().0, []);
        store
            .write(|w| {
                let counted = w.add_counts(&batch)?;
                let mut who = AttributionBatch::new();
                who.add(batch.find(&subject(0)).unwrap(), START, &[None; 8], 5);
                w.add_attributions(&counted, &who)
            })
            .unwrap();
        let (counts, who) = ask().unwrap();
        assert_eq!(counts.iter().map(|pair| pair.1).sum::<u32>(), 5);
        assert_eq!(who.calls, 5);
        assert_eq!(store.read(|r| r.counts(&subject(0), ever.1, ever.0)).unwrap(), []);
        assert_eq!(store.read(|r| r.who_called(&subject(0), ever.1, ever.0)).unwrap().calls, 0);
    }
}

#[test]
fn series_are_listed_by_their_names() {
    let store = in_memory();
    store.write(|w| w.add_counts(&tally(&[(4, 0, 1), (0, 0, 1), (2, 9000, 1), (1, 0, 1)]))).unwrap();
    let list = |since| store.read(|r| r.subjects(Some(account().as_str()), Some("us-east-1"), since)).unwrap();
    assert_eq!(list(START), [subject(0), subject(2), subject(4)]);
    assert_eq!(list(START + Minutes(8000)), [subject(2)]);
    // Of whichever account, whether or not a log file of it was ever delivered.
    let all = store.read(|r| r.subjects(None, None, START)).unwrap();
    assert!([0, 1, 2, 4].iter().all(|number| all.contains(&subject(*number))) && all.len() == 4, "{all:?}");
    let of = |account, region| store.read(|r| r.subjects(account, region, START)).unwrap();
    assert_eq!(of(Some("999999999999"), None), []);
    assert_eq!(of(None, Some("us-east-1")), list(START));
}

#[test]
fn a_gap_is_told_as_it_stands() {
    for store in both() {
        let gap = |start: i32, end: Option<i32>| NoData {
            account: account(),
            region: "us-east-1".into(),
            start: START + Minutes(start),
            end: end.map(|end| START + Minutes(end)),
            expected: 31.5,
        };
        store.write(|w| w.put_gap(&gap(10, None))).unwrap();
        store.write(|w| w.put_gap(&gap(10, Some(60)))).unwrap();
        store.write(|w| w.put_gap(&gap(90, None))).unwrap();
        let gaps = |from, until| store.read(|r| r.gaps(START + Minutes(from), START + Minutes(until))).unwrap();
        assert_eq!(gaps(0, 1000), [gap(10, Some(60)), gap(90, None)]);
        assert_eq!(gaps(59, 90), [gap(10, Some(60))]);
        assert_eq!(gaps(60, 90), []);
        assert_eq!(gaps(500, 600), [gap(90, None)]);
        assert!(store.write(|w| w.delete_gap(&account(), &"us-east-1".into(), START + Minutes(90))).unwrap());
        assert_eq!(store.write(|w| w.expire_gaps(START + Minutes(61))).unwrap(), 1);
        assert_eq!(gaps(0, 1000), []);
    }
}
