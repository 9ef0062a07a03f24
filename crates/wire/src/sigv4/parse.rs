//! Reading what a request says of its signature.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{Claim, Fault, MAX_EXPIRES_SECONDS};
use crate::request::Request;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The service in the scope of the credential, whichever way the request is signed. The older signature is S3's only.
pub(crate) fn scope_service(request: &Request<'_>) -> Option<String> {
    let service = |credential: &str| {
        let mut parts = credential.rsplit('/');
        let is_scope = parts.next() == Some("aws4_request");
        parts.next().filter(|service| is_scope && !service.is_empty()).map(str::to_owned)
    };
    if let Some(text) = request.header("authorization") {
        if text.starts_with("AWS ") {
            return Some("s3".into());
        }
        return text.starts_with("AWS4-").then(|| parameter(text, "Credential").and_then(service)).flatten();
    }
    // Most requests have no query string.
    if request.query.is_empty() {
        return None;
    }
    if let Some(credential) = request.parameter("X-Amz-Credential") {
        return service(&credential);
    }
    (request.parameter("AWSAccessKeyId").is_some() && request.parameter("Signature").is_some()).then(|| "s3".into())
}

/// A parameter of an `Authorization` header: `Credential=…, SignedHeaders=…, Signature=…`, with or without blanks.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let (_, parameters) = header.split_once(' ')?;
    parameters.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
}

pub(super) fn claim(request: &Request<'_>) -> Result<Option<Claim>, Fault> {
    match request.header("authorization") {
        Some(header) if header.starts_with("AWS4-") => in_header(request, header).map(Some),
        Some(_) => Ok(None),
        None if request.parameter("X-Amz-Algorithm").is_some() || request.parameter("X-Amz-Signature").is_some() => {
            in_query(request).map(Some)
        }
        None => Ok(None),
    }
}

fn in_header(request: &Request<'_>, header: &str) -> Result<Claim, Fault> {
    let algorithm = header.split_whitespace().next().unwrap_or_default();
    if algorithm != ALGORITHM {
        return Err(Fault::Incomplete(format!("The algorithm must be {ALGORITHM}.")));
    }
    let date = request.header("x-amz-date").or_else(|| request.header("date"));
    let (credential, headers, signature) =
        (parameter(header, "Credential"), parameter(header, "SignedHeaders"), parameter(header, "Signature"));
    let mut wants = String::new();
    for (name, is_there) in
        [("Credential", credential.is_some()), ("Signature", signature.is_some()), ("SignedHeaders", headers.is_some())]
    {
        if !is_there {
            wants.push_str(&format!("Authorization header requires '{name}' parameter. "));
        }
    }
    if date.is_none() {
        wants.push_str("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
    }
    let (Some(credential), Some(headers), Some(signature), Some(date)) = (credential, headers, signature, date) else {
        return Err(Fault::Incomplete(wants.trim_end().to_owned()));
    };
    let session_token = request.header("x-amz-security-token").map(str::to_owned);
    made(credential, headers, signature, date, session_token, None)
}

fn in_query(request: &Request<'_>) -> Result<Claim, Fault> {
    let parameter = |name: &'static str| {
        request
            .parameter(name)
            .ok_or_else(|| Fault::Incomplete(format!("AWS query-string parameters must include '{name}'.")))
    };
    if parameter("X-Amz-Algorithm")? != ALGORITHM {
        return Err(Fault::Incomplete(format!("X-Amz-Algorithm must be {ALGORITHM}.")));
    }
    let expires = parameter("X-Amz-Expires")?;
    // Signing again writes the number anew, so that it must be written in the one way.
    let seconds = expires.parse().ok().filter(|seconds: &u32| seconds.to_string() == expires);
    let Some(seconds) = seconds.filter(|seconds| (1..=MAX_EXPIRES_SECONDS).contains(seconds)) else {
        let message = format!("X-Amz-Expires must be a number of seconds from 1 to {MAX_EXPIRES_SECONDS}.");
        return Err(Fault::Incomplete(message));
    };
    made(
        &parameter("X-Amz-Credential")?,
        &parameter("X-Amz-SignedHeaders")?,
        &parameter("X-Amz-Signature")?,
        &parameter("X-Amz-Date")?,
        request.parameter("X-Amz-Security-Token"),
        Some(seconds),
    )
}

fn made(
    credential: &str,
    headers: &str,
    signature: &str,
    date: &str,
    session_token: Option<String>,
    expires_seconds: Option<u32>,
) -> Result<Claim, Fault> {
    let parts: Vec<&str> = credential.split('/').collect();
    let [access_key, day, region, service, "aws4_request"] = parts[..] else {
        let message = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term";
        return Err(Fault::Incomplete(format!("{message}.")));
    };
    if [access_key, region, service].iter().any(|part| part.is_empty()) {
        return Err(Fault::Incomplete("Credential should be scoped to a valid region and service.".into()));
    }
    let signed_at = moment(date).ok_or_else(|| Fault::Incomplete("Date must be in ISO-8601 'basic format'.".into()))?;
    Ok(Claim {
        access_key: access_key.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        signed_at,
        signed_headers: headers.split(';').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect(),
        session_token,
        expires_seconds,
        day: day.to_owned(),
        signature: signature.to_owned(),
    })
}

/// `20260212T143000Z`; or what a `Date` header has, as some older clients sign it.
fn moment(text: &str) -> Option<Timestamp> {
    if text.len() == 16
        && let Ok(time) = DateTime::strptime("%Y%m%dT%H%M%SZ", text)
    {
        return Offset::UTC.to_timestamp(time).ok();
    }
    jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp())
}
