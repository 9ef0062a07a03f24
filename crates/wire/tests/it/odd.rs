//! Anything may come in. It is understood or refused, and never a panic.

use proptest::prelude::*;
use serde::Deserialize;
use wire::{Addressee, ApiError, Blob, Call, Limits, Protocol, Request, Service, Timestamp};

use crate::scenes::Owned;

fn form(body: &str) -> Owned {
    Owned::new("POST", "/", &[("content-type", "application/x-www-form-urlencoded; charset=utf-8")], body.as_bytes())
}

fn read(owned: &Owned, limits: &Limits) -> Result<Call, ApiError> {
    let to = Addressee::of(&owned.request()).expect("it is AWS's");
    Call::read(&owned.request(), &to, limits)
}

fn call(owned: &Owned) -> Call {
    read(owned, &Limits::default()).expect("it is a call")
}

fn json(target: &str, body: &str) -> Owned {
    Owned::new(
        "POST",
        "/",
        &[("x-amz-target", target), ("content-type", "application/x-amz-json-1.1")],
        body.as_bytes(),
    )
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Everything {
    name: String,
    number: Option<i32>,
    fraction: Option<f64>,
    truth: Option<bool>,
    time: Option<Timestamp>,
    blob: Option<Blob>,
    #[serde(default)]
    list: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    map: std::collections::BTreeMap<String, String>,
    nested: Option<Box<Everything>>,
    kind: Option<Kind>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
enum Kind {
    Management,
    Data,
}

#[test]
fn words_of_a_form_become_what_is_asked_for() {
    let everything: Everything = call(&form(
        "Action=Do&Version=2010-03-31&Name=7&Number=-3&Fraction=2.5&Truth=True&Time=2026-02-12T14%3A30%3A00.25Z&Blob=AP8%3D\
         &List.member.2=b&List.member.10=c&List.member.1=a&Tags.member.1.Key=k&Tags.member.2.Key=l&Tags.member.2.Value=\
         &Map.entry.1.key=x&Map.entry.1.value=1&Map.entry.2.key=y&Map.entry.2.value=&Nested.Name=n&Nested.List=&Nested.Tags=\
         &Nested.Map=&Kind=Data",
    ))
    .input()
    .unwrap();
    assert_eq!((everything.name.as_str(), everything.number, everything.fraction), ("7", Some(-3), Some(2.5)));
    assert_eq!((everything.truth, everything.kind), (Some(true), Some(Kind::Data)));
    assert_eq!(everything.time, Timestamp::of_seconds(1_770_906_600.25));
    assert_eq!(everything.blob, Some(Blob(vec![0, 255])));
    assert_eq!(everything.list, ["a", "b", "c"]);
    let tag = |key: &str, value: Option<&str>| Tag { key: key.into(), value: value.map(str::to_owned) };
    assert_eq!(everything.tags, [tag("k", None), tag("l", Some(""))]);
    assert_eq!(everything.map, [("x".into(), "1".into()), ("y".into(), String::new())].into());
    let nested = everything.nested.unwrap();
    assert!(nested.name == "n" && nested.list.is_empty() && nested.tags.is_empty() && nested.map.is_empty());
}

#[test]
fn json_is_read_strictly_but_nulls_are_nothing() {
    let everything: Everything = call(&json(
        "AWSEvents.Do",
        r#"{"Name":"n","Number":3.0,"Truth":null,"Time":1770906600.25,"Blob":"AP8=","List":null,"Tags":null,"Map":null,
            "Unknown":{"a":[1]},"Kind":"Management"}"#,
    ))
    .input()
    .unwrap();
    assert_eq!((everything.number, everything.truth, everything.list.len()), (Some(3), None, 0));
    assert_eq!(everything.time, Timestamp::of_seconds(1_770_906_600.25));

    let wrong = |body: &str| {
        let error = call(&json("AWSEvents.Do", body)).input::<Everything>().unwrap_err();
        format!("{error}")
    };
    expect_test::expect![[r#"
        SerializationException: invalid type: integer `3`, expected a string at name
        SerializationException: invalid type: string "3", expected i32 at number
        SerializationException: invalid type: string "true", expected a boolean at truth
        SerializationException: invalid type: boolean `true`, expected a string at tags.2.member.key
        SerializationException: invalid type: a string, expected a sequence at list
        SerializationException: a blob is no base64 at blob
        SerializationException: invalid value: string "soon", expected a timestamp at time
        SerializationException: unknown variant `Other`, expected `Management` or `Data` at kind
        ValidationException: 1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null
        ValidationException: 1 validation error detected: Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null
    "#]]
    .assert_eq(
        &[
            r#"{"Name":3}"#,
            r#"{"Name":"n","Number":"3"}"#,
            r#"{"Name":"n","Truth":"true"}"#,
            r#"{"Name":"n","Tags":[{"Key":"k"},{"Key":true}]}"#,
            r#"{"Name":"n","List":"a"}"#,
            r#"{"Name":"n","Blob":"?"}"#,
            r#"{"Name":"n","Time":"soon"}"#,
            r#"{"Name":"n","Kind":"Other"}"#,
            r#"{}"#,
            r#"{"Name":"n","Tags":[{}]}"#,
        ]
        .map(|body| wrong(body) + "\n")
        .concat(),
    );
}

#[test]
fn what_cannot_be_read_is_refused_in_words() {
    let error = |owned: Owned| {
        let limits = Limits { body_bytes: 400, value_count: 130, parameter_count: 5, depth: 3, ..Limits::default() };
        match read(&owned, &limits) {
            Ok(call) => match call.input::<Everything>() {
                Ok(_) => "is fine\n".to_owned(),
                Err(error) => format!("{} {error}\n", error.status),
            },
            Err(error) => format!("{} {error}\n", error.status),
        }
    };
    let sns = "Version=2010-03-31&Action";
    expect_test::expect![[r#"
        400 SerializationException: The body is no JSON: EOF while parsing an object at line 1 column 1
        400 SerializationException: Start of structure or map expected, found a list
        400 SerializationException: The body is no JSON: recursion limit exceeded at line 1 column 128
        400 SerializationException: The body is no JSON: there are too many values at line 1 column 265
        400 ValidationException: 1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null
        404 UnknownOperationException: The request names no operation
        404 UnknownOperationException: The request names no operation
        413 RequestEntityTooLargeException: Request must be smaller than 400 bytes, and has 401
        404 UnknownOperationException: Trailsight answers for CloudTrail, EventBridge, SNS, Lambda, S3, CloudWatch Logs, IAM, STS and Organizations, not for DynamoDB_20120810. To ask AWS, leave AWS_ENDPOINT_URL out of that call, or set AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true
        400 MissingAction: The request is missing an action or a required parameter.
        400 MalformedQueryString: The query string contains a syntax error: there are more than 5 parameters
        400 MalformedQueryString: The query string contains a syntax error: a parameter's name has too many parts
        400 MalformedQueryString: The query string contains a syntax error: 'A' is a value and has parts
        400 MalformedQueryString: The query string contains a syntax error: 'A' is a value and has parts
        400 MalformedInput: invalid value: string "x", expected an integer at number
        400 ValidationError: 1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null
        404 UnknownOperationException: There is no operation of this method and path
        404 UnknownOperationException: There is no operation of this method and path
    "#]]
    .assert_eq(
        &[
            error(json("AWSEvents.PutRule", "{")),
            error(json("AWSEvents.PutRule", "[]")),
            error(json("AWSEvents.PutRule", &"[".repeat(150))),
            error(json("AWSEvents.PutRule", &format!("{{\"List\":[{}1]}}", "1,".repeat(150)))),
            error(json("AWSEvents.PutRule", " \n")),
            error(json("AWSEvents.", "{}")),
            error(json("AWSEvents.Put-Rule", "{}")),
            error(json("AWSEvents.PutRule", &" ".repeat(401))),
            error(json("DynamoDB_20120810.ListTables", "{}")),
            error(form(&format!("{sns}="))),
            error(form(&format!("{sns}=A&a=1&b=2&c=3&d=4"))),
            error(form(&format!("{sns}=A&a.b.c.d.e=1"))),
            error(form(&format!("{sns}=A&A.b=1&A=2"))),
            error(form(&format!("{sns}=A&A=2&A.b=1"))),
            error(form(&format!("{sns}=A&Name=n&Number=x"))),
            error(form(&format!("{sns}=A"))),
            error(Owned::new("PATCH", "/2015-03-31/functions/f", &[], b"")),
            error(Owned::new("GET", "/2015-03-31/functions/a/b/c/d", &[], b"")),
        ]
        .concat(),
    );
}

/// Mails have such links, which nobody signs; and nothing unsigned is S3's.
#[test]
fn what_is_unsigned_is_a_link_in_a_mail_a_known_path_or_nothing_of_aws() {
    let to = |method: &str, target: &str| {
        Addressee::of(&Owned::new(method, target, &[], b"").request()).and_then(|to| to.service)
    };
    assert_eq!(to("GET", "/?Action=ConfirmSubscription&TopicArn=t&Token=x"), Some(Service::Sns));
    assert_eq!(to("GET", "/?Action=Unsubscribe&SubscriptionArn=t"), Some(Service::Sns));
    assert_eq!(to("POST", "/?Action=AssumeRoleWithSAML&Version=2011-06-15"), Some(Service::Sts));
    assert_eq!(to("GET", "/?Action=Other"), None);
    assert_eq!(to("GET", "/2015-03-31/functions/"), Some(Service::Lambda));
    assert_eq!(to("GET", "/2018-10-31/layers"), Some(Service::Lambda));
    assert_eq!(to("POST", "/PutAuditEvents"), Some(Service::CloudTrailData));
    for target in
        ["/", "/bucket", "/bucket/key?uploads", "/console/trails", "/metrics", "/2015-03-31/other", "//", "*", ""]
    {
        assert_eq!(to("GET", target), None, "{target}");
        assert_eq!(to("PUT", target), None, "{target}");
    }
    let cbor = Owned::new("POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData", &[], b"");
    assert_eq!(Addressee::of(&cbor.request()).unwrap().protocol, Protocol::RpcV2Cbor);
}

/// The target is asked first: a key may be scoped to anything.
#[test]
fn the_target_outweighs_the_scope_and_the_scope_the_path() {
    let scope = |service: &str| format!("AWS4-HMAC-SHA256 Credential=a/20261124/r/{service}/aws4_request");
    let to = |headers: &[(&str, &str)], target: &str| {
        Addressee::of(&Owned::new("POST", target, headers, b"").request()).unwrap()
    };
    let sns = scope("sns");
    assert_eq!(to(&[("authorization", &sns), ("x-amz-target", "AWSEvents.A")], "/").service, Some(Service::Events));
    assert_eq!(to(&[("authorization", &sns)], "/2015-03-31/functions").service, Some(Service::Sns));
    assert_eq!(to(&[("authorization", &scope("s3"))], "/2015-03-31/functions").service, Some(Service::S3));
    let events = scope("events");
    assert_eq!(
        to(&[("authorization", &events), ("x-amz-target", "AWSEventsV2.A")], "/").service,
        Some(Service::Events)
    );
    let stranger = to(&[("authorization", &scope("states"))], "/");
    assert!(stranger.is_stranger() && stranger.name == "states");
    let form = "application/x-www-form-urlencoded";
    assert_eq!(to(&[("authorization", &scope("rds")), ("content-type", form)], "/").protocol, Protocol::Query);
    assert_eq!(to(&[("authorization", &scope("sqs")), ("content-type", form)], "/").protocol, Protocol::Query);
    assert_eq!(to(&[("x-amz-target", "AmazonSQS.A")], "/").protocol, Protocol::AwsJson10);
    let asymmetric = "AWS4-ECDSA-P256-SHA256 Credential=a/20261124/s3/aws4_request";
    assert_eq!(to(&[("authorization", asymmetric)], "/").service, Some(Service::S3));
}

fn whole_way(request: &Request<'_>) {
    let Some(to) = Addressee::of(request) else { return };
    if let Ok(Some(claim)) = wire::sigv4::Claim::of(request) {
        let rules = wire::sigv4::Rules::at(claim.signed_at);
        let _ = claim.hold(request, &rules, Some(&wire::sigv4::Secret::for_good("secret")));
    }
    match Call::read(request, &to, &Limits::default()) {
        Ok(call) => {
            let _ = call.input::<Everything>();
            let reply = call.reply(&call.input, "id");
            assert!(reply.status().is_success() || reply.status().is_server_error());
        }
        Err(error) => assert!(wire::error_reply(&to, &error, "id").status().as_u16() >= 400),
    }
}

proptest! {
    #[test]
    fn any_form_is_read_or_refused(body in "(Action=A&)?([A-Za-z.0-9%=&+]|member|entry|key|value|\\.1){0,60}") {
        let owned = Owned::new(
            "POST",
            "/",
            &[
                ("content-type", "application/x-www-form-urlencoded"),
                ("authorization", "AWS4-HMAC-SHA256 Credential=a/20261124/r/sns/aws4_request"),
            ],
            body.as_bytes(),
        );
        whole_way(&owned.request());
    }

    #[test]
    fn any_target_path_and_authorization_is_read_or_refused(
        target in "[!-~]{0,40}",
        path in "/([ -~ü]|/2015-03-31/functions|%2F|%ff|X-Amz-Algorithm=AWS4-HMAC-SHA256&|&X-Amz-Expires=9){0,30}",
        authorization in "(AWS4-HMAC-SHA256 )?(Credential=a/20261124/r/s3/aws4_request,)?(SignedHeaders=(host;|[ -~]{0,9}))?[ -~]{0,30}(, Signature=0)?",
        body in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        for headers in [
            &[("x-amz-target", target.as_str()), ("host", "h")][..],
            &[("authorization", authorization.as_str()), ("host", "h"), ("x-amz-date", "20261124T200000Z")][..],
        ] {
            whole_way(&Owned::new("POST", &path, headers, &body).request());
        }
    }
}
