//! Sessions of the console: an access key and its secret are given once, a cookie stands for them.
//!
//! Nothing is kept: the cookie says whose key it is and until when, and 256 bits of the [`Vault`] that belong to both. It ends
//! with its key, at once, and after twelve hours. No script reads it (`HttpOnly`), no other site sends it (`SameSite=Strict`), and
//! by itself it lets nobody in: the header that goes with it is one that no other origin can send.

use axum::body::Body;
use axum::http::header::{self, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wire::Request;

use super::{Refusal, json, read};
use crate::http::FrontDoor;
use crate::own_api;
use crate::world::Vault;

/// The cookie.
const COOKIE: &str = "trailsight-console";
/// How long it lasts.
const LASTS: SignedDuration = SignedDuration::from_hours(12);

/// Who is here, and where that is. Before somebody signed in, only that they must.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    is_signed_in: bool,
    demands_credentials: bool,
    access_key: Option<String>,
    expires_at: Option<i64>,
    now: i64,
    version: Option<&'static str>,
    account: Option<String>,
    region: Option<String>,
    accounts: Vec<Account>,
}

/// An account that is known by a name.
#[derive(Debug, Serialize)]
struct Account {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SignIn {
    access_key_id: String,
    secret_access_key: String,
}

/// Whoever signed in.
pub(crate) struct SignedIn {
    pub(crate) access_key: String,
    expires_at: i64,
}

/// Who signed in, if the session goes on.
pub(crate) fn signed_in(vault: &dyn Vault, request: &Request<'_>, now: Timestamp) -> Option<SignedIn> {
    let cookies = request.headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut named = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    let (_, value) = named.find(|(name, _)| *name == COOKIE)?;
    let mut parts = value.splitn(3, '.');
    let (access_key, expires_at, proof) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    // Hashes are compared: how long that takes tells nothing.
    let is_ours = Sha256::digest(proof) == Sha256::digest(proof_of(vault, access_key, expires_at));
    let is_good = is_ours && expires_at > now.as_second() && vault.secret_of(access_key).is_some();
    is_good.then(|| SignedIn { access_key: access_key.to_owned(), expires_at })
}

fn proof_of(vault: &dyn Vault, access_key: &str, expires_at: i64) -> String {
    let bits = vault.bits_of(&format!("console-session:{expires_at}:{access_key}"));
    record::digest::hexadecimal(&bits)
}

impl FrontDoor {
    /// Who is here.
    pub(super) fn session(&self, request: &Request<'_>, parts: &Parts) -> Session {
        let now = self.world.clock.now();
        let demands_credentials = self.demands_credentials();
        let session = signed_in(&*self.world.vault, request, now);
        let is_signed_in = self.let_in_to_console(request, parts).is_some();
        let nobody = Session { demands_credentials, now: now.as_second(), ..Session::default() };
        if !is_signed_in {
            return nobody;
        }
        let place = &self.place;
        let accounts = place.members.iter().map(|(id, name)| Account { id: id.to_string(), name: name.clone() });
        Session {
            is_signed_in,
            expires_at: session.as_ref().map(|session| session.expires_at),
            access_key: session.map(|session| session.access_key),
            version: Some(env!("CARGO_PKG_VERSION")),
            account: Some(place.account.to_string()),
            region: Some(place.region.to_string()),
            accounts: accounts.collect(),
            ..nobody
        }
    }

    /// Somebody signs in.
    pub(super) fn begin_session(&self, request: &Request<'_>) -> Response<Body> {
        let refuse = |status, code, message: &str| json(status, &Refusal { code, message });
        if request.header(own_api::HEADER).is_none() {
            return refuse(StatusCode::FORBIDDEN, "AccessDenied", "The header x-trailsight-request is missing.");
        }
        if !self.is_allowed_now("console sign-in") {
            return refuse(
                StatusCode::TOO_MANY_REQUESTS,
                "ThrottlingException",
                "Too many sign in: try again in a second.",
            );
        }
        let like = "{\"accessKeyId\": \"AKIA…\", \"secretAccessKey\": \"…\"}";
        let Ok(SignIn { access_key_id, secret_access_key }) = read::<SignIn>(request.body, like) else {
            return refuse(StatusCode::BAD_REQUEST, "ValidationException", &format!("What is wanted is like {like}."));
        };
        let vault = &*self.world.vault;
        let known = vault.secret_of(&access_key_id);
        let is_known = known.is_some_and(|known| Sha256::digest(known) == Sha256::digest(secret_access_key));
        if !is_known {
            tracing::warn!("somebody could not sign in to the console");
            let message =
                "This access key and secret are not known here: `trailsight credentials create` makes a pair.";
            return refuse(StatusCode::FORBIDDEN, "InvalidClientTokenId", message);
        }
        let expires_at = (self.world.clock.now() + LASTS).as_second();
        let proof = proof_of(vault, &access_key_id, expires_at);
        let value = format!("{access_key_id}.{expires_at}.{proof}");
        self.with_cookie(&value, LASTS.as_secs())
    }

    /// Somebody signs out.
    pub(super) fn end_session(&self, request: &Request<'_>) -> Response<Body> {
        if request.header(own_api::HEADER).is_none() {
            let message = "The header x-trailsight-request is missing.";
            return json(StatusCode::FORBIDDEN, &Refusal { code: "AccessDenied", message });
        }
        self.with_cookie("", 0)
    }

    fn with_cookie(&self, value: &str, seconds: i64) -> Response<Body> {
        let secure = if self.public_url.starts_with("https:") { "; Secure" } else { "" };
        let cookie = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
        let mut reply = json(StatusCode::OK, &serde_json::json!({}));
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            reply.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        reply
    }
}
