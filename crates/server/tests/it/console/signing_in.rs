//! Who gets in, and who does not.

use serde_json::Value;
use server::console_api::PATH;
use server::http::{FrontDoor, HostName};

use super::{HOST, OWN, PAIR, guarded, signed_in};
use crate::door::Door;
use crate::gate::Keys;
use crate::port::Port;

#[test]
fn nobody_gets_in_without_having_signed_in() {
    let keys = Keys::default();
    keys.make("AKIAFIRST");
    let port = guarded(&keys);
    let overview = format!("GET {PATH}overview");
    assert_eq!(port.sends(&overview, OWN, "").0, 401);
    let (_, session) = port.told("session");
    assert_eq!((&session["isSignedIn"], &session["account"]), (&false.into(), &Value::Null));
    let sign_in = format!("POST {PATH}session");
    assert_eq!(port.sends(&sign_in, OWN, &PAIR.replace("secret\"}", "wrong\"}")).0, 403);
    assert_eq!(port.sends(&sign_in, OWN, &PAIR.replace("AKIAFIRST", "AKIAOTHER")).0, 403);
    assert_eq!(port.sends(&sign_in, OWN, "{}").0, 400);
    // A page of another site can post a form, but not name the header.
    assert_eq!(port.sends(&sign_in, &format!("host: {HOST}\r\n"), PAIR).0, 403);

    let cookie = signed_in(&port);
    assert_eq!(port.sends(&overview, &format!("{OWN}{cookie}"), "").0, 200);
    // The cookie alone is what a browser sends for whoever asks it to.
    assert_eq!(port.sends(&overview, &format!("host: {HOST}\r\n{cookie}"), "").0, 401);
    for origin in ["https://evil.example", "https://bucket.localhost:4580", "http://localhost:4580", "null"] {
        let asked = port.sends(&overview, &format!("{OWN}{cookie}origin: {origin}\r\n"), "");
        assert_eq!(asked.0, 403, "{origin}");
    }
    assert_eq!(port.sends(&overview, &format!("{OWN}{cookie}sec-fetch-site: same-site\r\n"), "").0, 403);
    let own_page = format!("{OWN}{cookie}origin: https://{HOST}\r\nsec-fetch-site: same-origin\r\n");
    assert_eq!(port.sends(&overview, &own_page, "").0, 200);
    // What the cookie says is sealed.
    for (from, to) in [("AKIAFIRST.", "AKIAOTHER."), (".17", ".27"), ("cookie: other=1; ", "cookie: other=1; x")] {
        let other = cookie.replacen(from, to, 1);
        assert_ne!(other, cookie);
        assert_eq!(port.sends(&overview, &format!("{OWN}{other}"), "").0, 401, "{other}");
    }

    // AWS's operations are asked by the page as they are.
    let list = "content-type: application/x-amz-json-1.1\r\nx-amz-target: AWSEvents.ListRules\r\n";
    assert_eq!(port.sends("POST /", &format!("{OWN}{cookie}{list}"), "{}").0, 200);
    assert_ne!(port.sends("POST /", &format!("host: {HOST}\r\n{cookie}{list}"), "{}").0, 200);
    assert_ne!(port.sends("POST /", &format!("{OWN}{list}"), "{}").0, 200);

    // It ends with its key.
    keys.delete("AKIAFIRST");
    assert_eq!(port.sends(&overview, &format!("{OWN}{cookie}"), "").0, 401);
}

#[test]
fn the_page_is_anybodys_and_what_is_in_a_bucket_is_no_page_of_ours() {
    let port = guarded(&Keys::default());
    let host = format!("host: {HOST}\r\n");
    assert_eq!(port.sends("GET /console/insights/x", &host, ""), (200, "page insights/x".into()));
    assert_eq!(port.sends("GET /console/", &format!("{host}sec-fetch-site: cross-site\r\n"), "").0, 200);
    assert_eq!(port.sends("GET /console", &host, "").0, 303);
    assert_eq!(port.sends("GET /", &format!("{host}accept: text/html,*/*\r\n"), "").0, 303);
    assert_eq!(port.sends("GET /", &host, "").0, 404);
    assert_eq!(port.sends("GET /console/", "host: evil.example\r\n", "").0, 421);
    assert_ne!(port.sends("POST /console/", &host, "").0, 200);
}

#[test]
fn where_any_key_is_let_in_the_header_is_what_no_page_of_another_site_can_send() {
    let port = Port::open(|_| FrontDoor {
        hosts: vec![HostName::WithBuckets(HOST.into()), HostName::Exact("127.0.0.1:4580".into())],
        ..Door::default().into_front_door()
    });
    let overview = format!("GET {PATH}overview");
    assert_eq!(port.sends(&overview, OWN, "").0, 200);
    assert_eq!(port.sends(&overview, &format!("host: {HOST}\r\n"), "").0, 401);
    let list = "content-type: application/x-amz-json-1.1\r\nx-amz-target: AWSEvents.ListRules\r\n";
    assert_eq!(port.sends("POST /", &format!("{OWN}{list}"), "{}").0, 200);
    assert_ne!(port.sends("POST /", &format!("host: {HOST}\r\n{list}"), "{}").0, 200);
    // The page may have been opened by another of our names than the one that was said at the start; a bucket's is none.
    for (origin, host, expected) in [
        ("http://localhost:4580", HOST, 200),
        ("http://127.0.0.1:4580", "127.0.0.1:4580", 200),
        ("http://localhost:4580", "127.0.0.1:4580", 403),
        ("http://my-bucket.localhost:4580", "my-bucket.localhost:4580", 403),
        ("https://localhost:4580", HOST, 403),
        ("http://evil.example", HOST, 403),
    ] {
        let headers = format!("host: {host}\r\nx-trailsight-request: 1\r\norigin: {origin}\r\n");
        assert_eq!(port.sends(&overview, &headers, "").0, expected, "{origin} asks {host}");
    }
}
