//! Queries: started, told of, read, cancelled, delivered; run two at a time, in the order of their starts.

use std::sync::mpsc::{SyncSender, sync_channel};

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::http::FrontDoor;
use server::work::run_queries;
use server::world::lake::QueryFaultKind;
use store::queries::QueryState;

use crate::cloudtrail::{code, refused, told};
use crate::door::{Answering, Door};
use crate::event_data_stores::made;

mod delivered;
mod handed_out;
mod views;

const STATEMENT: &str = "SELECT eventTime, eventName FROM events";

fn start(door: &impl Answering, statement: &str) -> String {
    let started = told(door, "StartQuery", json!({ "QueryStatement": statement }));
    started["QueryId"].as_str().expect("it is told").to_owned()
}

fn described(door: &impl Answering, id: &str) -> Value {
    told(door, "DescribeQuery", json!({ "QueryId": id }))
}

fn status(door: &impl Answering, id: &str) -> String {
    described(door, id)["QueryStatus"].as_str().expect("it is told").to_owned()
}

fn results(door: &impl Answering, id: &str) -> Value {
    told(door, "GetQueryResults", json!({ "QueryId": id }))
}

fn cancel(door: &impl Answering, id: &str) -> Value {
    told(door, "CancelQuery", json!({ "QueryId": id }))
}

/// Runs queries while the test goes on.
fn running(door: Door, test: impl FnOnce(&FrontDoor, SyncSender<()>)) -> FrontDoor {
    let front = door.into_front_door();
    let door = &front;
    let (stop, stopped) = sync_channel(1);
    std::thread::scope(|threads| {
        let runner = threads.spawn(move || run_queries(door, &stopped));
        test(door, stop);
        runner.join().expect("it does not break down").expect("the store is well");
    });
    front
}

/// Waits until a query has come so far.
fn until(door: &impl Answering, id: &str, state: &str) {
    while status(door, id) != state {
        std::thread::yield_now();
    }
}

#[test]
fn a_query_is_run_and_its_rows_are_read_page_by_page() {
    let door = Door::default();
    let lake = door.lake.clone();
    let row = |name: &'static str| [("eventTime", "2026-02-12 14:30:00.000"), ("eventName", name), ("errorCode", "")];
    lake.answer(&[&row("a"), &row("b"), &row("c")]);
    running(door, |door, _stop| {
        let id = start(door, STATEMENT);
        until(door, &id, "FINISHED");
        let told_of = described(door, &id);
        assert_eq!(told_of["QueryString"], STATEMENT);
        assert_eq!(
            told_of["QueryStatistics"],
            json!({ "EventsMatched": 2, "EventsScanned": 20, "BytesScanned": 200, "ExecutionTimeInMillis": 0,
                "CreationTime": door.world.clock.now().as_second() })
        );
        let all = results(door, &id);
        assert_eq!(all["QueryStatus"], "FINISHED");
        let statistics = json!({ "ResultsCount": 3, "TotalResultsCount": 3, "BytesScanned": 200 });
        assert_eq!(all["QueryStatistics"], statistics);
        let first = json!([{ "eventTime": "2026-02-12 14:30:00.000" }, { "eventName": "a" }, { "errorCode": "" }]);
        assert_eq!(all["QueryResultRows"][0], first, "a row is a list of maps, and NULL an empty text");
        assert_eq!(all["NextToken"], Value::Null);
        let mut page = json!({ "QueryId": id, "MaxQueryResults": 2 });
        let two = told(door, "GetQueryResults", page.clone());
        assert_eq!(two["QueryStatistics"]["ResultsCount"], 2);
        page["NextToken"] = two["NextToken"].clone();
        let one = told(door, "GetQueryResults", page.clone());
        assert_eq!((&one["QueryResultRows"][0][1]["eventName"], &one["NextToken"]), (&json!("c"), &Value::Null));
        let other = start(door, STATEMENT);
        until(door, &other, "FINISHED");
        page["QueryId"] = json!(other);
        assert_eq!(code(door, "GetQueryResults", page.clone()), "InvalidNextTokenException", "it is another query's");
        page["NextToken"] = json!("hats");
        assert_eq!(code(door, "GetQueryResults", page), "InvalidNextTokenException");
    });
}

