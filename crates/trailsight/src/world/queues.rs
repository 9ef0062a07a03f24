//! Queues elsewhere: SQS, or what speaks as it does.
//!
//! A queue's ARN says its Region and account; where it is reached is asked once (GetQueueUrl), and again when it is gone.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use object_store::aws::AwsCredentialProvider;
use serde_json::{Map, Value, json};
use server::world::{QueueError, QueueMessage, Queues};
use tokio::runtime::Handle;

use super::aws::{Aws, AwsError, Endpoint};

/// Messages that are received at once; SQS gives no more.
const RECEIVED: u32 = 10;
/// How long a queue is asked for messages, seconds; SQS waits no longer.
const WAIT_SECONDS: u32 = 20;

/// SQS.
pub struct Sqs {
    aws: Arc<Aws>,
    runtime: Handle,
    endpoint_url: Option<String>,
    /// By ARN.
    urls: Mutex<HashMap<String, String>>,
}

/// A message that was received.
#[derive(Debug)]
pub struct Received {
    /// What it says.
    pub body: String,
    /// What to name when it is deleted.
    pub receipt_handle: String,
}

impl Sqs {
    /// Nothing is asked yet. `endpoint_url`: where all queues are, if not at AWS.
    pub fn new(aws: Arc<Aws>, runtime: Handle, endpoint_url: Option<String>) -> Sqs {
        Sqs { aws, runtime, endpoint_url, urls: Mutex::default() }
    }

    async fn send_to(&self, queue_arn: &str, message: &QueueMessage) -> Result<String, QueueError> {
        let (region, account, name) =
            parts(queue_arn).ok_or_else(|| QueueError::NoQueue(format!("`{queue_arn}` is the ARN of no queue")))?;
        let to = Endpoint::of("sqs", region, self.endpoint_url.as_deref());
        let credentials = self.aws.own_credentials().map_err(|error| told(queue_arn, error))?;
        let known = self.urls().get(queue_arn).cloned();
        let url = match known {
            Some(url) => url,
            None => {
                let asked = json!({ "QueueName": name, "QueueOwnerAWSAccountId": account });
                let told = self.aws.json(&credentials, &to, "AmazonSQS.GetQueueUrl", &asked).await;
                let url = told.and_then(|told| text_of(&to, &told, "QueueUrl"));
                let url = url.map_err(|error| self::told(queue_arn, error))?;
                self.urls().insert(queue_arn.to_owned(), url.clone());
                url
            }
        };
        let sent = self.aws.json(&credentials, &to, "AmazonSQS.SendMessage", &asked(&url, message)).await;
        match sent.and_then(|told| text_of(&to, &told, "MessageId")) {
            Ok(id) => Ok(id),
            Err(error) => {
                let error = told(queue_arn, error);
                if matches!(error, QueueError::NoQueue(_)) {
                    self.urls().remove(queue_arn);
                }
                Err(error)
            }
        }
    }

