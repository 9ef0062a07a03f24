//! Strangers at the front door, over a real port: who signs how, and what is answered.

use std::num::NonZeroU32;
use std::sync::Arc;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use server::http::{FrontDoor, Gate, HostName};
use server::push::{PushDesk, PushKeys};
use server::world::{Clock, Vault};
use wire::sigv4::{Secret, Signing};

use crate::door::Door;
use crate::iam::texts;
use crate::port::Port;

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// Knows one key.
struct OneKey;

impl Vault for OneKey {
    fn secret_of(&self, access_key: &str) -> Option<String> {
        (access_key == KEY).then(|| SECRET.into())
    }

    fn bits_of(&self, name: &str) -> [u8; 32] {
        server::world::Nothing.bits_of(name)
    }

    fn seal(&self, of: &str, text: &str) -> String {
        server::world::Nothing.seal(of, text)
    }

    fn unseal(&self, of: &str, sealed: &str) -> Option<String> {
        server::world::Nothing.unseal(of, sealed)
    }
}

struct At(Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

struct Pushers;

impl PushKeys for Pushers {
    fn name_of(&self, key: &str) -> Option<String> {
        key.strip_prefix("key-of-").map(str::to_owned)
    }
}

/// A service that demands signatures, if it is told to.
struct Service {
    port: Port,
    now: Timestamp,
}

/// Who signs, with what, and when.
struct Who<'w> {
    key: &'w str,
    secret: Secret,
    late: SignedDuration,
}

impl Default for Who<'_> {
    fn default() -> Self {
        Who { key: KEY, secret: Secret::for_good(SECRET), late: SignedDuration::ZERO }
    }
}

const EVENTS: &[(&str, &str)] =
    &[("x-amz-target", "AWSEvents.ListRules"), ("content-type", "application/x-amz-json-1.1")];
const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];
const IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

impl Service {
    fn new(gate: Gate) -> Service {
        let mut door = Door::default();
        let now = door.now;
        door.world_mut().vault = Box::new(OneKey);
        door.world_mut().clock = Box::new(At(now));
        let port = Port::open(|number| FrontDoor {
            hosts: vec![HostName::Exact(format!("127.0.0.1:{number}"))],
            gate: Arc::new(gate),
            push: Arc::new(PushDesk::new(Box::new(Pushers), std::time::Duration::ZERO)),
            ..door.into_front_door()
        });
        Service { port, now }
    }

    fn demanding() -> Service {
        Service::new(Gate::new(true, None))
    }

    /// A request as bytes, with what is said of its length.
    fn send(&self, method: &str, target: &str, headers: &[(String, String)], body: &str) -> (u16, String) {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        self.port.sends(&format!("{method} {target}"), &headers, body)
    }

    fn plain(&self, headers: &[(&str, &str)]) -> Vec<(String, String)> {
        let host = ("host".to_owned(), format!("127.0.0.1:{}", self.port.number));
        headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).chain([host]).collect()
    }

    /// The headers of a request that is signed.
    fn signed(
        &self,
        who: &Who<'_>,
        service: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Vec<(String, String)> {
        let mut all = self.plain(headers);
        let mut map = HeaderMap::new();
        for (name, value) in &all {
            let name: http::HeaderName = name.parse().expect("it is a name");
            map.insert(name, value.parse().expect("it is a header"));
        }
        let signing = Signing {
            access_key: who.key,
            secret: &who.secret,
            region: "us-east-1",
            service,
            now: self.now - who.late,
        };
        let request = wire::Request::new("POST", target, &map, body.as_bytes());
        let added = signing.headers(&request).expect("it is signed");
        all.extend(added.into_iter().map(|(name, value)| (name.to_owned(), value)));
        all
    }

    fn ask(&self, who: &Who<'_>, service: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        self.send("POST", "/", &self.signed(who, service, "/", headers, body), body)
    }
}

#[test]
fn whose_signature_holds_is_let_in_and_nobody_else_is() {
    let service = Service::demanding();
    assert_eq!(service.ask(&Who::default(), "events", EVENTS, "{}"), (200, "{\"Rules\":[]}".into()));
    assert_eq!(service.ask(&Who::default(), "sts", FORM, IDENTITY).0, 200);

    let wrong = || Who { secret: Secret::for_good("wrong"), ..Who::default() };
    let unknown = || Who { key: "AKIAI44QH8DHBEXAMPLE", ..Who::default() };
    let made_up =
        || Who { secret: Secret { session_token: Some("x".into()), ..Secret::for_good(SECRET) }, ..Who::default() };
    let late = |minutes| Who { late: SignedDuration::from_mins(minutes), ..Who::default() };
    for (who, json, form) in [
        (wrong(), "InvalidSignatureException", "SignatureDoesNotMatch"),
        (unknown(), "UnrecognizedClientException", "InvalidClientTokenId"),
        (made_up(), "UnrecognizedClientException", "InvalidClientTokenId"),
        (late(6), "InvalidSignatureException", "SignatureDoesNotMatch"),
        (late(-6), "InvalidSignatureException", "SignatureDoesNotMatch"),
    ] {
        let (status, told) = service.ask(&who, "events", EVENTS, "{}");
        assert_eq!((status, told.contains(json)), (403, true), "{told}");
        let (status, told) = service.ask(&who, "sts", FORM, IDENTITY);
        assert_eq!((status, texts(&told, "Code")[0]), (403, form), "{told}");
    }
    assert_eq!(service.ask(&late(4), "events", EVENTS, "{}").0, 200);

    // A signature is for one service, one body, one target.
    let good = service.signed(&Who::default(), "events", "/", EVENTS, "{}");
    assert_eq!(service.send("POST", "/", &good, "{}").0, 200);
    for (method, target, body) in
        [("POST", "/", "{ }"), ("POST", "/?x=1", "{}"), ("PUT", "/", "{}"), ("POST", "/x", "{}")]
    {
        assert_eq!(service.send(method, target, &good, body).0, 403, "{method} {target} {body}");
    }
    let other = service.signed(&Who::default(), "cloudtrail", "/", EVENTS, "{}");
    assert_eq!(service.send("POST", "/", &other, "{}").0, 403);
}

