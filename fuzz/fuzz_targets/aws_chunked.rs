//! Bodies in chunks of any bytes: however they are cut they carry the same, no more than came in, or are refused alike; what is in
//! chunks is read as what was put into them; and no chunk's signature is made up.
//!
//!   RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none aws_chunked -- -max_total_time=20
//!
//! (from the folder above). The input's first byte says where it is cut. The reader is the binary's, taken as a file: the binary
//! with all its libraries would take minutes to build here.
#![no_main]

#[path = "../../crates/trailsight/src/world/aws_chunked.rs"]
mod aws_chunked;

use aws_chunked::{AwsChunked, BadChunks};
use libfuzzer_sys::fuzz_target;
use wire::Request;
use wire::sigv4::{Chunks, Claim, Secret};

type Read = (Vec<u8>, Result<Vec<(String, String)>, BadChunks>);

fuzz_target!(|input: &[u8]| {
    let Some((cut, body)) = input.split_first() else { return };
    let step = usize::from(*cut).max(1);
    let whole = read(None, body, body.len().max(1));
    assert!(whole.0.len() <= body.len());
    let cut = read(None, body, step);
    assert_eq!((&cut.1, cut.1.is_err() || cut.0 == whole.0), (&whole.1, true));

    let signed = read(Some(chunks()), body, step);
    assert!(signed.1.is_err() && signed.0.len() <= body.len());

    let mut written = Vec::new();
    for chunk in body.chunks(step) {
        written.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        written.extend_from_slice(chunk);
        written.extend_from_slice(b"\r\n");
    }
    written.extend_from_slice(b"0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n");
    let trailers = vec![("x-amz-checksum-crc32".to_owned(), "AAAAAA==".to_owned())];
    assert_eq!(read(None, &written, step), (body.to_vec(), Ok(trailers)));
});

/// What it carries, as far as it was read; and how it ended.
fn read(signed: Option<Chunks>, body: &[u8], step: usize) -> Read {
    let (mut chunked, mut out) = (AwsChunked::signed(signed), Vec::new());
    for piece in body.chunks(step) {
        if let Err(bad) = chunked.take(piece, &mut out) {
            return (out, Err(bad));
        }
    }
    (out, chunked.end())
}

/// How the chunks of a request are signed.
fn chunks() -> Chunks {
    let headers = fuzz::headers(&[
        ("host", "here"),
        ("x-amz-date", "20260212T143000Z"),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIA/20260212/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
        ),
    ]);
    let request = Request::new("PUT", "/b/k", &headers, b"");
    let claim = Claim::of(&request).expect("it is whole").expect("it is signed");
    claim.chunks(&request, &Secret::for_good("secret")).expect("it is in chunks")
}
