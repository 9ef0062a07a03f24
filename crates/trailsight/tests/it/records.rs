//! Hand-made records and files.

use record::time::Minute;
use serde_json::{Value, json};

/// The account of hand-made records.
pub(crate) const ACCOUNT: &str = "123456789012";

/// A record as CloudTrail writes it, of one call.
pub(crate) fn call(id: u64, at: &str, name: &str) -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE",
            "arn": "arn:aws:iam::123456789012:user/alice",
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAEXAMPLE",
            "userName": "alice",
        },
        "eventTime": at,
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15.0",
        "requestParameters": null,
        "responseElements": null,
        "requestID": format!("request-{id}"),
        "eventID": format!("00000000-0000-4000-8000-{id:012x}"),
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    })
}

/// A log file's text.
pub(crate) fn log_text(records: &[Value]) -> Vec<u8> {
    json!({ "Records": records }).to_string().into_bytes()
}

/// Nine calm days of one API called every half hour, and then sixty calls within ten minutes, each changed as wished.
pub(crate) fn burst(change: impl Fn(&mut Value)) -> Vec<Value> {
    let start = crate::door::minute("2026-02-02T00:00:00Z");
    let calm = (0..9 * 48).map(|n| start.0 + 30 * n);
    let calm = calm.map(|at| (at, "198.51.100.7"));
    let burst = (0..60).map(|n| (start.0 + 9 * 1440 + 90 + n / 6, "203.0.113.9"));
    let record = |(id, (at, from)): (usize, (i32, &str))| {
        let mut record = call(id as u64, &Minute(at).to_string(), "DeleteVolume");
        record["sourceIPAddress"] = from.into();
        if from == "203.0.113.9" {
            change(&mut record);
        }
        record
    };
    calm.chain(burst).enumerate().map(record).collect()
}
