//! Results of queries as files in a bucket: rows as CSV, packed, and a file that signs them, as digests of log files are signed.
//!
//! ```text
//!   s3://bucket/prefix/AWSLogs/123456789012/CloudTrail-Lake/Query/2026/02/12/<query>/result_1.csv.gz … result_sign.json
//! ```
//!
//! What is signed are the files' hashes, with a space between any two. `aws cloudtrail verify-query-results` reads it.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-query-results-validation.html>

use jiff::Timestamp;
use record::digest::{fingerprint, hexadecimal};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::queries::Query;

use super::trail_settings::bucket_and_prefix;
use crate::deliver::Delivering;
use crate::signing_key::note_signing_key;
use crate::target::trail_file::packed;
use crate::world::BucketError;

/// Rows that are taken from the lake at once.
const AT_ONCE: usize = 1000;
/// Bytes of CSV in one file, give or take some rows.
const FILE_BYTES: usize = 64 << 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignFile {
    version: &'static str,
    region: String,
    files: Vec<SignedFile>,
    hash_algorithm: &'static str,
    signature_algorithm: &'static str,
    query_complete_time: String,
    hash_signature: String,
    public_key_fingerprint: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignedFile {
    file_hash_value: String,
    file_name: String,
}

/// Puts a result where it is to lie. Says what came of it, in AWS's word; and why, where it failed.
pub(crate) fn deliver(cx: &Delivering<'_>, query: &Query, uri: &str) -> (&'static str, Option<String>) {
    let (bucket, prefix) = bucket_and_prefix(uri);
    let prefix = prefix.trim_end_matches('/');
    let ended_at = query.details.ended_at.and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or(cx.now);
    let start = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    let day = ended_at.strftime("%Y/%m/%d");
    let folder = format!("{start}AWSLogs/{}/CloudTrail-Lake/Query/{day}/{}/", query.account, query.id);
    let files = match put_results(cx, query, bucket, &folder) {
        Ok(files) => files,
        Err(NotPut { status, text }) => return (status, Some(text)),
    };
    match put_signature(cx, query, ended_at, bucket, &folder, files) {
        Ok(()) => ("SUCCESS", None),
        Err(text) => ("FAILED_SIGNING_FILE", Some(text)),
    }
}

struct NotPut {
    status: &'static str,
    text: String,
}

impl NotPut {
    fn failed(text: String) -> NotPut {
        NotPut { status: "FAILED", text }
    }
}

impl From<BucketError> for NotPut {
    fn from(error: BucketError) -> NotPut {
        let status = match error {
            BucketError::NoBucket(_) => "RESOURCE_NOT_FOUND",
            BucketError::Denied(_) => "ACCESS_DENIED",
            BucketError::NoObject(_) | BucketError::TooLarge { .. } | BucketError::Other(_) => "FAILED",
        };
        NotPut { status, text: error.to_string() }
    }
}

fn put_results(cx: &Delivering<'_>, query: &Query, bucket: &str, folder: &str) -> Result<Vec<SignedFile>, NotPut> {
    let (mut files, mut csv, mut row_number) = (Vec::new(), String::new(), 0);
    loop {
        let rows = cx.world.lake.rows(&query.id, row_number, AT_ONCE);
        let rows = rows.map_err(|fault| NotPut::failed(fault.text))?;
        row_number += rows.len() as u64;
        let is_last = rows.len() < AT_ONCE;
        for row in &rows {
            if csv.is_empty() {
                write_line(&mut csv, row.iter().map(|(label, _)| label.as_str()));
            }
            write_line(&mut csv, row.iter().map(|(_, text)| text.as_str()));
        }
        // A result without rows is a file without lines.
        if csv.len() >= FILE_BYTES || is_last && (!csv.is_empty() || files.is_empty()) {
            let file_name = format!("result_{}.csv.gz", files.len() + 1);
            let bytes = packed(csv.as_bytes()).map_err(NotPut::failed)?;
            cx.world.buckets.put(bucket, &format!("{folder}{file_name}"), &bytes)?;
            files.push(SignedFile { file_hash_value: hexadecimal(&Sha256::digest(&bytes)), file_name });
            csv.clear();
        }
        if is_last {
            return Ok(files);
        }
    }
}

fn put_signature(
    cx: &Delivering<'_>,
    query: &Query,
    ended_at: Timestamp,
    bucket: &str,
    folder: &str,
    files: Vec<SignedFile>,
) -> Result<(), String> {
    let signer = &*cx.world.signer;
    if signer.public_key_der().is_empty() {
        return Err("there is no key here to sign with".into());
    }
    note_signing_key(cx.store, signer, cx.now).map_err(|error| error.to_string())?;
    let hashes: Vec<&str> = files.iter().map(|file| file.file_hash_value.as_str()).collect();
    let file = SignFile {
        version: "1.0",
        region: query.region.to_string(),
        hash_algorithm: "SHA-256",
        signature_algorithm: "SHA256withRSA",
        query_complete_time: format!("{ended_at:.0}"),
        hash_signature: hexadecimal(&signer.rsa_sha256(hashes.join(" ").as_bytes())),
        public_key_fingerprint: fingerprint(signer.public_key_der()),
        files,
    };
    let text = serde_json::to_vec(&file).map_err(|error| error.to_string())?;
    cx.world.buckets.put(bucket, &format!("{folder}result_sign.json"), &text).map_err(|error| error.to_string())
}

/// A line of CSV; every value is quoted, whatever stands in it.
fn write_line<'t>(csv: &mut String, values: impl Iterator<Item = &'t str>) {
    for (number, value) in values.enumerate() {
        csv.push_str(if number > 0 { ",\"" } else { "\"" });
        csv.push_str(&value.replace('"', "\"\""));
        csv.push('"');
    }
    csv.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_stands_in_a_value_it_is_one_value() {
        let mut csv = String::new();
        write_line(&mut csv, ["a", "", "says \"no\"", "one,\ntwo"].into_iter());
        assert_eq!(csv, "\"a\",\"\",\"says \"\"no\"\"\",\"one,\ntwo\"\n");
    }
}
