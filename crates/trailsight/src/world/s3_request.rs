//! An S3 request that was let in, as a plain one: without its signature, and with its body out of its chunks.
//!
//! The library that answers S3 would verify signatures by itself, and on loopback any key is good. So they were checked, where
//! they are demanded, before (`server/src/http/gate.rs`); what they cover of a body that comes later (its hash, its chunks' and
//! trailer's signatures, the checksum in a trailer) is held against what came, and the signature is taken off.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use server::http::{Body, Request};

use wire::sigv4::Chunks;

use super::aws_chunked::{AwsChunked, BadChunks};

/// What a request said of its body.
#[derive(Clone, Debug, Default)]
pub struct Promised {
    /// Its SHA-256, in hexadecimal.
    pub sha256: Option<String>,
    /// Its length.
    pub bytes: Option<u64>,
    trailers: Arc<Mutex<Vec<(String, String)>>>,
}

impl Promised {
    /// A trailer. They are there when the body was read.
    pub fn trailer(&self, name: &str) -> Option<String> {
        let trailers = self.trailers.lock().unwrap_or_else(PoisonError::into_inner);
        trailers.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone())
    }
}

/// Parameters that are a signature, in both ways to sign a URL.
const SIGNATURE: &[&str] = &[
    "awsaccesskeyid",
    "expires",
    "signature",
    "x-amz-algorithm",
    "x-amz-content-sha256",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// The request without its signature; [`Promised`] is among its extensions.
pub fn plain(request: Request<Body>) -> Request<Body> {
    let (mut parts, mut body) = request.into_parts();
    let mut said_in_url = None;
    if let Some(query) = parts.uri.query() {
        let said = query.split('&').find_map(|parameter| parameter.strip_prefix("X-Amz-Content-Sha256="));
        said_in_url = said.map(str::to_owned);
        let is_signature = |parameter: &&str| {
            let name = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
            SIGNATURE.contains(&name.as_str())
        };
        let rest: Vec<&str> = query.split('&').filter(|parameter| !is_signature(parameter)).collect();
        let path = parts.uri.path();
        let target = if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
        // Parts of what was a target are one.
        if let Ok(uri) = target.parse() {
            parts.uri = uri;
        }
    }
    let mut take = |name: &str| parts.headers.remove(name).and_then(|value| value.to_str().map(str::to_owned).ok());
    let said = take("x-amz-content-sha256").or(said_in_url).unwrap_or_default();
    let decoded = take("x-amz-decoded-content-length");
    for name in ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-trailer"] {
        take(name);
    }
    let mut promised = Promised::default();
    if said.len() == 64 {
        promised.sha256 = Some(said.to_ascii_lowercase());
    }
    let encodings = take("content-encoding").unwrap_or_default();
    let is_chunked = said.starts_with("STREAMING-")
        || encodings.split(',').any(|encoding| encoding.trim().eq_ignore_ascii_case("aws-chunked"));
    let rest: Vec<&str> = encodings
        .split(',')
        .map(str::trim)
        .filter(|encoding| !encoding.is_empty() && !encoding.eq_ignore_ascii_case("aws-chunked"))
        .collect();
    if let Ok(value) = rest.join(",").parse()
        && !rest.is_empty()
    {
        parts.headers.insert("content-encoding", value);
    }
    if is_chunked {
        promised.bytes = decoded.as_deref().and_then(|length| length.parse().ok());
        parts.headers.remove("content-length");
        if let Some(bytes) = promised.bytes {
            parts.headers.insert("content-length", bytes.into());
        }
        let signed = parts.extensions.remove::<Chunks>();
        body = Body::from_stream(out_of_chunks(body, AwsChunked::signed(signed), promised.clone()));
    }
    parts.extensions.insert(promised);
    Request::from_parts(parts, body)
}

/// What a body in chunks carries.
fn out_of_chunks(
    body: Body,
    chunked: AwsChunked,
    promised: Promised,
) -> impl Stream<Item = Result<Bytes, BrokenBody>> + Send {
    let source = body.into_data_stream();
    futures::stream::try_unfold((source, Some(chunked), promised), async |(mut source, chunked, promised)| {
        let Some(mut chunked) = chunked else { return Ok(None) };
        let mut out = Vec::new();
        while let Some(bytes) = source.next().await {
            chunked.take(&bytes.map_err(|_| BrokenBody::Cut)?, &mut out)?;
            if !out.is_empty() {
                return Ok(Some((Bytes::from(out), (source, Some(chunked), promised))));
            }
        }
        *promised.trailers.lock().unwrap_or_else(PoisonError::into_inner) = chunked.end()?;
        Ok(None)
    })
}

/// Why a body cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BrokenBody {
    /// It ended too early.
    #[error("the body ended too early")]
    Cut,
    /// Its chunks are not as they should be.
    #[error(transparent)]
    Chunks(#[from] BadChunks),
}
