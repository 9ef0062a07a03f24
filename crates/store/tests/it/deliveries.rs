//! The outbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use route::retry::{Failure, GiveUp, Next};
use store::deliveries::{AtOnce, Delivery, DeliveryId, DeliveryList, DeliveryState, NewDelivery};
use store::{Store, StoreError};

use crate::{at, both};

fn of(target: &str, in_order: Option<&str>, due: i64) -> NewDelivery {
    NewDelivery {
        kind: "rule-target".into(),
        target: target.into(),
        in_order: in_order.map(str::to_owned),
        payload: format!("to {target}").into_bytes(),
        due_at: at(due),
    }
}

fn add(store: &Store, target: &str, in_order: Option<&str>, due: i64) -> DeliveryId {
    store.write(|w| w.add_delivery(&of(target, in_order, due), at(0))).unwrap()
}

fn take(store: &Store, now: i64, limit: usize) -> Vec<DeliveryId> {
    let taken = store
        .write(|w| w.take_due(at(now), at(now + 60), AtOnce { all: limit, per_target: limit, per_kind: limit }))
        .unwrap();
    taken.into_iter().map(|one| one.id).collect()
}

fn get(store: &Store, id: DeliveryId) -> Delivery {
    store.read(|r| r.delivery(id)).unwrap().unwrap()
}

