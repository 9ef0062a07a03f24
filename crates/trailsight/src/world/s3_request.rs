//! An S3 request that was let in, as a plain one: without its signature, and with its body out of its chunks.
//!
//! The library that answers S3 would verify signatures by itself, and on loopback any key is good. So they were checked, where
//! they are demanded, before (`server/src/http/gate.rs`); what they cover of a body that comes later (its hash, its chunks' and
//! trailer's signatures, the checksum in a trailer) is held against what came, and the signature is taken off.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use record::digest::hexadecimal;
use server::http::{Body, Request};
use sha2::{Digest, Sha256};
use wire::sigv4::{BodySaid, Chunks};

use super::aws_chunked::{AwsChunked, BadChunks};

/// What a request said of its body.
#[derive(Clone, Debug, Default)]
pub struct Promised {
    /// Its length.
    pub bytes: Option<u64>,
    trailers: Arc<Mutex<Vec<(String, String)>>>,
    broken: Arc<OnceLock<BrokenBody>>,
}

impl Promised {
    /// A trailer. They are there when the body was read.
    pub fn trailer(&self, name: &str) -> Option<String> {
        let trailers = self.trailers.lock().unwrap_or_else(PoisonError::into_inner);
        trailers.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone())
    }

    /// Why it could not be read to its end, if it could not.
    pub fn broken(&self) -> Option<BrokenBody> {
        self.broken.get().copied()
    }

    fn breaks(&self, why: BrokenBody) -> BrokenBody {
        *self.broken.get_or_init(|| why)
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
    if let Some(query) = parts.uri.query() {
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
    let decoded = take("x-amz-decoded-content-length");
    for name in ["authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-amz-trailer"] {
        take(name);
    }
    let mut promised = Promised::default();
    // As the gate read it: what is held is what was signed.
    let said = parts.extensions.remove::<BodySaid>();
    let encodings = take("content-encoding").unwrap_or_default();
    let is_chunked = matches!(said, Some(BodySaid::Chunks | BodySaid::SignedChunks { .. }))
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
    if let Some(BodySaid::Sha256(sha256)) = said {
        body = Body::from_stream(held_against(body, sha256, promised.clone()));
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

/// A body that fails at its end if it was not what its hash says, whoever reads it.
fn held_against(
    body: Body,
    sha256: String,
    promised: Promised,
) -> impl Stream<Item = Result<Bytes, BrokenBody>> + Send {
    let begun = (body.into_data_stream(), Sha256::new(), sha256, promised);
    futures::stream::try_unfold(begun, async |(mut source, mut hash, sha256, promised)| {
        if let Some(bytes) = source.next().await {
            let bytes = bytes.map_err(|_| promised.breaks(BrokenBody::Cut))?;
            hash.update(&bytes);
            return Ok(Some((bytes, (source, hash, sha256, promised))));
        }
        match hexadecimal(&hash.finalize()) == sha256 {
            true => Ok(None),
            false => Err(promised.breaks(BrokenBody::Other)),
        }
    })
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
            let bytes = bytes.map_err(|_| promised.breaks(BrokenBody::Cut))?;
            chunked.take(&bytes, &mut out).map_err(|bad| promised.breaks(bad.into()))?;
            if !out.is_empty() {
                return Ok(Some((Bytes::from(out), (source, Some(chunked), promised))));
            }
        }
        *promised.trailers.lock().unwrap_or_else(PoisonError::into_inner) =
            chunked.end().map_err(|bad| promised.breaks(bad.into()))?;
        Ok(None)
    })
}

/// Why a body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum BrokenBody {
    /// It ended too early.
    #[error("the body ended too early")]
    Cut,
    /// It is not the one whose hash was told, and signed.
    #[error("the body has another hash than was told")]
    Other,
    /// Its chunks are not as they should be.
    #[error(transparent)]
    Chunks(#[from] BadChunks),
}
