//! Events from outside of AWS: each is taken or refused by itself, and what was taken comes to lie in the lake once, whatever
//! goes wrong and whoever asks again.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use record::event_id::EventId;
use serde_json::{Value, json};
use server::work::Follower;
use server::world::Lake;
use server::world::lake::LakeFault;
use sha2::{Digest, Sha256};

use crate::channels::{channel, store};
use crate::cloudtrail::told;
use crate::door::Door;
use crate::lake_follower::ripen;

/// A door with a channel into a store: its ARN.
fn door() -> (Door, String) {
    let door = Door::default();
    let arn = channel(&door, "apps", &[&store(&door, "outside")]);
    (door, arn)
}

/// An event's data, as AWS's page has it.
fn data(uid: &str) -> Value {
    json!({
        "version": "1.0",
        "userIdentity": { "type": "Employee", "principalId": "E-17", "details": { "team": "payroll" } },
        "userAgent": "curl/8",
        "eventSource": "payroll.example.com",
        "eventName": "PaySalary",
        "eventTime": "2026-02-12T14:00:00Z",
        "UID": uid,
        "requestParameters": { "to": "E-18", "amount": 12.50 },
        "sourceIPAddress": "192.0.2.1",
        "recipientAccountId": "123456789012",
    })
}

fn event(id: &str, data: &Value) -> Value {
    json!({ "id": id, "eventData": data.to_string() })
}

/// Puts events: the status, and the answer.
fn put(door: &Door, channel: &str, events: &[Value]) -> (u16, Value) {
    let target = format!("/PutAuditEvents?channelArn={}", channel.replace(':', "%3A").replace('/', "%2F"));
    let body = json!({ "auditEvents": events }).to_string();
    let reply = door.rest("POST", &target, &[("content-type", "application/json")], body.as_bytes());
    let code = reply.headers().get("x-amzn-errortype").and_then(|code| code.to_str().ok()).map(str::to_owned);
    let status = reply.status().as_u16();
    match code {
        Some(code) => (status, json!(code)),
        None => (status, serde_json::from_slice(reply.body()).expect("it is JSON")),
    }
}

fn taken(door: &Door, channel: &str, events: &[Value]) -> Value {
    let (status, answer) = put(door, channel, events);
    assert_eq!((status, &answer["failed"]), (200, &json!([])), "{answer}");
    answer["successful"].clone()
}

/// The code with which an event is refused.
fn fault(door: &Door, channel: &str, event: Value) -> (String, String) {
    let (status, answer) = put(door, channel, &[event]);
    assert_eq!((status, &answer["successful"]), (200, &json!([])), "{answer}");
    let text = |name: &str| answer["failed"][0][name].as_str().expect("it is told").to_owned();
    assert!(text("errorMessage").chars().count() <= 1024);
    (text("errorCode"), text("errorMessage"))
}

fn follow(door: &mut Door) {
    ripen(door);
    while Follower::default().look(&door.delivering()).expect("it goes well") {}
}

fn kept(door: &Door) -> Vec<Value> {
    door.lake.kept_activity().iter().map(|record| serde_json::from_str(record).expect("it is JSON")).collect()
}

fn ids(events: &[Value]) -> BTreeSet<String> {
    events.iter().map(|event| event["eventID"].as_str().expect("each has one").to_owned()).collect()
}

#[test]
fn an_event_is_kept_with_what_cloudtrail_says_of_it() {
    let (mut door, arn) = door();
    let successful = taken(&door, &arn, &[event("one", &data("u-1"))]);
    assert_eq!(successful[0]["id"], "one");
    let id = &successful[0]["eventID"];
    assert_eq!(kept(&door), Vec::<Value>::new(), "not at once");
    follow(&mut door);
    let store = told(&door, "GetEventDataStore", json!({ "EventDataStore": "outside" }))["EventDataStoreArn"].clone();
    let store = store.as_str().and_then(|arn| arn.rsplit('/').next()).expect("it has an id");
    assert_eq!(
        kept(&door),
        [json!({
            "eventVersion": "1.0",
            "eventCategory": "ActivityAuditLog",
            "eventType": "ActivityLog",
            "eventID": id,
            "eventTime": "2026-02-12T14:00:00Z",
            "awsRegion": "us-east-1",
            "recipientAccountId": "123456789012",
            "metadata": { "ingestionTime": "2026-02-12T14:30:00Z", "channelARN": arn },
            "eventDataStores": [store],
            "eventData": data("u-1"),
        })]
    );
    let status = told(&door, "GetChannel", json!({ "Channel": arn }))["IngestionStatus"].clone();
    let at = door.now.as_second() - 30;
    assert_eq!(
        status,
        json!({ "LatestIngestionSuccessTime": at, "LatestIngestionSuccessEventID": id,
        "LatestIngestionAttemptTime": at, "LatestIngestionAttemptEventID": id })
    );
}