#[test]
fn log_files_are_asked_beside_stores_or_alone_in_buckets_that_are_held_or_linked() {
    let door = Door::default();
    let lake = door.lake.clone();
    running(door, |door, _stop| {
        for statement in
            ["SELECT 1 FROM s3://linked-logs/AWSLogs/", "SELECT 1 FROM events UNION SELECT 1 FROM s3://held"]
        {
            let id = start(door, statement);
            until(door, &id, "FINISHED");
        }
        let views = lake.begun(2).into_iter().map(|query| query.views.len());
        assert_eq!(views.collect::<Vec<_>>(), [0, 1], "log files are no store");
        let input = json!({ "QueryStatement": "SELECT 1 FROM s3://no-such-bucket/AWSLogs/" });
        let (code, why) = refused(door, "StartQuery", input);
        assert_eq!(code, "InvalidQueryStatementException");
        assert_eq!(
            why,
            "This service neither holds nor links a bucket `no-such-bucket`, which is named at Line: 1, Column: 15. Log files that lie \
             elsewhere are read once their bucket or folder is linked: trailsight buckets link no-such-bucket --url …"
        );
    });
}

#[test]
fn while_a_query_runs_its_results_are_told_to_be_on_their_way() {
    let door = Door::default();
    let lake = door.lake.clone();
    lake.hold();
    running(door, |door, _stop| {
        let id = start(door, STATEMENT);
        lake.begun(1);
        assert_eq!(status(door, &id), "RUNNING");
        assert_eq!(described(door, &id)["QueryStatistics"]["EventsScanned"], 10, "it is told how far it is");
        let none = json!({ "QueryStatus": "RUNNING", "QueryResultRows": [],
            "QueryStatistics": { "ResultsCount": 0, "TotalResultsCount": 0, "BytesScanned": 100 } });
        assert_eq!(results(door, &id), none);
        lake.let_go();
        until(door, &id, "FINISHED");
    });
}

#[test]
fn two_run_at_once_ten_may_wait_and_the_first_started_is_the_first_run() {
    let door = Door::default();
    let lake = door.lake.clone();
    lake.hold();
    running(door, |door, _stop| {
        let ids: Vec<String> = (0..10).map(|number| start(door, &format!("SELECT {number} FROM events"))).collect();
        lake.begun(2);
        let (code_of, sentence) = refused(door, "StartQuery", json!({ "QueryStatement": STATEMENT }));
        assert_eq!(code_of, "MaxConcurrentQueriesException");
        assert!(sentence.contains("is 10."), "{sentence}");
        assert_eq!([status(door, &ids[0]), status(door, &ids[1])], ["RUNNING", "RUNNING"]);
        assert!(ids[2..].iter().all(|id| status(door, id) == "QUEUED"));
        lake.let_go();
        ids.iter().for_each(|id| until(door, id, "FINISHED"));
        let begun: Vec<String> = lake.begun(10).into_iter().map(|query| query.id).collect();
        assert_eq!(begun[2..].iter().collect::<std::collections::BTreeSet<_>>(), ids[2..].iter().collect());
        start(door, STATEMENT);
    });
}

#[test]
fn a_cancelled_query_is_stopped_and_one_that_has_ended_is_not_cancelled() {
    let door = Door::default();
    let lake = door.lake.clone();
    lake.hold();
    running(door, |door, _stop| {
        let ids: Vec<String> = (0..3).map(|_| start(door, STATEMENT)).collect();
        lake.begun(2);
        // It waits, and is never begun.
        assert_eq!(cancel(door, &ids[2]), json!({ "QueryId": ids[2], "QueryStatus": "CANCELLED" }));
        assert_eq!(cancel(door, &ids[0])["QueryStatus"], "CANCELLED");
        lake.ended(1);
        assert_eq!(status(door, &ids[0]), "CANCELLED");
        assert_eq!(results(door, &ids[0])["QueryResultRows"], json!([]));
        let again = json!({ "QueryId": ids[0] });
        assert_eq!(code(door, "CancelQuery", again), "InactiveQueryException");
        lake.let_go();
        until(door, &ids[1], "FINISHED");
        assert_eq!(code(door, "CancelQuery", json!({ "QueryId": ids[1] })), "InactiveQueryException");
        assert_eq!(lake.begun(2).len(), 2);
        assert!(!lake.has_rows(&ids[0]) && lake.has_rows(&ids[1]));
    });
}

#[test]
fn what_a_query_failed_of_is_told_in_the_lakes_words() {
    for (kind, expected) in [
        (QueryFaultKind::TooLarge, "FAILED"),
        (QueryFaultKind::Failed, "FAILED"),
        (QueryFaultKind::Statement, "FAILED"),
        (QueryFaultKind::TimedOut, "TIMED_OUT"),
    ] {
        let door = Door::default();
        door.lake.fail(kind, "It needs more memory than a query may have.");
        running(door, |door, _stop| {
            let id = start(door, STATEMENT);
            until(door, &id, expected);
            for told_of in [described(door, &id), results(door, &id)] {
                assert_eq!(told_of["ErrorMessage"], "It needs more memory than a query may have.");
            }
        });
    }
}

