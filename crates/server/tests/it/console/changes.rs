//! What is done on the page: statements that are kept, what is said of insights, deliveries that are tried again.

use serde_json::Value;
use server::console_api::PATH;
use server::http::{FrontDoor, HostName};

use super::{HOST, OWN, document, hold, open};
use crate::door::Door;
use crate::port::Port;

#[test]
fn a_statement_that_is_kept_is_there_for_everybody_until_it_is_deleted() {
    let port = Port::open(|_| FrontDoor {
        hosts: vec![HostName::WithBuckets(HOST.into())],
        ..Door::default().into_front_door()
    });
    let save = |body: &str| {
        let (status, body) = port.sends(&format!("PUT {PATH}lake/saved"), OWN, body);
        (status, serde_json::from_str::<Value>(&body).expect("it is JSON"))
    };
    let (status, all) = save(r#"{"name": " Sign-ins ", "statement": "SELECT 1"}"#);
    assert_eq!((status, &all["queries"][0]["name"]), (200, &"Sign-ins".into()), "{all}");
    let (_, all) = save(r#"{"name": "Sign-ins", "statement": "SELECT 2"}"#);
    assert_eq!(all, port.told("lake/saved").1);
    assert_eq!(
        (all["queries"].as_array().map(Vec::len), &all["queries"][0]["statement"]),
        (Some(1), &"SELECT 2".into())
    );
    let long = "x".repeat(10_001);
    for (body, said) in [
        (r#"{"name": "", "statement": "SELECT 1"}"#.to_owned(), "name is 1 to 100 letters"),
        (r#"{"name": "a\nb", "statement": "SELECT 1"}"#.to_owned(), "on one line"),
        (r#"{"name": "a", "statement": " "}"#.to_owned(), "statement is 1 to 10000"),
        (format!(r#"{{"name": "a", "statement": "{long}"}}"#), "statement is 1 to 10000"),
        (r#"{"name": "a"}"#.to_owned(), "What is wanted is like"),
    ] {
        let (status, refusal) = save(&body);
        assert!(status == 400 && refusal["message"].as_str().is_some_and(|text| text.contains(said)), "{refusal}");
    }
    // A page of another site cannot name the header.
    let bare = format!("host: {HOST}\r\n");
    assert_eq!(port.sends(&format!("PUT {PATH}lake/saved"), &bare, r#"{"name": "b", "statement": "x"}"#).0, 401);
    assert_eq!(port.sends(&format!("DELETE {PATH}lake/saved?name=Other"), OWN, "").0, 404);
    assert_eq!(port.sends(&format!("DELETE {PATH}lake/saved?name=Sign-ins"), OWN, "").0, 200);
    assert_eq!(port.told("lake/saved").1["queries"], serde_json::json!([]));
}

#[test]
fn what_is_said_is_listed_with_what_it_is_about_until_it_is_ended() {
    let (port, document) = (open(), document());
    let ask = |line: &str, body: &str| {
        let (status, body) = port.sends(line, OWN, body);
        (status, serde_json::from_str::<Value>(&body).expect("it is JSON"))
    };
    let say = |body: &str| ask(&format!("POST {PATH}expected"), body);
    let holds = |schema: &str, value: &Value| {
        let mut faults = Vec::new();
        hold(&document, &document["components"]["schemas"][schema], value, schema, &mut faults);
        assert!(faults.is_empty(), "{faults:#?}");
    };
    let (_, insights) = port.told("insights");
    let stolen = &insights["insights"].as_array().expect("they are listed")[0];
    let id = stolen["id"].as_str().expect("it has an id");
    let (status, muted) = say(r#"{"kind": "muted", "apis": "ec2/Run* sts", "why": "a known oddity", "account": ""}"#);
    assert_eq!(
        (status, &muted["said"]["state"], &muted["said"]["apis"]),
        (200, &"inForce".into(), &"ec2/Run* sts/*".into())
    );
    holds("SaidNow", &muted);
    let (_, slip) = say(
        r#"{"kind": "expected", "apis": "ec2/RunInstance", "until": "2027-01-01T00:00:00Z", "from": "2026-12-01T00:00:00Z", "why": "x"}"#,
    );
    assert_eq!(slip["said"]["state"], "ahead");
    assert!(slip["notice"].as_str().is_some_and(|notice| notice.contains("Nothing that was counted")), "{slip}");
    for kind in ["falseAlarm", "real"] {
        let (status, called) = say(&format!(r#"{{"kind": "{kind}", "insight": "{id}"}}"#));
        assert_eq!(
            (status, &called["said"]["kind"], &called["said"]["insight"]["id"]),
            (200, &kind.into(), &id.into())
        );
        holds("SaidNow", &called);
    }
    let (_, all) = port.told("expected");
    holds("Sayings", &all);
    let kinds: Vec<&Value> = all["said"].as_array().expect("a list").iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds.len(), 3, "an insight is called one thing: {kinds:?}");
    assert_eq!(kinds[2], "expected", "what is ahead comes after what is in force");
    let (_, whole) = port.told(&format!("insights/{id}"));
    assert_eq!(whole["verdict"], "real");
    assert!(whole["said"].as_array().expect("a list").iter().any(|one| one["kind"] == "real"));
    assert_eq!(port.told("insights?verdict=real").1["total"], 1);
    assert_eq!(port.told("insights?held=yes").1["total"], 0);

    for (body, said) in [
        (r#"{"kind": "loud", "apis": "sts", "why": "x"}"#, "kind is one of"),
        (r#"{"kind": "muted", "apis": "EC2 *", "why": "x"}"#, "apis are services"),
        (r#"{"kind": "muted", "why": "x"}"#, "apis is missing"),
        (r#"{"kind": "muted", "apis": "sts"}"#, "why is missing"),
        (r#"{"kind": "muted", "apis": "sts", "why": "x", "until": "2020-01-01T00:00:00Z"}"#, "until is over"),
        (r#"{"kind": "muted", "apis": "sts", "why": "x", "account": "prod"}"#, "account is twelve digits"),
        (r#"{"kind": "muted", "apis": "sts", "why": "x", "region": "us east"}"#, "region is a Region"),
        (r#"{"kind": "muted", "apis": "sts", "why": "x", "direction": "increase"}"#, "direction means nothing"),
        (r#"{"kind": "muted", "apis": "sts", "why": "x", "by": "scanner"}"#, "by is identities' ARNs"),
        (r#"{"kind": "expected", "apis": "sts", "why": "x", "until": 4000000000, "by": "*"}"#, "by means nothing"),
        (r#"{"kind": "expected", "apis": "sts", "why": "x"}"#, "until is missing"),
        (
            r#"{"kind": "expected", "apis": "sts", "why": "x", "from": "2026-02-12T14:00:00Z", "until": "2026-02-12T13:00:00Z"}"#,
            "until must be after from",
        ),
        (r#"{"kind": "expected", "apis": "sts", "why": "x", "until": 4000000000}"#, "92 days at most"),
        (r#"{"kind": "expected", "apis": "sts", "why": "x", "until": "soon"}"#, "until is a time"),
        (
            r#"{"kind": "expected", "apis": "sts", "why": "x", "until": "2026-03-01T00:00:00Z", "direction": "up"}"#,
            "direction is one of",
        ),
        (r#"{"kind": "falseAlarm"}"#, "insight is missing"),
        (r#"{"kind": "falseAlarm", "insight": "gone"}"#, "There is no insight of this id"),
        (r#"{"kind": "real", "insight": "gone", "apis": "sts"}"#, "There is no insight of this id"),
        (r#"{"kind": "muted", "apis": "sts", "why": "a\nb"}"#, "on one line"),
        (r#"{"kind": "muted", "api": "sts"}"#, "What is wanted is like"),
    ] {
        let (status, refusal) = say(body);
        assert!(status == 400 || status == 404, "{body}: {refusal}");
        assert!(refusal["message"].as_str().is_some_and(|text| text.contains(said)), "{body}: {refusal}");
    }
    // A page of another site cannot name the header.
    let bare = format!("host: {HOST}\r\n");
    let body = r#"{"kind": "muted", "apis": "*", "why": "x"}"#;
    assert_eq!(port.sends(&format!("POST {PATH}expected"), &bare, body).0, 401);
    let end = |id: &Value| ask(&format!("DELETE {PATH}expected?id={}", id.as_str().expect("an id")), "");
    assert_eq!(end(&"gone".into()).0, 404);
    let (status, left) = end(&muted["said"]["id"]);
    let state = |list: &Value, id: &Value| {
        let found = list["said"].as_array().expect("a list").iter().find(|one| one["id"] == *id).cloned();
        found.map(|one| one["state"].clone())
    };
    assert_eq!((status, state(&left, &muted["said"]["id"])), (200, Some("ended".into())));
    assert_eq!(end(&muted["said"]["id"]).0, 400, "it has ended");
    let (_, left) = end(&slip["said"]["id"]);
    assert_eq!(state(&left, &slip["said"]["id"]), None, "what never began was never said");
    let (_, left) = end(&format!("called-{id}").into());
    assert_eq!(left["said"].as_array().map(Vec::len), Some(1));
    assert_eq!(port.told(&format!("insights/{id}")).1["verdict"], Value::Null);
}

#[test]
fn what_was_given_up_is_tried_again_and_nothing_else() {
    let door = Door::default();
    let (dead, waiting) = {
        let add = |target: &str| {
            let delivery = store::deliveries::NewDelivery {
                kind: "sns-http".into(),
                target: target.into(),
                in_order: None,
                payload: b"{}".to_vec(),
                due_at: door.now,
            };
            door.store.write(|w| w.add_delivery(&delivery, door.now)).expect("it is kept").0
        };
        (add("https://gone.example"), add("https://here.example"))
    };
    door.store.write(|w| w.drop_deliveries("https://gone.example", door.now)).expect("it is given up");
    let port = Port::open(|_| FrontDoor { hosts: vec![HostName::WithBuckets(HOST.into())], ..door.into_front_door() });
    let again = |id: i64| port.sends(&format!("POST {PATH}deliveries/{id}/again"), OWN, "");
    assert_eq!(port.told("deliveries?state=dead").1["deliveries"][0]["id"], dead);
    let (status, told) = again(dead);
    assert_eq!((status, told), (200, format!(r#"{{"id":{dead},"state":"waiting"}}"#)));
    assert_eq!(port.told("deliveries?state=dead").1["deliveries"], serde_json::json!([]));
    assert_eq!((again(dead).0, again(waiting).0, again(999).0), (400, 400, 404));
    assert_eq!(port.sends(&format!("POST {PATH}deliveries/x/again"), OWN, "").0, 404);
}
