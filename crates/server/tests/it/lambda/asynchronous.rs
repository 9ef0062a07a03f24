//! Events that nobody waits for: who hands them over, how often they are run, and who is told in the end.

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::world::InvokeError;
use store::deliveries::{Delivery, DeliveryList, DeliveryState};

use super::{ARN, FUNCTIONS, Service, failed, invalid, not_found, returned};

const PATH: &str = "/2015-03-31/functions/warden/invocations";
const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:failures";
const CONFIG: &str = "/2019-09-25/functions/warden/event-invoke-config";

fn hand_over(service: &Service, event: &str) {
    let reply = service.door.rest("POST", PATH, &[("x-amz-invocation-type", "Event")], event.as_bytes());
    assert_eq!((reply.status().as_u16(), reply.body().len()), (202, 0));
}

/// Deliveries of a kind, the oldest first.
fn rows(service: &Service, kind: &str) -> Vec<Delivery> {
    let all = service.door.store.read(|r| r.deliveries(&DeliveryList::default(), 1_000)).expect("it is read");
    all.into_iter().rev().filter(|row| row.kind == kind).collect()
}

/// Fails so often, a few minutes apart.
fn fail(service: &mut Service, times: usize) {
    for _ in 0..times {
        service.runner.will_answer(Ok(failed(r#"{"errorMessage":"no"}"#)));
        service.door.deliver();
        service.door.wait(SignedDuration::from_mins(3));
    }
}

#[test]
fn an_event_is_run_once_it_is_handed_over() {
    let service = Service::with_warden();
    hand_over(&service, r#"{"a":1}"#);
    assert!(service.runner.asked().is_empty());
    service.door.deliver();
    let (_, invocation) = service.runner.asked().remove(0);
    assert_eq!(invocation.payload, br#"{"a":1}"#);
    assert_eq!(invocation.request_id, "7a0b3c1e-0000-4000-8000-000000000001");
    assert_eq!(rows(&service, "lambda-async")[0].state, DeliveryState::Done);
}

#[test]
fn a_run_that_fails_is_repeated_twice_after_one_minute_and_two() {
    let mut service = Service::with_warden();
    hand_over(&service, "{}");
    let mut seconds = Vec::new();
    for second in 0..600 {
        service.runner.will_answer(Ok(failed("{}")));
        service.door.deliver();
        seconds.extend(service.runner.asked().iter().map(|_| second));
        service.door.wait(SignedDuration::from_secs(1));
    }
    assert_eq!(seconds, [0, 60, 180]);
    let row = rows(&service, "lambda-async").remove(0);
    assert_eq!((row.state, row.runs, row.outcome.as_deref()), (DeliveryState::Dead, 3, Some("MaximumRetryAttempts")));
}

#[test]
fn what_failed_in_the_end_is_told_to_its_destination_and_its_dead_letter_queue() {
    let mut service = Service::default();
    service.create(json!({ "DeadLetterConfig": { "TargetArn": QUEUE } }));
    let config = json!({ "MaximumRetryAttempts": 1, "DestinationConfig": { "OnFailure": { "Destination": QUEUE } } });
    let told = service.ok("PUT", CONFIG, config);
    assert_eq!(told["FunctionArn"], format!("{ARN}:$LATEST"));
    assert_eq!(told["DestinationConfig"], json!({ "OnSuccess": {}, "OnFailure": { "Destination": QUEUE } }));
    hand_over(&service, r#"{"a":1.50}"#);
    fail(&mut service, 3);
    let sent = service.queues.take();
    assert_eq!(sent.len(), 2, "{sent:?}");
    let record: Value = serde_json::from_str(&sent[0].1.body).expect("it is JSON");
    assert_eq!(
        record,
        json!({
            "version": "1.0", "timestamp": "2026-02-12T14:33:00.000Z",
            "requestContext": {
                "requestId": "7a0b3c1e-0000-4000-8000-000000000001", "functionArn": format!("{ARN}:$LATEST"),
                "condition": "RetriesExhausted", "approximateInvokeCount": 2
            },
            "requestPayload": { "a": 1.50 },
            "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
            "responsePayload": { "errorMessage": "no" }
        })
    );
    let (_, letter) = &sent[1];
    assert_eq!(letter.body, r#"{"a":1.50}"#);
    assert_eq!(letter.attributes["RequestID"].value, "7a0b3c1e-0000-4000-8000-000000000001");
    assert_eq!((&*letter.attributes["ErrorCode"].value, &*letter.attributes["ErrorCode"].data_type), ("200", "Number"));
    assert_eq!(letter.attributes["ErrorMessage"].value, r#"{"errorMessage":"no"}"#);
}

#[test]
fn what_came_to_an_end_well_is_told_too() {
    let service = Service::with_warden();
    service.create(json!({ "FunctionName": "listener" }));
    let listener = ARN.replace("warden", "listener");
    service.ok("PUT", CONFIG, json!({ "DestinationConfig": { "OnSuccess": { "Destination": listener } } }));
    service.runner.will_answer(Ok(returned(r#"{"statusCode":200}"#)));
    hand_over(&service, "{}");
    service.door.deliver();
    let asked = service.runner.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].0.name, "listener");
    let record: Value = serde_json::from_slice(&asked[1].1.payload).expect("it is JSON");
    assert_eq!(record["requestContext"]["condition"], "Success");
    assert_eq!(record["responsePayload"], json!({ "statusCode": 200 }));
    assert_eq!(record["responseContext"], json!({ "statusCode": 200, "executedVersion": "$LATEST" }));
}

#[test]
fn a_bus_that_is_not_there_is_told_nothing() {
    let service = Service::with_warden();
    let bus = |name: &str| format!("arn:aws:events:us-east-1:123456789012:event-bus/{name}");
    let theirs = bus("default").replace("1234", "9999");
    for (arn, state) in
        [(bus("default"), DeliveryState::Done), (bus("gone"), DeliveryState::Dead), (theirs, DeliveryState::Dead)]
    {
        service.ok("PUT", CONFIG, json!({ "DestinationConfig": { "OnSuccess": { "Destination": arn } } }));
        hand_over(&service, "{}");
        service.door.deliver();
        let row = rows(&service, "lambda-destination").pop().expect("it was to be told");
        assert_eq!((&row.target, row.state), (&arn, state));
        let error = (state == DeliveryState::Dead).then(|| format!("there is no event bus `{arn}` here"));
        assert_eq!(row.last_error, error);
    }
}

#[test]
fn an_event_waits_while_too_many_run_and_is_given_up_when_it_is_too_old() {
    let mut service = Service::with_warden();
    service.ok(
        "PUT",
        CONFIG,
        json!({
            "MaximumEventAgeInSeconds": 120, "DestinationConfig": { "OnFailure": { "Destination": QUEUE } }
        }),
    );
    hand_over(&service, "{}");
    for _ in 0..300 {
        service.runner.will_answer(Err(InvokeError::TooMany("one is running".into())));
        service.door.deliver();
        service.door.wait(SignedDuration::from_secs(1));
    }
    assert!(service.runner.asked().len() > 3);
    let record: Value = serde_json::from_str(&service.queues.take()[0].1.body).expect("it is JSON");
    assert_eq!(record["requestContext"]["condition"], "EventAgeExceeded");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
    assert_eq!(record["responsePayload"], Value::Null);
}

#[test]
fn where_nothing_may_run_an_event_goes_to_its_destination_at_once() {
    let service = Service::with_warden();
    service.ok("PUT", CONFIG, json!({ "DestinationConfig": { "OnFailure": { "Destination": QUEUE } } }));
    service.ok("PUT", "/2017-10-31/functions/warden/concurrency", json!({ "ReservedConcurrentExecutions": 0 }));
    hand_over(&service, "");
    service.door.deliver();
    assert!(service.runner.asked().is_empty());
    let record: Value = serde_json::from_str(&service.queues.take()[0].1.body).expect("it is JSON");
    assert_eq!(record["requestContext"]["condition"], "ZeroReservedConcurrency");
    assert_eq!(record["requestPayload"], json!({}));
    assert_eq!(record["responseContext"], Value::Null);
}

#[test]
fn a_rule_tells_a_function() {
    let service = Service::with_warden();
    let ask = |operation: &str, input: Value| {
        let reply = service.door.json(&format!("AWSEvents.{operation}"), input);
        assert_eq!(reply.status, 200, "{reply:?}");
    };
    ask("PutRule", json!({ "Name": "orders", "EventPattern": r#"{"source":["shop"]}"# }));
    ask(
        "PutTargets",
        json!({ "Rule": "orders", "Targets": [
        { "Id": "warden", "Arn": ARN },
        { "Id": "nobody", "Arn": ARN.replace("warden", "nobody") },
        { "Id": "text", "Arn": ARN, "InputTransformer": { "InputPathsMap": {}, "InputTemplate": "\"a\"\n\"b\"" } },
    ] }),
    );
    ask("PutEvents", json!({ "Entries": [{ "Source": "shop", "DetailType": "order", "Detail": r#"{"id":7}"# }] }));
    service.door.deliver();
    let asked = service.runner.asked();
    assert_eq!(asked.len(), 1);
    let event: Value = serde_json::from_slice(&asked[0].1.payload).expect("it is JSON");
    assert_eq!((&event["detail-type"], &event["detail"]), (&json!("order"), &json!({ "id": 7 })));
    let handed = rows(&service, "rule-target");
    let of = |target: &str| handed.iter().filter(|row| row.target.ends_with(target)).collect::<Vec<_>>();
    assert_eq!(of("nobody")[0].state, DeliveryState::Dead);
    assert!(of("nobody")[0].last_error.as_deref().is_some_and(|error| error.starts_with("there is no function")));
    let states: Vec<DeliveryState> = of("warden").iter().map(|row| row.state).collect();
    // `text` stands before `warden`: two lines of text are no JSON.
    assert_eq!(states, [DeliveryState::Dead, DeliveryState::Done]);
}

#[test]
fn a_topic_tells_a_function() {
    let service = Service::with_warden();
    let topic = "arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3Aalerts";
    let arn = ARN.replace(':', "%3A");
    for form in [
        "Action=CreateTopic&Version=2010-03-31&Name=alerts".to_owned(),
        format!("Action=Subscribe&Version=2010-03-31&TopicArn={topic}&Protocol=lambda&Endpoint={arn}"),
        format!("Action=Publish&Version=2010-03-31&TopicArn={topic}&Message=look&Subject=alert"),
    ] {
        let reply = service.door.form(&form);
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    service.door.deliver();
    let asked = service.runner.asked();
    assert_eq!(asked.len(), 1);
    let event: Value = serde_json::from_slice(&asked[0].1.payload).expect("it is JSON");
    assert_eq!(event["Records"][0]["EventSource"], "aws:sns");
    assert_eq!(event["Records"][0]["Sns"]["Message"], "look");
    assert_eq!(rows(&service, "sns-lambda")[0].state, DeliveryState::Done);
}

#[test]
fn settings_of_events_are_put_changed_told_and_deleted() {
    let service = Service::with_warden();
    let none = format!("The function {ARN}:$LATEST doesn't have an EventInvokeConfig");
    assert_eq!(service.refused("GET", CONFIG, Value::Null), not_found(&none));
    assert_eq!(
        service.refused("PUT", CONFIG, json!({})),
        invalid("You must specify at least one of error handling or destination setting.")
    );
    assert_eq!(
        service.refused("PUT", CONFIG, json!({ "DestinationConfig": { "OnSuccess": { "Destination": ARN } } })),
        invalid("You can't specify the function as a destination for itself.")
    );
    let other = ARN.replace("warden", "nobody");
    assert_eq!(
        service.refused("PUT", CONFIG, json!({ "DestinationConfig": { "OnSuccess": { "Destination": other } } })),
        invalid(&format!("The destination ARN {other} is invalid."))
    );
    let role = "arn:aws:iam::123456789012:role/r";
    assert_eq!(
        service.refused("PUT", CONFIG, json!({ "DestinationConfig": { "OnSuccess": { "Destination": role } } })),
        invalid(&format!(
            "The provided destination config DestinationConfig(onSuccess=OnSuccess(destination={role}), onFailure=null) is invalid."
        ))
    );
    service.ok("PUT", CONFIG, json!({ "MaximumEventAgeInSeconds": 60 }));
    let changed = service.ok("POST", CONFIG, json!({ "MaximumRetryAttempts": 1 }));
    let expected = json!({
        "LastModified": 1_770_906_600, "FunctionArn": format!("{ARN}:$LATEST"), "MaximumRetryAttempts": 1,
        "MaximumEventAgeInSeconds": 60, "DestinationConfig": { "OnSuccess": {}, "OnFailure": {} }
    });
    assert_eq!(changed, expected);
    assert_eq!(service.ok("GET", CONFIG, Value::Null), expected);
    assert_eq!(
        service.ok("GET", &format!("{CONFIG}/list"), Value::Null),
        json!({ "FunctionEventInvokeConfigs": [expected] })
    );
    assert_eq!(service.ask("DELETE", CONFIG, Value::Null).0, 204);
    assert_eq!(service.refused("DELETE", CONFIG, Value::Null), not_found(&none));
    let missing = service.refused("PUT", &CONFIG.replace("warden", "nobody"), json!({ "MaximumRetryAttempts": 1 }));
    assert_eq!(missing, not_found("The function doesn't exist."));
    assert_eq!(service.ok("GET", FUNCTIONS, Value::Null)["Functions"].as_array().map(Vec::len), Some(1));
}