    fn urls(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.urls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues for Sqs {
    fn send(&self, queue_arn: &str, message: &QueueMessage) -> Result<String, QueueError> {
        self.runtime.block_on(self.send_to(queue_arn, message))
    }
}

/// Waits for messages of a queue, some twenty seconds at most.
pub async fn receive(
    aws: &Aws,
    credentials: &AwsCredentialProvider,
    to: &Endpoint,
    queue_url: &str,
) -> Result<Vec<Received>, AwsError> {
    let asked = json!({ "QueueUrl": queue_url, "MaxNumberOfMessages": RECEIVED, "WaitTimeSeconds": WAIT_SECONDS });
    let told = aws.json(credentials, to, "AmazonSQS.ReceiveMessage", &asked).await?;
    let messages = told["Messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |message: &Value, name: &str| message[name].as_str().unwrap_or_default().to_owned();
    let received = messages
        .iter()
        .map(|message| Received { body: text(message, "Body"), receipt_handle: text(message, "ReceiptHandle") });
    Ok(received.collect())
}

/// Takes messages out of a queue, those that were received and are done with.
pub async fn delete(
    aws: &Aws,
    credentials: &AwsCredentialProvider,
    to: &Endpoint,
    queue_url: &str,
    messages: &[Received],
) -> Result<(), AwsError> {
    let entries = messages.iter().enumerate();
    let entries: Vec<Value> =
        entries.map(|(at, message)| json!({ "Id": at.to_string(), "ReceiptHandle": message.receipt_handle })).collect();
    let asked = json!({ "QueueUrl": queue_url, "Entries": entries });
    aws.json(credentials, to, "AmazonSQS.DeleteMessageBatch", &asked).await.map(drop)
}

/// A text that an answer has, or it is none.
fn text_of(to: &Endpoint, told: &Value, name: &str) -> Result<String, AwsError> {
    let text = told[name].as_str().filter(|text| !text.is_empty());
    text.map(str::to_owned)
        .ok_or_else(|| AwsError::Unreachable(format!("{}: there is no {name} in its answer", to.url)))
}

/// Region, account and name. The Region is a part of the host that is asked.
fn parts(queue_arn: &str) -> Option<(&str, &str, &str)> {
    let mut parts = queue_arn.splitn(6, ':');
    let (arn, _partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (region, account, name) = (parts.next()?, parts.next()?, parts.next()?);
    let is_region = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let is_name = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    let is_of = |part: &str, is: fn(u8) -> bool| !part.is_empty() && part.bytes().all(is);
    (arn == "arn"
        && service == "sqs"
        && is_of(region, is_region)
        && is_of(account, |c| c.is_ascii_digit())
        && is_of(name, is_name))
    .then_some((region, account, name))
}

fn asked(queue_url: &str, message: &QueueMessage) -> Value {
    let mut asked = Map::new();
    asked.insert("QueueUrl".into(), queue_url.into());
    asked.insert("MessageBody".into(), message.body.as_str().into());
    if !message.attributes.is_empty() {
        let attributes = message.attributes.iter().map(|(name, attribute)| {
            let is_binary = attribute.data_type.split('.').next() == Some("Binary");
            let value = if is_binary { "BinaryValue" } else { "StringValue" };
            (name.clone(), json!({ "DataType": attribute.data_type, value: attribute.value }))
        });
        asked.insert("MessageAttributes".into(), attributes.collect::<Map<_, _>>().into());
    }
    let more = [("MessageGroupId", &message.group_id), ("MessageDeduplicationId", &message.deduplication_id)];
    for (name, value) in more {
        if let Some(value) = value {
            asked.insert(name.into(), value.as_str().into());
        }
    }
    asked.into()
}

/// What a queue's refusal means for what was to be sent.
fn told(queue_arn: &str, error: AwsError) -> QueueError {
    let text = format!("{queue_arn}: {error}");
    let AwsError::Refused { code, .. } = error else { return QueueError::Other(text) };
    match code.as_str() {
        "QueueDoesNotExist"
        | "NonExistentQueue"
        | "AWS.SimpleQueueService.NonExistentQueue"
        | "QueueDeletedRecently" => QueueError::NoQueue(text),
        // That our keys are none is a mistake of ours, which somebody may put right; that we may not is what EventBridge
        // does not try again.
        "AccessDenied" | "AccessDeniedException" | "KmsAccessDenied" | "KMS.AccessDeniedException" => {
            QueueError::NoPermission(text)
        }
        "RequestThrottled" | "ThrottlingException" | "Throttling" | "OverLimit" | "KmsThrottled" => {
            QueueError::Throttled(text)
        }
        "InvalidMessageContents"
        | "InvalidAttributeValue"
        | "InvalidParameterValue"
        | "MissingParameter"
        | "UnsupportedOperation"
        | "ValidationException" => QueueError::Invalid(text),
        _ => QueueError::Other(text),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use server::world::QueueAttribute;

    use super::*;
    use crate::world::answering::{answering, known_as_an_example};

    /// A server that takes what is asked for well, and answers with the next of these texts.
    fn saying(texts: &[&str]) -> String {
        answering(texts.iter().map(|text| ("200 OK", (*text).to_owned())).collect())
    }

    #[test]
    fn what_no_queue_has_answered_is_not_sent() {
        const PAGE: &str = "<html>Sign in to the network</html>";
        const URL: &str = r#"{"QueueUrl": "http://q/1/q"}"#;
        let runtime = tokio::runtime::Runtime::new().expect("there are threads");
        for (answers, why) in [
            (&[PAGE][..], "cannot be read: <html>Sign in"),
            (&["{}"], "no QueueUrl"),
            (&[r#"{"QueueUrl": ""}"#], "no QueueUrl"),
            (&[URL, PAGE], "cannot be read: <html>"),
            (&[URL, "null"], "cannot be read"),
            (&[URL, "{}"], "no MessageId"),
            (&[URL, r#"{"MessageId": ""}"#], "no MessageId"),
        ] {
            // It is tried again, and then it is sent: nothing that was no answer is remembered.
            let next =
                if answers.len() == 1 { &[URL, r#"{"MessageId": "m"}"#][..] } else { &[r#"{"MessageId": "m"}"#] };
            let sqs =
                Sqs::new(known_as_an_example(), runtime.handle().clone(), Some(saying(&[answers, next].concat())));
            let send = || sqs.send("arn:aws:sqs:us-east-1:123456789012:q", &QueueMessage::default());
            let error = send().expect_err("nobody has taken it");
            assert!(matches!(&error, QueueError::Other(text) if text.contains(why)), "{answers:?}: {error}");
            assert_eq!(send(), Ok("m".to_owned()), "{answers:?}");
        }
    }

    #[test]
    fn a_page_in_place_of_messages_is_an_error_and_no_empty_queue() {
        let runtime = tokio::runtime::Runtime::new().expect("there are threads");
        let to = Endpoint::of("sqs", "us-east-1", Some(&saying(&["<html></html>"])));
        let aws = known_as_an_example();
        let credentials = aws.own_credentials().expect("they are known");
        let received = runtime.block_on(receive(&aws, &credentials, &to, "http://q/1/q"));
        assert!(matches!(received, Err(AwsError::Unreachable(_))), "{received:?}");
    }

    #[test]
    fn no_redirect_is_followed() {
        let elsewhere = saying(&[r#"{"QueueUrl": "http://q/1/q"}"#, r#"{"MessageId": "m"}"#]);
        let runtime = tokio::runtime::Runtime::new().expect("there are threads");
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody comes");
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).expect("it asks");
            let answer =
                format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).expect("it is sent");
        });
        let sqs = Sqs::new(known_as_an_example(), runtime.handle().clone(), Some(url));
        let sent = sqs.send("arn:aws:sqs:us-east-1:123456789012:q", &QueueMessage::default());
        assert!(matches!(&sent, Err(QueueError::Other(text)) if text.contains("status 307")), "{sent:?}");
    }

    #[test]
    fn an_arn_says_where_a_queue_is() {
        assert_eq!(parts("arn:aws:sqs:eu-west-1:123456789012:q.fifo"), Some(("eu-west-1", "123456789012", "q.fifo")));
        for other in [
            "arn:aws:sns:eu-west-1:123456789012:q",
            "arn:aws:sqs:eu-west-1::q",
            "arn:aws:sqs:evil.example/:123456789012:q",
            "arn:aws:sqs:evil.example#:123456789012:q",
            "arn:aws:sqs:a@evil:123456789012:q",
            "q",
            "",
        ] {
            assert_eq!(parts(other), None, "{other}");
        }
    }

    #[test]
    fn a_message_is_asked_for_as_sqs_wants_it() {
        let attribute = |kind: &str, value: &str| QueueAttribute { data_type: kind.into(), value: value.into() };
        let message = QueueMessage {
            body: "hello".into(),
            attributes: [("n".to_owned(), attribute("Number.int", "7")), ("b".to_owned(), attribute("Binary", "aGk="))]
                .into(),
            group_id: Some("g".into()),
            deduplication_id: None,
        };
        let expected = json!({
            "QueueUrl": "http://h/1/q",
            "MessageBody": "hello",
            "MessageAttributes": {
                "n": { "DataType": "Number.int", "StringValue": "7" },
                "b": { "DataType": "Binary", "BinaryValue": "aGk=" },
            },
            "MessageGroupId": "g",
        });
        assert_eq!(asked("http://h/1/q", &message), expected);
    }

    #[test]
    fn only_what_will_not_get_better_is_final() {
        let of = |code: &str| told("arn", AwsError::Refused { code: code.into(), message: "m".into() });
        assert!(matches!(of("QueueDoesNotExist"), QueueError::NoQueue(_)));
        assert!(matches!(of("AccessDenied"), QueueError::NoPermission(_)));
        assert!(matches!(of("InvalidClientTokenId"), QueueError::Other(_)));
        assert!(matches!(of("RequestThrottled"), QueueError::Throttled(_)));
        assert!(matches!(told("arn", AwsError::Unreachable("gone".into())), QueueError::Other(_)));
    }
}
