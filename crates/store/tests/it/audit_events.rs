//! Audit events: each waits once, in the order of its coming, until it is forgotten; what comes again is known for a while.

use record::event_id::EventId;
use store::audit_events::{AuditEvent, Waiting};
use store::{Options, Store};

use crate::{at, both};

fn add(store: &Store, above: u64, events: &[(u128, &str)], seconds: i64) -> usize {
    let events = events.iter().map(|(id, record)| (EventId(*id), *record));
    store.write(|w| w.add_audit_events(above, events, at(seconds))).expect("there is room")
}

fn forget(store: &Store, through: u64) -> usize {
    store.write(|w| w.forget_audit_events(through)).expect("there is room")
}

fn after(store: &Store, number: u64, most: usize, most_bytes: usize) -> Vec<(u64, String)> {
    let events = store.read(|r| r.audit_events_after(number, most, most_bytes)).expect("it reads");
    events.into_iter().map(|AuditEvent { number, record, .. }| (number, record)).collect()
}

fn waiting(store: &Store) -> Waiting {
    store.read(|r| r.audit_events_waiting()).expect("it reads")
}

fn events(events: &[(u64, &str)]) -> Vec<(u64, String)> {
    events.iter().map(|(number, record)| (*number, (*record).to_owned())).collect()
}

#[test]
fn events_wait_in_the_order_of_their_coming_and_what_comes_again_is_there_once() {
    for store in both() {
        assert_eq!(add(&store, 0, &[(1, "a"), (2, "bb"), (1, "a")], 0), 2);
        assert_eq!(add(&store, 0, &[(2, "bb"), (3, "cccc")], 1), 1);
        assert_eq!(after(&store, 0, 9, 99), events(&[(1, "a"), (2, "bb"), (3, "cccc")]));
        assert_eq!(after(&store, 1, 1, 99), events(&[(2, "bb")]));
        assert_eq!(after(&store, 0, 9, 3), events(&[(1, "a"), (2, "bb")]));
        assert_eq!(after(&store, 2, 9, 1), events(&[(3, "cccc")]), "one at least, however large");
        assert_eq!(forget(&store, 2), 2);
        assert_eq!(add(&store, 0, &[(1, "a"), (4, "d")], 2), 1, "it is known though it does not wait any more");
        assert_eq!(after(&store, 0, 9, 99), events(&[(3, "cccc"), (4, "d")]));
    }
}

#[test]
fn how_much_waits_is_known_in_bytes_whatever_came_and_went() {
    for store in both() {
        assert_eq!(waiting(&store), Waiting::default());
        add(&store, 0, &[(1, "ä"), (2, "bb")], 5);
        add(&store, 0, &[(3, "ccc")], 6);
        assert_eq!(waiting(&store), Waiting { bytes: 7, oldest_at: Some(at(5)) });
        forget(&store, 1);
        assert_eq!(waiting(&store), Waiting { bytes: 5, oldest_at: Some(at(5)) });
        forget(&store, 3);
        assert_eq!(waiting(&store), Waiting::default());
        add(&store, 0, &[(4, "dddd")], 7);
        assert_eq!(waiting(&store), Waiting { bytes: 4, oldest_at: Some(at(7)) });
    }
}

#[test]
fn numbers_are_never_given_again_and_are_above_those_that_the_lake_has() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("state.db");
    let store = Store::open(&path, &Options::default()).expect("it opens");
    add(&store, 0, &[(1, "a"), (2, "b")], 0);
    forget(&store, 2);
    drop(store);
    let store = Store::open(&path, &Options::default()).expect("it opens");
    add(&store, 0, &[(3, "c")], 0);
    assert_eq!(after(&store, 0, 9, 99), events(&[(3, "c")]));
    // The lake has more than this database knows of: it was restored.
    add(&store, 40, &[(4, "d")], 0);
    add(&store, 7, &[(5, "e")], 0);
    assert_eq!(after(&store, 0, 9, 99), events(&[(3, "c"), (41, "d"), (42, "e")]));
}

#[test]
fn ids_are_forgotten_by_age_and_by_number() {
    for store in both() {
        let expire =
            |seconds, most| store.write(|w| w.expire_audit_event_ids(at(seconds), most)).expect("there is room");
        assert_eq!(expire(0, 10), 0);
        for id in 1..=6 {
            add(&store, 0, &[(id, "x")], id as i64);
        }
        assert_eq!(expire(3, 10), 2, "those of before");
        assert_eq!(expire(3, 2), 2, "all but the last two");
        assert_eq!(add(&store, 0, &[(1, "x"), (4, "x"), (5, "x"), (6, "x")], 9), 2);
        assert_eq!(expire(100, 10), 4);
    }
}