#[test]
fn without_a_signature_only_links_and_watchers_are_answered() {
    let service = Service::demanding();
    let get = |target: &str, headers: &[(&str, &str)]| service.send("GET", target, &service.plain(headers), "");
    assert_eq!(get("/healthz", &[]), (200, "ok\n".into()));
    let own = [("x-trailsight-request", "1")];
    assert_eq!(get("/trailsight/v1/status", &own).0, 403);
    assert_eq!(get("/metrics", &[]).0, 401);
    let basic = |text: &str| {
        use base64::Engine as _;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
    };
    assert_eq!(get("/metrics", &[("authorization", &basic(&format!("{KEY}:{SECRET}")))]).0, 200);
    assert_eq!(get("/metrics", &[("authorization", &basic(&format!("{KEY}:wrong")))]).0, 401);
    let link = "/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:123456789012:alerts&Token=abcd";
    assert_eq!(get(link, &[]).0, 400, "its token is looked at");
    let (status, told) = service.send("POST", "/", &service.plain(EVENTS), "{}");
    assert_eq!((status, told.contains("MissingAuthenticationToken")), (403, true));
    // What is unsigned is not read for long.
    assert_eq!(service.send("POST", "/", &service.plain(EVENTS), &" ".repeat(20_000)).0, 413);

    // Where any key is good, the header alone will do; a page of another origin never does.
    let open = Service::new(Gate::default());
    assert_eq!(open.send("GET", "/trailsight/v1/status", &open.plain(&own), "").0, 200);
    assert_eq!(open.send("GET", "/metrics", &open.plain(&[]), "").0, 200);
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        let paged = [own[0], ("origin", origin)];
        assert_eq!(open.send("GET", "/trailsight/v1/status", &open.plain(&paged), "").0, 403, "{origin}");
        let headers = [EVENTS[0], EVENTS[1], ("origin", origin)];
        let headers = open.signed(&Who::default(), "events", "/", &headers, "{}");
        assert_eq!(open.send("POST", "/", &headers, "{}").0, 400, "{origin}");
        let (_, told) = open.send(
            "OPTIONS",
            "/",
            &open.plain(&[("origin", origin), ("access-control-request-method", "POST")]),
            "",
        );
        assert!(!told.to_lowercase().contains("access-control"), "{told}");
    }
}

#[test]
fn a_session_is_let_in_by_its_own_secret_and_token() {
    let service = Service::demanding();
    let role =
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/deploy&RoleSessionName=jane";
    let (status, made) = service.ask(&Who::default(), "sts", FORM, role);
    assert_eq!(status, 200, "{made}");
    let key = texts(&made, "AccessKeyId")[0];
    let secret = Secret::for_good(texts(&made, "SecretAccessKey")[0]);
    let token = texts(&made, "SessionToken")[0].to_owned();
    let session = Who { key, secret: Secret { session_token: Some(token), ..secret.clone() }, ..Who::default() };
    let (status, told) = service.ask(&session, "sts", FORM, IDENTITY);
    assert_eq!((status, told.contains(":assumed-role/deploy/jane")), (200, true), "{told}");
    let without = Who { key, secret: secret.clone(), ..Who::default() };
    assert_eq!(texts(&service.ask(&without, "sts", FORM, IDENTITY).1, "Code"), ["InvalidClientTokenId"]);
    let another = Who { key, secret: Secret { session_token: Some("x".into()), ..secret }, ..Who::default() };
    assert_eq!(texts(&service.ask(&another, "sts", FORM, IDENTITY).1, "Code"), ["InvalidClientTokenId"]);
}

#[test]
fn who_asks_too_often_is_told_so_and_others_are_answered() {
    let service = Service::new(Gate::new(true, NonZeroU32::new(1)));
    let ask = |service: &Service| service.ask(&Who::default(), "events", EVENTS, "{}");
    assert_eq!((ask(&service).0, ask(&service).0), (200, 200));
    let (status, told) = ask(&service);
    assert_eq!((status, told.contains("ThrottlingException")), (400, true), "{told}");
    assert_eq!(texts(&service.ask(&Who::default(), "sts", FORM, IDENTITY).1, "Code"), ["Throttling"]);
    let (status, told) =
        service.send("GET", "/2015-03-31/functions", &service.signed(&Who::default(), "lambda", "/", &[], ""), "");
    // Its signature is of another request: who is refused costs its key nothing.
    assert_eq!((status, told.contains("does not match")), (403, true), "{told}");

    let push = |key: &str| service.send("POST", "/trailsight/v1/push", &service.plain(&[("x-api-key", key)]), "[]").0;
    assert_eq!([push("key-of-a"), push("key-of-a"), push("key-of-a"), push("key-of-b")], [200, 200, 429, 200]);
    assert_eq!(push("none"), 401);
}
