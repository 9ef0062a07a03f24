//! Notices: a queue tells of new objects in a linked bucket, so that nobody has to list it to find them.
//!
//! | form | who writes it |
//! |---|---|
//! | `{"Records":[{"s3":…}]}` | S3 event notifications, keys encoded as in URLs |
//! | `{"detail-type":"Object Created","detail":…}` | S3 through EventBridge |
//! | `{"s3Bucket":…,"s3ObjectKey":[…]}` | CloudTrail, to the trail's topic |
//! | `{"Type":"Notification","Message":"…"}` | SNS, around any of these |
//!
//! A message is deleted when its objects are queued for counting. One that cannot be read is left to the queue's own redrive policy.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

use super::{Linked, LinkedBuckets};
use crate::world::aws::{AwsError, Endpoint};
use crate::world::buckets::OnPut;
use crate::world::queues::{Received, delete, receive};

/// How long a queue that does not answer is left alone: longer every time.
const PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// Listens to a bucket's queue; never ends.
pub(super) async fn listen(buckets: Arc<LinkedBuckets>, linked: Arc<Linked>, on_put: OnPut) {
    let (Some(queue_url), Some(credentials)) = (&linked.link.notices_queue_url, &linked.credentials) else { return };
    let Some(to) = endpoint(queue_url, linked.region()) else {
        tracing::error!(bucket = linked.name, queue_url, "the queue of notices is named by no URL");
        return;
    };
    tracing::info!(bucket = linked.name, queue_url, "listening to notices");
    let mut pause = PAUSE;
    loop {
        let work = async {
            let received = receive(&buckets.aws, credentials, &to, queue_url).await?;
            let mut done = Vec::new();
            for message in received {
                if take(&buckets, &linked.name, &message, &on_put) {
                    done.push(message);
                }
            }
            if !done.is_empty() {
                delete(&buckets.aws, credentials, &to, queue_url, &done).await?;
            }
            Ok::<_, AwsError>(())
        };
        match work.await {
            Ok(()) => pause = PAUSE,
            Err(error) => {
                tracing::warn!(bucket = linked.name, queue_url, %error, "the queue of notices does not answer");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Tells of the objects of a message; says whether it could be read.
fn take(buckets: &LinkedBuckets, name: &str, message: &Received, on_put: &OnPut) -> bool {
    let Some(objects) = objects(&message.body) else {
        let begin: String = message.body.chars().take(200).collect();
        tracing::warn!(
            bucket = name,
            message = begin.escape_debug().to_string(),
            "a notice cannot be read; it is left in its queue"
        );
        return false;
    };
    for (bucket, key) in objects {
        let here = buckets.here(&bucket, &key);
        if here.is_empty() {
            tracing::debug!(bucket, key, "a notice is about an object that is below no link");
        }
        for (name, key) in here {
            on_put(&name, &key);
        }
    }
    true
}

/// The bucket and key of every new object that a message tells of; nothing if it cannot be read.
fn objects(body: &str) -> Option<Vec<(String, String)>> {
    let notice: Value = serde_json::from_str(body).ok()?;
    if notice["Type"] == "Notification" {
        return match serde_json::from_str::<Value>(notice["Message"].as_str()?).ok()? {
            // One wrapping is enough: nobody can make this go on and on.
            inner if inner["Type"] == "Notification" => None,
            inner => objects(&inner.to_string()),
        };
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(records) = notice["Records"].as_array() {
        let records = records.iter().filter(|record| {
            let name = record["eventName"].as_str().unwrap_or_default();
            name.trim_start_matches("s3:").starts_with("ObjectCreated:")
        });
        return records
            .map(|record| Some((text(&record["s3"]["bucket"]["name"])?, decoded(&record["s3"]["object"]["key"])?)))
            .collect();
    }
    if notice["Event"] == "s3:TestEvent" {
        return Some(Vec::new());
    }
    if let Some(kind) = notice["detail-type"].as_str() {
        let detail = &notice["detail"];
        return match kind {
            "Object Created" => Some(vec![(text(&detail["bucket"]["name"])?, text(&detail["object"]["key"])?)]),
            _ => Some(Vec::new()),
        };
    }
    let (bucket, keys) = (text(&notice["s3Bucket"])?, notice["s3ObjectKey"].as_array()?);
    keys.iter().map(|key| Some((bucket.clone(), text(key)?))).collect()
}

/// As in a form: a plus is a space.
fn decoded(key: &Value) -> Option<String> {
    let key = key.as_str()?.replace('+', " ");
    percent_decode_str(&key).decode_utf8().ok().map(Cow::into_owned)
}

/// Whom to ask about a queue: whoever its URL names, in the Region that it names.
fn endpoint(queue_url: &str, region: &str) -> Option<Endpoint> {
    let url = Url::parse(queue_url).ok()?;
    let host = url.host_str()?;
    let named = host.strip_prefix("sqs.").and_then(|rest| rest.split_once(".amazonaws.com")).map(|(region, _)| region);
    let origin = url.origin().ascii_serialization();
    Some(Endpoint::of("sqs", named.unwrap_or(region), Some(&origin)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(notice: &Value) -> Option<Vec<(String, String)>> {
        objects(&notice.to_string())
    }

    #[test]
    fn each_form_of_a_notice_is_read_also_within_one_of_sns() {
        let one = vec![("b".to_owned(), "AWSLogs/1/a b+c.json.gz".to_owned())];
        let s3 = json!({ "Records": [
            { "eventName": "ObjectCreated:Put", "s3": { "bucket": { "name": "b" }, "object": { "key": "AWSLogs/1/a+b%2Bc.json.gz" } } },
            { "eventName": "ObjectRemoved:Delete", "s3": { "bucket": { "name": "b" }, "object": { "key": "x" } } },
        ] });
        let bridge = json!({ "detail-type": "Object Created", "detail": { "bucket": { "name": "b" }, "object": { "key": "AWSLogs/1/a b+c.json.gz" } } });
        let trail = json!({ "s3Bucket": "b", "s3ObjectKey": ["AWSLogs/1/a b+c.json.gz"] });
        for notice in [s3, bridge, trail] {
            assert_eq!(told(&notice), Some(one.clone()), "{notice}");
            let wrapped = json!({ "Type": "Notification", "Message": notice.to_string() });
            assert_eq!(told(&wrapped), Some(one.clone()), "{wrapped}");
        }
        assert_eq!(told(&json!({ "Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b" })), Some(Vec::new()));
        assert_eq!(told(&json!({ "detail-type": "Object Deleted", "detail": {} })), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_notice_is_not_taken_for_one() {
        let twice = json!({ "Type": "Notification", "Message": json!({ "Type": "Notification", "Message": "{}" }).to_string() });
        for notice in
            [json!({}), json!([]), json!("x"), json!({ "Records": [{ "eventName": "ObjectCreated:Put" }] }), twice]
        {
            assert_eq!(told(&notice), None, "{notice}");
        }
        assert_eq!(objects("no JSON"), None);
    }

    #[test]
    fn a_queue_is_asked_where_its_url_says() {
        let told = |url| endpoint(url, "us-east-1").map(|to| (to.url, to.region));
        let of = |url: &str, region: &str| Some((url.to_owned(), region.to_owned()));
        assert_eq!(
            told("https://sqs.eu-west-1.amazonaws.com/1/q"),
            of("https://sqs.eu-west-1.amazonaws.com", "eu-west-1")
        );
        assert_eq!(told("http://127.0.0.1:5000/1/q"), of("http://127.0.0.1:5000", "us-east-1"));
        assert_eq!(told("q"), None);
    }
}
