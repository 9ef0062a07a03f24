//! The forms, as they go out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use wire::Blob;

use super::*;
use crate::sns::delivery_policy::RetryPolicy;
use crate::sns::message::Structure;
use crate::world::{Nothing, Signer};

/// Signs with a word, so that one sees what was signed and how.
struct Words;

impl Signer for Words {
    fn rsa_sha1(&self, text: &[u8]) -> Vec<u8> {
        [b"sha1 of ", text].concat()
    }

    fn rsa_sha256(&self, text: &[u8]) -> Vec<u8> {
        [b"sha256 of ", text].concat()
    }

    fn certificate_pem(&self) -> &str {
        "a certificate"
    }

    fn public_key_der(&self) -> &[u8] {
        b"a key"
    }
}

const HERE: &Sender<'_> = &Sender { public_url: "http://127.0.0.1:4580", signer: &Words };
const CERTIFICATE: &str = "http://127.0.0.1:4580/SimpleNotificationService-81acd762140fa692a142822d2fbe4dc6.pem";

fn time() -> Timestamp {
    Timestamp::of_text("2026-02-12T14:30:00.25Z").expect("it is a moment")
}

fn message() -> Message {
    let attribute = |data_type: &str, string_value: Option<&str>, binary_value| MessageAttribute {
        data_type: data_type.into(),
        string_value: string_value.map(Into::into),
        binary_value,
    };
    Message {
        id: "m-1".into(),
        subject: Some("An \"unusual\" rate".into()),
        body: "{\"count\": 245.0}".into(),
        structure: Structure::Plain,
        attributes: BTreeMap::from([
            ("bytes".into(), attribute("Binary", None, Some(Blob(vec![2, 3, 4])))),
            ("count".into(), attribute("Number", Some("99.12"), None)),
        ]),
        group_id: None,
        time: time(),
    }
}

fn to(protocol: Protocol, said: Said) -> SubscriptionDelivery {
    SubscriptionDelivery {
        protocol,
        endpoint: "there".into(),
        topic_arn: "arn:aws:sns:us-east-1:123456789012:alerts".into(),
        subscription_arn: "arn:aws:sns:us-east-1:123456789012:alerts:s-1".into(),
        display_name: String::new(),
        signature_version: "1".into(),
        is_raw: false,
        content_type: "text/plain; charset=UTF-8".into(),
        retries: RetryPolicy::default(),
        receives_per_second: None,
        dead_letter_arn: None,
        said,
    }
}

fn question() -> Question {
    Question { id: "q-1".into(), token: "0a1b".into(), time: time() }
}

#[test]
fn an_envelope_has_a_line_for_each_field_in_the_order_of_aws() {
    let form = http(&to(Protocol::Https, Said::Notification(message())), HERE);
    let signature = STANDARD.encode(
        "sha1 of Message\n{\"count\": 245.0}\nMessageId\nm-1\nSubject\nAn \"unusual\" rate\n\
         Timestamp\n2026-02-12T14:30:00.250Z\nTopicArn\narn:aws:sns:us-east-1:123456789012:alerts\nType\nNotification\n",
    );
    let expected = r#"{
  "Type" : "Notification",
  "MessageId" : "m-1",
  "TopicArn" : "arn:aws:sns:us-east-1:123456789012:alerts",
  "Subject" : "An \"unusual\" rate",
  "Message" : "{\"count\": 245.0}",
  "Timestamp" : "2026-02-12T14:30:00.250Z",
  "SignatureVersion" : "1",
  "Signature" : "SIGNATURE",
  "SigningCertURL" : "CERTIFICATE",
  "UnsubscribeURL" : "http://127.0.0.1:4580/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:123456789012:alerts:s-1",
  "MessageAttributes" : {
    "bytes" : {"Type":"Binary","Value":"AgME"},
    "count" : {"Type":"Number","Value":"99.12"}
  }
}"#;
    assert_eq!(form.body, expected.replace("SIGNATURE", &signature).replace("CERTIFICATE", CERTIFICATE));
    assert!(form.headers.contains(&("x-amz-sns-message-type", "Notification".into())));
    assert!(form.headers.iter().any(|(name, _)| *name == "x-amz-sns-subscription-arn"));
    assert!(form.headers.iter().all(|(name, _)| *name != "x-amz-sns-rawdelivery"));
}

