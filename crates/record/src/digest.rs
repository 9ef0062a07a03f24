//! Digests: what was delivered in an hour, signed, each with the signature of the one before.
//!
//! ```text
//!   digest 14:00–15:00 ◄──hash, signature── digest 15:00–16:00 ◄──hash, signature── digest 16:00–16:20 (the last)
//!     │ hashes                                 │ hashes
//!     ▼                                        ▼
//!   log files                                log files
//! ```
//!
//! Whoever has the public key can tell whether a log file or a digest was changed or removed since: that is what
//! `aws cloudtrail validate-logs` does. All hashes are of what a file says before compression. A chain begins with a digest
//! that names none before it.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::log_key::DigestKey;
use crate::time;

/// How digests are signed: RSA, PKCS #1 v1.5.
pub const SIGNATURE_ALGORITHM: &str = "SHA256withRSA";
const HASH_ALGORITHM: &str = "SHA-256";
const HOUR_SECONDS: i64 = 3600;

/// A digest.
#[derive(Clone, Debug, PartialEq)]
pub struct Digest {
    /// The bucket that it is put into.
    pub bucket: String,
    /// Under which key; its time is the end of what the digest covers.
    pub key: DigestKey,
    /// The start of what it covers, in seconds since 1970-01-01T00:00:00Z.
    pub start: i64,
    /// Whose signature it will have: see [`fingerprint`].
    pub fingerprint: String,
    /// The digest before it; none if it is the first of its chain.
    pub previous: Option<Link>,
    /// What was delivered.
    pub files: Vec<DigestedFile>,
}

/// What a digest says of the one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// The hash of its text, in hexadecimal.
    pub hash: String,
    /// Its signature, in hexadecimal.
    pub signature: String,
}

/// What a digest says of a log file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestedFile {
    /// Its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// The hash of its text, in hexadecimal.
    pub hash: String,
    /// The times of its oldest and its newest event; see [`event_times`].
    pub times: Option<(i64, i64)>,
}

impl Digest {
    /// What it says, before compression.
    pub fn text(&self) -> String {
        let oldest = self.files.iter().filter_map(|file| file.times).map(|(oldest, _)| oldest).min();
        let newest = self.files.iter().filter_map(|file| file.times).map(|(_, newest)| newest).max();
        let previous = self.previous.as_ref();
        let told = Told {
            aws_account_id: &self.key.account,
            digest_start_time: shown(self.start),
            digest_end_time: shown(self.key.time),
            digest_s3_bucket: &self.bucket,
            digest_s3_object: self.key.to_string(),
            digest_public_key_fingerprint: &self.fingerprint,
            digest_signature_algorithm: SIGNATURE_ALGORITHM,
            newest_event_time: newest.map(shown),
            oldest_event_time: oldest.map(shown),
            previous_digest_s3_bucket: previous.map(|link| &*link.bucket),
            previous_digest_s3_object: previous.map(|link| &*link.key),
            previous_digest_hash_value: previous.map(|link| &*link.hash),
            previous_digest_hash_algorithm: previous.map(|_| HASH_ALGORITHM),
            previous_digest_signature: previous.map(|link| &*link.signature),
            log_files: self.files.iter().map(ToldFile::of).collect(),
        };
        serde_json::to_string(&told).expect("texts and lists of texts are written to memory")
    }

    /// What is signed of a digest that says this.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html>
    pub fn to_sign(&self, text: &str) -> String {
        // Of the first one of a chain the missing signature is written out.
        let previous = self.previous.as_ref().map_or("null", |link| &link.signature);
        format!("{}\n{}/{}\n{}\n{previous}", shown(self.key.time), self.bucket, self.key, hash(text.as_bytes()))
    }

    /// What the next one says of this one, which says `text` and was given this signature.
    pub fn link(&self, text: &str, signature: &[u8]) -> Link {
        Link {
            bucket: self.bucket.clone(),
            key: self.key.to_string(),
            hash: hash(text.as_bytes()),
            signature: hexadecimal(signature),
        }
    }
}

/// In AWS's words and order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'d> {
    aws_account_id: &'d str,
    digest_start_time: String,
    digest_end_time: String,
    digest_s3_bucket: &'d str,
    digest_s3_object: String,
    digest_public_key_fingerprint: &'d str,
    digest_signature_algorithm: &'static str,
    newest_event_time: Option<String>,
    oldest_event_time: Option<String>,
    previous_digest_s3_bucket: Option<&'d str>,
    previous_digest_s3_object: Option<&'d str>,
    previous_digest_hash_value: Option<&'d str>,
    previous_digest_hash_algorithm: Option<&'static str>,
    previous_digest_signature: Option<&'d str>,
    log_files: Vec<ToldFile<'d>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToldFile<'d> {
    s3_bucket: &'d str,
    s3_object: &'d str,
    hash_value: &'d str,
    hash_algorithm: &'static str,
    newest_event_time: Option<String>,
    oldest_event_time: Option<String>,
}

impl ToldFile<'_> {
    fn of(file: &DigestedFile) -> ToldFile<'_> {
        ToldFile {
            s3_bucket: &file.bucket,
            s3_object: &file.key,
            hash_value: &file.hash,
            hash_algorithm: HASH_ALGORITHM,
            newest_event_time: file.times.map(|(_, newest)| shown(newest)),
            oldest_event_time: file.times.map(|(oldest, _)| shown(oldest)),
        }
    }
}

