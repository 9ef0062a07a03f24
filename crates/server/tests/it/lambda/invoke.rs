//! Invoking a function and waiting for it.

use serde_json::{Value, json};
use server::world::InvokeError;
use store::log_events::{LogEventList, LogStreamName};

use super::{ARN, FUNCTIONS, Service, base64, failed, not_found, returned, says};

const PATH: &str = "/2015-03-31/functions/warden/invocations";

#[test]
fn who_invokes_gets_what_the_function_returned() {
    let service = Service::default();
    service.create(json!({ "Timeout": 10, "Environment": { "Variables": { "AB": "c" } } }));
    service.runner.will_answer(Ok(returned(r#"{"statusCode": 200}"#)));
    let reply = service.door.rest("POST", PATH, &[("x-amz-client-context", &base64(b"{}"))], br#"{"a": 1}"#);
    assert_eq!((reply.status().as_u16(), reply.body().as_slice()), (200, &br#"{"statusCode": 200}"#[..]));
    assert_eq!(reply.headers()["x-amz-executed-version"], "$LATEST");
    assert!(!reply.headers().contains_key("x-amz-function-error") && !reply.headers().contains_key("x-amz-log-result"));
    let (function, invocation) = service.runner.asked().remove(0);
    assert_eq!((function.arn.as_str(), function.handler.as_str()), (ARN, "index.handler"));
    assert_eq!(function.timeout.as_secs(), 10);
    assert_eq!(function.environment["AB"], "c");
    assert!(function.credentials.access_key.starts_with("ASIA") && function.credentials.access_key.len() == 20);
    assert_eq!(function.credentials.secret_key.len(), 40);
    let credentials = function.credentials;
    assert_eq!(invocation.payload, br#"{"a": 1}"#);
    assert_eq!(invocation.client_context.as_deref(), Some("{}"));
    assert_eq!(reply.headers()["x-amzn-requestid"], *invocation.request_id);
    // What sends nothing sends an empty object.
    service.door.rest("POST", PATH, &[], b"");
    let (function, invocation) = service.runner.asked().remove(0);
    assert_eq!(invocation.payload, b"{}");
    assert_eq!(function.credentials, credentials, "an environment is used again");
}

#[test]
fn a_function_is_its_role_and_another_revision_another_session() {
    let mut service = Service::default();
    service.create(json!({}));
    let key = |service: &Service| {
        service.door.rest("POST", PATH, &[], b"{}");
        service.runner.asked().remove(0).0.credentials.access_key
    };
    let first = key(&service);
    service.door.access_key = first.clone();
    let caller = service.door.form("Version=2011-06-15&Action=GetCallerIdentity").body;
    assert!(caller.contains(":assumed-role/warden/warden</Arn>"), "{caller}");
    let path = "/2015-03-31/functions/warden/configuration";
    let changed = service.door.rest("PUT", path, &[], br#"{"Timeout": 11}"#);
    assert_eq!(changed.status().as_u16(), 200);
    assert_ne!(key(&service), first);
}

#[test]
fn a_function_that_fails_is_answered_all_the_same() {
    let service = Service::with_warden();
    service.runner.will_answer(Ok(failed(r#"{"errorType":"KeyError"}"#)));
    let reply = service.door.rest("POST", PATH, &[], b"{}");
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.headers()["x-amz-function-error"], "Unhandled");
    assert_eq!(reply.body(), br#"{"errorType":"KeyError"}"#);
}

#[test]
fn the_end_of_the_log_is_told_and_all_of_it_is_kept() {
    let service = Service::with_warden();
    let line = |text: String| (service.door.now, text);
    let mut invoked = returned("null");
    invoked.log = vec![line("START RequestId: 1".into()), line("x".repeat(5_000)), line("END RequestId: 1\n".into())];
    service.runner.will_answer(Ok(invoked));
    let reply = service.door.rest("POST", PATH, &[("x-amz-log-type", "Tail")], b"{}");
    let tail = reply.headers()["x-amz-log-result"].to_str().expect("it is text");
    let expected = format!("{}\nEND RequestId: 1\n", "x".repeat(4_096 - 18));
    assert_eq!(tail, base64(expected.as_bytes()));
    let place = server::Place::default();
    let stream = LogStreamName {
        account: place.account,
        region: place.region,
        group: "/aws/lambda/warden".into(),
        stream: "2026/02/12/[$LATEST]a".into(),
    };
    let list = LogEventList { streams: vec![stream.stream.clone()], ..LogEventList::default() };
    let events = service.door.store.read(|r| r.log_events(&stream.log_group(), &list, 10)).expect("it is read");
    assert_eq!(events.len(), 3);
    assert_eq!(events[0].message, "START RequestId: 1");
}

#[test]
fn what_cannot_be_invoked_says_why() {
    let service = Service::with_warden();
    let ask = |body: &[u8], headers: &[(&'static str, &str)]| {
        let reply = service.door.rest("POST", PATH, headers, body);
        let told: Value = serde_json::from_slice(reply.body()).unwrap_or_default();
        let code = reply.headers().get("x-amzn-errortype").map(|code| code.to_str().unwrap().to_owned());
        (reply.status().as_u16(), code.unwrap_or_default(), told)
    };
    let missing = service.refused("POST", &format!("{FUNCTIONS}/nobody/invocations"), json!({}));
    assert_eq!(missing, not_found("Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody:$LATEST"));
    let (status, code, told) = ask(b"\x99\xeb", &[]);
    assert_eq!((status, code.as_str(), &told["Type"]), (400, "InvalidRequestContentException", &json!("User")));
    let (status, code, _) = ask(&vec![b' '; (6 << 20) + 1], &[]);
    assert_eq!((status, code.as_str()), (413, "RequestEntityTooLargeException"));
    let (_, _, told) = ask(&vec![b' '; (1 << 20) + 1], &[("x-amz-invocation-type", "Event")]);
    assert_eq!(told["message"], "Request must be smaller than 1048576 bytes for the InvokeFunction operation");
    let (status, _, told) = ask(b"{}", &[("x-amz-invocation-type", "Later")]);
    assert_eq!(status, 400);
    assert!(told["message"].as_str().unwrap().contains("enum value set: [Event, RequestResponse, DryRun]"), "{told}");
    assert_eq!(ask(b"{}", &[("x-amz-invocation-type", "DryRun")]).0, 204);
    assert!(service.runner.asked().is_empty());
    service.runner.will_answer(Err(InvokeError::CannotRun("python3.11 is not installed: install it".into())));
    let (status, code, told) = ask(b"{}", &[]);
    assert_eq!((status, code.as_str()), (502, "InvalidRuntimeException"));
    assert_eq!(told["Message"], "python3.11 is not installed: install it");
}

#[test]
fn no_more_run_at_once_than_are_reserved() {
    let service = Service::with_warden();
    let path = "/2017-10-31/functions/warden/concurrency";
    let told = "/2019-09-30/functions/warden/concurrency";
    assert_eq!(service.ok("GET", told, Value::Null), json!({}));
    service.ok("PUT", path, json!({ "ReservedConcurrentExecutions": 0 }));
    let reply = service.door.rest("POST", PATH, &[], b"{}");
    assert_eq!(reply.status(), 429);
    let body: Value = serde_json::from_slice(reply.body()).unwrap();
    assert_eq!(
        body,
        json!({
            "Type": "User", "message": "Rate Exceeded.",
            "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"
        })
    );
    service.ok("PUT", path, json!({ "ReservedConcurrentExecutions": 5 }));
    assert_eq!(service.ok("GET", told, Value::Null), json!({ "ReservedConcurrentExecutions": 5 }));
    service.door.rest("POST", PATH, &[], b"{}");
    assert_eq!(service.runner.asked()[0].0.reserved_concurrency, Some(5));
    let refused = service.refused("PUT", path, json!({ "ReservedConcurrentExecutions": 901 }));
    assert_eq!(refused.1, "InvalidParameterValueException");
    assert_eq!(service.ask("DELETE", path, Value::Null), (204, Value::Null));
    assert_eq!(service.ok("GET", told, Value::Null), json!({}));
    let missing =
        service.refused("PUT", &path.replace("warden", "nobody"), json!({ "ReservedConcurrentExecutions": 1 }));
    let nobody = "Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody:$LATEST";
    assert_eq!(missing, says(404, "ResourceNotFoundException", nobody));
}