#[test]
fn what_ran_when_the_process_was_killed_has_failed_and_what_waited_is_run_after_the_start() {
    let door = Door::default();
    let lake = door.lake.clone();
    let ids = [start(&door, STATEMENT), start(&door, STATEMENT)];
    // Killed: nobody notes what came of it.
    door.store.write(|w| w.take_query(door.now)).expect("it is taken");
    assert_eq!([status(&door, &ids[0]), status(&door, &ids[1])], ["RUNNING", "QUEUED"]);
    running(door, |door, _stop| {
        until(door, &ids[1], "FINISHED");
        assert_eq!(status(door, &ids[0]), "FAILED");
        let why = described(door, &ids[0])["ErrorMessage"].clone();
        assert_eq!(why, "The service was stopped while the query ran. Start the query again.");
        assert_eq!(lake.begun(1).len(), 1);
    });
}

#[test]
fn a_stop_of_the_process_stops_what_runs() {
    let door = Door::default();
    let lake = door.lake.clone();
    lake.hold();
    let mut id = String::new();
    let door = running(door, |door, stop| {
        id = start(door, STATEMENT);
        lake.begun(1);
        drop(stop);
        lake.ended(1);
    });
    assert_eq!(status(&door, &id), "FAILED");
    assert!(described(&door, &id)["ErrorMessage"].as_str().expect("it is told").ends_with("Start the query again."));
}

#[test]
fn a_statement_is_refused_where_it_is_not_understood_or_asks_what_is_not_there() {
    let door = Door::default();
    let arn = made(&door, json!({ "Name": "mine", "TerminationProtectionEnabled": false }));
    told(&door, "DeleteEventDataStore", json!({ "EventDataStore": arn }));
    for (statement, expected) in [
        ("SELECT 1", "InvalidQueryStatementException"),
        ("SELECT no_such_column FROM events", "InvalidQueryStatementException"),
        ("SELECT 1 FROM hats", "EventDataStoreNotFoundException"),
        ("SELECT 1 FROM 2a8f2138-0caa-46c8-a194-0123456789ab", "EventDataStoreNotFoundException"),
        ("SELECT 1 FROM mine", "InactiveEventDataStoreException"),
        ("", "ValidationException"),
        (&"x".repeat(10_001), "ValidationException"),
    ] {
        assert_eq!(code(&door, "StartQuery", json!({ "QueryStatement": statement })), expected, "{statement:.40}");
    }
    let (_, sentence) = refused(&door, "StartQuery", json!({ "QueryStatement": "SELECT 1" }));
    assert_eq!(sentence, "line 1: nothing stands behind FROM");
    let (_, sentence) = refused(&door, "StartQuery", json!({ "QueryStatement": "SELECT 1 FROM hats" }));
    assert!(sentence.contains("events, insights, mine"), "{sentence}");
    for (more, expected) in [
        (json!({ "QueryAlias": "mine" }), "UnsupportedOperationException"),
        (json!({}), "InvalidParameterException"),
        (
            json!({ "QueryStatement": STATEMENT, "EventDataStoreOwnerAccountId": "210987654321" }),
            "OperationNotPermittedException",
        ),
        (json!({ "QueryStatement": STATEMENT, "DeliveryS3Uri": "https://logs" }), "ValidationException"),
        (json!({ "QueryStatement": STATEMENT, "DeliveryS3Uri": "s3://a..b" }), "InvalidS3BucketNameException"),
        (
            json!({ "QueryStatement": STATEMENT, "DeliveryS3Uri": format!("s3://logs/{}", "p".repeat(201)) }),
            "InvalidS3PrefixException",
        ),
    ] {
        assert_eq!(code(&door, "StartQuery", more.clone()), expected, "{more}");
    }
}

