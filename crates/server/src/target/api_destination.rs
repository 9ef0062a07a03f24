//! An API destination: the event, or what a transformer made of it, as a request to a web address, with what its
//! connection proves itself by.
//!
//! ```text
//!  address       the destination's, each `*` filled from the target's PathParameterValues
//!  query, body   the target's parameters, then the connection's, which win
//!  headers       content-type, user-agent, range; then the target's; then the connection's; then its authorization
//! ```
//!
//! 401, 407, 409, 429 and 5xx are tried again, when `Retry-After` says if it does; a token that was refused is fetched anew
//! at once. <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use route::json::write_string;
use route::retry::Failure;
use serde::de::IgnoredAny;
use store::Stored;
use store::deliveries::Delivery;

use super::connection_token::{auth_of, authorization};
use super::http::{failed, unsuccessful};
use super::pace::keep_pace;
use crate::bus::TargetDelivery;
use crate::deliver::{Arrived, Delivering, Failed};
use crate::events::HttpValues;
use crate::events::api_destination::{ApiDestination, api_destination_by_arn};
use crate::events::connection::{AuthParameters, Connection, Http, connection_by_arn};
use crate::world::WebRequest;

/// EventBridge waits no longer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// It sends no more.
const MAX_BODY_BYTES: usize = 256 * 1024;
/// What stands as it is in a part of a path.
const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) fn to_api_destination(
    cx: &Delivering<'_>,
    delivery: &Delivery,
    told: &TargetDelivery,
) -> Result<Arrived, Failed> {
    let found = cx.store.read(|r| {
        let Some(destination) = api_destination_by_arn(r, &told.target_arn)? else { return Ok(None) };
        let connection = connection_by_arn(r, &destination.value.connection_arn)?;
        Ok(Some((destination.value, connection)))
    });
    let Some((destination, connection)) = found.map_err(Failed::of_store)? else {
        let text = format!("there is no API destination `{}`", told.target_arn);
        return Err(Failed::new(Failure::NoResource, text));
    };
    let Some(connection) = connection else {
        let text = format!("there is no connection `{}`", destination.connection_arn);
        return Err(Failed::new(Failure::NoResource, text));
    };
    let auth = auth_of(cx, &connection)?;
    keep_pace(cx, delivery, destination.invocation_rate_limit_per_second)?;
    let mut reply =
        cx.world.web.send(&request(cx, &destination, (&connection, &auth), told, false)?).map_err(failed)?;
    if matches!(reply.status, 401 | 407) && connection.value.has_tokens() {
        reply = cx.world.web.send(&request(cx, &destination, (&connection, &auth), told, true)?).map_err(failed)?;
    }
    match reply.status {
        200..=299 => Ok(Arrived::with(format!("answered {}", reply.status))),
        status => Err(Failed::new(unsuccessful(&reply, cx.now), format!("answered {status}"))),
    }
}

fn request(
    cx: &Delivering<'_>,
    destination: &ApiDestination,
    (connection, auth): (&Stored<Connection>, &AuthParameters),
    told: &TargetDelivery,
    with_new_token: bool,
) -> Result<WebRequest, Failed> {
    let always = auth.invocation_http_parameters.clone().unwrap_or_default();
    let own = told.http.clone().unwrap_or_default();
    let mut headers = Headers::default();
    headers.set("content-type", "application/json; charset=utf-8");
    headers.set("user-agent", "Amazon/EventBridge/ApiDestinations");
    headers.set("range", "bytes=0-1048575");
    own.headers.iter().for_each(|(name, value)| headers.set(name, value));
    always.headers().for_each(|(name, value)| headers.set(name, value));
    let (name, value) = proof(cx, connection, auth, with_new_token)?;
    headers.set(&name, &value);
    let body = match destination.http_method.as_str() {
        "GET" | "HEAD" => String::new(),
        _ => with_parameters(&told.text, &always, headers.get("content-type")),
    };
    if body.len() > MAX_BODY_BYTES {
        let text = format!("the request is too large: {} bytes, of {MAX_BODY_BYTES} at most", body.len());
        return Err(Failed::new(Failure::InvalidParameter, text));
    }
    Ok(WebRequest {
        method: destination.http_method.clone(),
        url: address(&destination.invocation_endpoint, &own, &always)?,
        headers: headers.0.into_iter().collect(),
        body: body.into_bytes(),
        timeout: TIMEOUT,
    })
}

