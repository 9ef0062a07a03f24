//! Damage at every byte: nothing panics, both walks tell the same, and what is still JSON is still read right.

use std::io::Write;

use serde_json::Value;

use crate::oracle::{expected, read, read_by};

const TEXT: &str = r#"{"Records":[{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA:s","arn":"arn:aws:sts::111122223333:assumed-role/R/s","accountId":"111122223333","sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/R"},"webIdFederationData":{},"attributes":{"mfaAuthenticated":"false"}}},"eventTime":"2026-02-12T14:30:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"10.0.0.1","userAgent":"a \"b\" \\","requestParameters":{"k":[1,{"x":"}"}]},"responseElements":null,"eventID":"6b54e0ad-c23c-4850-b896-7533a3558526","readOnly":true,"resources":[{"type":"T","ARN":"arn:aws:s3:::b"}],"managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data"},{"eventVersion":"1.08","userIdentity":{"type":"AWSService","invokedBy":"ec2.amazonaws.com"},"eventTime":"2026-02-12T14:30:01Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"eu-west-1","errorCode":"Client.Unauthorized\u004fperation","requestParameters":{"n":"ü"},"recipientAccountId":"111122223333"}]}"#;

#[test]
fn damage_to_the_text_panics_nowhere() {
    let text = TEXT.as_bytes();
    let mut still_json = 0;
    let mut try_it = |damaged: &[u8]| {
        let (outcomes, _) = read(damaged, Some("999988887777"));
        // Where serde_json still finds an array of records, so must we, and the same ones.
        let Ok(value) = serde_json::from_slice::<Value>(damaged) else { return };
        if let Some(records) = value.get("Records").and_then(Value::as_array) {
            #[derive(serde::Deserialize)]
            struct Records<'a> {
                #[serde(rename = "Records", borrow)]
                records: Vec<&'a serde_json::value::RawValue>,
            }
            assert_eq!(outcomes.len(), records.len(), "{}", String::from_utf8_lossy(damaged));
            if let Ok(raw) = serde_json::from_slice::<Records<'_>>(damaged) {
                for (raw, (outcome, _)) in raw.records.iter().zip(&outcomes) {
                    assert_eq!(*outcome, expected(raw.get(), Some("999988887777")), "{raw}");
                }
                still_json += 1;
            }
        }
    };
    for at in 0..text.len() {
        try_it(&text[..at]);
        try_it(&text[at..]);
        try_it(&[&text[..at], &text[at + 1..]].concat());
        for byte in *b"\"\\{}[],:\n 0ntf\x00\xff\xc3" {
            let mut damaged = text.to_vec();
            damaged[at] = byte;
            try_it(&damaged);
        }
        for bit in [0, 3, 5, 7] {
            let mut damaged = text.to_vec();
            damaged[at] ^= 1 << bit;
            try_it(&damaged);
        }
    }
    assert!(still_json > 5000, "{still_json}");
}

#[test]
fn damage_to_the_gzip_panics_nowhere() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(TEXT.as_bytes()).unwrap();
    let file = encoder.finish().unwrap();
    let mut reader = record::log_file::Reader::new(Default::default());
    for at in 0..file.len() {
        let cut = read(&file[..at], None);
        assert!(at == 0 || cut.1.is_err(), "cut at {at}: {cut:?}");
        for bit in 0..8 {
            let mut damaged = file.clone();
            damaged[at] ^= 1 << bit;
            // The same from a new reader and from one that has seen much.
            assert_eq!(read(&damaged, None), read_by(&mut reader, &damaged, None), "byte {at}, bit {bit}");
        }
    }
}
