//! REST-JSON: the operation is a method and a path; its input is spread over path, query string, headers and body.
//!
//! A table says for each operation which member lies where ([`Route`]); the rest is JSON in the body, or, for an operation
//! with a payload, the body is that member, byte by byte. Words from path, query string and headers become what the
//! operation's type asks for. <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>

use std::borrow::Cow;

use http::{HeaderName, Response, StatusCode};
use percent_encoding::percent_decode_str;

use crate::aws_json;
use crate::error::ApiError;
use crate::reply::set;
use crate::request::{Limits, Request};
use crate::service::Service;
use crate::value::{Members, Value};

mod cloudtrail_data;
mod lambda;
pub(crate) mod route;

pub use route::{Names, Route};

/// The operations of a service that speaks REST-JSON, and what of each lies where: by which a client writes its request. Others have none.
pub fn routes(service: Service) -> &'static [Route] {
    match service {
        Service::Lambda => lambda::ROUTES,
        Service::CloudTrailData => cloudtrail_data::ROUTES,
        _ => &[],
    }
}

/// The service that has such paths.
pub(crate) fn service_of_path(path: &str) -> Option<Service> {
    let of = first_two(path);
    [Service::Lambda, Service::CloudTrailData]
        .into_iter()
        .find(|service| routes(*service).iter().any(|route| first_two(route.path) == of))
}

/// The first two parts of a path, by which services are told apart.
fn first_two(path: &str) -> (&str, &str) {
    let mut parts = path.trim_start_matches('/').split('/');
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// The route and the input.
pub(crate) fn read(
    request: &Request<'_>,
    service: Service,
    limits: &Limits,
) -> Result<(&'static Route, Value), ApiError> {
    let query = query(request, limits)?;
    let path: Vec<Cow<'_, str>> =
        route::parts(request.path).map(|part| percent_decode_str(part).decode_utf8_lossy()).collect();
    let has = |name: &str, value: &str| query.iter().any(|(key, word)| key == name && word == value);
    let found = routes(service)
        .iter()
        .filter(|route| route.method == request.method && route.marker.is_none_or(|(name, value)| has(name, value)))
        .find_map(|route| Some((route, route.labels(&path)?)));
    let Some((route, labels)) = found else {
        let message = "There is no operation of this method and path";
        return Err(ApiError::new("UnknownOperationException", message).with_status(404));
    };

    let mut input = match route.payload {
        Some(name) => Value::Structure(vec![(Cow::Borrowed(name), Value::Bytes(request.body.to_vec()))]),
        None => aws_json::body(request.body, limits)?,
    };
    // Where a member lies is fixed: one of the same name in the body is not it.
    for (label, word) in labels {
        input.put(label, Value::Word(word));
    }
    for (parameter, member) in route.query {
        let words = query.iter().filter(|(name, _)| name == parameter).map(|(_, word)| Value::Word(word.to_string()));
        let mut words: Vec<Value> = words.collect();
        match words.len() {
            0 => {}
            1 => input.put(member, words.remove(0)),
            _ => input.put(member, Value::List(words)),
        }
    }
    for (header, member) in route.headers {
        if let Some(word) = request.header(header) {
            input.put(member, Value::Word(word.to_owned()));
        }
    }
    Ok((route, input))
}

type Words<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

fn query<'a>(request: &Request<'a>, limits: &Limits) -> Result<Words<'a>, ApiError> {
    let words: Words<'a> =
        form_urlencoded::parse(request.query.as_bytes()).take(limits.parameter_count.saturating_add(1)).collect();
    match words.len() > limits.parameter_count {
        true => Err(ApiError::serialization(format!("there are more than {} parameters", limits.parameter_count))),
        false => Ok(words),
    }
}

/// The answer, spread over status, headers and body as the route says.
pub(crate) fn reply(route: &Route, mut answer: Value) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = StatusCode::from_u16(route.status).unwrap_or_default();
    let told = route.reply_status.and_then(|name| answer.take(name));
    if let Some(Value::Int(status)) = told
        && let Some(status) = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok())
    {
        *response.status_mut() = status;
    }
    for (header, member) in route.reply_headers {
        if let Some(Value::Text(text)) = answer.take(member) {
            set(&mut response, HeaderName::from_static(header), &text);
        }
    }
    *response.body_mut() = match route.reply_payload {
        Some(name) => match answer.take(name) {
            Some(Value::Bytes(bytes)) => bytes,
            Some(Value::Text(text)) => text.into_bytes(),
            _ => Vec::new(),
        },
        None if response.status() == StatusCode::NO_CONTENT => Vec::new(),
        None => aws_json::written(&answer),
    };
    response
}

/// An error's body. Lambda says whose fault it is in `Type`, and writes `Message` for some and `message` for others.
pub(crate) fn error(error: &ApiError, service: Option<Service>) -> Vec<u8> {
    let is_lambdas = service == Some(Service::Lambda);
    let is_capital = is_lambdas && lambda::CAPITAL.contains(&error.code.as_ref());
    let mut members = Members::new();
    if is_capital || (is_lambdas && lambda::SMALL.contains(&error.code.as_ref())) {
        let fault = if error.is_sender { "User" } else { "Service" };
        members.push((Cow::Borrowed("Type"), Value::from(fault)));
    }
    let message = if is_capital { "Message" } else { "message" };
    members.push((Cow::Borrowed(message), Value::from(error.message.as_str())));
    members.extend(error.fields.iter().cloned());
    aws_json::written(&Value::Structure(members))
}