#[test]
fn one_bad_event_hides_no_other() {
    let (mut door, arn) = door();
    let mut bad = data("u-2");
    bad["recipientAccountId"] = json!("111122223333");
    let events = [event("a", &data("u-1")), event("b", &bad), event("c", &data("u-3"))];
    let (status, answer) = put(&door, &arn, &events);
    assert_eq!(status, 200);
    let of = |list: &str| -> Vec<String> {
        let list = answer[list].as_array().expect("it is a list");
        list.iter().map(|one| one["id"].as_str().expect("each has one").to_owned()).collect()
    };
    assert_eq!((of("successful"), of("failed")), (vec!["a".to_owned(), "c".to_owned()], vec!["b".to_owned()]));
    assert_eq!(answer["failed"][0]["errorCode"], "InvalidRecipient");
    follow(&mut door);
    let uids: Vec<Value> = kept(&door).iter().map(|event| event["eventData"]["UID"].clone()).collect();
    assert_eq!(uids, ["u-1", "u-3"]);
    let status = told(&door, "GetChannel", json!({ "Channel": arn }))["IngestionStatus"].clone();
    assert_eq!(status["LatestIngestionErrorCode"], "InvalidRecipient");
}

#[test]
fn what_is_sent_again_changes_nothing_and_order_does_not_matter() {
    let (mut door, arn) = door();
    let mut events: Vec<Value> =
        (0..7).map(|number| event(&format!("id-{number}"), &data(&format!("u-{number}")))).collect();
    let first = taken(&door, &arn, &events);
    events.reverse();
    let sorted = |told: &Value| {
        let mut told = told.as_array().expect("it is a list").clone();
        told.sort_by_key(|one| one["id"].to_string());
        told
    };
    assert_eq!(sorted(&taken(&door, &arn, &events)), sorted(&first), "before the lake has them");
    follow(&mut door);
    assert_eq!(sorted(&taken(&door, &arn, &events)), sorted(&first), "after");
    follow(&mut door);
    assert_eq!(kept(&door).len(), 7);
    assert_eq!(ids(&kept(&door)).len(), 7);
    assert_eq!(ids(&kept(&door)), ids(first.as_array().expect("it is a list")));
    // The same id with other data is another event, and so is the same data by another channel.
    taken(&door, &arn, &[event("id-0", &data("u-other"))]);
    let other = channel(&door, "other", &["outside"]);
    taken(&door, &other, &[event("id-0", &data("u-0"))]);
    follow(&mut door);
    assert_eq!((kept(&door).len(), ids(&kept(&door)).len()), (9, 9));
}

#[test]
fn whoever_dies_between_keeping_and_forgetting_keeps_nothing_twice() {
    let (mut door, arn) = door();
    taken(&door, &arn, &[event("a", &data("u-1"))]);
    // It is kept, and the store cannot forget it.
    ripen(&mut door);
    door.store.pretend_writes_fail(Some(0));
    assert!(Follower::default().look(&door.delivering()).is_err());
    door.store.pretend_writes_fail(None);
    assert_eq!(kept(&door).len(), 1);
    taken(&door, &arn, &[event("a", &data("u-1")), event("b", &data("u-2"))]);
    follow(&mut door);
    assert_eq!((kept(&door).len(), ids(&kept(&door)).len()), (2, 2));
    assert_eq!(door.store.read(|r| r.audit_events_waiting()).expect("it reads"), Default::default());
}

#[test]
fn a_database_that_is_older_than_the_lake_loses_nothing_that_comes() {
    let (mut door, arn) = door();
    door.lake.keep_activity(40, &[]).expect("it was kept before the database was restored");
    taken(&door, &arn, &[event("a", &data("u-1"))]);
    follow(&mut door);
    assert_eq!(kept(&door).len(), 1);
}

