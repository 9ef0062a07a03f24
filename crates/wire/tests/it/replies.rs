//! Answers and errors as bytes: `tests/replies/written.txt`; and what botocore reads in them: `tests/replies/read.txt`, where
//! a Python that has botocore is at hand. `UPDATE_EXPECT=1` writes both anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use http::Response;
use serde::Serialize;
use wire::{Addressee, ApiError, Blob, Call, Limits, Timestamp, error_reply};

use crate::scenes::Owned;

/// A call of that operation, by the shortest request that is one.
fn call(service: &str, operation: &str) -> Call {
    let json = |target: &str| Owned::new("POST", "/", &[("x-amz-target", &format!("{target}.{operation}"))], b"{}");
    let form = |version: &str| Owned::new("POST", &format!("/?Action={operation}&Version={version}"), &[], b"");
    let request = match (service, operation) {
        ("cloudtrail", _) => json("CloudTrail_20131101"),
        ("events", _) => json("AWSEvents"),
        ("organizations", _) => json("AWSOrganizationsV20161128"),
        ("sqs", _) => json("AmazonSQS"),
        ("sns", _) => form("2010-03-31"),
        ("sts", _) => form("2011-06-15"),
        ("iam", _) => form("2010-05-08"),
        (_, "Invoke") => Owned::new("POST", "/2015-03-31/functions/warden/invocations", &[], b"{}"),
        (_, "GetFunctionConfiguration") => Owned::new("GET", "/2015-03-31/functions/warden/configuration", &[], b""),
        (_, "CreateFunction") => Owned::new("POST", "/2015-03-31/functions", &[], b"{}"),
        (_, "DeleteFunction") => Owned::new("DELETE", "/2015-03-31/functions/warden", &[], b""),
        (_, "TagResource") => Owned::new("POST", "/2017-03-31/tags/arn", &[], b"{}"),
        other => panic!("{other:?}"),
    };
    let to = Addressee::of(&request.request()).expect("it is AWS's");
    let call = Call::read(&request.request(), &to, &Limits::default()).expect("it is a call");
    assert_eq!(call.operation, operation);
    call
}

#[derive(Default)]
struct Told(String);

impl Told {
    fn put(&mut self, service: &str, operation: &str, response: &Response<Vec<u8>>) {
        let body = String::from_utf8_lossy(response.body());
        writeln!(self.0, "{service} {operation}\n  {}", response.status().as_u16()).unwrap();
        for (name, value) in response.headers() {
            writeln!(self.0, "  {name}: {}", value.to_str().unwrap()).unwrap();
        }
        writeln!(self.0, "\n  {}\n", body.replace('\\', "\\\\").replace('\n', "\\n")).unwrap();
    }

    fn answer(&mut self, service: &str, operation: &str, answer: impl Serialize) {
        self.put(service, operation, &call(service, operation).reply(&answer, "7c1f"));
    }

    fn error(&mut self, service: &str, operation: &str, error: ApiError) {
        self.put(service, operation, &error_reply(&call(service, operation).addressee(), &error, "7c1f"));
    }
}

/// An answer that has a bit of everything.
#[derive(Serialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Trail {
    name: &'static str,
    s3_key_prefix: Option<&'static str>,
    is_multi_region_trail: Option<bool>,
    latest_delivery_time: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct List<T> {
    #[serde(flatten)]
    of: BTreeMap<&'static str, Vec<T>>,
    next_token: Option<String>,
}

