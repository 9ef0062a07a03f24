//! The gate, over a real port: who is let in where any key is good, and where signatures must hold.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, HeaderValue};
use server::http::{Body, FrontDoor, Gate, HostName, Response};
use server::world::Vault;
use store::Store;
use wire::Request;
use wire::sigv4::{Secret, Signing};

use crate::door::Door;
use crate::iam::texts;
use crate::port::Port;

/// The name by which it is asked, wherever it listens.
const HOST: &str = "localhost:4580";
const LIST_TOPICS: &str = "Action=ListTopics&Version=2010-03-31";

/// Keys that come and go.
#[derive(Clone, Default)]
pub(crate) struct Keys(Arc<Mutex<BTreeMap<String, String>>>);

impl Keys {
    pub(crate) fn make(&self, access_key: &str) {
        self.0.lock().expect("nobody panics with it").insert(access_key.into(), "secret".into());
    }

    pub(crate) fn delete(&self, access_key: &str) {
        self.0.lock().expect("nobody panics with it").remove(access_key);
    }
}

impl Vault for Keys {
    fn secret_of(&self, access_key: &str) -> Option<String> {
        self.0.lock().expect("nobody panics with it").get(access_key).cloned()
    }

    fn bits_of(&self, name: &str) -> [u8; 32] {
        let mut bits = [7; 32];
        for (at, byte) in name.bytes().enumerate() {
            bits[at % 32] ^= byte.rotate_left(u32::try_from(at / 32).unwrap_or_default());
        }
        bits
    }

    fn seal(&self, of: &str, text: &str) -> String {
        server::world::Nothing.seal(of, text)
    }

    fn unseal(&self, of: &str, sealed: &str) -> Option<String> {
        server::world::Nothing.unseal(of, sealed)
    }
}

/// S3 says 204 to whoever is let in.
fn open(keys: &Keys, demands_signatures: bool) -> Port {
    open_with(keys, demands_signatures, Arc::new(Store::in_memory().expect("there is memory")))
}

/// The same, with what it remembers.
fn open_with(keys: &Keys, demands_signatures: bool, store: Arc<Store>) -> Port {
    let mut door = Door::default();
    door.world_mut().vault = Box::new(keys.clone());
    Port::open(|_| FrontDoor {
        store,
        hosts: vec![HostName::WithBuckets(HOST.into())],
        gate: Arc::new(Gate::new(demands_signatures, None)),
        s3: Some(Arc::new(|_| {
            let mut reply = Response::new(Body::empty());
            *reply.status_mut() = http::StatusCode::NO_CONTENT;
            Box::pin(std::future::ready(reply))
        })),
        ..door.into_front_door()
    })
}

impl Port {
    fn gets(&self, target: &str, headers: &str) -> u16 {
        self.sends(&format!("GET {target}"), &format!("host: {HOST}\r\n{headers}"), "").0
    }

    /// A form, signed as it should be.
    fn asks(&self, service: &str, access_key: &str, secret: &Secret, form: &str) -> (u16, String) {
        let now = "2026-02-12T14:30:00Z".parse().expect("it is a moment");
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static(HOST));
        headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
        let signing = Signing { access_key, secret, region: "us-east-1", service, now };
        let signed = signing.headers(&Request::new("POST", "/", &headers, form.as_bytes())).expect("it is signed");
        let mut text = format!("host: {HOST}\r\ncontent-type: application/x-www-form-urlencoded\r\n");
        for (name, value) in signed {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        self.sends("POST /", &text, form)
    }

    /// The credentials that an operation of STS gives out.
    fn begins(&self, access_key: &str, secret: &Secret, action: &str) -> (String, Secret) {
        let (status, body) = self.asks("sts", access_key, secret, &format!("Version=2011-06-15&Action={action}"));
        assert_eq!(status, 200, "{body}");
        let said = |tag: &str| texts(&body, tag)[0].to_owned();
        let secret = Secret { session_token: Some(said("SessionToken")), ..Secret::for_good(said("SecretAccessKey")) };
        (said("AccessKeyId"), secret)
    }
}

fn signed_url(service: &str, query: &str) -> String {
    format!(
        "{query}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20260212%2Fus-east-1%2F{service}%2Faws4_request\
         &X-Amz-Date=20260212T143000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature={}",
        "0".repeat(64)
    )
}

