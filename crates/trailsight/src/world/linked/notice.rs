//! A notice: which new objects a queue's message tells of.
//!
//! | form | who writes it |
//! |---|---|
//! | `{"Records":[{"s3":…}]}` | S3 event notifications, keys encoded as in URLs |
//! | `{"detail-type":"Object Created","detail":…}` | S3 through EventBridge |
//! | `{"s3Bucket":…,"s3ObjectKey":[…]}` | CloudTrail, to the trail's topic |
//! | `{"Type":"Notification","Message":"…"}` | SNS, around any of these |
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The bucket and key of every new object that a message tells of; nothing if it cannot be read.
pub(super) fn objects(body: &str) -> Option<Vec<(String, String)>> {
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
}