fn list<T>(name: &'static str, items: impl Into<Vec<T>>) -> List<T> {
    List { of: [(name, items.into())].into(), next_token: None }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Invoked {
    status_code: u16,
    function_error: Option<&'static str>,
    log_result: Option<&'static str>,
    executed_version: &'static str,
    payload: Blob,
}

fn map(entries: &[(&'static str, &'static str)]) -> BTreeMap<&'static str, &'static str> {
    entries.iter().copied().collect()
}

fn written() -> String {
    let mut told = Told::default();
    let time = Timestamp::of_seconds(1_770_906_600.25);
    json_answers(&mut told, time);

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Attributes {
        attributes: BTreeMap<&'static str, &'static str>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Topic {
        topic_arn: &'static str,
    }
    told.answer("sns", "CreateTopic", Topic { topic_arn: "arn:aws:sns:us-east-1:123456789012:alarms" });
    told.answer("sns", "ListTopics", list("Topics", [Topic { topic_arn: "a" }, Topic { topic_arn: "b" }]));
    told.answer("sns", "ListTopics", list::<Topic>("Topics", []));
    let odd = "<a href=\"x\">&amp;</a>\r\n\t\u{1}\u{fffe}é🥶]]>";
    told.answer("sns", "GetTopicAttributes", Attributes { attributes: map(&[("DisplayName", odd), ("Empty", "")]) });
    told.answer("sns", "GetTopicAttributes", Attributes { attributes: map(&[]) });
    told.answer("sns", "DeleteTopic", ());
    told.answer("sns", "TagResource", map(&[]));

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Assumed {
        credentials: Credentials,
        packed_policy_size: i32,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Credentials {
        access_key_id: &'static str,
        expiration: Option<Timestamp>,
    }
    let credentials = Credentials { access_key_id: "ASIAMADEUP0000000001", expiration: time };
    told.answer("sts", "AssumeRole", Assumed { credentials, packed_policy_size: 6 });

    lambda_answers(&mut told);
    errors(&mut told);
    told.0
}

fn json_answers(told: &mut Told, time: Option<Timestamp>) {
    let orchard =
        Trail { name: "orchard", is_multi_region_trail: Some(true), latest_delivery_time: time, ..Trail::default() };
    told.answer("cloudtrail", "DescribeTrails", list("trailList", [orchard, Trail::default()]));
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Event {
        event_id: &'static str,
        event_time: Option<Timestamp>,
        cloud_trail_event: &'static str,
    }
    let whole = Timestamp::of_seconds(1_770_906_600.0);
    let event = Event { event_id: "e", event_time: whole, cloud_trail_event: "{\"a\":\"ü\"}" };
    told.answer("cloudtrail", "LookupEvents", list("Events", [event]));
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Metric {
        timestamps: Vec<Timestamp>,
        values: Vec<f64>,
    }
    let metric = Metric { timestamps: vec![whole.unwrap(), time.unwrap()], values: vec![0.5, 1.0, 1e-9, 3e20] };
    told.answer("cloudtrail", "ListInsightsMetricData", metric);
    told.answer("events", "DeleteRule", ());
    told.answer("events", "PutRule", map(&[("RuleArn", "arn:aws:events:us-east-1:123456789012:rule/frost")]));
}

fn lambda_answers(told: &mut Told) {
    let bytes = Invoked {
        status_code: 200,
        function_error: Some("Unhandled"),
        log_result: Some("U1RBUlQ="),
        executed_version: "$LATEST",
        payload: Blob(br#"{"statusCode": 200}"#.to_vec()),
    };
    told.answer("lambda", "Invoke", bytes);
    let nothing = Invoked {
        status_code: 202,
        function_error: None,
        log_result: None,
        executed_version: "1",
        payload: Blob::default(),
    };
    told.answer("lambda", "Invoke", nothing);
    told.answer("lambda", "CreateFunction", map(&[("FunctionName", "warden"), ("State", "Pending")]));
    told.answer("lambda", "GetFunctionConfiguration", map(&[("FunctionName", "warden")]));
    told.answer("lambda", "DeleteFunction", ());
    told.answer("lambda", "TagResource", ());
}

fn errors(told: &mut Told) {
    let error = ApiError::new;
    told.error("cloudtrail", "DescribeTrails", error("TrailNotFoundException", "Unknown trail: \"orchard\""));
    told.error("organizations", "DescribeOrganization", error("AWSOrganizationsNotInUseException", "There is none."));
    told.error("sqs", "SendMessage", error("QueueDoesNotExist", "There is no such queue."));
    told.error("sns", "GetTopicAttributes", error("NotFound", "Topic does not exist").with_status(404));
    told.error("sns", "GetTopicAttributes", error("InvalidParameter", "Invalid parameter: <Token> & more"));
    told.error("iam", "CreateRole", ApiError::internal("It broke."));
    let missing = error("ResourceNotFoundException", "Function not found: warden").with_status(404);
    told.error("lambda", "GetFunctionConfiguration", missing);
    let busy = error("TooManyRequestsException", "Rate Exceeded.").with_status(429);
    let busy = busy.with("Reason", "ReservedFunctionConcurrentInvocationLimitExceeded");
    told.error("lambda", "Invoke", busy);
    told.error("lambda", "CreateFunction", error("ValidationException", "1 validation error detected: …"));
}

fn replies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replies")
}

#[test]
fn answers_and_errors_are_written_as_each_protocol_has_them() {
    expect_test::expect_file![replies().join("written.txt")].assert_eq(&written());
}

/// An answer that JSON and XML cannot hold is a fault of ours, and told as one.
#[test]
fn an_answer_that_cannot_be_written_is_an_internal_failure() {
    let reply = call("events", "PutRule").reply(&BTreeMap::from([(vec![1], 2)]), "7c1f");
    assert_eq!(reply.status(), 500);
    assert!(String::from_utf8_lossy(reply.body()).contains("InternalFailure"));
}

/// A header that cannot be sent is left out, and takes nothing with it.
#[test]
fn a_header_that_cannot_be_sent_is_left_out() {
    let invoked = Invoked {
        status_code: 200,
        function_error: Some("a\nb: c"),
        log_result: None,
        executed_version: "1",
        payload: Blob(b"1".to_vec()),
    };
    let reply = call("lambda", "Invoke").reply(&invoked, "7c\r\n1f");
    assert_eq!((reply.status().as_u16(), reply.body().as_slice()), (200, &b"1"[..]));
    let names: Vec<&str> = reply.headers().keys().map(http::HeaderName::as_str).collect();
    assert_eq!(names, ["x-amz-executed-version", "content-type"]);
}

/// AWS's own reader makes of our bytes what was meant.
#[test]
fn botocore_reads_what_was_written() {
    let python = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/trailsight/venv/bin/python"));
    let Some(python) = python.filter(|python| python.exists()) else { return };
    let mut reader = Command::new(python)
        .arg(replies().join("read.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python runs");
    reader.stdin.take().unwrap().write_all(written().as_bytes()).unwrap();
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success());
    expect_test::expect_file![replies().join("read.txt")].assert_eq(&String::from_utf8(output.stdout).unwrap());
}
