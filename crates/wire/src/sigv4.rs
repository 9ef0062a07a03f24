//! Is this request signed by whom it says: Signature Version 4, in the `Authorization` header or in a URL.
//!
//! A [`Claim`] is what a request says of its signature. It [`holds`](Claim::hold) if signing the request again, with AWS's
//! own signer and the secret of the key it names, gives the same signature. The time, the secrets and what is asked for are
//! arguments; whether a claim must hold at all is the caller's to decide, and a request without one is `None`.
//!
//! | | S3 | any other |
//! |---|---|---|
//! | the path | as it was sent | without `.`, `..` and `//`, and encoded once more |
//! | a body that is not signed | `UNSIGNED-PAYLOAD`, or `STREAMING-…` in signed chunks | no |
//! | a clock that is wrong | by 15 minutes | by 5 minutes |
//!
//! Chunks of a body have signatures of their own: [`Claim::chunks`]. [`Signing`] is the other side: who asks.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html>

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use crate::request::Request;
use crate::service::Service;

mod again;
mod body;
mod chunks;
mod fault;
mod parse;
mod signing;

pub use body::BodySaid;
pub use chunks::Chunks;
pub use fault::Fault;
pub(crate) use parse::scope_service;
pub use signing::Signing;

/// How wrong a clock may be.
pub const MAX_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// How wrong a clock may be that speaks to S3.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html#RESTAuthenticationTimeStamp>
pub const MAX_SKEW_S3: SignedDuration = SignedDuration::from_mins(15);

/// The longest that a URL is good for: a week.
pub const MAX_EXPIRES_SECONDS: u32 = 604_800;

/// The time and the body's hash are signed without their headers; a token may be added after signing; the rest says nothing.
const MAY_BE_UNSIGNED: [&str; 6] = [
    "x-amz-cf-id",
    "x-amz-checksum-mode",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-user-agent",
];

/// What a request says of its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whose key: `AKIA…`. Nothing is known of it until the claim holds.
    pub access_key: String,
    /// The Region it was signed for.
    pub region: String,
    /// The service it was signed for: `cloudtrail`.
    pub service: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// As it lists them: AWS has them in small letters, sorted, and what is signed again is so.
    pub signed_headers: Vec<String>,
    /// The token of a session's credentials.
    pub session_token: Option<String>,
    /// How long a URL is good for; `None` for a header.
    pub expires_seconds: Option<u32>,
    /// The day of the credential's scope, `20260212`.
    day: String,
    signature: String,
}

/// A secret, and what belongs to it.
#[derive(Clone)]
pub struct Secret {
    /// The secret access key.
    pub secret_access_key: String,
    /// The token that must come with it. Keys for good have none.
    pub session_token: Option<String>,
    /// From when on it is no longer good.
    pub expires_at: Option<Timestamp>,
}

impl Secret {
    /// Of a key for good.
    pub fn for_good(secret_access_key: impl Into<String>) -> Secret {
        Secret { secret_access_key: secret_access_key.into(), session_token: None, expires_at: None }
    }

    /// Whether this is the token of the session, if it is of one, and the session goes on.
    pub(crate) fn hold_session(&self, said: Option<&str>, now: Timestamp) -> Result<(), Fault> {
        if !again::is_same_token(said, self.session_token.as_deref()) {
            return Err(Fault::WrongToken);
        }
        if self.expires_at.is_some_and(|end| now >= end) {
            return Err(Fault::ExpiredToken);
        }
        Ok(())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// By what a claim is judged.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The time.
    pub now: Timestamp,
    /// The service that the request means; `None` takes a signature for any.
    pub service: Option<Service>,
    /// How wrong clocks may be; `None` is AWS's own, [`MAX_SKEW`] or [`MAX_SKEW_S3`].
    pub max_skew: Option<SignedDuration>,
    /// Whether the request's body is here. If not (a large object on its way), `x-amz-content-sha256` is believed, and
    /// the caller holds the body against it.
    pub is_body_here: bool,
}

impl Rules {
    /// AWS's own, for a request that is here as a whole.
    pub fn at(now: Timestamp) -> Rules {
        Rules { now, service: None, max_skew: None, is_body_here: true }
    }
}

impl Claim {
    /// What a request says. `None`: it is not signed, or not in this way.
    pub fn of(request: &Request<'_>) -> Result<Option<Claim>, Fault> {
        parse::claim(request)
    }

    /// Whether it is true. The secret is that of [`Claim::access_key`], if somebody has such a key.
    pub fn hold(&self, request: &Request<'_>, rules: &Rules, secret: Option<&Secret>) -> Result<(), Fault> {
        self.hold_head(request, rules, secret)?;
        let secret = secret.ok_or(Fault::UnknownKey)?;
        let payload = self.payload(request, rules)?;
        let is_signature_of = |request: &Request<'_>| {
            again::sign(self, request, &payload, secret).map(|signature| again::is_same(&signature, &self.signature))
        };
        if is_signature_of(request)? {
            return Ok(());
        }
        match self.with_form_in_query(request, &payload) {
            Some(query) if is_signature_of(&Request { query: &query, body: b"", ..*request })? => Ok(()),
            _ => Err(Fault::Mismatch),
        }
    }

