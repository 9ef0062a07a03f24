//! Tokens of connections: fetched with the client's credentials, kept until they are over, fetched anew when refused.
//!
//! The first is fetched as soon as a connection is made, as a delivery of its own: so one sees at once whether it works.
//! A server that refuses the client is not asked again by itself; the connection tells why.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-auth.html>

use std::time::Duration;

use jiff::SignedDuration;
use route::retry::{Failure, Policy, TargetPolicy};
use serde::Deserialize;
use store::deliveries::Delivery;
use store::{StoreError, Stored};
use wire::Timestamp;

use super::Target;
use super::http::{failed, unsuccessful};
use crate::deliver::{Arrived, Delivering, Failed};
use crate::events::connection::{
    AUTHORIZATION, AuthParameters, Connection, ConnectionState, ConnectionToken, OAuth, connection_by_arn,
};
use crate::world::WebRequest;

const TIMEOUT: Duration = Duration::from_secs(5);
/// What a token is good for if nobody says.
const TOKEN_LIFE: i64 = 3600;
/// It is not used in its last moments.
const BEFORE_ITS_END: i64 = 60;
/// Whatever is told.
const LONGEST_LIFE: i64 = 30 * 24 * 3600;

pub(crate) struct ConnectionAuthorization;

impl Target for ConnectionAuthorization {
    fn kind(&self) -> &'static str {
        AUTHORIZATION
    }

    fn deliver(&self, cx: &Delivering<'_>, delivery: &Delivery) -> Result<Arrived, Failed> {
        let found = cx.store.read(|r| connection_by_arn(r, &delivery.target)).map_err(Failed::of_store)?;
        let Some(connection) = found else { return Ok(Arrived::with("the connection is gone")) };
        match auth_of(cx, &connection).and_then(|auth| authorization(cx, &connection, &auth, true)) {
            Ok(_) => Ok(Arrived::with("authorized")),
            Err(Failed { failure: Failure::Status(400..=428 | 430..=499, _), text, .. }) => {
                let reason: String = text.chars().take(512).collect();
                let deauthorized = |found: &mut Connection| {
                    found.state = ConnectionState::Deauthorized;
                    found.state_reason = Some(reason);
                };
                change(cx, &connection, None, deauthorized).map_err(Failed::of_store)?;
                Ok(Arrived::with(text))
            }
            Err(failed) => Err(failed),
        }
    }

    fn policy(&self, _: &Delivery) -> Policy {
        Policy::Target(TargetPolicy::default())
    }
}

/// What a connection proves itself by.
pub(super) fn auth_of(cx: &Delivering<'_>, connection: &Stored<Connection>) -> Result<AuthParameters, Failed> {
    let name = &connection.key.name;
    let text = match connection.value.auth(&*cx.world.vault) {
        Some(Ok(auth)) => return Ok(auth),
        Some(Err(unopened)) => format!("the connection `{name}` cannot be used: {unopened}"),
        None => format!("the connection `{name}` is deauthorized"),
    };
    Err(Failed::new(Failure::NoPermissions, text))
}

/// What the `Authorization` header says: the token that is kept, or one that is fetched.
pub(super) fn authorization(
    cx: &Delivering<'_>,
    connection: &Stored<Connection>,
    auth: &AuthParameters,
    anew: bool,
) -> Result<String, Failed> {
    let vault = &*cx.world.vault;
    if !anew {
        let kept = cx.store.read(|r| r.get::<ConnectionToken>(&connection.key)).map_err(Failed::of_store)?;
        let kept = kept.filter(|kept| kept.value.until.0 > cx.now);
        if let Some(header) = kept.and_then(|kept| kept.value.header(vault, &connection.value)) {
            return Ok(header);
        }
    }
    let Some(oauth) = &auth.o_auth_parameters else {
        let text = format!("the connection `{}` has nothing to prove itself by", connection.key.name);
        return Err(Failed::new(Failure::NoPermissions, text));
    };
    let (header, until) = fetch(cx, oauth)?;
    let token = ConnectionToken::new(vault, &connection.value, &header, until);
    let authorized = |found: &mut Connection| {
        found.state = ConnectionState::Authorized;
        found.state_reason = None;
    };
    change(cx, connection, Some(&token), authorized).map_err(Failed::of_store)?;
    Ok(header)
}