#[test]
fn no_page_gets_in_by_a_signature_that_it_made_up() {
    let port = open(&Keys::default(), false);
    let made_up = signed_url("sns", &format!("/?{LIST_TOPICS}"));
    assert_eq!(port.gets(&made_up, ""), 400);
    assert_eq!(port.gets(&signed_url("sns", "/?Action=ConfirmSubscription&Version=2010-03-31"), ""), 400);
    // The same in a header, which no page can send, is good.
    let authorization = "authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260212/us-east-1/sns/aws4_request, \
                         SignedHeaders=host, Signature=0\r\nx-amz-date: 20260212T143000Z\r\n";
    let list = format!("/?{LIST_TOPICS}");
    for (site, expected) in [("", 200), ("none", 200), ("same-origin", 200), ("same-site", 400), ("cross-site", 400)] {
        let said = if site.is_empty() { String::new() } else { format!("sec-fetch-site: {site}\r\n") };
        assert_eq!(port.gets(&list, &format!("{authorization}{said}")), expected, "{site}");
    }
    // S3's links are opened by hand, and by no page.
    let object = signed_url("s3", "/logs/k?x-id=GetObject");
    assert_eq!(port.gets(&object, ""), 204);
    assert_eq!(port.gets(&object, "sec-fetch-site: none\r\n"), 204);
    assert_eq!(port.gets(&object, "sec-fetch-site: cross-site\r\n"), 400);
    // A mail is read in a page, and its links are followed: this one's token is wrong, which somebody has looked at.
    let link = "/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:123456789012:alerts&Token=abcd";
    let followed = port.sends(&format!("GET {link}"), &format!("host: {HOST}\r\nsec-fetch-site: cross-site\r\n"), "");
    assert!(followed.1.contains("Token"), "{followed:?}");
}

#[test]
fn a_request_names_one_host() {
    let port = open(&Keys::default(), false);
    let host = format!("host: {HOST}\r\n");
    assert_eq!(port.sends("GET /healthz", &host, "").0, 200);
    assert_eq!(port.sends("GET /healthz", &format!("{host}host: evil.example\r\n"), "").0, 400);
    assert_eq!(port.sends("GET /healthz", &format!("{host}{host}"), "").0, 400);
}

#[test]
fn a_session_ends_with_the_key_that_it_goes_back_to() {
    let keys = Keys::default();
    keys.make("AKIAFIRST");
    keys.make("AKIAOTHER");
    let port = open(&keys, true);
    let for_good = Secret::for_good("secret");
    let role = "AssumeRole&RoleArn=arn:aws:iam::123456789012:role/deploy&RoleSessionName=jane";
    let (first, first_secret) = port.begins("AKIAFIRST", &for_good, role);
    let (chained, chained_secret) = port.begins(&first, &first_secret, role);
    let (own, own_secret) = port.begins("AKIAFIRST", &for_good, "GetSessionToken");
    let (other, other_secret) = port.begins("AKIAOTHER", &for_good, role);
    let status = |key: &str, secret: &Secret| port.asks("sns", key, secret, LIST_TOPICS).0;
    let ended = [(&first, &first_secret), (&chained, &chained_secret), (&own, &own_secret)];
    for (key, secret) in ended {
        assert_eq!(status(key, secret), 200);
    }
    keys.delete("AKIAFIRST");
    for (key, secret) in ended {
        assert_eq!(status(key, secret), 403);
    }
    assert_eq!(status(&other, &other_secret), 200);
}

#[test]
fn a_session_that_was_begun_where_any_key_is_let_in_is_none_where_signatures_are_checked() {
    let keys = Keys::default();
    keys.make("AKIAFIRST");
    let store = Arc::new(Store::in_memory().expect("there is memory"));
    let lets_in_any = open_with(&keys, false, Arc::clone(&store));
    let made_up = Secret::for_good("guessed");
    let role = "AssumeRole&RoleArn=arn:aws:iam::123456789012:role/deploy&RoleSessionName=jane";
    let (session, secret) = lets_in_any.begins("AKIAFIRST", &made_up, role);
    let (chained, chained_secret) = lets_in_any.begins(&session, &secret, role);
    let checks = open_with(&keys, true, store);
    for (key, secret) in [(&session, &secret), (&chained, &chained_secret)] {
        assert_eq!(lets_in_any.asks("sns", key, secret, LIST_TOPICS).0, 200);
        assert_eq!(checks.asks("sns", key, secret, LIST_TOPICS).0, 403);
    }
}

#[test]
fn a_signature_that_leaves_out_the_host_names_its_bucket_in_the_path() {
    let keys = Keys::default();
    keys.make("AKIA");
    let port = open(&keys, true);
    // Version 2: HMAC-SHA1 with `secret`, of `GET`, the time and `/logs/k`.
    let target = "GET /logs/k?AWSAccessKeyId=AKIA&Expires=1770906600&Signature=v56%2B6OAd77d7poan2U17HIMVjW4%3D";
    assert_eq!(port.sends(target, &format!("host: {HOST}\r\n"), "").0, 204);
    let behind = port.sends(target, &format!("host: other.{HOST}\r\n"), "");
    assert!(behind.0 == 400 && behind.1.contains("bucket in its path"), "{behind:?}");
}