#[test]
fn what_the_lake_does_not_take_waits_until_there_is_no_room() {
    let (mut door, arn) = door();
    let first = [event("a", &data("u-1"))];
    taken(&door, &arn, &first);
    let record = json!({ "text": "x".repeat(1 << 20) }).to_string();
    let many = (0..127).map(|number| (EventId(number), record.as_str()));
    assert_eq!(door.store.write(|w| w.add_audit_events(0, many, door.now)).expect("there is room"), 127);
    taken(&door, &arn, &[event("b", &data("u-2"))]);
    door.store.write(|w| w.add_audit_events(0, [(EventId(127), record.as_str())], door.now)).expect("there is room");
    let more = [event("c", &data("u-3"))];
    assert_eq!(put(&door, &arn, &more), (429, json!("ThrottlingException")));
    taken(&door, &arn, &first);
    follow(&mut door);
    assert_eq!(kept(&door).len(), 130, "nothing of what was refused");
    assert!(door.lake.keepings() >= 4, "in several commits");
    taken(&door, &arn, &more);
}

#[test]
fn requests_that_cannot_be_are_refused_whole() {
    let (mut door, arn) = door();
    let one = event("a", &data("u-1"));
    let id = "01234567-0123-0123-0123-0123456789ab";
    let of = |place: &str| format!("arn:aws:cloudtrail:{place}:channel/{id}");
    for (channel, events, expected) in [
        (of("us-east-1:123456789012"), vec![one.clone()], "ChannelNotFound"),
        (of("eu-west-1:123456789012"), vec![one.clone()], "ChannelNotFound"),
        (of("us-east-1:111122223333"), vec![one.clone()], "ChannelInsufficientPermission"),
        ("arn:aws:s3:::bucket".into(), vec![one.clone()], "InvalidChannelARN"),
        (id.to_owned(), vec![one.clone()], "ValidationException"),
        (arn.clone(), vec![], "ValidationException"),
        (arn.clone(), vec![event("a b", &data("u-1"))], "ValidationException"),
        (arn.clone(), vec![one.clone(), event("a", &data("u-2"))], "DuplicatedAuditEventId"),
        (arn.clone(), (0..101).map(|n| event(&format!("{n}"), &data("u"))).collect(), "ValidationException"),
        (
            arn.clone(),
            (0..6).map(|n| event(&format!("{n}"), &json!("x".repeat(200_000)))).collect(),
            "ValidationException",
        ),
    ] {
        assert_eq!(put(&door, &channel, &events), (400, json!(expected)), "{channel}");
    }
    assert_eq!(told(&door, "GetChannel", json!({ "Channel": arn })).get("IngestionStatus"), None);
    door.lake.keeping_fails(Some(LakeFault::NoLake));
    assert_eq!(put(&door, &arn, std::slice::from_ref(&one)), (400, json!("UnsupportedOperationException")));
    door.lake.keeping_fails(None);
    told(&door, "DeleteChannel", json!({ "Channel": arn }));
    assert_eq!(put(&door, &arn, &[one]), (400, json!("ChannelNotFound")));
    follow(&mut door);
    assert_eq!(kept(&door), Vec::<Value>::new());
}

