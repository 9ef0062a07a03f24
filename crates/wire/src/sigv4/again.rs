//! Signing a request again, with AWS's signer, and comparing.
//!
//! The signer takes a URL whose path needs no more work, so the two ways to write a path are here. It also panics on URLs
//! that grow too long while it encodes them: longer ones than any client signs are refused before.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningParams, SigningSettings,
    UriPathNormalizationMode, sign as aws_sign,
};
use aws_sigv4::sign::v4;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Claim, Fault, Payload, Secret};
use crate::request::Request;

/// Four times this, the most that encoding can make of it, is still a URL to the `http` crate.
const MAX_TARGET_BYTES: usize = 16_000;

/// What a path's name may have, encoded once more.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// What no URL has: a client sends it encoded, but what was signed may come to us raw.
const NO_URL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The parameters that the signer writes itself.
const WRITTEN_ANEW: [&str; 6] =
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"];

/// The signature that the request should have.
pub(super) fn sign(
    claim: &Claim,
    request: &Request<'_>,
    payload: &Payload<'_>,
    secret: &Secret,
) -> Result<String, Fault> {
    if request.path.len() + request.query.len() > MAX_TARGET_BYTES {
        return Err(Fault::Incomplete(format!("The URL is longer than {MAX_TARGET_BYTES} bytes.")));
    }
    let mut headers = Vec::new();
    for name in &claim.signed_headers {
        let mut values = request.headers.get_all(name.as_str()).iter().peekable();
        if values.peek().is_none() {
            // It was there when the request was signed.
            return Err(Fault::Mismatch);
        }
        for value in values {
            headers.push((name.as_str(), std::str::from_utf8(value.as_bytes()).map_err(|_| Fault::Mismatch)?));
        }
    }

    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    // Of old clients the `Date` header alone is signed; the signer would add its own.
    let is_dated = claim.signed_headers.iter().any(|name| name == "x-amz-date");
    settings.excluded_headers = (!is_dated).then(|| vec![Cow::Borrowed("x-amz-date")]);
    if let Some(seconds) = claim.expires_seconds {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(seconds.into()));
    }

    let body = match payload {
        Payload::Body => SignableBody::Bytes(request.body),
        Payload::Said(said) => SignableBody::Precomputed(said.to_string()),
    };
    let uri = format!("{}?{}", path(claim, request.path), query(claim, request.query));
    let signable = SignableRequest::new(request.method, uri, headers.into_iter(), body).map_err(|_| Fault::Mismatch)?;
    // The token, where it is signed, is a header or a parameter like any other.
    let identity = Credentials::builder()
        .access_key_id(&claim.access_key)
        .secret_access_key(&secret.secret_access_key)
        .provider_name("wire")
        .build()
        .into();
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&identity)
        .region(&claim.region)
        .name(&claim.service)
        .time(system_time(claim.signed_at))
        .settings(settings)
        .build()
        .expect("nothing is left out")
        .into();
    aws_sign(signable, &params).map(|output| output.into_parts().1).map_err(|_| Fault::Mismatch)
}

pub(super) fn system_time(time: Timestamp) -> SystemTime {
    let seconds = Duration::from_secs(time.as_second().unsigned_abs());
    if time.as_second() < 0 { SystemTime::UNIX_EPOCH - seconds } else { SystemTime::UNIX_EPOCH + seconds }
}

fn path(claim: &Claim, path: &str) -> String {
    match claim.is_for_s3() {
        true if path.starts_with('/') => utf8_percent_encode(path, NO_URL).to_string(),
        true => format!("/{}", utf8_percent_encode(path, NO_URL)),
        false => utf8_percent_encode(&normal(path), PATH).to_string(),
    }
}

/// Without `.`, `..` and `//`. <https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4>
fn normal(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let mut normal = format!("/{}", parts.join("/"));
    let is_open = ["/", "/.", "/.."].iter().any(|end| path.ends_with(end));
    if is_open && normal.len() > 1 {
        normal.push('/');
    }
    normal
}

fn query(claim: &Claim, query: &str) -> String {
    let is_kept = |part: &&str| {
        let name = form_urlencoded::parse(part.as_bytes()).next().map(|(name, _)| name).unwrap_or_default();
        claim.expires_seconds.is_none() || !WRITTEN_ANEW.contains(&name.as_ref())
    };
    let kept: Vec<&str> = query.split('&').filter(is_kept).collect();
    utf8_percent_encode(&kept.join("&"), NO_URL).to_string()
}

/// In a time that does not tell where they differ.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

pub(super) fn is_same_token(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => is_same(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// Whether a text is the hash of a body, as hexadecimal in small letters.
pub(super) fn is_hash_of(text: &str, body: &[u8]) -> bool {
    is_same(&hex(&Sha256::digest(body)), text)
}

/// Hexadecimal in small letters.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_same_however_it_goes_there() {
        for (path, expected) in [
            ("", "/"),
            ("/", "/"),
            ("//a//b", "/a/b"),
            ("/./a/../b/", "/b/"),
            ("/a/..", "/"),
            ("/a/b/..", "/a/"),
            ("/a/.", "/a/"),
            ("/../../a", "/a"),
        ] {
            assert_eq!(normal(path), expected, "{path}");
        }
    }
}
