//! Results that are put into a bucket, with a file that signs them.

use record::digest::{fingerprint, hexadecimal};
use serde_json::{Value, json};
use server::world::{BucketError, Signer};
use sha2::{Digest, Sha256};

use super::{STATEMENT, described, running, until};
use crate::cloudtrail::told;
use crate::door::Door;
use crate::web::{TestKey, is_signed};

/// Signs with the key of tests, and says which it is.
struct Known;

impl Signer for Known {
    fn rsa_sha1(&self, text: &[u8]) -> Vec<u8> {
        TestKey.rsa_sha1(text)
    }

    fn rsa_sha256(&self, text: &[u8]) -> Vec<u8> {
        TestKey.rsa_sha256(text)
    }

    fn certificate_pem(&self) -> &str {
        TestKey.certificate_pem()
    }

    fn public_key_der(&self) -> &[u8] {
        b"its public key"
    }
}

fn from_hexadecimal(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("it is one")).collect()
}

fn unpacked(bytes: &[u8]) -> String {
    std::io::read_to_string(flate2::read::GzDecoder::new(bytes)).expect("it is gzip")
}

#[test]
fn a_result_is_delivered_as_csv_and_a_file_that_signs_it() {
    let door = Door::default().signing(Known);
    door.lake.answer(&[&[("eventName", "Run\"Instances\""), ("errorCode", "")]]);
    running(door, |door, _stop| {
        let uri = "s3://results/of/lake/";
        let started = told(door, "StartQuery", json!({ "QueryStatement": STATEMENT, "DeliveryS3Uri": uri }));
        let id = started["QueryId"].as_str().expect("it is told");
        until(door, id, "FINISHED");
        while described(door, id)["DeliveryStatus"] == "PENDING" {
            std::thread::yield_now();
        }
        let told_of = described(door, id);
        assert_eq!((&told_of["DeliveryStatus"], &told_of["DeliveryS3Uri"]), (&json!("SUCCESS"), &json!(uri)));
        let folder = format!("of/lake/AWSLogs/123456789012/CloudTrail-Lake/Query/2026/02/12/{id}/");
        let get = |name: &str| door.world.buckets.get("results", &format!("{folder}{name}"), u64::MAX);
        let file = get("result_1.csv.gz").expect("it lies there");
        assert_eq!(unpacked(&file), "\"eventName\",\"errorCode\"\n\"Run\"\"Instances\"\"\",\"\"\n");
        let sign: Value = serde_json::from_slice(&get("result_sign.json").expect("it lies there")).expect("it is JSON");
        let hash = hexadecimal(&Sha256::digest(&file));
        let signature = sign["hashSignature"].as_str().expect("it is told");
        assert!(is_signed("2", hash.as_bytes(), &from_hexadecimal(signature)));
        assert_eq!(
            sign,
            json!({
                "version": "1.0",
                "region": "us-east-1",
                "files": [{ "fileHashValue": hash, "fileName": "result_1.csv.gz" }],
                "hashAlgorithm": "SHA-256",
                "signatureAlgorithm": "SHA256withRSA",
                "queryCompleteTime": "2026-02-12T14:30:00Z",
                "hashSignature": signature,
                "publicKeyFingerprint": fingerprint(b"its public key"),
            })
        );
        let keys = told(door, "ListPublicKeys", json!({}));
        assert_eq!(keys["PublicKeyList"][0]["Fingerprint"], sign["publicKeyFingerprint"], "it can be verified");
        assert!(matches!(get("result_2.csv.gz"), Err(BucketError::NoObject(_))));
    });
}

#[test]
fn a_result_that_was_not_delivered_when_the_process_was_killed_is_after_the_start() {
    let door = Door::default();
    let id = {
        let input = json!({ "QueryStatement": STATEMENT, "DeliveryS3Uri": "s3://results" });
        told(&door, "StartQuery", input)["QueryId"].as_str().expect("it is told").to_owned()
    };
    door.lake.answer(&[&[("a", "1")]]);
    let ended = door.store.write(|w| {
        let mut query = w.take_query(door.now)?.expect("it waits");
        query.state = store::queries::QueryState::Finished;
        (query.is_delivering, query.details.rows) = (true, 1);
        query.details.ended_at = Some(door.now.as_millisecond());
        w.change_query(&query, store::queries::QueryState::Running)
    });
    assert!(ended.expect("it is kept"));
    door.lake.keep_rows(&id);
    assert_eq!(described(&door, &id)["DeliveryStatus"], "PENDING");
    let door = running(door, |door, _stop| {
        while described(door, &id)["DeliveryStatus"] == "PENDING" {
            std::thread::yield_now();
        }
    });
    assert_eq!(described(&door, &id)["DeliveryStatus"], "FAILED_SIGNING_FILE", "there is no key to sign with");
    let key = format!("AWSLogs/123456789012/CloudTrail-Lake/Query/2026/02/12/{id}/result_1.csv.gz");
    assert_eq!(unpacked(&door.world.buckets.get("results", &key, u64::MAX).expect("it lies there")), "\"a\"\n\"1\"\n");
}