/// The end of the hour that this second is in.
pub fn hour_end(second: i64) -> i64 {
    (second.div_euclid(HOUR_SECONDS) + 1) * HOUR_SECONDS
}

/// SHA-256 in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// What a public key (PKCS #1 in DER) is known by: 32 hexadecimal digits, like AWS's. How AWS makes them it does not say, and
/// who checks a digest only looks the key up by them; these are half of a SHA-256.
pub fn fingerprint(public_key_der: &[u8]) -> String {
    hexadecimal(&Sha256::digest(public_key_der)[..16])
}

/// The times of the oldest and the newest event of a log file's text.
pub fn event_times(text: &str) -> Option<(i64, i64)> {
    #[derive(Deserialize)]
    struct File<'t> {
        #[serde(borrow, rename = "Records")]
        records: Vec<Event<'t>>,
    }
    #[derive(Deserialize)]
    struct Event<'t> {
        #[serde(borrow, rename = "eventTime")]
        time: Cow<'t, str>,
    }
    let file: File<'_> = serde_json::from_str(text).ok()?;
    let times = file.records.iter().filter_map(|event| time::seconds_of_event_time(event.time.as_bytes()));
    times.fold(None, |range, time| {
        let (oldest, newest) = range.unwrap_or((time, time));
        Some((oldest.min(time), newest.max(time)))
    })
}

/// In hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// `2015-08-17T15:01:31Z`.
fn shown(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |at| format!("{at:.0}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::time::Minute;

    const END: i64 = 1_439_823_691; // 2015-08-17T15:01:31Z

    fn digest(previous: Option<Link>) -> Digest {
        Digest {
            bucket: "logs".into(),
            key: DigestKey {
                prefix: Some("p".into()),
                organization: None,
                account: "111122223333".into(),
                region: "us-east-2".into(),
                day: Minute::of_seconds(END).day_start(),
                trail: "my-trail".into(),
                home_region: "us-east-1".into(),
                time: END,
                is_backfill: false,
            },
            start: END - 3600,
            fingerprint: fingerprint(b"a key"),
            previous,
            files: Vec::new(),
        }
    }

    #[test]
    fn a_first_digest_of_an_hour_without_files_names_none_before_it() {
        let key = "p/AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/\
                   111122223333_CloudTrail-Digest_us-east-2_my-trail_us-east-1_20150817T150131Z.json.gz";
        let digest = digest(None);
        let text = digest.text();
        assert_eq!(
            text,
            format!(
                r#"{{"awsAccountId":"111122223333","digestStartTime":"2015-08-17T14:01:31Z","digestEndTime":"2015-08-17T15:01:31Z","digestS3Bucket":"logs","digestS3Object":"{key}","digestPublicKeyFingerprint":"{}","digestSignatureAlgorithm":"SHA256withRSA","newestEventTime":null,"oldestEventTime":null,"previousDigestS3Bucket":null,"previousDigestS3Object":null,"previousDigestHashValue":null,"previousDigestHashAlgorithm":null,"previousDigestSignature":null,"logFiles":[]}}"#,
                digest.fingerprint
            )
        );
        assert_eq!(digest.to_sign(&text), format!("2015-08-17T15:01:31Z\nlogs/{key}\n{}\nnull", hash(text.as_bytes())));
        assert_eq!(digest.fingerprint.len(), 32);
    }

    #[test]
    fn a_later_digest_names_the_one_before_it_and_all_files() {
        let link = digest(None).link("what it says", &[0xab, 0x01]);
        let mut digest = digest(Some(link.clone()));
        let file = |key: &str, times| DigestedFile { bucket: "logs".into(), key: key.into(), hash: hash(b""), times };
        digest.files =
            vec![file("a", Some((END - 300, END - 200))), file("b", None), file("c", Some((END - 9000, END - 250)))];
        let text = digest.text();
        let told: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(told["previousDigestS3Object"], link.key);
        assert_eq!(told["previousDigestHashValue"], hash(b"what it says"));
        assert_eq!(told["previousDigestHashAlgorithm"], "SHA-256");
        assert_eq!(told["previousDigestSignature"], "ab01");
        assert_eq!(told["newestEventTime"], "2015-08-17T14:58:11Z");
        assert_eq!(told["oldestEventTime"], "2015-08-17T12:31:31Z");
        assert_eq!(
            told["logFiles"][0],
            json!({
                "s3Bucket": "logs",
                "s3Object": "a",
                "hashValue": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "hashAlgorithm": "SHA-256",
                "newestEventTime": "2015-08-17T14:58:11Z",
                "oldestEventTime": "2015-08-17T14:56:31Z",
            })
        );
        assert_eq!(told["logFiles"][1]["newestEventTime"], Value::Null);
        assert!(digest.to_sign(&text).ends_with("\nab01"));
    }

    #[test]
    fn hours_end_on_the_hour() {
        assert_eq!(hour_end(END), 1_439_827_200);
        assert_eq!(hour_end(1_439_827_200), 1_439_830_800);
    }

    #[test]
    fn the_times_of_a_file_are_those_of_its_events() {
        let text = r#"{"Records":[{"eventTime":"2015-08-17T14:58:11Z","x":1},{"eventTime":"2015-08-17T14:56:31Z"}]}"#;
        assert_eq!(event_times(text), Some((END - 300, END - 200)));
        assert_eq!(event_times(r#"{"Records":[]}"#), None);
        assert_eq!(event_times("no JSON"), None);
    }
}
