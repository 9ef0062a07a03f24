//! How fast the structure of a text is read, on one core: a record's 1.4 KB again and again, and shorter and longer texts.
//!
//!   cargo run --release -p skim --example skim_speed
//!
//! Choosing the look is part of what is measured. The best of several runs, in bytes a second of time passed.

#![expect(clippy::disallowed_methods, reason = "it measures")]

use std::hint::black_box;
use std::time::Instant;

use skim::{Avx2, Portable, Structure};

fn main() {
    for length in [64, 300, 1_400, 1_408, 16_000] {
        let texts: Vec<Vec<u8>> = (0..64).map(|text| cut(text, length)).collect();
        println!("texts of {length} bytes");
        rate("here", &texts, &mut |structure, text| structure.read(text));
        if let Some(avx2) = Avx2::here() {
            rate("avx2, chosen before", &texts, &mut |structure, text| structure.read_with(avx2, text));
        }
        rate("portable", &texts, &mut |structure, text| structure.read_with(Portable, text));
    }
}

fn rate(name: &str, texts: &[Vec<u8>], read: &mut dyn FnMut(&mut Structure, &[u8]) -> bool) {
    let bytes: usize = texts.iter().map(Vec::len).sum();
    let rounds = 50_000_000 / bytes;
    let mut structure = Structure::default();
    let mut best = f64::MAX;
    for _ in 0..15 {
        let begun = Instant::now();
        for _ in 0..rounds {
            for text in texts {
                black_box(read(&mut structure, black_box(text)));
                black_box(structure.blocks());
            }
        }
        best = best.min(begun.elapsed().as_secs_f64() / rounds as f64);
    }
    let one = best / texts.len() as f64;
    println!("  {name:20} {:6.2} GB/s {:7.1} ns a text", bytes as f64 / best / 1e9, one * 1e9);
}

/// Records one after the other, from one place or another, cut at this length.
fn cut(from: usize, length: usize) -> Vec<u8> {
    RECORD.bytes().cycle().skip(from * 7).take(length).collect()
}

const RECORD: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE0012345678:i-0123456789abcdef0","arn":"arn:aws:sts::100000000001:assumed-role/DeployPipeline/i-0123456789abcdef0","accountId":"100000000001","accessKeyId":"ASIAEXAMPLE000000001","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE0012345678","arn":"arn:aws:iam::100000000001:role/DeployPipeline","accountId":"100000000001","userName":"DeployPipeline"},"webIdFederationData":{},"attributes":{"creationDate":"2026-02-12T14:02:11Z","mfaAuthenticated":"false"}}},"eventTime":"2026-02-12T14:05:17Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"us-east-1","sourceIPAddress":"10.1.2.17","userAgent":"aws-sdk-go/1.44.298 (go1.20.5; linux; amd64) S3Manager","requestParameters":{"instancesSet":{"items":[{"imageId":"ami-0123456789abcdef0","minCount":1,"maxCount":1}]},"instanceType":"m5.large","tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"Name","value":"worker \"blue\""},{"key":"team","value":"payments"}]}]}},"responseElements":null,"requestID":"5e2bdb1c-2d20-4d7c-8c56-39e5a9a2c1b0","eventID":"0ad0ee31-9f4d-4e0e-b3a0-9a7e52b2f4d7","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"100000000001","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","clientProvidedHostHeader":"ec2.us-east-1.amazonaws.com"}},"#;
