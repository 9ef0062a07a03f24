//! A record is new once.

use std::collections::BTreeSet;

use proptest::prelude::*;
use record::time::Minute;
use store::event_ids::{EventHour, Forgotten};

use crate::{account, at, both, in_memory, log_file};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn an_id_is_new_once_whatever_the_batches(batches in proptest::collection::vec((0..3i32, proptest::collection::vec(0..400u64, 0..60)), 1..40)) {
        let store = in_memory();
        let mut seen: BTreeSet<(i32, u64)> = BTreeSet::new();
        for (hour, ids) in batches {
            let asked = store.read(|r| r.which_ids_are_new(&account(), EventHour(hour), &ids)).unwrap();
            let added = store.write(|w| w.add_event_ids(&account(), EventHour(hour), &ids)).unwrap();
            let expected: Vec<bool> = ids.iter().map(|&id| seen.insert((hour, id))).collect();
            prop_assert_eq!(&added, &expected);
            prop_assert_eq!(asked, expected);
            prop_assert_eq!(store.read(|r| r.event_id_count()).unwrap(), seen.len() as u64);
        }
    }
}

#[test]
fn many_small_batches_and_a_large_one_are_all_known() {
    let store = in_memory();
    let (account, hour) = (account(), EventHour(5));
    let id = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for number in 0..2000 {
        assert_eq!(store.write(|w| w.add_event_ids(&account, hour, &[id(number)])).unwrap(), [true]);
    }
    let ids: Vec<u64> = (0..10_000).map(id).collect();
    let new = store.write(|w| w.add_event_ids(&account, hour, &ids)).unwrap();
    assert!(new.iter().enumerate().all(|(at, new)| *new == (at >= 2000)));
    assert!(store.write(|w| w.add_event_ids(&account, hour, &ids)).unwrap().iter().all(|new| !new));
}

#[test]
fn accounts_and_hours_do_not_know_each_others_ids() {
    for store in both() {
        let add = |account: &str, hour| {
            store.write(|w| w.add_event_ids(&account.into(), EventHour(hour), &[7, 8, 7])).unwrap()
        };
        for (account, hour) in [("1", 5), ("2", 5), ("1", 6), ("1", -6)] {
            assert_eq!(add(account, hour), [true, true, false]);
            assert_eq!(add(account, hour), [false; 3]);
        }
    }
}

#[test]
fn what_is_forgotten_is_whole_hours() {
    for store in both() {
        for hour in 0..5 {
            store.write(|w| w.add_event_ids(&account(), EventHour(hour), &[1])).unwrap();
        }
        let forgotten = || store.read(|r| r.forgotten_event_ids()).unwrap();
        let told = |through, times| Some(Forgotten { before: Minute(2 * 60 + 59), through, times });
        assert_eq!(forgotten(), None);
        store.write(|w| w.expire_event_ids(Minute(2 * 60 + 59))).unwrap();
        assert_eq!(forgotten(), told(0, 1));
        let new: Vec<bool> = (0..5)
            .flat_map(|hour| store.read(|r| r.which_ids_are_new(&account(), EventHour(hour), &[1])).unwrap())
            .collect();
        assert_eq!(new, [true, true, false, false, false]);
        // Whatever a clock told, that was turned back.
        store.write(|w| w.mark_counted(3, [(&log_file(1), 1)], at(0))).unwrap();
        store.write(|w| w.expire_event_ids(Minute(60))).unwrap();
        assert_eq!(forgotten(), told(3, 2));
    }
}