#[test]
fn a_query_that_is_not_there_and_one_of_a_deleted_store_are_not_told_of() {
    let door = Door::default();
    let arn = made(&door, json!({ "Name": "mine", "TerminationProtectionEnabled": false }));
    let id = start(&door, "SELECT 1 FROM mine");
    let unknown = json!({ "QueryId": "2a8f2138-0caa-46c8-a194-0123456789ab" });
    let other = json!({ "QueryId": id, "EventDataStore": "events" });
    told(&door, "DescribeQuery", json!({ "QueryId": id, "EventDataStore": arn }));
    for operation in ["DescribeQuery", "GetQueryResults", "CancelQuery"] {
        assert_eq!(code(&door, operation, unknown.clone()), "QueryIdNotFoundException");
        assert_eq!(code(&door, operation, other.clone()), "QueryIdNotFoundException");
    }
    told(&door, "DeleteEventDataStore", json!({ "EventDataStore": arn }));
    for operation in ["DescribeQuery", "GetQueryResults", "CancelQuery"] {
        assert_eq!(code(&door, operation, json!({ "QueryId": id })), "InactiveEventDataStoreException", "{operation}");
    }
    let list = json!({ "EventDataStore": arn });
    assert_eq!(code(&door, "ListQueries", list), "InactiveEventDataStoreException");
    running(door, |door, _stop| {
        let is_done = || {
            let query = door.store.read(|r| r.query(&id)).expect("it reads").expect("it is kept");
            !matches!(query.state, QueryState::Queued | QueryState::Running)
        };
        // The store stays deleted until then: it is looked for after the query was taken.
        while !is_done() {
            std::thread::yield_now();
        }
        told(door, "RestoreEventDataStore", json!({ "EventDataStore": arn }));
        assert_eq!(status(door, &id), "FAILED");
        let why = described(door, &id)["ErrorMessage"].clone();
        assert_eq!(why, "The event data store mine was deleted before the query was run.");
    });
}

#[test]
fn queries_of_seven_days_are_listed_the_newest_first() {
    let mut door = Door::default();
    let hour = SignedDuration::from_hours(1);
    let of_insights = start(&door, "SELECT 1 FROM insights");
    let ids: Vec<String> = (0..5)
        .map(|_| {
            door.wait(hour);
            start(&door, STATEMENT)
        })
        .collect();
    told(&door, "CancelQuery", json!({ "QueryId": ids[0] }));
    let list = |door: &Door, more: Value| {
        let mut input = more;
        input["EventDataStore"] = json!("events");
        told(door, "ListQueries", input)
    };
    let ids_of = |listed: &Value| -> Vec<String> {
        let queries = listed["Queries"].as_array().expect("it is a list");
        queries.iter().map(|query| query["QueryId"].as_str().expect("it has one").to_owned()).collect()
    };
    let newest_first: Vec<String> = ids.iter().rev().cloned().collect();
    assert_eq!(ids_of(&list(&door, json!({}))), newest_first);
    assert_eq!(ids_of(&list(&door, json!({ "QueryStatus": "CANCELLED" }))), [&*ids[0]]);
    let at = (door.now - hour).as_second();
    assert_eq!(ids_of(&list(&door, json!({ "StartTime": at, "EndTime": at }))), [&*ids[3]]);
    let (mut page, mut seen) = (json!({ "MaxResults": 2 }), Vec::new());
    loop {
        let listed = list(&door, page.clone());
        seen.extend(ids_of(&listed));
        match &listed["NextToken"] {
            Value::Null => break,
            token => page["NextToken"] = token.clone(),
        }
    }
    assert_eq!(seen, newest_first);
    for (more, expected) in [
        (json!({ "StartTime": at, "EndTime": at - 1 }), "InvalidDateRangeException"),
        (json!({ "QueryStatus": "LOST" }), "InvalidQueryStatusException"),
        (json!({ "NextToken": "hats" }), "InvalidNextTokenException"),
        (json!({ "EventDataStore": "hats" }), "EventDataStoreARNInvalidException"),
    ] {
        let mut input = json!({ "EventDataStore": "events" });
        input.as_object_mut().expect("it is one").extend(more.as_object().expect("it is one").clone());
        assert_eq!(code(&door, "ListQueries", input), expected, "{more}");
    }
    door.wait(SignedDuration::from_hours(7 * 24) - hour);
    assert_eq!(ids_of(&list(&door, json!({}))), newest_first[..2], "older ones are not listed");
    assert_eq!(status(&door, &of_insights), "QUEUED");
}

#[test]
fn after_seven_days_queries_and_their_rows_are_forgotten() {
    let door = Door::default();
    let lake = door.lake.clone();
    let mut id = String::new();
    let door = running(door, |door, _stop| {
        id = start(door, STATEMENT);
        until(door, &id, "FINISHED");
    });
    let expire = |days: i64| {
        let now = door.world.clock.now() + SignedDuration::from_hours(24 * days);
        server::upkeep::forget_queries(&door.store, &*door.world.lake, now).expect("it writes")
    };
    assert_eq!(expire(7), 0);
    assert!(lake.has_rows(&id));
    assert_eq!(expire(8), 1);
    assert!(!lake.has_rows(&id));
    assert_eq!(code(&door, "DescribeQuery", json!({ "QueryId": id })), "QueryIdNotFoundException");
}