#[test]
fn an_event_that_is_not_as_aws_s_schema_says_is_refused_by_its_name() {
    let (door, arn) = door();
    let with = |path: &str, value: Value| {
        let mut data = data("u-1");
        *data.pointer_mut(path).unwrap_or_else(|| panic!("{path} is there")) = value;
        data
    };
    let and = |name: &str, value: Value| {
        let mut data = data("u-1");
        data[name] = value;
        data
    };
    for (path, name) in [
        ("/version", "version"),
        ("/userIdentity", "userIdentity"),
        ("/userIdentity/type", "userIdentity.type"),
        ("/userIdentity/principalId", "userIdentity.principalId"),
        ("/eventSource", "eventSource"),
        ("/eventName", "eventName"),
        ("/eventTime", "eventTime"),
        ("/UID", "UID"),
        ("/recipientAccountId", "recipientAccountId"),
    ] {
        let (code, message) = fault(&door, &arn, event("a", &with(path, Value::Null)));
        assert!(code == "FieldNotFound" && message.contains(name), "{path}: {code} {message}");
        let (code, message) = fault(&door, &arn, event("a", &with(path, json!([1]))));
        assert!(code == "InvalidData" && message.contains(name), "{path}: {code} {message}");
    }
    let long = |letters: usize| json!("é".repeat(letters));
    for (data, expected) in [
        (with("/version", long(257)), "FieldTooLong"),
        (with("/userIdentity/type", long(129)), "FieldTooLong"),
        (with("/UID", long(1025)), "FieldTooLong"),
        (with("/UID", json!("")), "FieldNotFound"),
        (and("errorCode", long(257)), "FieldTooLong"),
        (and("errorCode", json!(404)), "InvalidData"),
        (and("requestParameters", json!({ "a": "x".repeat(102_400) })), "FieldTooLong"),
        (and("additionalEventData", json!({ "a": "x".repeat(28_672) })), "FieldTooLong"),
        (and("responseElements", json!("text")), "InvalidData"),
        (and("other", json!("x".repeat(262_144))), "FieldTooLong"),
        (and("uid", json!("u-2")), "InvalidData"),
        (with("/eventTime", json!("2026-02-12 14:00:00")), "InvalidData"),
        (with("/eventTime", json!("2026-02-12T14:00:00.5Z")), "InvalidData"),
        (with("/eventTime", json!("2026-02-30T14:00:00Z")), "InvalidData"),
        (with("/eventTime", json!("2026-02-13T14:30:01Z")), "InvalidData"),
        (with("/eventTime", json!("2025-02-11T14:29:59Z")), "InvalidData"),
        (with("/recipientAccountId", json!("111122223333")), "InvalidRecipient"),
        (json!([1]), "InvalidData"),
    ] {
        assert_eq!(fault(&door, &arn, event("a", &data)).0, expected, "{:.200}", data.to_string());
    }
    for text in ["", "{", "{\"version\":\"1\",\"version\":\"2\"}"] {
        assert_eq!(fault(&door, &arn, json!({ "id": "a", "eventData": text })).0, "InvalidData", "{text}");
    }
    for (time, uid) in
        [("2026-02-12T14:00:00", "no Z"), ("2026-02-13T14:30:00Z", "a day ahead"), ("2025-02-11T14:30:00Z", "oldest")]
    {
        let mut data = data(uid);
        data["eventTime"] = json!(time);
        data["others"] = json!("are kept");
        taken(&door, &arn, &[event("a", &data)]);
    }
}

#[test]
fn a_checksum_that_is_given_must_be_right() {
    let (door, arn) = door();
    let text = data("u-1").to_string();
    let checksum = STANDARD.encode(Sha256::digest(&text));
    taken(&door, &arn, &[json!({ "id": "a", "eventData": text, "eventDataChecksum": checksum })]);
    for wrong in ["", "no base64", &STANDARD.encode(Sha256::digest("other"))] {
        let event = json!({ "id": "b", "eventData": text, "eventDataChecksum": wrong });
        assert_eq!(fault(&door, &arn, event).0, "InvalidChecksum", "{wrong}");
    }
}

#[test]
fn what_came_stays_where_its_channel_sent_it() {
    let (mut door, arn) = door();
    let other = store(&door, "elsewhere");
    taken(&door, &arn, &[event("a", &data("u-1"))]);
    let to = json!([{ "Type": "EVENT_DATA_STORE", "Location": other }]);
    told(&door, "UpdateChannel", json!({ "Channel": arn, "Destinations": to }));
    taken(&door, &arn, &[event("b", &data("u-2"))]);
    follow(&mut door);
    let stores: Vec<Value> = kept(&door).iter().map(|event| event["eventDataStores"][0].clone()).collect();
    assert_ne!(stores[0], stores[1]);
    assert!(other.ends_with(stores[1].as_str().expect("it is an id")));
}

#[test]
fn ids_are_known_for_a_day() {
    let (mut door, arn) = door();
    let again = [event("a", &data("u-1"))];
    taken(&door, &arn, &again);
    follow(&mut door);
    door.wait(SignedDuration::from_hours(25));
    taken(&door, &arn, &[event("b", &data("u-2"))]);
    follow(&mut door);
    taken(&door, &arn, &again);
    follow(&mut door);
    assert_eq!((kept(&door).len(), ids(&kept(&door)).len()), (3, 2), "under the same eventID");
}