/// Changes a connection and keeps its token, unless it was authorized anew, or deleted, since it was read.
fn change(
    cx: &Delivering<'_>,
    read: &Stored<Connection>,
    token: Option<&ConnectionToken>,
    change: impl FnOnce(&mut Connection),
) -> Result<(), StoreError> {
    cx.store.write(|w| {
        let found = w.get::<Connection>(&read.key)?;
        let is_same = |found: &Stored<Connection>| {
            found.value.arn == read.value.arn && found.value.last_authorized_at.0 == read.value.last_authorized_at.0
        };
        let Some(mut found) = found.filter(is_same) else { return Ok(()) };
        let before = (found.value.state, found.value.state_reason.clone());
        change(&mut found.value);
        if before != (found.value.state, found.value.state_reason.clone()) {
            found.value.seal(&*cx.world.vault);
            w.put(&found.key, &found.value, cx.now)?;
        }
        token.map_or(Ok(()), |token| w.put(&read.key, token, cx.now).map(drop))
    })
}

/// What a token server answers. <https://www.rfc-editor.org/rfc/rfc6749#section-5.1>
#[derive(Deserialize)]
struct TokenReply {
    access_token: String,
    token_type: Option<String>,
    expires_in: Option<Seconds>,
}

/// Some write it as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(f64),
    Text(String),
}

#[derive(Deserialize)]
struct TokenRefusal {
    error: String,
}

/// Asks for a token: what the header says, and how long it is good. Nothing that comes back is told but a short code: a secret may be in it.
fn fetch(cx: &Delivering<'_>, oauth: &OAuth) -> Result<(String, Timestamp), Failed> {
    let reply = cx.world.web.send(&request(oauth)).map_err(|error| {
        let failed = failed(error);
        Failed { text: format!("no token: {}", failed.text), ..failed }
    })?;
    if !(200..=299).contains(&reply.status) {
        let code = serde_json::from_slice::<TokenRefusal>(&reply.body).map(|refusal| refusal.error).unwrap_or_default();
        let code: String = code.chars().filter(|character| character.is_ascii_graphic()).take(64).collect();
        let text = match code.is_empty() {
            true => format!("no token: the authorization endpoint answered {}", reply.status),
            false => format!("no token: the authorization endpoint answered {} {code}", reply.status),
        };
        return Err(Failed::new(unsuccessful(&reply, cx.now), text));
    }
    let Ok(told) = serde_json::from_slice::<TokenReply>(&reply.body) else {
        let text = "no token: the authorization endpoint answered something that has no access_token";
        return Err(Failed::new(Failure::InternalError, text));
    };
    let seconds = match told.expires_in {
        Some(Seconds::Number(seconds)) => seconds as i64,
        Some(Seconds::Text(text)) => text.parse().unwrap_or(TOKEN_LIFE),
        None => TOKEN_LIFE,
    };
    let life = SignedDuration::from_secs(seconds.clamp(0, LONGEST_LIFE) - BEFORE_ITS_END);
    // Everybody writes it so, whatever they call it.
    let kind = told.token_type.filter(|kind| !kind.eq_ignore_ascii_case("bearer")).unwrap_or_else(|| "Bearer".into());
    Ok((format!("{kind} {}", told.access_token), (cx.now + life).into()))
}

/// The client names itself in the form, or in the query of a GET.
fn request(oauth: &OAuth) -> WebRequest {
    let besides = oauth.o_auth_http_parameters.clone().unwrap_or_default();
    let client = &oauth.client_parameters;
    let mut form = form_urlencoded::Serializer::new(String::new());
    let has_grant = besides.body().chain(besides.query()).any(|(name, _)| name == "grant_type");
    if !has_grant {
        form.append_pair("grant_type", "client_credentials");
    }
    form.append_pair("client_id", &client.id).append_pair("client_secret", &client.secret);
    form.extend_pairs(besides.body());
    let form = form.finish();
    let (path, query) = oauth.authorization_endpoint.split_once('?').unwrap_or((&oauth.authorization_endpoint, ""));
    let query = form_urlencoded::Serializer::new(query.to_owned()).extend_pairs(besides.query()).finish();
    let (query, body) = match oauth.http_method.as_str() {
        "GET" if query.is_empty() => (form, String::new()),
        "GET" => (format!("{query}&{form}"), String::new()),
        _ => (query, form),
    };
    let mut headers = vec![
        ("accept".to_owned(), "application/json".to_owned()),
        ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ("user-agent".to_owned(), "Amazon/EventBridge/ApiDestinations".to_owned()),
    ];
    for (name, value) in besides.headers() {
        headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    WebRequest {
        method: oauth.http_method.clone(),
        url: if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") },
        headers,
        body: body.into_bytes(),
        timeout: TIMEOUT,
    }
}