#[test]
fn who_delivers_is_woken_by_what_is_kept_and_only_by_that() {
    for store in both() {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        store.when_there_is_to_deliver(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        add(&store, "a", None, 0);
        assert_eq!(woken.load(Ordering::Relaxed), 1);
        take(&store, 1, 10);
        let called_off = store.write(|w| {
            w.add_delivery(&of("b", None, 0), at(0))?;
            Err::<(), _>(StoreError::CalledOff { part: "a whim".into() })
        });
        assert!(called_off.is_err());
        assert_eq!(woken.load(Ordering::Relaxed), 1, "nothing new is kept");
        store
            .write_through(|w| w.add_delivery(&of("b", None, 0), at(0)).map(drop))
            .unwrap_or_else(|error: StoreError| panic!("{error}"));
        assert_eq!(woken.load(Ordering::Relaxed), 2);
    }
}

#[test]
fn what_is_due_is_taken_once_the_longest_due_first() {
    for store in both() {
        let (late, soon, first) = (add(&store, "a", None, 50), add(&store, "a", None, 10), add(&store, "b", None, 5));
        assert_eq!(take(&store, 4, 10), []);
        assert_eq!(store.read(|r| r.next_due_at(at(4))).unwrap(), Some(at(5)));
        assert_eq!(take(&store, 20, 10), [first, soon]);
        assert_eq!(take(&store, 20, 10), []);
        assert_eq!(store.read(|r| r.next_due_at(at(20))).unwrap(), Some(at(50)));
        assert_eq!(take(&store, 50, 10), [late]);
        // Whoever took them is gone.
        assert_eq!(take(&store, 80, 10), [first, soon]);
        assert_eq!(store.write(|w| w.release_taken()).unwrap(), 3);
        assert_eq!(take(&store, 81, 2), [first, soon]);
        assert_eq!(get(&store, first).first_attempt_at, Some(at(20)));
    }
}

#[test]
fn an_end_waits_for_its_start_until_that_is_over() {
    for (over, store) in both().into_iter().flat_map(|store| [(true, store)]).chain(both().map(|store| (false, store)))
    {
        let (start, other) = (add(&store, "a", Some("insight-1"), 0), add(&store, "a", Some("insight-2"), 0));
        let end = add(&store, "a", Some("insight-1"), 0);
        assert_eq!(take(&store, 1, 10), [start, other]);
        assert_eq!(take(&store, 100, 10), [start, other]);
        let again = |now: i64, next| {
            store.write(|w| w.attempt_failed(start, Failure::Timeout, "no answer", next, at(now))).unwrap();
        };
        again(101, Next::At(at(500)));
        assert_eq!(take(&store, 400, 10), [other]);
        assert_eq!(take(&store, 500, 10), [other, start]);
        match over {
            true => store.write(|w| w.delivered(start, "200", at(501))).unwrap(),
            false => again(501, Next::GiveUp(GiveUp::MaximumRetryAttempts)),
        }
        assert_eq!(take(&store, 501, 10), [end]);
    }
}

#[test]
fn what_is_postponed_is_not_due_before_and_was_not_attempted() {
    for store in both() {
        let id = add(&store, "a", None, 0);
        assert_eq!(take(&store, 1, 10), [id]);
        store.write(|w| w.postpone_delivery(id, "waits for its turn", at(30), at(1))).unwrap();
        assert_eq!(take(&store, 29, 10), []);
        let waiting = get(&store, id);
        assert_eq!((waiting.state, waiting.attempts), (DeliveryState::Waiting, 0));
        assert_eq!(waiting.last_error.as_deref(), Some("waits for its turn"));
        assert_eq!(take(&store, 30, 10), [id]);
        store.write(|w| w.delivered(id, "200", at(31))).unwrap();
        assert!(store.write(|w| w.postpone_delivery(id, "too late", at(60), at(32))).is_err());
    }
}

#[test]
fn one_target_that_hangs_holds_up_no_other() {
    for store in both() {
        let slow: Vec<_> = (0..50).map(|_| add(&store, "slow", None, 0)).collect();
        let quick = add(&store, "quick", None, 1);
        let take = |now| {
            let taken = store
                .write(|w| w.take_due(at(now), at(now + 60), AtOnce { all: 10, per_target: 3, per_kind: 10 }))
                .unwrap();
            taken.into_iter().map(|one| one.id).collect::<Vec<_>>()
        };
        assert_eq!(take(2), [slow[0], slow[1], slow[2], quick]);
        assert_eq!(take(3), []);
        store.write(|w| w.delivered(slow[1], "ok", at(4))).unwrap();
        assert_eq!(take(4), [slow[3]]);
    }
}

#[test]
fn a_long_backlog_of_one_target_holds_up_no_other_and_changes_no_order() {
    for store in both() {
        let slow: Vec<_> = (0..200).map(|_| add(&store, "slow", None, 0)).collect();
        let (later, first) = (add(&store, "b", None, 3), add(&store, "c", None, 2));
        let (start, end) = (add(&store, "a", Some("insight"), 4), add(&store, "a", Some("insight"), 4));
        let take = |now, limit| {
            let taken = store
                .write(|w| w.take_due(at(now), at(now + 60), AtOnce { all: limit, per_target: 3, per_kind: 9 }))
                .unwrap();
            taken.into_iter().map(|one| one.id).collect::<Vec<_>>()
        };
        assert_eq!(take(1, 4), slow[..3]);
        assert_eq!(take(9, 4), [first, later, start]);
        store.write(|w| w.delivered(start, "ok", at(9))).unwrap();
        assert_eq!(take(9, 4), [end]);
        store.write(|w| w.delivered(slow[0], "ok", at(9))).unwrap();
        assert_eq!(take(9, 4), [slow[3]]);
    }
}

#[test]
fn one_kind_that_hangs_holds_up_no_other_however_much_of_it_waits() {
    for (store, mails) in both().into_iter().zip([4, 200]) {
        let mail = |number: usize| NewDelivery { kind: "mail".into(), ..of(&format!("mail {number}"), None, 0) };
        let add_mail = |number| store.write(|w| w.add_delivery(&mail(number), at(0))).unwrap();
        let mails: Vec<_> = (0..mails).map(add_mail).collect();
        let hook = add(&store, "hook", None, 1);
        let take = |now, all| {
            let at_once = AtOnce { all, per_target: 8, per_kind: 3 };
            let taken = store.write(|w| w.take_due(at(now), at(now + 60), at_once)).unwrap();
            taken.into_iter().map(|one| one.id).collect::<Vec<_>>()
        };
        assert_eq!(take(2, 2), mails[..2]);
        assert_eq!(take(2, 9), [mails[2], hook]);
        assert_eq!(take(2, 9), []);
    }
}

#[test]
fn the_life_of_a_delivery() {
    for store in both() {
        let id = add(&store, "a", None, 0);
        take(&store, 1, 1);
        let fail = |failure, next, now| store.write(|w| w.attempt_failed(id, failure, "it says no", next, at(now)));
        fail(Failure::Throttling, Next::At(at(10)), 2).unwrap();
        fail(Failure::FunctionError, Next::At(at(20)), 11).unwrap();
        let waiting = get(&store, id);
        assert_eq!((waiting.attempts, waiting.runs, waiting.state), (2, 1, DeliveryState::Waiting));
        assert_eq!((waiting.next_attempt_at, waiting.taken_until), (at(20), None));
        assert_eq!(waiting.last_error.as_deref(), Some("it says no"));

        fail(Failure::NoResource, Next::GiveUp(GiveUp::NotRetried), 21).unwrap();
        let dead = DeliveryList { state: Some(DeliveryState::Dead), ..DeliveryList::default() };
        let listed = store.read(|r| r.deliveries(&dead, 10)).unwrap();
        assert_eq!(listed, [get(&store, id)]);
        assert_eq!((listed[0].outcome.as_deref(), &*listed[0].payload), (Some("NotRetried"), &b"to a"[..]));
        assert_eq!(take(&store, 9999, 10), []);

        // What is over is not over twice; what is dead can be played again.
        assert!(matches!(store.write(|w| w.delivered(id, "ok", at(22))), Err(StoreError::NotThere { .. })));
        store.write(|w| w.replay_delivery(id, at(30))).unwrap();
        let replayed = get(&store, id);
        assert_eq!((replayed.attempts, replayed.runs, replayed.first_attempt_at), (0, 0, None));
        assert_eq!(take(&store, 30, 10), [id]);
        store.write(|w| w.delivered(id, "200 OK", at(31))).unwrap();
        let done = get(&store, id);
        assert_eq!((done.state, done.outcome.as_deref(), done.payload.len()), (DeliveryState::Done, Some("200 OK"), 0));
        assert!(matches!(store.write(|w| w.replay_delivery(id, at(32))), Err(StoreError::NotThere { .. })));

        assert_eq!(store.write(|w| w.expire_deliveries(DeliveryState::Done, at(31))).unwrap(), 0);
        assert_eq!(store.write(|w| w.expire_deliveries(DeliveryState::Waiting, Timestamp::MAX)).unwrap(), 0);
        assert_eq!(store.write(|w| w.expire_deliveries(DeliveryState::Done, at(32))).unwrap(), 1);
        assert_eq!(store.read(|r| r.delivery(id)).unwrap(), None);
    }
}

#[test]
fn the_backlog_is_by_kind_and_state_and_lists_are_in_pages() {
    for store in both() {
        let ids: Vec<_> = (0..10).map(|number| add(&store, ["a", "b"][number % 2], None, 0)).collect();
        store.write(|w| w.delivered(ids[0], "ok", at(1))).unwrap();
        assert_eq!(store.write(|w| w.drop_deliveries("b", at(2))).unwrap(), 5);
        let counts = store.read(|r| r.delivery_backlog()).unwrap();
        let counts: Vec<_> = counts.into_iter().map(|one| (one.state, one.count, one.oldest)).collect();
        assert_eq!(counts, [(DeliveryState::Waiting, 4, at(0)), (DeliveryState::Dead, 5, at(0))]);

        let mut of_b = DeliveryList { target: Some("b".into()), ..DeliveryList::default() };
        let mut listed = Vec::new();
        loop {
            let page = store.read(|r| r.deliveries(&of_b, 2)).unwrap();
            let Some(last) = page.last() else { break };
            of_b.before = Some(last.id);
            listed.extend(page.into_iter().map(|one| one.id));
        }
        assert_eq!(listed, [ids[9], ids[7], ids[5], ids[3], ids[1]]);
    }
}

#[test]
fn what_fails_is_told_by_target_with_all_that_waits_there() {
    for store in both() {
        let failed =
            |id, next| store.write(|w| w.attempt_failed(id, Failure::Timeout, "no answer", next, at(1))).unwrap();
        let (again, never) = (Next::At(at(60)), Next::GiveUp(GiveUp::NotRetried));
        let gone: Vec<_> = (0..3).map(|_| add(&store, "gone", Some("one after the other"), 0)).collect();
        let [good, slow, late] = ["good", "slow", "late"].map(|target| add(&store, target, None, 0));
        failed(gone[0], never);
        failed(gone[1], again);
        failed(slow, again);
        store.write(|w| w.delivered(good, "ok", at(1))).unwrap();
        // It was not tried: nothing has failed.
        store.write(|w| w.postpone_delivery(late, "waits for its turn", at(60), at(1))).unwrap();
        let failing = |limit| {
            let told = store.read(|r| r.failing_targets(limit)).unwrap();
            let newest = told.newest.into_iter().map(|one| (one.newest.id, one.waiting, one.dead));
            (told.targets, newest.collect::<Vec<_>>())
        };
        assert_eq!(failing(5), (2, vec![(slow, 1, 0), (gone[1], 2, 1)]));
        assert_eq!(failing(1), (2, vec![(slow, 1, 0)]));
    }
}

#[test]
fn nothing_waits_for_a_moment_that_a_clock_named_before_it_was_turned_back() {
    let hour = SignedDuration::from_hours(1);
    for store in both() {
        let (added, failed, early) = (add(&store, "a", None, 0), add(&store, "a", None, 0), add(&store, "a", None, 0));
        assert_eq!(take(&store, 90_000, 1), [added]);
        store.write(|w| w.postpone_delivery(early, "early", at(500), at(5))).unwrap();
        let again = Next::At(at(90_120));
        store.write(|w| w.attempt_failed(failed, Failure::Timeout, "no answer", again, at(90_000))).unwrap();
        // The clock is right again: what was put off before it was wrong stays so.
        assert_eq!(store.write(|w| w.heed_clock(at(10), hour)).unwrap(), 1);
        assert_eq!(take(&store, 10, 10), [failed]);
        assert_eq!(get(&store, added).taken_until, Some(at(10) + hour));
        assert_eq!(store.write(|w| w.heed_clock(at(10), hour)).unwrap(), 0);
    }
}