#[test]
fn a_confirmation_has_a_token_and_a_link_and_no_subscription() {
    let mut delivery = to(Protocol::Http, Said::SubscriptionConfirmation(question()));
    // Neither is for what is asked: the question is always an envelope.
    (delivery.is_raw, delivery.content_type) = (true, "application/json".into());
    let form = http(&delivery, HERE);
    let body: Value = serde_json::from_str(&form.body).expect("it is JSON");
    assert_eq!(body["Type"], "SubscriptionConfirmation");
    assert_eq!(body["Token"], "0a1b");
    assert_eq!(
        body["SubscribeURL"],
        "http://127.0.0.1:4580/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:123456789012:alerts&Token=0a1b"
    );
    assert_eq!(body.get("UnsubscribeURL"), None);
    let signature = STANDARD.decode(body["Signature"].as_str().expect("it is signed")).expect("it is base64");
    let message = body["Message"].as_str().expect("it says something");
    let signed = format!(
        "sha1 of Message\n{message}\nMessageId\nq-1\nSubscribeURL\n{}\nTimestamp\n2026-02-12T14:30:00.250Z\nToken\n0a1b\n\
         TopicArn\narn:aws:sns:us-east-1:123456789012:alerts\nType\nSubscriptionConfirmation\n",
        body["SubscribeURL"].as_str().expect("it has a link"),
    );
    assert_eq!(String::from_utf8(signature).expect("it is text"), signed);
    assert_eq!(form.headers[0], ("content-type", "text/plain; charset=UTF-8".into()));
    assert!(form.headers.iter().all(|(name, _)| *name != "x-amz-sns-subscription-arn"));
}

#[test]
fn what_is_raw_is_the_message_alone() {
    let mut delivery = to(Protocol::Sqs, Said::Notification(Message { group_id: Some("g".into()), ..message() }));
    let wrapped = sqs(&delivery, HERE);
    assert!(wrapped.body.starts_with("{\n  \"Type\" : \"Notification\"") && wrapped.attributes.is_empty());
    delivery.is_raw = true;
    let raw = sqs(&delivery, HERE);
    assert_eq!((raw.body.as_str(), raw.group_id.as_deref()), ("{\"count\": 245.0}", Some("g")));
    assert_eq!(raw.attributes, message().attributes);
    let posted = http(&delivery, HERE);
    assert_eq!(posted.body, "{\"count\": 245.0}");
    assert!(posted.headers.contains(&("x-amz-sns-rawdelivery", "true".into())));
}

#[test]
fn a_function_gets_a_record_whose_names_end_in_url_and_not_in_capitals() {
    let plain = Message { subject: None, attributes: BTreeMap::new(), ..message() };
    let event: Value =
        serde_json::from_str(&lambda(&to(Protocol::Lambda, Said::Notification(plain)), HERE)).expect("JSON");
    let record = &event["Records"][0];
    assert_eq!(record["EventSource"], "aws:sns");
    assert_eq!(record["EventVersion"], "1.0");
    assert_eq!(record["EventSubscriptionArn"], "arn:aws:sns:us-east-1:123456789012:alerts:s-1");
    assert_eq!(record["Sns"]["Subject"], Value::Null);
    assert_eq!(record["Sns"]["MessageAttributes"], serde_json::json!({}));
    assert_eq!(record["Sns"]["Message"], "{\"count\": 245.0}");
    let names: Vec<&str> = record["Sns"].as_object().expect("it is an object").keys().map(String::as_str).collect();
    for name in [
        "Signature",
        "SignatureVersion",
        "SigningCertUrl",
        "UnsubscribeUrl",
        "Timestamp",
        "TopicArn",
        "MessageId",
        "Subject",
    ] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    assert!(!names.contains(&"Token"));
}

