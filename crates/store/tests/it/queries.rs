//! Queries: taken in the order of their starts, ended once, listed the newest first.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use store::queries::{Query, QueryDetails, QueryList, QueryState};

use crate::{at, both};

fn query(number: i64, stores: &[&str]) -> Query {
    let details = QueryDetails {
        statement: format!("SELECT {number}"),
        stores: stores.iter().map(|store| ("events".to_owned(), (*store).to_owned())).collect(),
        ..QueryDetails::default()
    };
    Query {
        id: format!("00000000-0000-4000-8000-{number:012}"),
        account: "123456789012".into(),
        region: "us-east-1".into(),
        created_at: at(number),
        state: QueryState::Queued,
        is_delivering: false,
        details,
    }
}

fn ids(queries: &[(u64, Query)]) -> Vec<String> {
    queries.iter().map(|(_, query)| query.details.statement.clone()).collect()
}

#[test]
fn queries_are_taken_in_the_order_of_their_starts_and_each_once() {
    for store in both() {
        for number in [1, 2] {
            store.write(|w| w.add_query(&query(number, &["a"]))).unwrap();
        }
        let take = || store.write(|w| w.take_query(at(10))).unwrap();
        let first = take().unwrap();
        assert_eq!((first.state, &*first.details.statement), (QueryState::Running, "SELECT 1"));
        assert_eq!(store.read(|r| r.query(&first.id)).unwrap().unwrap(), first, "it is kept as it was taken");
        assert_eq!(take().unwrap().details.statement, "SELECT 2");
        assert_eq!(take(), None);
        assert_eq!(store.read(|r| r.queries_under_way(&"123456789012".into())).unwrap(), 2);
        assert_eq!(store.read(|r| r.queries_under_way(&"210987654321".into())).unwrap(), 0);
        assert_eq!(store.read(|r| r.queries_at_work()).unwrap().len(), 2);
    }
}

#[test]
fn what_has_ended_is_not_ended_again() {
    for store in both() {
        store.write(|w| w.add_query(&query(1, &[]))).unwrap();
        let running = store.write(|w| w.take_query(at(2))).unwrap().unwrap();
        let ended = |state| Query { state, ..running.clone() };
        let change = |state| store.write(|w| w.change_query(&ended(state), QueryState::Running)).unwrap();
        assert!(change(QueryState::Cancelled));
        assert!(!change(QueryState::Finished));
        assert_eq!(store.read(|r| r.query(&running.id)).unwrap().unwrap().state, QueryState::Cancelled);
        assert_eq!(store.read(|r| r.queries_before(at(2), 10)).unwrap(), [&*running.id]);
        store.write(|w| w.delete_query(&running.id)).unwrap();
        assert_eq!(store.read(|r| r.query(&running.id)).unwrap(), None);
    }
}

#[test]
fn queries_of_a_store_are_listed_the_newest_first_and_page_by_page() {
    for store in both() {
        for (number, stores) in [(1, &["a"][..]), (2, &["b"]), (3, &["a", "b"]), (4, &["a", "a"])] {
            store.write(|w| w.add_query(&query(number, stores))).unwrap();
        }
        let list = |list: QueryList| store.read(|r| r.queries(&list)).unwrap();
        let of = |name: &str| QueryList { store: Some(name.into()), limit: 10, ..QueryList::default() };
        assert_eq!(ids(&list(of("a"))), ["SELECT 4", "SELECT 3", "SELECT 1"]);
        assert_eq!(ids(&list(QueryList { limit: 10, ..QueryList::default() })).len(), 4);
        assert_eq!(ids(&list(QueryList { from: Some(at(3)), to: Some(at(3)), ..of("a") })), ["SELECT 3"]);
        assert_eq!(ids(&list(QueryList { account: Some("210987654321".into()), ..of("a") })).len(), 0);
        assert_eq!(ids(&list(QueryList { state: Some(QueryState::Failed), ..of("a") })).len(), 0);
        let first = list(QueryList { limit: 1, ..of("b") });
        let second = list(QueryList { before: Some(first[0].0), limit: 1, ..of("b") });
        assert_eq!([ids(&first), ids(&second)], [["SELECT 3"], ["SELECT 2"]]);
        assert_eq!(list(QueryList { before: Some(second[0].0), ..of("b") }), []);
    }
}

#[test]
fn whoever_runs_queries_is_woken_by_what_is_kept_and_by_nothing_else() {
    for store in both() {
        let woken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&woken);
        store.when_queries_change(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        store.write(|w| w.add_query(&query(1, &["a"]))).unwrap();
        assert_eq!(woken.load(Ordering::Relaxed), 1);
        store.write(|w| w.set_tags("arn", &[("a".to_owned(), "b".to_owned())].into())).unwrap();
        assert!(store.write(|w| w.add_query(&query(1, &["a"]))).is_err(), "its id is taken");
        assert_eq!(woken.load(Ordering::Relaxed), 1);
        let cancelled = Query { state: QueryState::Cancelled, ..query(1, &["a"]) };
        store.write(|w| w.change_query(&cancelled, QueryState::Queued)).unwrap();
        assert_eq!(woken.load(Ordering::Relaxed), 2);
    }
}