/// The header that says who asks.
fn proof(
    cx: &Delivering<'_>,
    connection: &Stored<Connection>,
    auth: &AuthParameters,
    with_new_token: bool,
) -> Result<(String, String), Failed> {
    let authorization_header = |value| ("authorization".to_owned(), value);
    if let Some(basic) = &auth.basic_auth_parameters {
        let pair = STANDARD.encode(format!("{}:{}", basic.username, basic.password));
        return Ok(authorization_header(format!("Basic {pair}")));
    }
    if let Some(key) = &auth.api_key_auth_parameters {
        return Ok((key.api_key_name.trim().to_owned(), key.api_key_value.clone()));
    }
    // An event is not lost because a token server is set up wrongly for a while: no token is as good as a wrong one.
    let unauthorized = |failed: Failed| match failed.failure {
        Failure::Status(400..=499, wait) => Failed { failure: Failure::Status(401, wait), ..failed },
        _ => failed,
    };
    authorization(cx, connection, auth, with_new_token).map(authorization_header).map_err(unauthorized)
}

/// Headers by their names in small letters: what is set last, counts.
#[derive(Default)]
struct Headers(BTreeMap<String, String>);

impl Headers {
    /// What came from an event may hold anything: no line of it begins another header.
    fn set(&mut self, name: &str, value: &str) {
        let value = value.chars().map(|character| if (' '..='~').contains(&character) { character } else { '?' });
        self.0.insert(name.to_ascii_lowercase(), value.collect::<String>().trim().to_owned());
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// The address with its `*`s filled, and with its query. An event does not lead it up to another folder.
fn address(endpoint: &str, own: &HttpValues, always: &Http) -> Result<String, Failed> {
    let (path, query) = endpoint.split_once('?').unwrap_or((endpoint, ""));
    let mut values = own.path.iter();
    let mut address = String::new();
    for character in path.chars() {
        match (character, values.as_slice()) {
            ('*', [value, ..]) => {
                address.extend(utf8_percent_encode(value, IN_A_PATH));
                values.next();
            }
            (character, _) => address.push(character),
        }
    }
    if address.split('/').any(|part| matches!(part, "." | "..")) {
        let text = format!("a part of the path would be `.` or `..` in {endpoint}");
        return Err(Failed::new(Failure::InvalidParameter, text));
    }
    let overridden = |name: &str| always.query().any(|(other, _)| other == name);
    let mut pairs = form_urlencoded::Serializer::new(query.to_owned());
    pairs.extend_pairs(own.query.iter().filter(|(name, _)| !overridden(name)));
    pairs.extend_pairs(always.query());
    match pairs.finish() {
        query if query.is_empty() => Ok(address),
        query => Ok(format!("{address}?{query}")),
    }
}

/// The text with the connection's parameters in it: as members of a JSON object, or as fields of a form. A text that is
/// neither stays as it is.
fn with_parameters(text: &str, always: &Http, content_type: &str) -> String {
    if always.body().next().is_none() {
        return text.to_owned();
    }
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return form_urlencoded::Serializer::new(text.to_owned()).extend_pairs(always.body()).finish();
    }
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    let inside = text.trim().strip_prefix('{').and_then(|text| text.strip_suffix('}')).filter(|_| is_json);
    let Some(inside) = inside else { return text.to_owned() };
    let mut members = Vec::new();
    if !inside.trim().is_empty() {
        members.push(inside.to_owned());
    }
    for (name, value) in always.body() {
        let mut member = String::new();
        write_string(name, &mut member);
        member.push(':');
        write_string(value, &mut member);
        members.push(member);
    }
    format!("{{{}}}", members.join(","))
}