#[test]
fn a_topic_chooses_how_it_is_signed_and_a_fifo_topic_is_not() {
    let signed = |delivery: &SubscriptionDelivery, sender: &Sender<'_>| {
        let body: Value = serde_json::from_str(&http(delivery, sender).body).expect("it is JSON");
        let text = body.get("Signature").and_then(Value::as_str).map(|text| STANDARD.decode(text).expect("base64"));
        let names = ["SignatureVersion", "SigningCertURL"];
        assert!(names.iter().all(|name| body.get(name).is_some() == text.is_some()), "{body}");
        text.map(|text| String::from_utf8(text).expect("it is text"))
    };
    let plain = Message { subject: None, ..message() };
    let mut delivery = to(Protocol::Https, Said::Notification(plain));
    delivery.signature_version = "2".into();
    let text = signed(&delivery, HERE).expect("it is signed");
    assert!(text.starts_with("sha256 of Message\n") && !text.contains("Subject"), "{text}");
    // Without a key there is nothing that looks like a signature.
    assert_eq!(signed(&delivery, &Sender { signer: &Nothing, ..*HERE }), None);
    delivery.topic_arn += ".fifo";
    assert_eq!(signed(&delivery, HERE), None);
}

#[test]
fn a_mail_reads_as_its_author_meant_it() {
    let literal = Message { subject: None, body: r#""Rate: 245\nUsual: 12""#.into(), ..message() };
    let told = mail(&to(Protocol::Email, Said::Notification(literal)), HERE);
    assert_eq!(told.subject, "AWS Notification Message");
    assert!(told.text.starts_with("Rate: 245\nUsual: 12\n\n-- \n"), "{}", told.text);
    let link = told.unsubscribe_url.expect("a notification can be ended");
    assert!(told.text.ends_with(&format!("{link}\n")));

    let asked = mail(&to(Protocol::Email, Said::SubscriptionConfirmation(question())), HERE);
    assert!(asked.text.contains("&Token=0a1b\n"), "{}", asked.text);
    assert_eq!(asked.unsubscribe_url, None);

    let json = mail(&to(Protocol::EmailJson, Said::Notification(message())), HERE);
    assert_eq!(json.text, http(&to(Protocol::Https, Said::Notification(message())), HERE).body);
}

#[test]
fn a_delivery_comes_back_from_its_row_as_it_was() {
    for said in [
        Said::Notification(message()),
        Said::SubscriptionConfirmation(question()),
        Said::UnsubscribeConfirmation(question()),
    ] {
        let delivery = to(Protocol::EmailJson, said);
        let row = serde_json::to_vec(&delivery).expect("it is JSON");
        let back: SubscriptionDelivery = serde_json::from_slice(&row).expect("it is a delivery");
        assert_eq!(http(&back, HERE), http(&delivery, HERE));
    }
}

#[test]
fn each_protocol_is_tried_again_as_its_policy_says() {
    use route::retry::{DeliveryPolicy, Policy};

    let mut delivery = to(Protocol::Https, Said::Notification(message()));
    assert_eq!(delivery.retry_policy(), Policy::Sns(DeliveryPolicy::HTTP));
    delivery.retries = serde_json::from_str(r#"{"minDelayTarget":1,"maxDelayTarget":1,"numRetries":7}"#).expect("JSON");
    let Policy::Sns(policy) = delivery.retry_policy() else { panic!("it is SNS's") };
    assert_eq!((policy.retry_count(), policy.total_seconds()), (7, 7.0));
    for (protocol, policy) in [
        (Protocol::Email, DeliveryPolicy::SMTP),
        (Protocol::Sqs, DeliveryPolicy::AWS_MANAGED),
        (Protocol::Lambda, DeliveryPolicy::AWS_MANAGED),
    ] {
        delivery.protocol = protocol;
        assert_eq!(delivery.retry_policy(), Policy::Sns(policy));
    }
}
