//! Digests of what was delivered: chained, signed, one an hour.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use record::digest::{fingerprint, hash};
use serde_json::{Value, json};
use server::digests::make_due;
use server::world::Signer;
use store::deliveries::NewDelivery;

use crate::door::Door;

const TARGET: &str = "CloudTrail_20131101";
const KEY: &[u8] = b"a public key";

/// Signs so that a test can tell what was signed. That real signatures are verified is e2e's business.
struct Plainly;

impl Signer for Plainly {
    fn rsa_sha1(&self, _: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    fn rsa_sha256(&self, text: &[u8]) -> Vec<u8> {
        hash(text).into_bytes()
    }

    fn certificate_pem(&self) -> &str {
        ""
    }

    fn public_key_der(&self) -> &[u8] {
        KEY
    }
}

fn ask(door: &Door, operation: &str, input: Value) -> Value {
    let reply = door.json(&format!("{TARGET}.{operation}"), input);
    assert_eq!(reply.status, 200, "{operation}: {reply:?}");
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

/// A service at 14:30 with an organization's trail that validates.
fn door_with_trail(bucket: &str) -> Door {
    let door = Door::default().signing(Plainly);
    let trail = json!({
        "Name": "my-trail", "S3BucketName": bucket, "S3KeyPrefix": "p", "IsMultiRegionTrail": true,
        "IsOrganizationTrail": true, "EnableLogFileValidation": true,
    });
    ask(&door, "CreateTrail", trail);
    ask(&door, "StartLogging", json!({ "Name": "my-trail" }));
    look(&door);
    door
}

/// What the service does all the time. Says how many digests were made.
fn look(door: &Door) -> usize {
    let mut made = 0;
    for _ in 0..3 {
        made += make_due(&door.delivering()).expect("digests are made");
        door.deliver();
    }
    made
}

fn insight_file(door: &Door, account: &str, region: &str, unique: &str) -> (String, String) {
    let key = format!(
        "p/AWSLogs/{account}/CloudTrail-Insight/{region}/2026/02/12/\
         {account}_CloudTrail-Insight_{region}_20260212T1435Z_{unique}.json.gz"
    );
    let text = format!(r#"{{"Records":[{{"eventTime":"2026-02-12T14:31:00Z","of":"{unique}"}}]}}"#);
    let payload = json!({ "bucket": "logs", "key": key, "text": text });
    let delivery = NewDelivery {
        kind: "trail-file".into(),
        target: "arn:aws:s3:::logs".into(),
        in_order: None,
        payload: payload.to_string().into_bytes(),
        due_at: door.now,
    };
    door.store.write(|w| w.add_delivery(&delivery, door.now)).expect("it is kept");
    (key, text)
}

/// Every digest of an account-Region by its end, as `aws cloudtrail validate-logs` finds and checks it.
fn digests(door: &Door, account: &str, region: &str) -> BTreeMap<String, Value> {
    let organization = &door.place.organization_id;
    let prefix = format!("p/AWSLogs/{organization}/{account}/CloudTrail-Digest/{region}/");
    let keys = door.buckets().list("logs", &prefix, "", usize::MAX).expect("it lists");
    keys.into_iter()
        .map(|(key, _)| {
            let bytes = door.object("logs", &key).expect("it is there");
            let mut text = String::new();
            std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&*bytes), &mut text).expect("it is gzip");
            let digest: Value = serde_json::from_str(&text).expect("it is JSON");
            assert_eq!((&digest["digestS3Bucket"], &digest["digestS3Object"]), (&json!("logs"), &json!(key)));
            assert_eq!(digest["digestPublicKeyFingerprint"], fingerprint(KEY));
            let end = digest["digestEndTime"].as_str().expect("it ends").to_owned();
            assert!(key.ends_with(&format!("_my-trail_us-east-1_{}.json.gz", end.replace(['-', ':'], ""))), "{key}");
            let previous = digest["previousDigestSignature"].as_str().unwrap_or("null");
            let to_sign = format!("{end}\nlogs/{key}\n{}\n{previous}", hash(text.as_bytes()));
            let signature: String = hash(to_sign.as_bytes()).bytes().map(|byte| format!("{byte:02x}")).collect();
            let metadata = &door.metadata.lock().expect("nobody panics with it")[&("logs".to_owned(), key)];
            assert_eq!(metadata["signature"], signature);
            assert_eq!(metadata["signature-algorithm"], "SHA256withRSA");
            (end, digest)
        })
        .collect()
}

#[test]
fn every_hour_has_its_digest_which_lists_what_was_delivered_in_it_and_names_the_one_before() {
    let mut door = door_with_trail("logs");
    let (key, text) = insight_file(&door, "123456789012", "us-east-1", "AAAAAAAAAAAAAAAA");
    assert_eq!(look(&door), 0, "the hour is not over");
    door.wait(SignedDuration::from_mins(29));
    assert_eq!(look(&door), 0);
    door.wait(SignedDuration::from_mins(1));
    assert_eq!(look(&door), 1);
    assert_eq!(look(&door), 0, "there is each once");
    let (late, _) = insight_file(&door, "123456789012", "us-east-1", "BBBBBBBBBBBBBBBB");
    door.wait(SignedDuration::from_hours(2));
    look(&door);

    let all = digests(&door, "123456789012", "us-east-1");
    let ends: Vec<_> = all.keys().map(String::as_str).collect();
    assert_eq!(ends, ["2026-02-12T15:00:00Z", "2026-02-12T16:00:00Z", "2026-02-12T17:00:00Z"]);
    let [first, second, third] = ["15", "16", "17"].map(|hour| &all[&format!("2026-02-12T{hour}:00:00Z")]);
    assert_eq!(first["digestStartTime"], "2026-02-12T14:30:00Z");
    assert_eq!(first["previousDigestS3Object"], Value::Null);
    assert_eq!(first["logFiles"][0]["s3Object"], key);
    assert_eq!(first["logFiles"][0]["hashValue"], hash(text.as_bytes()));
    assert_eq!(first["logFiles"][0]["newestEventTime"], "2026-02-12T14:31:00Z");
    assert_eq!(first["logFiles"].as_array().map(Vec::len), Some(1));
    assert_eq!(second["previousDigestS3Object"], first["digestS3Object"]);
    assert_eq!(second["digestStartTime"], first["digestEndTime"]);
    // It was due in the second hour, and put when the service was there again, after the digests that were missed.
    assert_eq!(second["logFiles"], json!([]));
    assert_eq!(third["logFiles"], json!([]));
    assert_eq!(third["previousDigestS3Object"], second["digestS3Object"]);
    door.wait(SignedDuration::from_hours(1));
    look(&door);
    let fourth = &digests(&door, "123456789012", "us-east-1")["2026-02-12T18:00:00Z"];
    assert_eq!(fourth["logFiles"][0]["s3Object"], late);

    let status = ask(&door, "GetTrailStatus", json!({ "Name": "my-trail" }));
    assert_eq!(status["LatestDigestDeliveryTime"], door.now.as_second());
    let keys = ask(&door, "ListPublicKeys", json!({}));
    assert_eq!(keys["PublicKeyList"][0]["Fingerprint"], fingerprint(KEY));
    assert_eq!(keys["PublicKeyList"][0]["Value"], "YSBwdWJsaWMga2V5");
    let before = door.now.as_second() - 7 * 86_400;
    assert_eq!(
        ask(&door, "ListPublicKeys", json!({ "StartTime": before, "EndTime": before }))["PublicKeyList"],
        json!([])
    );
    for (input, code) in [
        (json!({ "StartTime": before + 1, "EndTime": before }), "InvalidTimeRangeException"),
        (json!({ "NextToken": "x" }), "InvalidTokenException"),
    ] {
        let refused = door.json(&format!("{TARGET}.ListPublicKeys"), input);
        assert!(refused.status == 400 && refused.body.contains(code), "{refused:?}");
    }
}

#[test]
fn a_chain_ends_where_logging_stops_and_another_begins_where_it_goes_on() {
    let mut door = door_with_trail("logs");
    door.wait(SignedDuration::from_mins(5));
    let (key, _) = insight_file(&door, "123456789012", "us-east-1", "AAAAAAAAAAAAAAAA");
    look(&door);
    ask(&door, "StopLogging", json!({ "Name": "my-trail" }));
    door.wait(SignedDuration::from_secs(7));
    assert_eq!(look(&door), 1, "the last one");
    insight_file(&door, "123456789012", "us-east-1", "BBBBBBBBBBBBBBBB");
    assert_eq!(look(&door), 0);
    door.wait(SignedDuration::from_hours(3));
    assert_eq!(look(&door), 0);
    ask(&door, "StartLogging", json!({ "Name": "my-trail" }));
    look(&door);
    door.wait(SignedDuration::from_hours(1));
    assert_eq!(look(&door), 1);

    ask(&door, "UpdateTrail", json!({ "Name": "my-trail", "EnableLogFileValidation": false }));
    assert_eq!(look(&door), 1, "the last one of the second chain");
    door.wait(SignedDuration::from_hours(1));
    assert_eq!(look(&door), 0);

    let all = digests(&door, "123456789012", "us-east-1");
    let told: Vec<_> = all
        .iter()
        .map(|(end, digest)| {
            let files = digest["logFiles"].as_array().expect("it is a list").len();
            (&**end, digest["previousDigestS3Object"].is_null(), files)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("2026-02-12T14:35:00Z", true, 1),
            // What came while nobody validated is in no digest.
            ("2026-02-12T18:00:00Z", true, 0),
            ("2026-02-12T18:35:07Z", false, 0),
        ]
    );
    assert_eq!(all["2026-02-12T14:35:00Z"]["logFiles"][0]["s3Object"], key);
}

#[test]
fn each_account_region_has_a_chain_from_its_first_file_on() {
    let mut door = door_with_trail("logs");
    door.wait(SignedDuration::from_hours(2));
    let (key, _) = insight_file(&door, "444455556666", "eu-west-1", "AAAAAAAAAAAAAAAA");
    look(&door);
    door.wait(SignedDuration::from_hours(1));
    look(&door);
    assert_eq!(digests(&door, "123456789012", "us-east-1").len(), 3);
    let theirs = digests(&door, "444455556666", "eu-west-1");
    assert_eq!(theirs.len(), 1);
    let digest = &theirs["2026-02-12T17:00:00Z"];
    assert_eq!(digest["awsAccountId"], "444455556666");
    assert_eq!(digest["digestStartTime"], "2026-02-12T16:00:00Z");
    assert_eq!(digest["logFiles"][0]["s3Object"], key);
}

#[test]
fn in_a_bucket_that_lies_elsewhere_there_are_no_digests_of_ours() {
    let mut door = door_with_trail("linked-logs");
    door.wait(SignedDuration::from_hours(2));
    assert_eq!(look(&door), 0);
}
