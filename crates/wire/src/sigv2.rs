//! URLs that were signed the old way: Signature Version 2, which `aws s3 presign` of the AWS CLI v1 still uses in us-east-1.
//!
//! ```text
//! /bucket/key?AWSAccessKeyId=AKIA…&Signature=…&Expires=1770906600
//! ```
//!
//! What is signed is the method, the time it is good until, the `x-amz-` headers and parameters, and the path with those
//! parameters that make it another thing (`?acl`, `?versionId=`). The host is not among them: the bucket must be in the path.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationQueryStringAuth>

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;
use subtle::ConstantTimeEq;

use crate::request::Request;
use crate::sigv4::{Fault, Secret};
use crate::time::{Blob, base64};

/// The parameters that are signed, where a URL has them.
const SIGNED: &[&str] = &[
    "accelerate",
    "acl",
    "cors",
    "delete",
    "lifecycle",
    "location",
    "logging",
    "notification",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// What a URL says of its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose key. Nothing is known of it until the claim holds.
    pub access_key: String,
    /// Until when it is good, in seconds since 1970.
    pub expires: i64,
    /// The token of a session's credentials.
    pub session_token: Option<String>,
    signature: String,
}

impl Claim {
    /// What a request says. `None`: it is not signed in this way.
    pub fn of(request: &Request<'_>) -> Result<Option<Claim>, Fault> {
        let (Some(access_key), Some(signature)) = (request.parameter("AWSAccessKeyId"), request.parameter("Signature"))
        else {
            return Ok(None);
        };
        let expires = request.parameter("Expires").and_then(|seconds| seconds.parse().ok());
        let Some(expires) = expires else {
            let message = "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters";
            return Err(Fault::Incomplete(message.into()));
        };
        Ok(Some(Claim { access_key, expires, session_token: request.parameter("x-amz-security-token"), signature }))
    }

    /// Whether it is true. The secret is that of [`Claim::access_key`], if somebody has such a key.
    pub fn hold(&self, request: &Request<'_>, now: Timestamp, secret: Option<&Secret>) -> Result<(), Fault> {
        self.hold_expiry(now)?;
        let secret = secret.ok_or(Fault::UnknownKey)?;
        secret.hold_session(self.session_token.as_deref(), now)?;
        let mut mac = Hmac::<Sha1>::new_from_slice(secret.secret_access_key.as_bytes()).expect("any length is a key");
        mac.update(self.signed_text(request).as_bytes());
        let signature = base64(&mac.finalize().into_bytes());
        // Base64 is compared as what it means: padding may be lost on the way.
        let said = Blob::of_base64(&self.signature).map(|blob| base64(&blob.0)).unwrap_or_default();
        if bool::from(signature.as_bytes().ct_eq(said.as_bytes())) { Ok(()) } else { Err(Fault::Mismatch) }
    }

    /// Whether it is still good, whoever signed it.
    pub fn hold_expiry(&self, now: Timestamp) -> Result<(), Fault> {
        if now.as_second() > self.expires { Err(Fault::UrlExpired("Request has expired".into())) } else { Ok(()) }
    }

    fn signed_text(&self, request: &Request<'_>) -> String {
        let header = |name: &str| request.header(name).unwrap_or_default();
        let mut amz: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in request.headers.iter().filter(|(name, _)| name.as_str().starts_with("x-amz-")) {
            let value = String::from_utf8_lossy(value.as_bytes()).trim().to_owned();
            amz.entry(name.as_str().to_owned()).or_default().push(value);
        }
        let mut resource: Vec<String> = Vec::new();
        for (name, value) in form_urlencoded::parse(request.query.as_bytes()) {
            let small = name.to_ascii_lowercase();
            if small.starts_with("x-amz-") {
                amz.entry(small).or_default().push(value.trim().to_owned());
            } else if SIGNED.contains(&name.as_ref()) {
                resource.push(if value.is_empty() { name.into_owned() } else { format!("{name}={value}") });
            }
        }
        resource.sort();
        let (method, md5, kind) = (request.method, header("content-md5"), header("content-type"));
        let amz: String = amz.iter().map(|(name, values)| format!("{name}:{}\n", values.join(","))).collect();
        let mark = if resource.is_empty() { "" } else { "?" };
        let (expires, path, resource) = (self.expires, request.path, resource.join("&"));
        format!("{method}\n{md5}\n{kind}\n{expires}\n{amz}{path}{mark}{resource}")
    }
}
