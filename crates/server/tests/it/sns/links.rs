//! Links, over a real port: what nobody signs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use server::http::{FrontDoor, HostName};
use server::push::{NoPushKeys, PushDesk};
use server::world::{Clock, Dice, Nothing, Signer, World};
use server::{Place, RuleBook};
use store::Store;

use super::{QUEUE, TOPIC, encoded, text};
use crate::door::{Held, Outbox};
use crate::port::Port;
use crate::web::TestKey;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> jiff::Timestamp {
        "2026-02-12T12:00:00Z".parse().expect("it is a moment")
    }
}

struct Rolling(AtomicU64);

impl Dice for Rolling {
    fn bits(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

fn exchange(port: &Port, method: &str, target: &str, headers: &str, body: &str) -> (u16, String) {
    port.sends(&format!("{method} {target}"), &format!("host: 127.0.0.1:{}\r\n{headers}", port.number), body)
}

fn signed(port: &Port, form: &str) -> (u16, String) {
    let headers = "authorization: AWS4-HMAC-SHA256 Credential=AKID/20260212/us-east-1/sns/aws4_request, \
                   SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n\
                   x-amz-date: 20260212T120000Z\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    exchange(port, "POST", "/", headers, &format!("{form}&Version=2010-03-31"))
}

#[test]
fn a_link_that_was_sent_needs_no_signature_and_all_else_does() {
    let store = Arc::new(Store::in_memory().expect("there is memory"));
    let world = World {
        clock: Box::new(Noon),
        dice: Box::new(Rolling(AtomicU64::new(1))),
        buckets: Box::new(Held::default()),
        mail: Box::new(Outbox::default()),
        web: Box::new(Nothing),
        queues: Box::new(Nothing),
        functions: Box::new(Nothing),
        signer: Box::new(TestKey),
        vault: Box::new(Nothing),
        lake: Box::new(Nothing),
    };
    let port = Port::open(|number| FrontDoor {
        store: Arc::clone(&store),
        world: Arc::new(world),
        rules: Arc::new(RuleBook::default()),
        // The link names the Region, whatever that of unsigned calls is.
        place: Place { region: "eu-west-1".into(), ..Place::default() },
        public_url: "http://127.0.0.1:4580".into(),
        hosts: vec![HostName::Exact(format!("127.0.0.1:{number}"))],
        gate: Arc::default(),
        s3: None,
        page: None,
        progress: Arc::default(),
        metrics: Arc::default(),
        live: Default::default(),
        push: Arc::new(PushDesk::new(Box::new(NoPushKeys), Duration::ZERO)),
    });

    let topic = encoded(TOPIC);
    assert_eq!(signed(&port, "Action=CreateTopic&Name=alerts").0, 200);
    let subscribe = format!(
        "Action=Subscribe&TopicArn={topic}&Protocol=email&Endpoint=ops%40example.com&ReturnSubscriptionArn=true"
    );
    let arn = text(&signed(&port, &subscribe).1, "SubscriptionArn");
    let rows = store.read(|r| r.deliveries(&store::deliveries::DeliveryList::default(), 10)).expect("it can be read");
    let asked: serde_json::Value = serde_json::from_slice(&rows[0].payload).expect("it is JSON");
    let token = asked["said"]["SubscriptionConfirmation"]["token"].as_str().expect("it has a token");

    for target in [
        format!("/?Action=Publish&TopicArn={TOPIC}&Message=x&Version=2010-03-31"),
        // Whichever of two is looked at, the other is not done.
        format!("/?Action=ConfirmSubscription&Action=Publish&TopicArn={TOPIC}&Message=x"),
        format!("/?Action=Publish&Action=ConfirmSubscription&Version=2010-03-31&TopicArn={QUEUE}&Message=x"),
        format!("/?Action=ListSubscriptions&Version=2010-03-31&TopicArn={TOPIC}"),
    ] {
        assert_ne!(exchange(&port, "GET", &target, "", "").0, 200, "{target}");
    }
    let get = |target: String| exchange(&port, "GET", &target, "", "");
    let wrong = get(format!("/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abcd"));
    assert_eq!((wrong.0, text(&wrong.1, "Message").as_str()), (400, "Invalid parameter: Token"));
    let broken = get(format!("/?Action=ConfirmSubscription&TopicArn=alerts&Token={token}"));
    assert_eq!(text(&broken.1, "Message"), "Invalid parameter: Topic");
    let confirmed = get(format!("/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={token}"));
    assert_eq!((confirmed.0, text(&confirmed.1, "SubscriptionArn")), (200, arn.clone()));
    let told = signed(&port, &format!("Action=GetSubscriptionAttributes&SubscriptionArn={}", encoded(&arn))).1;
    assert!(told.contains("<key>ConfirmationWasAuthenticated</key><value>false</value>"), "{told}");

    // Whoever is to check a signature gets the certificate, and nothing else of its kind.
    let certificate = "/SimpleNotificationService-d3e1e5b01d52b5cc0133c3edbebd98f4.pem";
    assert_eq!(get(certificate.into()), (200, TestKey.certificate_pem().to_owned()));
    assert_ne!(get("/SimpleNotificationService-0.pem".into()).0, 200);

    // Who asked for it keeps others' links from ending it.
    let keep = format!("Action=Unsubscribe&SubscriptionArn={arn}");
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    assert_ne!(exchange(&port, "POST", &format!("/?{keep}"), form, "List-Unsubscribe=Maybe").0, 200);
    let publish = format!("/?Action=Publish&TopicArn={TOPIC}&Message=x&Version=2010-03-31");
    assert_ne!(exchange(&port, "POST", &publish, form, "List-Unsubscribe=One-Click").0, 200);
    assert_eq!(exchange(&port, "POST", &format!("/?{keep}"), form, "List-Unsubscribe=One-Click").0, 200);
    let told = signed(&port, &format!("Action=GetSubscriptionAttributes&SubscriptionArn={}", encoded(&arn)));
    assert_eq!(told.0, 404);
    let rows = store.read(|r| r.deliveries(&store::deliveries::DeliveryList::default(), 10)).expect("it can be read");
    let asked: serde_json::Value = serde_json::from_slice(&rows[0].payload).expect("it is JSON");
    let token = asked["said"]["UnsubscribeConfirmation"]["token"].as_str().expect("it has a token");
    let back = format!("Action=ConfirmSubscription&TopicArn={topic}&Token={token}&AuthenticateOnUnsubscribe=true");
    assert_eq!(signed(&port, &back).0, 200);
    let refused = get(format!("/?{keep}"));
    assert_eq!((refused.0, text(&refused.1, "Code").as_str()), (403, "AuthorizationError"));
    assert_eq!(signed(&port, &format!("Action=Unsubscribe&SubscriptionArn={}", encoded(&arn))).0, 200);
}