    /// All of it but the signature: what can be said before a request's body is here.
    pub fn hold_head(&self, request: &Request<'_>, rules: &Rules, secret: Option<&Secret>) -> Result<(), Fault> {
        self.hold_scope(rules)?;
        self.hold_time(rules)?;
        self.hold_signed_headers(request)?;
        let secret = secret.ok_or(Fault::UnknownKey)?;
        secret.hold_session(self.session_token.as_deref(), rules.now)
    }

    /// Whether a URL is still good, whoever signed it.
    pub fn hold_expiry(&self, now: Timestamp) -> Result<(), Fault> {
        let Some(seconds) = self.expires_seconds else { return Ok(()) };
        let end = self.signed_at.checked_add(SignedDuration::from_secs(seconds.into())).unwrap_or(Timestamp::MAX);
        if now > end {
            return Err(Fault::UrlExpired(format!("Signature expired: {} is now later than {}", iso(now), iso(end))));
        }
        Ok(())
    }

    /// A form may be signed as if it were in the query string: AWS's own suite has a case of that. It means the same there.
    fn with_form_in_query(&self, request: &Request<'_>, payload: &Payload<'_>) -> Option<String> {
        let is_open = matches!(payload, Payload::Body) && !self.is_for_s3() && self.expires_seconds.is_none();
        if !is_open || !request.is_form() || request.body.is_empty() {
            return None;
        }
        let form = std::str::from_utf8(request.body).ok()?;
        Some(if request.query.is_empty() { form.to_owned() } else { format!("{}&{form}", request.query) })
    }

    pub(crate) fn is_for_s3(&self) -> bool {
        self.service == "s3"
    }

    fn hold_scope(&self, rules: &Rules) -> Result<(), Fault> {
        if let Some(service) = rules.service.filter(|service| service.signing_name() != self.service) {
            let name = service.signing_name();
            return Err(Fault::WrongScope(format!("Credential should be scoped to correct service: '{name}'. ")));
        }
        let day = self.signed_at.strftime("%Y%m%d").to_string();
        if day != self.day {
            return Err(Fault::WrongScope(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{}' != '{day}', from '{}'.",
                self.day,
                iso(self.signed_at)
            )));
        }
        Ok(())
    }

    fn hold_time(&self, rules: &Rules) -> Result<(), Fault> {
        let skew = rules.max_skew.unwrap_or(if self.is_for_s3() { MAX_SKEW_S3 } else { MAX_SKEW });
        let minutes = skew.as_mins();
        // Beyond the calendar's ends it is not good either way.
        let earliest = rules.now.checked_sub(skew).unwrap_or(Timestamp::MIN);
        let latest = rules.now.checked_add(skew).unwrap_or(Timestamp::MAX);
        let (signed, now) = (iso(self.signed_at), iso(rules.now));
        if self.signed_at > latest {
            let latest = iso(latest);
            return Err(Fault::NotYet(format!(
                "Signature not yet current: {signed} is still later than {latest} ({now} + {minutes} min.)"
            )));
        }
        match self.expires_seconds {
            Some(_) => self.hold_expiry(rules.now)?,
            None if self.signed_at < earliest => {
                let earliest = iso(earliest);
                return Err(Fault::Expired(format!(
                    "Signature expired: {signed} is now earlier than {earliest} ({now} - {minutes} min.)"
                )));
            }
            None => {}
        }
        Ok(())
    }

    /// What says who is asked, and what for, must be signed, or another could change it. Of AWS's own headers only those may
    /// be left out that say nothing of that, or are added on the way.
    fn hold_signed_headers(&self, request: &Request<'_>) -> Result<(), Fault> {
        let is_signed = |name: &str| self.signed_headers.iter().any(|signed| signed == name);
        let must =
            |name: &str| Fault::Incomplete(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."));
        if !is_signed("host") {
            return Err(must("Host' or ':authority"));
        }
        let mut names = request.headers.keys().map(http::HeaderName::as_str);
        match names.find(|name| name.starts_with("x-amz-") && !MAY_BE_UNSIGNED.contains(name) && !is_signed(name)) {
            Some(name) => Err(must(name)),
            None => Ok(()),
        }
    }

    /// What was signed as the body's hash.
    fn payload<'a>(&self, request: &Request<'a>, rules: &Rules) -> Result<Payload<'a>, Fault> {
        let Some(said) = body::text(request) else {
            let is_url = self.expires_seconds.is_some();
            return match self.is_for_s3() {
                true if is_url => Ok(Payload::Said("UNSIGNED-PAYLOAD".into())),
                // Whatever came later would be taken for what was signed.
                true if !rules.is_body_here => {
                    let message = "Missing required header for this request: x-amz-content-sha256";
                    Err(Fault::Incomplete(message.into()))
                }
                _ => Ok(Payload::Body),
            };
        };
        if self.is_for_s3() && (said == "UNSIGNED-PAYLOAD" || said.starts_with("STREAMING-")) {
            return Ok(Payload::Said(said));
        }
        match rules.is_body_here && !again::is_hash_of(&said, request.body) {
            true => Err(Fault::Payload),
            false => Ok(Payload::Said(said)),
        }
    }
}

/// What stands for the body in what is signed.
enum Payload<'a> {
    /// Its hash.
    Body,
    /// What the request says it is.
    Said(Cow<'a, str>),
}

/// `20260212T143000Z`.
fn iso(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}
